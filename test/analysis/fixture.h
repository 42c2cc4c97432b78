// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A small good design, one core that passes 1 KiB objects through, as a plan, a program and a
// package. Tests take it, break one thing, and look for that one finding.
#pragma once

#include "analysis/analysis.h"
#include "assembler/assembler.h"
#include "device/registers.h"
#include "link/link.h"
#include "package/package.h"

#include <gtest/gtest.h>

namespace ashlar::analysis_test {

inline std::string text(const Diagnostics &diagnostics) {
  std::string all;
  for (const Diagnostic &d : diagnostics) all += d.str() + "\n";
  return all;
}

inline constexpr device::TileId kShim{0, 0}, kMem{0, 1}, kCore{0, 2};

/// Locks of the core tile: 0 in_prod 1 in_cons 2 out_prod 3 out_cons.
inline plan::Plan goodPlan() {
  using plan::Bundle;
  plan::Plan p;
  p.device = "npu1_1col";
  p.columns = 1;
  p.tiles = {{kShim, 15}, {kMem, std::nullopt}, {kCore, std::nullopt}};
  p.buffers = {{"in_buff", kCore, 0x400, 0x400, {}, {}}, {"out_buff", kCore, 0x800, 0x400, {}, {}}};
  p.locks = {{"in_prod_lock", kCore, 0, 1, {}},
             {"in_cons_lock", kCore, 1, 0, {}},
             {"out_prod_lock", kCore, 2, 1, {}},
             {"out_cons_lock", kCore, 3, 0, {}}};
  plan::Core core;
  core.tile = kCore;
  core.function = "core_0_2";
  core.stackSize = 1024;
  core.dataStart = 0xC00;
  core.symbols = {{"in_buff", 0x70400, 0x400}, {"out_buff", 0x70800, 0x400}};
  core.place = Place::at("design.mlir", 5, 7);
  p.cores = {core};

  plan::DmaProgram dma;
  dma.tile = kCore;
  const auto bd = [](uint64_t address, int acquire, int release, uint8_t next) {
    device::Bd b;
    b.address = address;
    b.length = 256;
    b.acquire = device::BdLock{static_cast<uint16_t>(acquire), -1};
    b.release = device::BdLock{static_cast<uint16_t>(release), 1};
    b.next = next;
    return b;
  };
  dma.bds = {{0, bd(0x400, 0, 1, 0), "in_buff", {}}, {1, bd(0x800, 3, 2, 1), "out_buff", {}}};
  plan::DmaStart in, out;
  in.direction = device::DmaDirection::S2MM;
  in.firstBd = 0;
  out.direction = device::DmaDirection::MM2S;
  out.firstBd = 1;
  dma.starts = {in, out};
  p.dmas = {dma};

  plan::Switchbox shim, mem, box;
  shim.tile = kShim;
  shim.connects = {{{Bundle::South, 3}, {Bundle::North, 0}},
                   {{Bundle::North, 0}, {Bundle::South, 2}}};
  shim.masterSets = {{{Bundle::South, 0}, 0, 1, true}};
  shim.packetRules = {{{Bundle::TileControl, 0}, {{31, 15, 0, 0}}}};
  mem.tile = kMem;
  mem.connects = {{{Bundle::South, 0}, {Bundle::North, 0}},
                  {{Bundle::North, 0}, {Bundle::South, 0}}};
  box.tile = kCore;
  box.connects = {{{Bundle::South, 0}, {Bundle::DMA, 0}}, {{Bundle::DMA, 0}, {Bundle::South, 0}}};
  p.switchboxes = {shim, mem, box};
  plan::ShimMux mux;
  mux.tile = kShim;
  mux.connects = {{{Bundle::DMA, 0}, {Bundle::North, 3}}, {{Bundle::North, 2}, {Bundle::DMA, 0}}};
  p.shimMuxes = {mux};
  plan::RuntimeSequence sequence;
  sequence.name = "sequence";
  sequence.arguments = {{"in", 1024, "i32", {256}, true, false},
                        {"out", 1024, "i32", {256}, false, true}};
  p.sequences = {sequence};
  return p;
}

/// The core's program: takes an object, gives one, for ever. `body` stands in the loop.
inline std::string goodProgram(const std::string &body = "") {
  return "\t.section .text.__start,\"ax\",@progbits\n\t.globl __start\n\t.type __start,@function\n"
         "__start:\n\tmovxm sp, #_sp_start_value_DM_stack\n\tmova r0, #-1\n\tmovx r1, #1\n"
         "\tnop\n\tnop\n.Lagain:\n" +
         body +
         "\tacq #49, r0\n\tnop\n\tnop\n\tnop\n\tnop\n\tacq #50, r0\n\tnop\n\tnop\n\tnop\n\tnop\n"
         "\trel #48, r1\n\tnop\n\tnop\n\tnop\n\tnop\n\trel #51, r1\n\tnop\n\tnop\n\tnop\n\tnop\n"
         "\tj #.Lagain\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\t.size __start, .-__start\n";
}

/// One shim task: BD `id` of `words` words at `offset` bytes of the argument, started.
struct Task {
  int id = 0;
  device::DmaDirection direction = device::DmaDirection::MM2S;
  uint32_t argument = 0;
  uint64_t offset = 0;
  uint32_t words = 256;
  bool token = false;
  bool writeBd = true;
};

class Design {
public:
  plan::Plan plan = goodPlan();
  std::string program = goodProgram();
  std::vector<load::Operation> operations;

  void task(const Task &t) {
    if (t.writeBd) {
      device::Bd bd;
      bd.length = t.words;
      std::vector<uint32_t> words(8);
      EXPECT_TRUE(device::encodeBd(device::TileKind::Shim, bd, words).ok());
      const uint32_t base =
          device::tileAddress(kShim, device::bdRegister(device::TileKind::Shim, t.id));
      add(load::BlockWrite{base, words});
      add(load::AddressPatch{base + 4, t.argument, t.offset});
    }
    add(load::Write32{queue(t.direction), static_cast<uint32_t>(t.id) | (t.token ? 1u << 31 : 0)});
  }
  void wait(device::DmaDirection direction = device::DmaDirection::S2MM) {
    load::Sync sync;
    sync.direction = direction;
    add(sync);
  }
  /// In and out of one object, waited for.
  void goodSequence() {
    task({0, device::DmaDirection::MM2S, 0, 0, 256, false, true});
    task({1, device::DmaDirection::S2MM, 1, 0, 256, true, true});
    wait();
  }
  void add(load::Op op) { operations.push_back({std::move(op), 16 + 16 * operations.size()}); }

  /// What the package would make the firmware do.
  load::Configuration configuration() const {
    const auto object = assembler::assemble(program, "core.s");
    if (!object.ok()) {
      ADD_FAILURE() << text(object.errors());
      return {};
    }
    Diagnostics warnings;
    link::Options options;
    options.stackOverflowIsError = false;
    const auto linked =
        link::link(plan.cores.at(0), {{"core.o", format::elf::write(*object)}}, options, warnings);
    if (!linked.ok()) {
      ADD_FAILURE() << text(linked.errors());
      return {};
    }
    const auto products = package::package(plan, {{kCore, linked->elf, "core.elf"}});
    if (!products.ok()) {
      ADD_FAILURE() << text(products.errors());
      return {};
    }
    xclbin_ = products->xclbin;
    auto configuration = load::readPdi(products->pdi, "main.pdi", warnings);
    if (!configuration.ok()) ADD_FAILURE() << text(configuration.errors());
    return configuration.ok() ? *configuration : load::Configuration{};
  }
  Diagnostics check() const {
    return analysis::checkConfiguration(configuration(), "main.pdi", &plan);
  }
  Diagnostics checkStream() const {
    load::Stream stream;
    stream.source = "main.insts.bin";
    stream.operations = operations;
    return analysis::checkStream(configuration(), stream, &plan);
  }
  const Bytes &xclbin() const {
    (void)configuration();
    return xclbin_;
  }

  plan::DmaProgram &dma() { return plan.dmas[0]; }
  static uint32_t queue(device::DmaDirection d) {
    return device::tileAddress(kShim, device::reg::dmaQueue(device::TileKind::Shim, d, 0));
  }

private:
  mutable Bytes xclbin_;
};

inline std::vector<std::string> codes(const Diagnostics &findings) {
  std::vector<std::string> all;
  for (const Diagnostic &d : findings) all.push_back(d.code);
  return all;
}

} // namespace ashlar::analysis_test
