// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Links of object FIFOs: one tile passes on, splits or joins what it receives.
#include "lower/fifo.h"

#include "base/nearest.h"

using namespace mlir;

namespace ashlar::lower {

void FifoExpander::readLinks() {
  auto find = [&](const std::string &name, const Place &place) {
    std::vector<std::string> names;
    for (size_t i = 0; i < ends_.size(); ++i) {
      if (ends_[i].fifo.name == name) return static_cast<int>(i);
      names.push_back(ends_[i].fifo.name);
    }
    auto nearest = nearestName(name, names);
    m_.fail("unknown-fifo", place, fmt::format("there is no object FIFO '{}'", name),
            nearest ? fmt::format("did you mean '{}'?", *nearest) : std::string());
    return -1;
  };
  std::map<int, Place> inLink;
  for (const Link &link : m_.links) {
    LinkState state{link, {}, {}, -1, {}, {}};
    for (const std::string &name : link.ins) state.ins.push_back(find(name, link.place));
    for (const std::string &name : link.outs) state.outs.push_back(find(name, link.place));
    bool bad = state.ins.empty() || state.outs.empty();
    for (const auto *list : {&state.ins, &state.outs})
      for (int e : *list) {
        if (e < 0) {
          bad = true;
          continue;
        }
        auto [it, fresh] = inLink.emplace(e, link.place);
        // A FIFO between two links is legal: it is an output of one and an input of the other.
        if (!fresh && list == &state.ins) {
          for (const LinkState &other : links_)
            if (llvm::is_contained(other.ins, e)) {
              m_.fail("bad-link", link.place,
                      fmt::format("object FIFO '{}' is the input of two links", fifo(e).name), {},
                      {it->second.str() + ": the first is here"});
              bad = true;
            }
        } else if (!fresh) {
          for (const LinkState &other : links_)
            if (llvm::is_contained(other.outs, e)) {
              m_.fail("bad-link", link.place,
                      fmt::format("object FIFO '{}' is the output of two links", fifo(e).name), {},
                      {it->second.str() + ": the first is here"});
              bad = true;
            }
        }
      }
    if (bad) continue;
    if (state.join() && state.distribute()) {
      m_.fail("bad-link", link.place, "a link joins many into one or distributes one to many",
              "use two links");
      continue;
    }
    state.tile = fifo(state.outs[0]).producer;
    for (int e : state.outs)
      if (fifo(e).producer != state.tile) {
        m_.fail("bad-link", link.place,
                fmt::format("the outputs of a link start in one tile: '{}' in {}, '{}' in {}",
                            fifo(state.outs[0]).name, state.tile.str(), fifo(e).name,
                            fifo(e).producer.str()));
        bad = true;
      }
    for (int e : state.ins)
      if (!llvm::is_contained(fifo(e).consumers, state.tile)) {
        m_.fail("bad-link", link.place,
                fmt::format("object FIFO '{}' does not end in tile {}, where this link meets",
                            fifo(e).name, state.tile.str()));
        bad = true;
      }
    if (state.distribute() && link.dstOffsets.size() != state.outs.size() &&
        !link.dstOffsets.empty()) {
      m_.fail(
          "bad-link", link.place,
          fmt::format("{} offsets for {} object FIFOs", link.dstOffsets.size(), state.outs.size()));
      bad = true;
    }
    if (state.join() && link.srcOffsets.size() != state.ins.size() && !link.srcOffsets.empty()) {
      m_.fail(
          "bad-link", link.place,
          fmt::format("{} offsets for {} object FIFOs", link.srcOffsets.size(), state.ins.size()));
      bad = true;
    }
    if (bad) continue;
    // Without offsets the parts lie one behind the other.
    auto fill = [&](std::vector<int64_t> &offsets, const std::vector<int> &parts) {
      if (!offsets.empty()) return;
      int64_t at = 0;
      for (int e : parts) {
        offsets.push_back(at);
        at += fifo(e).type.elements;
      }
    };
    if (state.distribute()) fill(state.link.dstOffsets, state.outs);
    if (state.join()) fill(state.link.srcOffsets, state.ins);
    const int whole = state.join() ? state.outs[0] : state.ins[0];
    const auto &parts = state.join() ? state.ins : state.outs;
    const auto &offsets = state.join() ? state.link.srcOffsets : state.link.dstOffsets;
    if (state.join() || state.distribute())
      for (size_t i = 0; i < parts.size(); ++i)
        if (offsets[i] < 0 || offsets[i] + fifo(parts[i]).type.elements > fifo(whole).type.elements)
          m_.fail("bad-link", link.place,
                  fmt::format("part '{}' at offset {} with {} elements leaves the {} elements of "
                              "'{}'",
                              fifo(parts[i]).name, offsets[i], fifo(parts[i]).type.elements,
                              fifo(whole).type.elements, fifo(whole).name));
    // The vendor's parts end where the next begins, whatever their object's size is, where the
    // design says where they begin.
    if (state.join() || state.distribute()) {
      const bool given = !(state.join() ? link.srcOffsets : link.dstOffsets).empty();
      for (size_t i = 0; i < parts.size() && i < offsets.size(); ++i) {
        const int64_t own = fifo(parts[i]).type.elements;
        const int64_t next = i + 1 < offsets.size() ? offsets[i + 1] : fifo(whole).type.elements;
        state.lengths.push_back(given && next > offsets[i] ? next - offsets[i] : own);
      }
    }
    links_.push_back(std::move(state));
  }
  refuseRings();
}

/// FIFOs that feed each other by links alone: nothing ever enters the ring.
void FifoExpander::refuseRings() {
  for (const LinkState &first : links_)
    for (int start : first.ins) {
      std::vector<int> path{start};
      std::set<int> seen;
      std::function<bool(int)> leadsBack = [&](int e) {
        for (const LinkState &link : links_) {
          if (!llvm::is_contained(link.ins, e)) continue;
          for (int out : link.outs) {
            if (!seen.insert(out).second) continue;
            path.push_back(out);
            if (out == start || leadsBack(out)) return true;
            path.pop_back();
          }
        }
        return false;
      };
      if (!leadsBack(start)) continue;
      std::string ring;
      Place place = first.link.place;
      for (int e : path) ring += (ring.empty() ? "" : " -> ") + fifo(e).name;
      for (const LinkState &link : links_)
        if (llvm::is_contained(link.outs, start)) place = link.link.place;
      m_.fail("bad-link", place, "these links make a ring: " + ring,
              "nothing ever enters a ring: let one FIFO end in a core or shim tile");
      return;
    }
}

LinkState *FifoExpander::linkOf(int e, bool *isInput) {
  for (LinkState &link : links_) {
    if (llvm::is_contained(link.ins, e)) {
      if (isInput) *isInput = true;
      return &link;
    }
    if (llvm::is_contained(link.outs, e)) {
      if (isInput) *isInput = false;
      return &link;
    }
  }
  return nullptr;
}

} // namespace ashlar::lower
