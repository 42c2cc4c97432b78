// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The allocator uses few registers again and again; in a pipelined loop each reuse is an order
// that costs cycles. A web is a value with all its reads: when it begins and ends within a round
// it may live in any register. Webs get registers in program order, always the one that has been
// unused for the longest time.
#include "codegen/schedule/modulo.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

namespace ashlar::codegen::schedule {
namespace {
using namespace isa;

/// An operand that names a register: item, operand of its first form, written or read.
struct Place {
  size_t item;
  Reg reg;
  bool write;
};
struct Web {
  std::vector<Place> places;
  Units units;
  bool fixed = false;
  size_t first = ~size_t(0), last = 0; ///< items, in program order
};

Units unitsOf(Reg reg) {
  Units units;
  for (uint8_t u : info(reg).units) units.set(u);
  return units;
}

/// The part of `to` that lies where `part` lies in `from`.
std::optional<Reg> corresponding(Reg from, Reg to, Reg part) {
  if (part == from) return to;
  auto a = info(from).parts, b = info(to).parts;
  if (a.size() != b.size()) return std::nullopt;
  for (size_t i = 0; i < a.size(); ++i)
    if ((unitsOf(part) & ~unitsOf(a[i].reg)).none()) return corresponding(a[i].reg, b[i].reg, part);
  return std::nullopt;
}

/// The smallest register that holds all these units.
Reg covering(const Units &units) {
  Reg best = Reg::None;
  for (unsigned r = 1; r < kRegCount; ++r) {
    Reg reg = static_cast<Reg>(r);
    if ((units & ~unitsOf(reg)).any()) continue;
    if (best == Reg::None || info(reg).units.size() < info(best).units.size()) best = reg;
  }
  return best;
}

class Renamer {
public:
  explicit Renamer(LoopBody &body) : body_(body) {}

  void run() {
    findWebs();
    // What finds no register stays where it is, and the others look again.
    while (auto stuck = assign()) webs_[*stuck].fixed = true;
  }

private:
  /// The web that finds no register, if any.
  std::optional<size_t> assign() {
    std::vector<size_t> order;
    for (size_t w = 0; w < webs_.size(); ++w)
      if (!webs_[w].places.empty()) order.push_back(w);
    std::ranges::sort(order, {}, [&](size_t w) { return std::pair(webs_[w].first, w); });
    Units taken; // by what must stay where it is
    for (size_t w : order)
      if (webs_[w].fixed) taken |= webs_[w].units;
    taken |= invariant_ | passing_;
    std::vector<std::pair<size_t, Reg>> chosen;
    std::vector<long> until(kRegUnitCount, -1); // the last item that reads it, over all webs so far
    Units pool = body_.freeUnits;
    for (size_t w : order)
      if (!webs_[w].fixed) pool |= webs_[w].units;
    pool &= ~taken;
    std::map<size_t, std::vector<Reg>> dying; // by the item that alone reads the value
    for (size_t w : order) {
      Web &web = webs_[w];
      if (web.fixed) continue;
      Reg from = covering(web.units), best = Reg::None;
      long bestUntil = 0;
      for (unsigned r = 1; r < kRegCount; ++r) {
        Reg to = static_cast<Reg>(r);
        if (!fits(web, from, to)) continue;
        Units units = mapped(web, from, to);
        if ((units & ~pool).any()) continue;
        long last = -1;
        for (unsigned u = 0; u < kRegUnitCount; ++u)
          if (units[u]) last = std::max(last, until[u]);
        if (last >= static_cast<long>(web.first)) continue; // still in use
        if (best == Reg::None || last < bestUntil) best = to, bestUntil = last;
      }
      // Where no register is fresh, a sum grows where it is: nobody else waits for that one.
      if (best == Reg::None || bestUntil >= 0)
        if (auto it = dying.find(web.first); it != dying.end())
          for (Reg to : it->second)
            if (fits(web, from, to) && (mapped(web, from, to) & ~pool).none()) best = to;
      if (best == Reg::None) return w;
      Units units = mapped(web, from, best);
      for (unsigned u = 0; u < kRegUnitCount; ++u)
        if (units[u]) until[u] = static_cast<long>(web.last);
      chosen.push_back({w, best});
      if (std::ranges::count(web.places, false, &Place::write) == 1 && web.last > web.first)
        dying[web.last].push_back(best);
    }
    apply(chosen);
    return std::nullopt;
  }

  void findWebs() {
    Units written;
    for (const Item &item : body_.items)
      for (const Access &a : accesses(item.inst()))
        if (a.write) written |= unitsOf(a.reg);
    // Half of a register that is read whole, and nobody ever wrote: any other will do.
    const Units nothing = body_.undefined & ~written;
    // But where such a half is read behind the loop too, it must get there as it came.
    passing_ = body_.liveOut & ~written;
    // Every write of an item begins a web; reads join the webs they see.
    std::vector<long> now(kRegUnitCount, -1);
    auto fix = [&](long w) {
      if (w >= 0) webs_[find(static_cast<size_t>(w))].fixed = true;
    };
    for (size_t i = 0; i < body_.items.size(); ++i) {
      const Inst &inst = body_.items[i].inst();
      Accesses all = accesses(inst);
      std::map<Reg, size_t> readWeb;
      for (const Access &a : all) {
        if (a.write) continue;
        long web = -1;
        bool entry = false;
        for (uint8_t u : info(a.reg).units) {
          if (now[u] < 0 && nothing[u]) continue;
          if (now[u] < 0) {
            entry = true;
            invariant_.set(u);
            continue;
          }
          web =
              web < 0
                  ? now[u]
                  : static_cast<long>(join(static_cast<size_t>(web), static_cast<size_t>(now[u])));
        }
        if (web < 0) continue;
        size_t w = find(static_cast<size_t>(web));
        if (entry || !free(inst, a)) webs_[w].fixed = true;
        add(w, {i, a.reg, false});
        readWeb[a.reg] = w;
      }
      for (const Access &a : all) {
        if (!a.write) continue;
        size_t w = webs_.size();
        webs_.push_back({});
        parent_.push_back(w);
        if (!free(inst, a)) webs_[w].fixed = true;
        add(w, {i, a.reg, true});
        if (int tied = tiedRead(inst, a); tied >= 0) {
          Reg reg = inst.reg(static_cast<unsigned>(tied));
          if (auto it = readWeb.find(reg); it != readWeb.end())
            w = join(w, it->second);
          else
            webs_[w].fixed = true; // goes on from the value at the loop's start
        }
        for (uint8_t u : info(a.reg).units) now[u] = static_cast<long>(w);
      }
    }
    // What is read at the top of the next round, or behind the loop, stays.
    for (unsigned u = 0; u < kRegUnitCount; ++u)
      if (invariant_[u] || body_.liveOut[u]) fix(now[u]);
    // Part of a register that came from before.
    for (size_t w = 0; w < webs_.size(); ++w)
      if (find(w) == w && !webs_[w].fixed && covering(webs_[w].units) == Reg::None)
        webs_[w].fixed = true;
  }

  /// Chosen by the programmer alone: no implicit register, no class of one.
  static bool free(const Inst &inst, const Access &a) {
    if (a.operand < 0) return false;
    const OperandInfo &o = info(inst).operands[static_cast<size_t>(a.operand)];
    return o.fixed == Reg::None && o.derivedFrom < 0;
  }
  static int tiedRead(const Inst &inst, const Access &write) {
    if (write.operand < 0) return -1;
    auto operands = info(inst).operands;
    for (size_t i = 0; i < operands.size(); ++i)
      if (operands[i].tiedTo == write.operand) return static_cast<int>(i);
    return operands[static_cast<size_t>(write.operand)].tiedTo;
  }

  size_t find(size_t w) const {
    while (parent_[w] != w) w = parent_[w];
    return w;
  }
  size_t join(size_t a, size_t b) {
    a = find(a), b = find(b);
    if (a == b) return a;
    Web &x = webs_[a], &y = webs_[b];
    x.places.insert(x.places.end(), y.places.begin(), y.places.end());
    x.units |= y.units;
    x.fixed |= y.fixed;
    x.first = std::min(x.first, y.first);
    x.last = std::max(x.last, y.last);
    y = {};
    parent_[b] = a;
    return a;
  }
  void add(size_t w, Place place) {
    Web &web = webs_[w];
    web.units |= unitsOf(place.reg);
    web.first = std::min(web.first, place.item);
    web.last = std::max(web.last, place.item);
    web.places.push_back(place);
  }

  /// Whether every operand of the web can name the new register.
  bool fits(const Web &web, Reg from, Reg to) const {
    if (info(from).bits != info(to).bits || info(from).units.size() != info(to).units.size() ||
        std::string_view(info(from).kind) != info(to).kind)
      return false;
    for (const Place &p : web.places) {
      auto reg = corresponding(from, to, p.reg);
      if (!reg) return false;
      for (const Inst &form : body_.items[p.item].forms) {
        auto operands = info(form).operands;
        for (size_t o = 0; o < operands.size(); ++o)
          if (operands[o].isReg && operands[o].out == p.write &&
              form.reg(static_cast<unsigned>(o)) == p.reg && !contains(operands[o].cls, *reg))
            return false;
      }
    }
    return true;
  }
  static Units mapped(const Web &web, Reg from, Reg to) {
    Units units;
    for (const Place &p : web.places)
      if (auto reg = corresponding(from, to, p.reg)) units |= unitsOf(*reg);
    return units;
  }

  void apply(const std::vector<std::pair<size_t, Reg>> &chosen) {
    std::map<std::pair<size_t, bool>, std::map<Reg, Reg>> changes;
    for (auto [w, to] : chosen) {
      Reg from = covering(webs_[w].units);
      for (const Place &p : webs_[w].places)
        changes[{p.item, p.write}][p.reg] = *corresponding(from, to, p.reg);
    }
    for (const auto &[where, map] : changes)
      for (Inst &form : body_.items[where.first].forms) {
        auto operands = info(form).operands;
        for (size_t o = 0; o < operands.size(); ++o)
          if (operands[o].isReg && operands[o].out == where.second)
            if (auto it = map.find(form.reg(static_cast<unsigned>(o))); it != map.end())
              form.ops[o] = static_cast<int32_t>(it->second);
      }
  }

  LoopBody &body_;
  std::vector<Web> webs_;
  std::vector<size_t> parent_;
  Units invariant_; ///< read before the body writes it
  Units passing_;   ///< read behind the loop and not written in it
};
} // namespace

void rename(LoopBody &body) { Renamer(body).run(); }

} // namespace ashlar::codegen::schedule
