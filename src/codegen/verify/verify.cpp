// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times are counted in bundles from the start of a region; a write of cycle D by bundle t lands so
// that a read of cycle U by bundle t' sees it when t' - t >= latency.
#include "codegen/verify/verify.h"

#include "isa/decode.h"
#include "isa/encode.h"
#include "isa/print.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace ashlar::codegen::verify {
namespace {
using namespace isa;

struct Event {
  size_t index; ///< in program order
  int time;     ///< bundle
  Access access;
};

/// One register unit in one region: does every read see the write that the program order says?
std::optional<std::string> checkUnit(const Region &region, Reg unit,
                                     const std::vector<Event> &events) {
  auto text = [&](size_t i) { return isa::print(region.order[i].inst); };
  auto end = static_cast<int>(region.bundles);
  for (const Event &read : events) {
    if (read.access.write) continue;
    const Event *source = nullptr; // by program order
    for (const Event &w : events)
      if (w.access.write && w.index < read.index && (!source || w.index > source->index))
        source = &w;
    // By time: the write that landed last among those this read can see.
    const Event *seen = nullptr;
    for (const Event &w : events) {
      if (!w.access.write || w.index == read.index) continue;
      if (read.time - w.time < latency(w.access, read.access)) continue;
      int landed = w.time + w.access.cycle;
      int best = seen ? seen->time + seen->access.cycle : landed - 1;
      if (landed > best || (landed == best && seen && w.index > seen->index)) seen = &w;
    }
    if (source != seen)
      return fmt::format("bundle {}: '{}' reads {} from '{}' instead of '{}'",
                         region.first + static_cast<size_t>(read.time), text(read.index),
                         isa::info(unit).name, seen ? text(seen->index) : "the block's entry",
                         source ? text(source->index) : "the block's entry");
  }
  const Event *lastWrite = nullptr;
  for (const Event &w : events)
    if (w.access.write && (!lastWrite || w.index > lastWrite->index)) lastWrite = &w;
  for (const Event &e : events) {
    if (e.access.write) {
      if (e.time + e.access.cycle > end)
        return fmt::format("bundle {}: '{}' has not written {} when the region ends",
                           region.first + static_cast<size_t>(e.time), text(e.index),
                           isa::info(unit).name);
      if (&e != lastWrite && e.time + e.access.cycle >= lastWrite->time + lastWrite->access.cycle)
        return fmt::format("bundle {}: '{}' writes {} after '{}' did",
                           region.first + static_cast<size_t>(e.time), text(e.index),
                           isa::info(unit).name, text(lastWrite->index));
    } else if (e.time + e.access.cycle > end + 1) {
      return fmt::format("bundle {}: '{}' reads {} after the region's end",
                         region.first + static_cast<size_t>(e.time), text(e.index),
                         isa::info(unit).name);
    }
  }
  return std::nullopt;
}

std::optional<std::string> checkRegisters(const Region &region) {
  std::map<unsigned, std::vector<Event>> units;
  for (size_t i = 0; i < region.order.size(); ++i)
    for (const Access &a : accesses(region.order[i].inst))
      for (uint8_t unit : isa::info(a.reg).units)
        units[unit].push_back({i, static_cast<int>(region.order[i].bundle), a});
  for (const auto &[unit, events] : units) {
    bool reads = std::ranges::any_of(events, [](const Event &e) { return !e.access.write; });
    // A status register that nobody reads here is of no interest.
    if (!reads && std::string_view(isa::info(unitReg(unit)).name).starts_with("sr")) continue;
    if (auto problem = checkUnit(region, unitReg(unit), events)) return problem;
  }
  return std::nullopt;
}

std::optional<std::string> checkUnits(const Region &region) {
  std::map<std::pair<int, unsigned>, std::pair<size_t, bool>> busy; // time, unit -> user, reserved
  for (size_t i = 0; i < region.order.size(); ++i) {
    const Placed &p = region.order[i];
    for (const Stage &s : timing(p.inst).stages)
      for (int c = s.cycle; c < s.cycle + s.length; ++c) {
        int time = static_cast<int>(p.bundle) + c - 1;
        if (time >= static_cast<int>(region.bundles))
          return fmt::format("bundle {}: '{}' still uses a unit when the region ends",
                             region.first + p.bundle, isa::print(p.inst));
        auto [it, fresh] = busy.try_emplace({time, static_cast<unsigned>(s.unit)}, i, s.reserved);
        if (fresh) continue;
        if (s.reserved && it->second.second) continue;
        return fmt::format("bundle {}: '{}' and '{}' want the same unit", region.first + p.bundle,
                           isa::print(p.inst), isa::print(region.order[it->second.first].inst));
      }
  }
  return std::nullopt;
}

std::optional<std::string> checkMemory(const Region &region) {
  for (const auto &[i, j] : region.meets) {
    const Placed &a = region.order[i], &b = region.order[j];
    auto first = timing(a.inst).memory, second = timing(b.inst).memory;
    if (first.empty() || second.empty()) continue;
    if (static_cast<int>(a.bundle) + first.back() >= static_cast<int>(b.bundle) + second.front())
      return fmt::format("bundle {}: '{}' touches memory before '{}' is done",
                         region.first + b.bundle, isa::print(b.inst), isa::print(a.inst));
  }
  return std::nullopt;
}

std::optional<std::string> checkControl(const Region &region) {
  for (size_t i = 0; i < region.order.size(); ++i) {
    const Placed &p = region.order[i];
    if (isa::info(p.inst).control == Control::None) continue;
    if (i + 1 != region.order.size() || p.bundle + kBranchDelaySlots + 1 != region.bundles)
      return fmt::format("bundle {}: '{}' does not have five delay slots of its own",
                         region.first + p.bundle, isa::print(p.inst));
  }
  return std::nullopt;
}

/// The bundles must hold exactly the placed instructions, and survive encoding.
std::optional<std::string> checkEncoding(const Block &block, const Region &region) {
  for (size_t t = 0; t < region.bundles; ++t) {
    const Bundle &bundle = block.bundles[region.first + t];
    auto bytes = isa::encode(bundle);
    if (!bytes) return bytes.errors().front().message;
    Bundle back;
    if (isa::decode(bytes->view(), 0, back) != DecodeError::None || back.size != bundle.size)
      return fmt::format("bundle {} does not decode", region.first + t);
    size_t real = 0, wanted = 0;
    for (const Inst &inst : back.all()) real += !isa::info(inst).isNop;
    for (const Placed &p : region.order)
      if (p.bundle == t) {
        ++wanted;
        if (std::ranges::none_of(back.all(), [&](const Inst &x) { return x == p.inst; }))
          return fmt::format("bundle {} lost '{}'", region.first + t, isa::print(p.inst));
      }
    if (real != wanted) return fmt::format("bundle {} holds a stray instruction", region.first + t);
  }
  return std::nullopt;
}
} // namespace

std::optional<std::string> check(const std::vector<Block> &function) {
  for (size_t b = 0; b < function.size(); ++b)
    for (const Region &region : function[b].regions)
      for (auto problem : {checkControl(region), checkRegisters(region), checkUnits(region),
                           checkMemory(region), checkEncoding(function[b], region)})
        if (problem) return fmt::format("block {}, {}", b, *problem);
  return std::nullopt;
}

} // namespace ashlar::codegen::verify
