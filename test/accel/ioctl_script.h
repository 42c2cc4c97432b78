// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes as a program of ioctls: what a fuzzer, or a seed, makes of the kernel device. Arguments are
// drawn from what a careless program has: handles it got (also freed ones), small numbers, pointers
// that are good, bad and in between, packets, streams and PDIs that are right, damaged or noise.
#pragma once

#include "accel/explain.h"
#include "accel/kernel_device.h"
#include "accel/loopback.h"

#include <cstdlib>
#include <unistd.h>

namespace ashlar::accel_test {

class IoctlScript {
public:
  explicit IoctlScript(ByteView bytes) : bytes_(bytes) {
    static const bool once = [] {
      setenv("ASHLAR_TDR_MS", "1", 1);
      accel::setExplainer([](const std::string &) {});
      return true;
    }();
    static_cast<void>(once);
  }
  /// Interprets all bytes; what matters is that nothing breaks.
  void run() {
    using namespace accel;
    if (byte() & 3) prepare(); // mostly a client that has done the first steps right
    for (int i = 0; i < kMost && at_ < bytes_.size(); ++i) step();
    device_.reset();
  }

private:
  static constexpr int kMost = 60;

  uint8_t byte() { return at_ < bytes_.size() ? bytes_[at_++] : 0; }
  uint64_t number() {
    switch (byte() % 8) {
    case 0: return 0;
    case 1: return byte();
    case 2: return handles_.empty() ? 1 : handles_[byte() % handles_.size()];
    case 3: return byte() | byte() << 8 | uint64_t{byte()} << 16;
    case 4: return ~uint64_t{0} - byte() % 4;
    case 5: return uint64_t{byte()} << (byte() % 64);
    case 6:
      return addresses_.empty() ? 0x4000000 : addresses_[byte() % addresses_.size()] + byte() % 16;
    default: return reinterpret_cast<uint64_t>(scratch_ + byte() % 8);
    }
  }
  uint32_t handle() { return static_cast<uint32_t>(number()); }
  uint64_t pointer() {
    switch (byte() % 8) {
    case 0: return 0;
    case 1: return 0x10;
    case 2: return number();
    default:
      for (uint64_t &w : scratch_) w = byte() % 4 ? number() : 0;
      return reinterpret_cast<uint64_t>(scratch_);
    }
  }

  template <class T> int call(uint32_t n, T &argument) { return device_.ioctl(n, &argument); }

  uint32_t makeBo(uint64_t size, uint32_t type) {
    accel::uapi::CreateBo r{0, 0, size, type, 0};
    if (call(accel::uapi::kCreateBo, r) != 0) return 0;
    remember(r.handle);
    return r.handle;
  }
  void remember(uint32_t h) {
    handles_.push_back(h);
    accel::uapi::BoInfo i{};
    i.handle = h;
    if (call(accel::uapi::kGetBoInfo, i) == 0 && i.deviceAddress != accel::uapi::kInvalid)
      addresses_.push_back(i.deviceAddress);
  }
  /// Writes into a BO as a program does, through its mapping.
  void write(uint32_t h, ByteView data) {
    accel::uapi::BoInfo i{};
    i.handle = h;
    if (call(accel::uapi::kGetBoInfo, i) != 0) return;
    uint64_t at = i.mapOffset, more = 0;
    if (at == accel::kNotMapped) {
      if (!heap_) return;
      more = i.deviceAddress - accel::kHeapBase;
      i.handle = heap_;
      if (call(accel::uapi::kGetBoInfo, i) != 0) return;
      at = i.mapOffset;
    }
    const auto m = device_.mapping(at, 4096);
    if (!m) return;
    const uint64_t room = m->memory->bytes() - std::min(m->memory->bytes(), m->offset + more);
    std::copy_n(data.begin(), std::min<uint64_t>(room, data.size()),
                m->memory->data() + m->offset + more);
  }
  static const package::Products &products(bool feed) {
    static const package::Products good = loopback(), hang = loopback(false);
    return feed ? good : hang;
  }
  /// Something valid with as many damages as the bytes say.
  Bytes damaged(Bytes data) {
    for (int n = byte() % 4; n > 0 && !data.empty(); --n)
      data[(byte() | byte() << 8) % data.size()] ^= byte();
    if (byte() % 16 == 0) data.resize(data.size() / 2);
    return data;
  }
  void prepare() {
    heap_ = makeBo(accel::kHeapBytes, accel::uapi::kBoDevHeap);
    newContext(products(true).pdi);
    newCode(products(true).sequences[0].stream);
    makeBo(kBytes, accel::uapi::kBoShare);
    makeBo(kBytes, accel::uapi::kBoShare);
  }
  void newContext(const Bytes &pdi) {
    accel::uapi::CreateHwctx c{};
    c.numTiles = byte() % 8 ? 4 : static_cast<uint32_t>(number());
    if (call(accel::uapi::kCreateHwctx, c) != 0) return;
    contexts_.push_back(c.handle);
    syncobjs_.push_back(c.syncobj);
    const uint32_t bo = makeBo(pdi.size(), accel::uapi::kBoDev);
    write(bo, pdi);
    uint8_t value[16] = {static_cast<uint8_t>(byte() % 16 ? 1 : byte())};
    writeU32(&value[8], bo);
    accel::uapi::ConfigHwctx r{c.handle, 0, reinterpret_cast<uint64_t>(value), sizeof value, 0};
    call(accel::uapi::kConfigHwctx, r);
  }
  void newCode(const Bytes &stream) {
    code_ = makeBo(stream.size(), accel::uapi::kBoDev);
    write(code_, stream);
  }
  uint32_t context() {
    return contexts_.empty() || byte() % 16 == 0 ? handle() : contexts_[byte() % contexts_.size()];
  }
  /// A command BO: mostly START_CU, sometimes a chain, START_NPU or noise.
  uint32_t packet() {
    ByteWriter w;
    const int kind = byte() % 8;
    const uint64_t code = byte() % 8 && !addresses_.empty() ? addressOf(code_) : number();
    if (kind < 5) {
      w.u32(1 | 16u << 12 | 3u << 28).u32(byte() % 8 ? 1 : handle());
      w.u64(byte() % 8 ? 3 : number()).u64(code).u32(byte() % 8 ? 75 : handle());
      for (int i = 0; i < 5; ++i) w.u64(number());
    } else if (kind == 5) {
      const uint32_t n = byte() % 4;
      w.u32(1 | (6 + 2 * n) << 12 | 19u << 23).u32(byte() % 8 ? n : handle()).fill(20);
      for (uint32_t i = 0; i < n; ++i)
        w.u64(commands_.empty() ? number() : commands_[byte() % commands_.size()]);
    } else if (kind == 6) {
      w.u32(1 | 8u << 12 | 20u << 23 | 3u << 28)
          .u32(1)
          .u64(code)
          .u32(300)
          .u32(0)
          .u64(3)
          .u64(number());
    } else {
      for (int i = 0; i < 16; ++i) w.u32(static_cast<uint32_t>(number()));
    }
    const uint32_t bo = makeBo(byte() % 8 ? 4096 : byte(), accel::uapi::kBoCmd);
    write(bo, damaged(w.take()));
    commands_.push_back(bo);
    return bo;
  }
  uint64_t addressOf(uint32_t h) {
    accel::uapi::BoInfo i{};
    i.handle = h;
    return call(accel::uapi::kGetBoInfo, i) == 0 ? i.deviceAddress : 0;
  }

  void step() {
    using namespace accel::uapi;
    switch (byte() % 16) {
    case 0: newContext(damaged(products(true).pdi)); return;
    case 1: newCode(damaged(products(byte() % 4 != 0).sequences[0].stream)); return;
    case 2: makeBo(byte() % 4 ? 1 + number() % 9000 : number() & 0xFFFFFF, 1 + byte() % 5); return;
    case 3:
    case 4:
    case 5: {
      ExecCmd e{};
      e.hwctx = context();
      e.commands = byte() % 8 ? packet() : number();
      e.commandCount = byte() % 32 ? 1 : handle();
      e.argumentCount = byte() % 8;
      e.arguments = e.argumentCount ? pointer() : 0;
      call(kExecCmd, e);
      last_ = e.sequence;
      return;
    }
    case 6: {
      WaitCmd w{context(), byte() % 4 ? 0u : 1u, byte() % 4 ? last_ : number()};
      call(kWaitCmd, w);
      return;
    }
    case 7: { // never without end: nobody may ever submit that point
      uint32_t h = syncobjs_.empty() ? handle() : syncobjs_[byte() % syncobjs_.size()];
      uint64_t point = byte() % 4 ? last_ : number();
      TimelineWait t{reinterpret_cast<uint64_t>(&h),
                     reinterpret_cast<uint64_t>(&point),
                     1,
                     byte() % 8 ? 1u : handle(),
                     2,
                     0,
                     0,
                     0};
      if (byte() % 8 == 0) t.points = pointer();
      call(kSyncobjTimelineWait, t);
      return;
    }
    case 8: {
      GemClose c{handle(), 0};
      call(kGemClose, c);
      return;
    }
    case 9: {
      DestroyHwctx d{context(), 0};
      call(kDestroyHwctx, d);
      return;
    }
    case 10: {
      SyncBo s{handle(), byte() % 3u, byte() % 4 ? 0 : number(), byte() % 4 ? 64 : number()};
      call(kSyncBo, s);
      return;
    }
    case 11: {
      Prime p{handle(), 0, -1};
      if (call(kPrimeHandleToFd, p) != 0) return;
      Prime back{0, 0, p.fd};
      if (call(kPrimeFdToHandle, back) == 0) remember(back.handle);
      ::close(p.fd);
      return;
    }
    case 12: { // memory of the program's own
      VaTable table{
          -1, 1, {{reinterpret_cast<uint64_t>(byte() % 8 ? mine_ : nullptr), sizeof mine_}}};
      if (byte() % 8 == 0) table.entry[0].length = number();
      CreateBo r{0, byte() % 8 ? reinterpret_cast<uint64_t>(&table) : pointer(), 0, kBoShare, 0};
      if (call(kCreateBo, r) == 0) remember(r.handle);
      return;
    }
    case 13: {
      device_.mapping(number(), number() & 0xFFFFFF);
      return;
    }
    default: { // any number with any words
      uint64_t words[8];
      for (uint64_t &w : words) w = byte() % 3 ? number() : pointer();
      const uint32_t n = byte() % 4 ? 0x40 + byte() % 11 : byte();
      if (n == kPrimeFdToHandle) words[1] = ~uint64_t{0}; // no file of this process
      if (n == kSyncobjTimelineWait || n == kWaitCmd)
        return; // they may wait for ever, as they should
      if (device_.ioctl(n, words) == 0 && n == kPrimeHandleToFd)
        ::close(static_cast<int32_t>(words[1]));
    }
    }
  }

  ByteView bytes_;
  size_t at_ = 0;
  accel::KernelDevice device_;
  std::vector<uint32_t> handles_, contexts_, syncobjs_, commands_;
  std::vector<uint64_t> addresses_;
  uint32_t heap_ = 0, code_ = 0;
  uint64_t last_ = 0, scratch_[64] = {};
  alignas(4096) static inline uint8_t mine_[4096];
};

} // namespace ashlar::accel_test
