// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A small real plan, as lowering makes it for two object FIFOs of depth 2 through one core: the
// shape of the LayerNorm designs whose products are public. Used by the tests of plan, package,
// load and inspect.
#pragma once

#include "format/elf.h"
#include "plan/plan.h"

namespace ashlar::plan_test {

inline plan::Plan samplePlan() {
  using namespace plan;
  const TileId shim{0, 0}, mem{0, 1}, core{0, 2};
  Plan p;
  p.tiles = {{shim, 15}, {core, 27}, {mem, std::nullopt}};
  p.buffers = {{"out0", core, 0x400, 1024, {}, Place::at("d.mlir", 5, 7)},
               {"out1", core, 0x800, 1024, {}, {}},
               {"in0", core, 0xC00, 1024, {}, {}},
               {"in1", core, 0x1000, 1024, {}, {}}};
  p.locks = {{"out_c_prod", shim, 2, 0, {}}, {"out_c_cons", shim, 3, 0, {}},
             {"out_prod", core, 2, 2, {}},   {"out_cons", core, 3, 0, {}},
             {"in_c_prod", core, 0, 2, {}},  {"in_c_cons", core, 1, 0, {}},
             {"in_prod", shim, 0, 0, {}},    {"in_cons", shim, 1, 0, {}}};
  Core c;
  c.tile = core;
  c.function = "core_0_2";
  c.dataStart = 0x1400;
  c.linkWith = {"layernorm.o"};
  c.symbols = {{"in0", 0x70C00, 1024}, {"out0", 0x70400, 1024}};
  p.cores = {c};
  const auto bd = [](uint64_t address, int acquire, int release, int next) {
    Bd b;
    b.address = address;
    b.length = 256;
    b.acquire = device::BdLock{static_cast<uint16_t>(acquire), -1};
    b.release = device::BdLock{static_cast<uint16_t>(release), 1};
    b.next = static_cast<uint8_t>(next);
    return b;
  };
  DmaProgram dma;
  dma.tile = core;
  dma.bds = {{0, bd(0xC00, 0, 1, 1), "in0", {}},
             {2, bd(0x400, 3, 2, 3), "out0", {}},
             {3, bd(0x800, 3, 2, 2), "out1", {}},
             {1, bd(0x1000, 0, 1, 0), "in1", Place::at("d.mlir", 9)}};
  dma.starts = {{DmaDirection::S2MM, 0, 0, 0, false, false, false, {}},
                {DmaDirection::MM2S, 0, 2, 0, false, false, false, {}}};
  p.dmas = {dma};
  const auto port = [](Bundle b, int channel) { return Port{b, channel}; };
  Switchbox s0;
  s0.tile = shim;
  s0.connects = {{port(Bundle::South, 3), port(Bundle::North, 1)},
                 {port(Bundle::North, 0), port(Bundle::South, 2)}};
  s0.masterSets = {{port(Bundle::South, 0), 5, 8, true}};
  s0.packetRules = {{port(Bundle::TileControl, 0), {{31, 15, 5, 3}}}};
  Switchbox s1;
  s1.tile = mem;
  s1.connects = {{port(Bundle::South, 1), port(Bundle::North, 1)},
                 {port(Bundle::North, 0), port(Bundle::South, 0)}};
  Switchbox s2;
  s2.tile = core;
  s2.connects = {{port(Bundle::South, 1), port(Bundle::DMA, 0)},
                 {port(Bundle::DMA, 0), port(Bundle::South, 0)}};
  p.switchboxes = {s0, s1, s2};
  p.shimMuxes = {{shim,
                  {{port(Bundle::DMA, 0), port(Bundle::North, 3)},
                   {port(Bundle::North, 2), port(Bundle::DMA, 0)}}}};
  p.shimAllocations = {{"in", shim, DmaDirection::MM2S, 0, Place::at("d.mlir", 12, 3)},
                       {"out", shim, DmaDirection::S2MM, 0, {}}};
  p.fifos = {{"in", shim, {core}, 1024, {2, 2}, {}}, {"out", core, {shim}, 1024, {2}, {}}};

  RuntimeSequence s;
  s.name = "sequence";
  s.arguments = {{"in", 1024, "bf16", {512}, true, false},
                 {"out", 1024, "bf16", {512}, false, true}};
  const std::vector<uint32_t> words = {0x100, 0, 0, 0, 0x80000000, 0x02000000, 0, 0x02000000};
  s.ops = {{BlockWrite{0x1D020, words}, Place::at("d.mlir", 20, 3)},
           {AddressPatch{0x1D024, 0, 0}, {}},
           {Write32{0x1D214, 1}, {}},
           {BlockWrite{0x1D000, words}, {}},
           {AddressPatch{0x1D004, 1, 0}, {}},
           {MaskWrite32{0x1D200, 0xF00, 0x1F00}, {}},
           {Write32{0x1D204, 0x80000000}, {}},
           {Sync{DmaDirection::S2MM, 0, 0, 0, 1, 1}, {}}};
  p.sequences = {s};
  return p;
}

/// A linked program: `codeWords` words at 0, and some data with zeros behind it at 0x71400.
inline Bytes sampleElf(size_t codeWords = 64) {
  format::elf::File f;
  f.type = format::elf::FileType::Executable;
  format::elf::Segment code;
  code.flags = format::elf::kSegRead | format::elf::kSegExec;
  for (size_t i = 0; i < codeWords; ++i)
    for (int b = 0; b < 4; ++b)
      code.data.push_back(static_cast<uint8_t>(i * 7 + static_cast<size_t>(b)));
  code.memorySize = static_cast<uint32_t>(code.data.size());
  format::elf::Segment data;
  data.flags = format::elf::kSegRead | format::elf::kSegWrite;
  data.virtualAddress = data.physicalAddress = 0x71400;
  data.data = {1, 2, 3, 4, 5};
  data.memorySize = 12;
  f.segments = {code, data};
  return format::elf::write(f);
}

} // namespace ashlar::plan_test
