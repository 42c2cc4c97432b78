// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions that move, convert or rearrange vectors, as kernels: copies of all widths, shuffles,
// inserts, packing, UPS and SRS, float conversions - and the same conversions inside loads and
// stores.
#include "emulator/core/kernel.h"
#include "emulator/core/value/float.h"
#include "emulator/core/value/permute.h"
#include "emulator/core/value/upssrs.h"

namespace ashlar::emulator {
namespace {

template <int Bytes> const char *copyBytes(KernelIn in, KernelOut out) {
  std::memcpy(out[0], in[0], Bytes);
  return nullptr;
}
/// The low 16 bytes; the rest of a 32-byte register becomes zero.
const char *copyLow128(KernelIn in, KernelOut out) {
  std::memcpy(out[0], in[0], 16);
  std::memset(static_cast<uint8_t *>(out[0]) + 16, 0, 16);
  return nullptr;
}

template <class T> T element(const void *p) {
  if constexpr (sizeof(T) == 8)
    return static_cast<T>(longWord(p));
  else
    return static_cast<T>(word(p));
}
template <class T> void putElement(void *p, T v) {
  if constexpr (sizeof(T) == 8)
    putLong(p, static_cast<uint64_t>(v));
  else
    put(p, static_cast<uint32_t>(v));
}

template <class T> const char *vbcst(KernelIn in, KernelOut out) {
  broadcast<T>(out[0], element<T>(in[0]));
  return nullptr;
}
/// in: value, mode in r29
template <class T> const char *vbcstshfl(KernelIn in, KernelOut out) {
  alignas(64) uint8_t filled[kVectorBytes];
  alignas(64) static const uint8_t zeros[kVectorBytes] = {};
  broadcast<T>(filled, element<T>(in[0]));
  shuffle(out[0], filled, zeros, word(in[1]));
  return nullptr;
}
template <class T> const char *vextbcst(KernelIn in, KernelOut out) {
  broadcast<T>(out[0], extract<T>(in[0], word(in[1])));
  return nullptr;
}
template <class T> const char *vextract(KernelIn in, KernelOut out) {
  putElement(out[0], extract<T>(in[0], word(in[1])));
  return nullptr;
}
template <class T> const char *vextractDynamic(KernelIn in, KernelOut out) {
  if ((word(in[2]) & 1) != 0)
    putElement(out[0], extract<T>(in[0], word(in[1])));
  else
    putElement(out[0], extract<std::make_unsigned_t<T>>(in[0], word(in[1])));
  return nullptr;
}
/// in: vector, index in r29, value
template <class T> const char *vinsert(KernelIn in, KernelOut out) {
  insert<T>(out[0], in[0], word(in[1]), element<T>(in[2]));
  return nullptr;
}
template <class T> const char *vpushHi(KernelIn in, KernelOut out) {
  pushHigh<T>(out[0], in[0], element<T>(in[1]));
  return nullptr;
}
template <class T> const char *vpushLo(KernelIn in, KernelOut out) {
  pushLow<T>(out[0], element<T>(in[0]), in[1]);
  return nullptr;
}
const char *vshift(KernelIn in, KernelOut out) {
  shiftBytes(out[0], in[0], in[1], word(in[2]));
  return nullptr;
}
const char *vshiftAlign(KernelIn in, KernelOut out) {
  shiftAlign(out[0], in[0], word(in[1]), in[2], word(in[3]));
  return nullptr;
}
const char *vshuffle(KernelIn in, KernelOut out) {
  shuffle(out[0], in[0], in[1], word(in[2]));
  return nullptr;
}

// Packing. in: vector, crSat, crPackSign for the forms whose sign a register decides.
using Packer = void (*)(void *, const void *, bool, uint32_t);
template <Packer P, bool Dynamic> const char *vpack(KernelIn in, KernelOut out) {
  P(out[0], in[0], !Dynamic || (word(in[Dynamic ? 2 : 1]) & 1) != 0, word(in[1]));
  return nullptr;
}
using Unpacker = void (*)(void *, const void *, bool);
template <Unpacker P, bool Dynamic> const char *vunpack(KernelIn in, KernelOut out) {
  P(out[0], in[0], !Dynamic || (word(in[1]) & 1) != 0);
  return nullptr;
}

// UPS: vector or memory, shift, crSat, [crUPSSign]; the second output is the overflow flag.
template <int AccBits, int VectorBits, int Lanes, bool Dynamic>
const char *ups(KernelIn in, KernelOut out) {
  const bool isSigned = !Dynamic || (word(in[Dynamic ? 3 : 2]) & 1) != 0;
  put(out[1],
      upshift(out[0], in[0], {AccBits, VectorBits, Lanes}, isSigned, word(in[1]), word(in[2])) ? 1
                                                                                               : 0);
  return nullptr;
}
// SRS: accumulator, shift, crSat, crRnd, [crSRSSign].
template <int VectorBits, int AccBits, int Lanes, bool Dynamic>
const char *srs(KernelIn in, KernelOut out) {
  const bool isSigned = !Dynamic || (word(in[Dynamic ? 4 : 3]) & 1) != 0;
  put(out[1], downshift(out[0], in[0], {AccBits, VectorBits, Lanes}, isSigned, word(in[1]),
                        word(in[2]), word(in[3]))
                  ? 1
                  : 0);
  return nullptr;
}

const char *convFp32Bf16(KernelIn in, KernelOut out) {
  uint16_t h[16];
  std::memcpy(h, in[0], sizeof h);
  for (int i = 0; i < 16; ++i) lanes<uint32_t>(out[0])[i] = fromBf16(h[i]);
  return nullptr;
}
/// crRnd stands at another place in the store's list of implicit registers than in the move's.
template <int RoundingAt> const char *convBf16Fp32(KernelIn in, KernelOut out) {
  const uint32_t rounding = word(in[RoundingAt]);
  for (int i = 0; i < 16; ++i)
    lanes<uint16_t>(out[0])[i] = toBf16(lanes<uint32_t>(in[0])[i], rounding);
  put(out[1], 0);
  return nullptr;
}
const char *floorS32(KernelIn in, KernelOut out) {
  const uint32_t shift = word(in[1]);
  for (int i = 0; i < 16; ++i)
    lanes<int32_t>(out[0])[i] = floorBf16(lanes<uint16_t>(in[0])[i], shift);
  put(out[1], 0);
  return nullptr;
}

#define BY_ELEMENT(mnemonic, name)                                                                 \
  {mnemonic "8", 0, name<int8_t>}, {mnemonic "16", 0, name<int16_t>},                              \
      {mnemonic "32", 0, name<int32_t>}, {                                                         \
    mnemonic "64", 0, name<int64_t>                                                                \
  }
#define PACKS(mnemonic)                                                                            \
  {mnemonic ".s8.s16", 0, vpack<pack16to8, false>},                                                \
      {mnemonic ".d8.d16", 0, vpack<pack16to8, true>},                                             \
      {mnemonic ".s4.s8", 0, vpack<pack8to4, false>}, {                                            \
    mnemonic ".d4.d8", 0, vpack<pack8to4, true>                                                    \
  }
#define UNPACKS(mnemonic)                                                                          \
  {mnemonic ".s16.s8", 0, vunpack<unpack8to16, false>},                                            \
      {mnemonic ".d16.d8", 0, vunpack<unpack8to16, true>},                                         \
      {mnemonic ".s8.s4", 0, vunpack<unpack4to8, false>}, {                                        \
    mnemonic ".d8.d4", 0, vunpack<unpack4to8, true>                                                \
  }
// By the width of the accumulator: 512 or 1024 bits.
#define UPS(mnemonic)                                                                              \
  {mnemonic ".s32.s16", 512, ups<32, 16, 16, false>},                                              \
      {mnemonic ".s32.s16", 1024, ups<32, 16, 32, false>},                                         \
      {mnemonic ".s32.d16", 512, ups<32, 16, 16, true>},                                           \
      {mnemonic ".s32.d16", 1024, ups<32, 16, 32, true>},                                          \
      {mnemonic ".s32.s8", 1024, ups<32, 8, 32, false>},                                           \
      {mnemonic ".s32.d8", 1024, ups<32, 8, 32, true>},                                            \
      {mnemonic ".s64.s16", 1024, ups<64, 16, 16, false>},                                         \
      {mnemonic ".s64.d16", 1024, ups<64, 16, 16, true>},                                          \
      {mnemonic ".s64.s32", 512, ups<64, 32, 8, false>},                                           \
      {mnemonic ".s64.s32", 1024, ups<64, 32, 16, false>},                                         \
      {mnemonic ".s64.d32", 512, ups<64, 32, 8, true>}, {                                          \
    mnemonic ".s64.d32", 1024, ups<64, 32, 16, true>                                               \
  }
// By the width of the result where it is a register (256 or 512); stores always write 32 bytes.
#define SRS(mnemonic, width)                                                                       \
  {mnemonic ".s16.s32", width, srs<16, 32, 16, false>},                                            \
      {mnemonic ".d16.s32", width, srs<16, 32, 16, true>},                                         \
      {mnemonic ".s8.s32", width, srs<8, 32, 32, false>},                                          \
      {mnemonic ".d8.s32", width, srs<8, 32, 32, true>},                                           \
      {mnemonic ".s16.s64", width, srs<16, 64, 16, false>},                                        \
      {mnemonic ".d16.s64", width, srs<16, 64, 16, true>},                                         \
      {mnemonic ".s32.s64", width, srs<32, 64, 8, false>}, {                                       \
    mnemonic ".d32.s64", width, srs<32, 64, 8, true>                                               \
  }

constexpr KernelRow kRows[] = {
    {"vmov", 128, copyBytes<16>},
    {"vmov", 256, copyBytes<32>},
    {"vmov", 512, copyBytes<64>},
    {"vmov", 1024, copyBytes<128>},
    {"vmov.d", 1024, copyBytes<128>},
    {"vlda", 256, copyBytes<32>},
    {"vldb", 256, copyBytes<32>},
    {"vst", 256, copyBytes<32>},
    {"lda", 128, copyBytes<16>},
    {"st", 128, copyBytes<16>},
    {"vlda.128", 0, copyLow128},
    {"vldb.128", 0, copyLow128},
    {"vst.128", 0, copyBytes<16>},
    {"vldb.4x16.lo", 0, copyBytes<32>},
    {"vldb.4x16.hi", 0, copyBytes<32>},
    {"vldb.4x32.lo", 0, copyBytes<32>},
    {"vldb.4x32.hi", 0, copyBytes<32>},
    {"vldb.4x64.lo", 0, copyBytes<32>},
    {"vldb.4x64.hi", 0, copyBytes<32>},
    BY_ELEMENT("vbcst.", vbcst),
    BY_ELEMENT("vbcstshfl.", vbcstshfl),
    BY_ELEMENT("vextbcst.", vextbcst),
    BY_ELEMENT("vextract.s", vextract),
    BY_ELEMENT("vextract.d", vextractDynamic),
    BY_ELEMENT("vinsert.", vinsert),
    BY_ELEMENT("vpush.hi.", vpushHi),
    BY_ELEMENT("vpush.lo.", vpushLo),
    {"vshift", 0, vshift},
    {"vshift.align", 0, vshiftAlign},
    {"vshuffle", 0, vshuffle},
    PACKS("vpack"),
    PACKS("vst.pack"),
    UNPACKS("vunpack"),
    UNPACKS("vldb.unpack"),
    UPS("vups"),
    UPS("vlda.ups"),
    SRS("vsrs", 256),
    {"vsrs.s16.s32", 512, srs<16, 32, 32, false>},
    {"vsrs.d16.s32", 512, srs<16, 32, 32, true>},
    {"vsrs.s32.s64", 512, srs<32, 64, 16, false>},
    {"vsrs.d32.s64", 512, srs<32, 64, 16, true>},
    SRS("vsrsm", 0),
    SRS("vst.srs", 0),
    {"vconv.fp32.bf16", 0, convFp32Bf16},
    {"vlda.conv.fp32.bf16", 0, convFp32Bf16},
    {"vconv.bf16.fp32", 0, convBf16Fp32<2>},
    {"vst.conv.bf16.fp32", 0, convBf16Fp32<1>},
    {"vfloor.s32.bf16", 0, floorS32},
};

} // namespace

std::span<const KernelRow> moveKernels() { return kRows; }
Kernel widenKernel() { return copyLow128; }
Kernel copy128Kernel() { return copyBytes<16>; }

} // namespace ashlar::emulator
