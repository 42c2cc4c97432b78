// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the BDs lie and how their words are laid out. One table a tile kind says which bits hold
// which field; encoding and decoding both read it. Source: AM025 (DMA_BD0_0 of the three tile
// kinds), checked against the PDIs of public designs.
#include "device/bd.h"

namespace ashlar::device {
namespace {

enum Field : uint8_t {
  Length,
  AddressLow, ///< core and memtile: the whole word address
  AddressHigh,
  Compression,
  PacketEnable,
  PacketType,
  PacketId,
  OutOfOrderId,
  Step0,
  Step1,
  Step2,
  Step3,
  Wrap0,
  Wrap1,
  Wrap2,
  Before0,
  Before1,
  Before2,
  After0,
  After1,
  After2,
  IterationCurrent,
  IterationWrap,
  IterationStep,
  SuppressTlast,
  Next,
  UseNext,
  Valid,
  ReleaseValue,
  ReleaseLock,
  AcquireEnable,
  AcquireValue,
  AcquireLock,
  Secure,
  Burst,
  Smid,
  AxCache,
  AxQos,
  FieldCount
};

constexpr const char *fieldName[FieldCount] = {
    "length",
    "address",
    "address bits 47:32",
    "compression",
    "packet enable",
    "packet type",
    "packet id",
    "out-of-order id",
    "dimension 0 step",
    "dimension 1 step",
    "dimension 2 step",
    "dimension 3 step",
    "dimension 0 size",
    "dimension 1 size",
    "dimension 2 size",
    "dimension 0 padding before",
    "dimension 1 padding before",
    "dimension 2 padding before",
    "dimension 0 padding after",
    "dimension 1 padding after",
    "dimension 2 padding after",
    "iteration current",
    "iteration size",
    "iteration step",
    "TLAST suppress",
    "next BD",
    "use next BD",
    "valid",
    "release value",
    "release lock",
    "acquire enable",
    "acquire value",
    "acquire lock",
    "secure",
    "burst",
    "SMID",
    "AxCache",
    "AxQoS",
};

struct Bits {
  Field field;
  uint8_t word, high, low;
};

constexpr Bits coreBits[] = {
    {AddressLow, 0, 27, 14},
    {Length, 0, 13, 0},
    {Compression, 1, 31, 31},
    {PacketEnable, 1, 30, 30},
    {OutOfOrderId, 1, 29, 24},
    {PacketId, 1, 23, 19},
    {PacketType, 1, 18, 16},
    {Step1, 2, 25, 13},
    {Step0, 2, 12, 0},
    {Wrap1, 3, 28, 21},
    {Wrap0, 3, 20, 13},
    {Step2, 3, 12, 0},
    {IterationCurrent, 4, 24, 19},
    {IterationWrap, 4, 18, 13},
    {IterationStep, 4, 12, 0},
    {SuppressTlast, 5, 31, 31},
    {Next, 5, 30, 27},
    {UseNext, 5, 26, 26},
    {Valid, 5, 25, 25},
    {ReleaseValue, 5, 24, 18},
    {ReleaseLock, 5, 16, 13},
    {AcquireEnable, 5, 12, 12},
    {AcquireValue, 5, 11, 5},
    {AcquireLock, 5, 3, 0},
};

constexpr Bits memBits[] = {
    {PacketEnable, 0, 31, 31},  {PacketType, 0, 30, 28},   {PacketId, 0, 27, 23},
    {OutOfOrderId, 0, 22, 17},  {Length, 0, 16, 0},        {Before0, 1, 31, 26},
    {Next, 1, 25, 20},          {UseNext, 1, 19, 19},      {AddressLow, 1, 18, 0},
    {SuppressTlast, 2, 31, 31}, {Wrap0, 2, 26, 17},        {Step0, 2, 16, 0},
    {Before1, 3, 31, 27},       {Wrap1, 3, 26, 17},        {Step1, 3, 16, 0},
    {Compression, 4, 31, 31},   {Before2, 4, 30, 27},      {Wrap2, 4, 26, 17},
    {Step2, 4, 16, 0},          {After2, 5, 31, 28},       {After1, 5, 27, 23},
    {After0, 5, 22, 17},        {Step3, 5, 16, 0},         {IterationCurrent, 6, 28, 23},
    {IterationWrap, 6, 22, 17}, {IterationStep, 6, 16, 0}, {Valid, 7, 31, 31},
    {ReleaseValue, 7, 30, 24},  {ReleaseLock, 7, 23, 16},  {AcquireEnable, 7, 15, 15},
    {AcquireValue, 7, 14, 8},   {AcquireLock, 7, 7, 0},
};

constexpr Bits shimBits[] = {
    {Length, 0, 31, 0},         {AddressLow, 1, 31, 2},    {PacketEnable, 2, 30, 30},
    {OutOfOrderId, 2, 29, 24},  {PacketId, 2, 23, 19},     {PacketType, 2, 18, 16},
    {AddressHigh, 2, 15, 0},    {Secure, 3, 30, 30},       {Wrap0, 3, 29, 20},
    {Step0, 3, 19, 0},          {Burst, 4, 31, 30},        {Wrap1, 4, 29, 20},
    {Step1, 4, 19, 0},          {Smid, 5, 31, 28},         {AxCache, 5, 27, 24},
    {AxQos, 5, 23, 20},         {Step2, 5, 19, 0},         {IterationCurrent, 6, 31, 26},
    {IterationWrap, 6, 25, 20}, {IterationStep, 6, 19, 0}, {SuppressTlast, 7, 31, 31},
    {Next, 7, 30, 27},          {UseNext, 7, 26, 26},      {Valid, 7, 25, 25},
    {ReleaseValue, 7, 24, 18},  {ReleaseLock, 7, 16, 13},  {AcquireEnable, 7, 12, 12},
    {AcquireValue, 7, 11, 5},   {AcquireLock, 7, 3, 0},
};

std::span<const Bits> bitsOf(TileKind kind) {
  switch (kind) {
  case TileKind::Core: return coreBits;
  case TileKind::Mem: return memBits;
  case TileKind::Shim: return shimBits;
  }
  return {};
}

struct Values {
  int64_t v[FieldCount] = {};
};

/// Only shim BDs talk to the host's memory system.
bool shimOnly(Field f) { return f == Burst || f == AxCache; }

Values valuesOf(TileKind kind, const Bd &bd) {
  Values r;
  int64_t *v = r.v;
  v[Length] = bd.length;
  v[AddressLow] = static_cast<int64_t>(bd.address >> 2);
  if (kind == TileKind::Shim) {
    v[AddressLow] = static_cast<int64_t>((bd.address & 0xFFFFFFFF) >> 2);
    v[AddressHigh] = static_cast<int64_t>(bd.address >> 32);
  }
  v[Compression] = bd.compression;
  v[PacketEnable] = bd.packet.has_value();
  if (bd.packet) {
    v[PacketType] = bd.packet->type;
    v[PacketId] = bd.packet->id;
  }
  v[OutOfOrderId] = bd.outOfOrderId;
  for (int i = 0; i < 4; ++i) v[Step0 + i] = int64_t{bd.dims[i].step} - 1;
  for (int i = 0; i < 3; ++i) {
    v[Wrap0 + i] = bd.dims[i].size;
    v[Before0 + i] = bd.pads[i].before;
    v[After0 + i] = bd.pads[i].after;
  }
  v[IterationCurrent] = bd.iterationCurrent;
  v[IterationWrap] = int64_t{bd.iterationSize} - 1;
  v[IterationStep] = int64_t{bd.iterationStep} - 1;
  v[SuppressTlast] = bd.suppressTlast;
  v[UseNext] = bd.next.has_value();
  v[Next] = bd.next.value_or(0);
  v[Valid] = bd.valid;
  if (bd.release && bd.release->value != 0) {
    v[ReleaseValue] = bd.release->value;
    v[ReleaseLock] = bd.release->id;
  }
  v[AcquireEnable] = bd.acquire.has_value();
  if (bd.acquire) {
    v[AcquireValue] = bd.acquire->value;
    v[AcquireLock] = bd.acquire->id;
  }
  v[Secure] = bd.secure;
  v[Burst] = bd.burst;
  v[Smid] = bd.smid;
  v[AxCache] = bd.axCache;
  v[AxQos] = bd.axQos;
  return r;
}

bool isSigned(Field f) { return f == ReleaseValue || f == AcquireValue; }
/// Fields that hold their quantity less one; limits are told as the quantity.
bool lessOne(Field f) {
  return (f >= Step0 && f <= Step3) || f == IterationWrap || f == IterationStep;
}

Diagnostic fieldError(const Place &place, std::string message) {
  return error("bd-field", place, std::move(message), "split the transfer or change its shape");
}

} // namespace

uint32_t bdRegister(TileKind kind, int id) {
  const uint32_t base = kind == TileKind::Mem ? 0xA0000 : 0x1D000;
  return base + 0x20 * static_cast<uint32_t>(id);
}

Status encodeBd(TileKind kind, const Bd &bd, std::span<uint32_t> words, const Place &place) {
  ASHLAR_ASSERT(words.size() == static_cast<size_t>(bdWords(kind)));
  if (bd.address % 4)
    return fieldError(place,
                      fmt::format("BD address {:#x} is not a multiple of 4 bytes", bd.address));
  const int lastDim = kind == TileKind::Mem ? 3 : 2;
  for (int i = lastDim + 1; i < 4; ++i)
    if (bd.dims[i].size > 1)
      return fieldError(place, fmt::format("a {} tile's BD has {} dimensions, dimension {} is used",
                                           tileKindName(kind), lastDim + 1, i));
  Values values = valuesOf(kind, bd);
  if (lastDim < 3) values.v[Wrap0 + lastDim] = 0;
  for (uint32_t &w : words) w = 0;
  bool seen[FieldCount] = {};
  for (const Bits &b : bitsOf(kind)) {
    seen[b.field] = true;
    const int width = b.high - b.low + 1;
    const int64_t value = values.v[b.field];
    const int64_t low = isSigned(b.field) ? -(int64_t{1} << (width - 1)) : 0;
    const int64_t high = (int64_t{1} << (isSigned(b.field) ? width - 1 : width)) - 1;
    if (value < low || value > high) {
      const bool address = b.field == AddressLow;
      const int64_t bias = lessOne(b.field) ? 1 : 0, scale = address ? 4 : 1;
      return fieldError(place,
                        fmt::format("BD {} {} does not fit a {} tile's BD ({}..{})",
                                    fieldName[b.field], value * scale + bias, tileKindName(kind),
                                    low * scale + bias, high * scale + bias));
    }
    words[b.word] |=
        static_cast<uint32_t>(static_cast<uint64_t>(value) & ((uint64_t{1} << width) - 1)) << b.low;
  }
  for (int f = 0; f < FieldCount; ++f)
    if (!seen[f] && values.v[f] != 0 && !shimOnly(static_cast<Field>(f)))
      return fieldError(place,
                        fmt::format("a {} tile's BD has no {}", tileKindName(kind), fieldName[f]));
  return Ok{};
}

Bd decodeBd(TileKind kind, std::span<const uint32_t> words) {
  ASHLAR_ASSERT(words.size() == static_cast<size_t>(bdWords(kind)));
  Values values = valuesOf(kind, Bd{});
  for (const Bits &b : bitsOf(kind)) {
    const int width = b.high - b.low + 1;
    uint64_t raw = words[b.word] >> b.low & ((uint64_t{1} << width) - 1);
    if (isSigned(b.field) && raw >> (width - 1)) raw -= uint64_t{1} << width;
    values.v[b.field] = static_cast<int64_t>(raw);
  }
  const int64_t *v = values.v;
  Bd bd;
  bd.length = static_cast<uint32_t>(v[Length]);
  bd.address = static_cast<uint64_t>(v[AddressLow]) << 2;
  if (kind == TileKind::Shim) bd.address |= static_cast<uint64_t>(v[AddressHigh]) << 32;
  bd.compression = v[Compression];
  if (v[PacketEnable])
    bd.packet = BdPacket{static_cast<uint8_t>(v[PacketType]), static_cast<uint8_t>(v[PacketId])};
  bd.outOfOrderId = static_cast<uint8_t>(v[OutOfOrderId]);
  for (int i = 0; i < 4; ++i) bd.dims[i].step = static_cast<uint32_t>(v[Step0 + i] + 1);
  for (int i = 0; i < 3; ++i) {
    bd.dims[i].size = static_cast<uint32_t>(v[Wrap0 + i]);
    bd.pads[i].before = static_cast<uint32_t>(v[Before0 + i]);
    bd.pads[i].after = static_cast<uint32_t>(v[After0 + i]);
  }
  bd.iterationCurrent = static_cast<uint32_t>(v[IterationCurrent]);
  bd.iterationSize = static_cast<uint32_t>(v[IterationWrap] + 1);
  bd.iterationStep = static_cast<uint32_t>(v[IterationStep] + 1);
  bd.suppressTlast = v[SuppressTlast];
  if (v[UseNext]) bd.next = static_cast<uint8_t>(v[Next]);
  bd.valid = v[Valid];
  if (v[ReleaseValue])
    bd.release =
        BdLock{static_cast<uint16_t>(v[ReleaseLock]), static_cast<int8_t>(v[ReleaseValue])};
  if (v[AcquireEnable])
    bd.acquire =
        BdLock{static_cast<uint16_t>(v[AcquireLock]), static_cast<int8_t>(v[AcquireValue])};
  bd.secure = v[Secure];
  bd.burst = static_cast<uint8_t>(v[Burst]);
  bd.smid = static_cast<uint8_t>(v[Smid]);
  bd.axCache = static_cast<uint8_t>(v[AxCache]);
  bd.axQos = static_cast<uint8_t>(v[AxQos]);
  return bd;
}

} // namespace ashlar::device
