// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Configures an array by register writes, as a package does, for the tests of the array.
#pragma once

#include "base/base.h"
#include "device/bd.h"
#include "device/ports.h"
#include "device/registers.h"
#include "emulator/array/array.h"
#include "emulator/tile/events.h"

#include <gtest/gtest.h>
#include <random>

namespace ashlar::emulator {

using device::Bd;
using device::DmaDirection;
using device::PortBundle;
using device::SwitchPort;
using device::TileId;
using device::TileKind;
namespace reg = device::reg;

struct Rig {
  explicit Rig(int columns = 1) : array(columns) {}

  void write(TileId t, uint32_t offset, uint32_t value) {
    ASSERT_TRUE(array.write32(device::tileAddress(t, offset), value).ok());
  }
  void lock(TileId t, int id, int value) {
    write(t, reg::lockBase(device::tileKind(t)) + reg::kLockStride * static_cast<uint32_t>(id),
          static_cast<uint32_t>(value));
  }
  void bd(TileId t, int id, const Bd &b) {
    const auto kind = device::tileKind(t);
    std::vector<uint32_t> words(static_cast<size_t>(device::bdWords(kind)));
    const Status s = device::encodeBd(kind, b, words);
    ASSERT_TRUE(s.ok()) << (s.ok() ? "" : s.errors().front().str());
    ASSERT_TRUE(array.writeBlock(device::tileAddress(t, device::bdRegister(kind, id)), words).ok());
  }
  uint32_t queueAddress(TileId t, DmaDirection d, int channel) {
    return device::tileAddress(t, reg::dmaQueue(device::tileKind(t), d, channel));
  }
  void start(TileId t, DmaDirection d, int channel, int firstBd, int repeat = 0,
             bool token = false) {
    ASSERT_TRUE(array
                    .write32(queueAddress(t, d, channel), static_cast<uint32_t>(firstBd) |
                                                              static_cast<uint32_t>(repeat) << 16 |
                                                              (token ? 1u << 31 : 0))
                    .ok());
  }
  /// One crossbar connection.
  void connect(TileId t, SwitchPort from, SwitchPort to) {
    const auto kind = device::tileKind(t);
    const int s = device::slaveIndex(kind, from), m = device::masterIndex(kind, to);
    ASSERT_TRUE(s >= 0 && m >= 0);
    write(t, reg::switchMaster(kind, m), reg::kSwitchEnable | static_cast<uint32_t>(s));
    write(t, reg::switchSlave(kind, s), reg::kSwitchEnable);
  }
  void packetRule(TileId t, SwitchPort from, int slot, int id, int mask, int arbiter, int msel) {
    const auto kind = device::tileKind(t);
    const int s = device::slaveIndex(kind, from);
    write(t, reg::switchSlave(kind, s), reg::kSwitchEnable | reg::kSwitchPacket);
    write(t, reg::switchSlot(kind, s, slot),
          static_cast<uint32_t>(id << 24 | mask << 16 | 1 << 8 | msel << 4 | arbiter));
  }
  void packetMaster(TileId t, SwitchPort to, int arbiter, int mselMask, bool drop) {
    const auto kind = device::tileKind(t);
    write(t, reg::switchMaster(kind, device::masterIndex(kind, to)),
          reg::kSwitchEnable | reg::kSwitchPacket | (drop ? 1u << 7 : 0) |
              static_cast<uint32_t>(mselMask << 3 | arbiter));
  }
  /// Shim multiplexers to the DMA, and the token path of a column.
  void shim(int col) {
    const TileId t{col, 0};
    write(t, reg::kMuxConfig, 1u << 10 | 1u << 14);
    write(t, reg::kDemuxConfig, 1u << 4 | 1u << 6);
    packetMaster(t, {PortBundle::South, 0}, 5, 8, false);
    packetRule(t, {PortBundle::Ctrl, 0}, 0, 15, 31, 5, 3);
    write(t, reg::dmaControl(TileKind::Shim, DmaDirection::S2MM, 0), 15u << 8);
    write(t, reg::dmaControl(TileKind::Shim, DmaDirection::S2MM, 1), 15u << 8);
    write(t, reg::dmaControl(TileKind::Shim, DmaDirection::MM2S, 0), 15u << 8);
    write(t, reg::dmaControl(TileKind::Shim, DmaDirection::MM2S, 1), 15u << 8);
  }

  std::vector<uint8_t> &buffer(size_t argument, size_t bytes) {
    if (buffers.size() <= argument) buffers.resize(argument + 1);
    buffers[argument] = std::make_unique<std::vector<uint8_t>>(bytes);
    return *buffers[argument];
  }
  std::vector<uint64_t> mapBuffers() {
    array.host().clear();
    std::vector<uint64_t> addresses;
    for (size_t i = 0; i < buffers.size(); ++i) {
      addresses.push_back(0x100000000 + i * 0x10000000);
      array.host().add({addresses.back(), buffers[i]->size(), buffers[i]->data(),
                        "argument " + std::to_string(i)});
    }
    return addresses;
  }

  // An instruction stream.
  std::vector<ControllerOp> ops;
  void transfer(int col, DmaDirection d, int channel, int bdId, const Bd &b, uint32_t argument,
                uint64_t offset = 0, bool token = false, int repeat = 0) {
    BlockWriteOp block{device::tileAddress({col, 0}, device::bdRegister(TileKind::Shim, bdId)),
                       std::vector<uint32_t>(8)};
    ASSERT_TRUE(device::encodeBd(TileKind::Shim, b, block.words).ok());
    const uint32_t address = block.address;
    ops.push_back({block, ops.size()});
    ops.push_back({PatchOp{address + 4, argument, offset}, ops.size()});
    ops.push_back({WriteOp{queueAddress({col, 0}, d, channel),
                           static_cast<uint32_t>(bdId) | static_cast<uint32_t>(repeat) << 16 |
                               (token ? 1u << 31 : 0)},
                   ops.size()});
  }
  void wait(int col, DmaDirection d, int channel) {
    ops.push_back({SyncOp{d, channel, col, 0, 1, 1}, ops.size()});
  }
  RunResult run(const RunOptions &options = {}) { return array.run(ops, mapBuffers(), options); }

  Array array;
  std::vector<std::unique_ptr<std::vector<uint8_t>>> buffers;
};

inline std::string text(const RunResult &r) {
  std::string s = runStateName(r.state);
  for (const Diagnostic &d : r.diagnostics) s += "\n" + d.str();
  return s;
}

inline void fillRandom(std::vector<uint8_t> &v, uint32_t seed) {
  std::mt19937 rng(seed);
  for (uint8_t &b : v) b = static_cast<uint8_t>(rng());
}

} // namespace ashlar::emulator
