// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A design without a core program: 1024 bytes go from the host into a memtile and back. Enough to
// see that commands, buffers and tokens do what they should.
#pragma once

#include "package/package.h"

namespace ashlar::accel_test {

inline constexpr uint32_t kBytes = 1024;

/// `feed` false: the sequence waits for data that nobody sends.
inline package::Products loopback(bool feed = true) {
  using namespace plan;
  const TileId shim{0, 0}, mem{0, 1};
  const auto port = [](Bundle b, int channel) { return Port{b, channel}; };
  Plan p;
  p.device = "npu1_1col";
  p.columns = 1;
  p.tiles = {{shim, 15}, {mem, 26}};
  p.locks = {{"free", mem, 0, 1, {}}, {"full", mem, 1, 0, {}}};
  const auto bd = [](int acquire, int release, uint8_t self) {
    Bd b;
    b.address = 0x80000;
    b.length = kBytes / 4;
    b.acquire = device::BdLock{static_cast<uint16_t>(64 + acquire), -1};
    b.release = device::BdLock{static_cast<uint16_t>(64 + release), 1};
    b.next = self;
    return b;
  };
  DmaProgram dma;
  dma.tile = mem;
  dma.bds = {{0, bd(0, 1, 0), "", {}}, {1, bd(1, 0, 1), "", {}}};
  dma.starts = {{DmaDirection::S2MM, 0, 0, 0, false, false, false, {}},
                {DmaDirection::MM2S, 0, 1, 0, false, false, false, {}}};
  p.dmas = {dma};
  Switchbox s0;
  s0.tile = shim;
  s0.connects = {{port(Bundle::South, 3), port(Bundle::North, 1)},
                 {port(Bundle::North, 0), port(Bundle::South, 2)}};
  s0.masterSets = {{port(Bundle::South, 0), 5, 8, true}};
  s0.packetRules = {{port(Bundle::TileControl, 0), {{31, 15, 5, 3}}}};
  Switchbox s1;
  s1.tile = mem;
  s1.connects = {{port(Bundle::South, 1), port(Bundle::DMA, 0)},
                 {port(Bundle::DMA, 0), port(Bundle::South, 0)}};
  p.switchboxes = {s0, s1};
  p.shimMuxes = {{shim,
                  {{port(Bundle::DMA, 0), port(Bundle::North, 3)},
                   {port(Bundle::North, 2), port(Bundle::DMA, 0)}}}};
  RuntimeSequence s;
  s.name = "sequence";
  s.arguments.resize(2);
  const std::vector<uint32_t> words = {kBytes / 4, 0, 0, 0, 0x80000000, 0x02000000, 0, 0x02000000};
  if (feed)
    s.ops = {{BlockWrite{0x1D020, words}, {}},
             {AddressPatch{0x1D024, 0, 0}, {}},
             {Write32{0x1D214, 1}, {}}};
  s.ops.push_back({BlockWrite{0x1D000, words}, {}});
  s.ops.push_back({AddressPatch{0x1D004, 1, 0}, {}});
  s.ops.push_back({MaskWrite32{0x1D200, 0xF00, 0x1F00}, {}});
  s.ops.push_back({Write32{0x1D204, 0x80000000}, {}});
  s.ops.push_back({Sync{DmaDirection::S2MM, 0, 0, 0, 1, 1}, {}});
  p.sequences = {s};
  return *package::package(p, {});
}

} // namespace ashlar::accel_test
