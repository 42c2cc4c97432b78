// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For every bundle all paths of up to kWindow further bundles are followed (jumps with their delay
// slots, loop ends) and each pair of instructions is compared. Latencies are short, so the window
// is small and the number of paths too.
#include "isa/hazard.h"

#include "isa/decode.h"
#include "isa/print.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace ashlar::isa {
namespace {

constexpr int kWindow = 14; // longest operand or memory cycle of any itinerary, and some

struct Loop {
  uint32_t start, end;
};

struct Prepared {
  const CodeBundle *code;
  std::vector<Accesses> accesses; ///< per instruction
  int jump = -1;                  ///< instruction that transfers control, or -1
};

bool isStatus(Reg reg) { return std::string_view(info(reg).kind) == "status"; }

class Finder {
public:
  Finder(std::span<const CodeBundle> code, const HazardOptions &options)
      : code_(code), options_(options) {}

  std::vector<Hazard> run() {
    for (const CodeBundle &c : code_) {
      Prepared p{&c, {}, -1};
      for (unsigned i = 0; i < c.bundle.count; ++i) {
        p.accesses.push_back(accesses(c.bundle.insts[i]));
        if (info(c.bundle.insts[i]).control != Control::None) p.jump = static_cast<int>(i);
      }
      index_[c.address] = prepared_.size();
      prepared_.push_back(std::move(p));
    }
    findLoops();
    for (size_t i = 0; i < prepared_.size() && found_.size() < options_.limit; ++i) {
      pair(i, i, 0);
      jumps(i);
      // A bundle in the delay slots of an earlier jump runs on where that one goes.
      int left = -1, jumper = -1;
      for (size_t back = 1; back <= kBranchDelaySlots && back <= i && prepared_[i].jump < 0; ++back)
        if (prepared_[i - back].jump >= 0) {
          left = static_cast<int>(kBranchDelaySlots - back) + 1;
          jumper = static_cast<int>(i - back);
          break;
        }
      walk(i, i, 0, left, jumper, 0);
    }
    loops();
    return std::move(found_);
  }

private:
  const Inst &inst(size_t bundle, unsigned i) const {
    return prepared_[bundle].code->bundle.insts[i];
  }
  uint32_t address(size_t i) const { return prepared_[i].code->address; }

  void report(HazardKind kind, bool isError, size_t a, int ia, size_t b, int ib, Reg reg,
              int distance, int needed, std::string text) {
    if (found_.size() >= options_.limit) return;
    if (!seen_.insert({kind, a, ia, b, ib, reg}).second) return;
    Hazard h{kind, isError,  address(a), address(b),     Opcode::Invalid, Opcode::Invalid,
             reg,  distance, needed,     std::move(text)};
    if (ia >= 0) h.firstOp = inst(a, static_cast<unsigned>(ia)).opcode;
    if (ib >= 0) h.secondOp = inst(b, static_cast<unsigned>(ib)).opcode;
    found_.push_back(std::move(h));
  }

  /// The next bundle directly follows in memory: callers may leave out what is not reached.
  bool follows(size_t i) const {
    return i + 1 < prepared_.size() &&
           address(i) + prepared_[i].code->bundle.size == address(i + 1);
  }

  std::string at(size_t bundle, unsigned i) const {
    return fmt::format("'{}' at {:#x}", print(inst(bundle, i)), address(bundle));
  }

  // ---- control flow ----------------------------------------------------------------------------

  /// Follows the paths from `first`: `here` is `distance` bundles after it. `jumpAt` counts the
  /// delay slots still to run of the jump in bundle `jumper` (-1: none).
  void walk(size_t first, size_t here, int distance, int jumpAt, int jumper, int depth) {
    if (distance >= kWindow || depth > 4 || found_.size() >= options_.limit) return;
    if (prepared_[here].jump >= 0 && jumpAt < 0) {
      jumpAt = static_cast<int>(kBranchDelaySlots);
      jumper = static_cast<int>(here);
    } else if (jumpAt > 0) {
      --jumpAt;
    }
    auto step = [&](size_t next, int left, int from, int more) {
      pair(first, next, distance + 1);
      walk(first, next, distance + 1, left, from, depth + more);
    };
    if (jumpAt == 0) {
      const Inst &j = inst(static_cast<size_t>(jumper),
                           static_cast<unsigned>(prepared_[static_cast<size_t>(jumper)].jump));
      const InstInfo &x = info(j);
      for (unsigned k = 0; k < x.operands.size(); ++k)
        if (!x.operands[k].isReg) {
          auto target = index_.find(static_cast<uint32_t>(j.ops[k]));
          if (target != index_.end()) step(target->second, -1, -1, 1);
        }
      if (x.conditional && follows(here)) step(here + 1, -1, -1, 0);
      return;
    }
    for (const Loop &l : loops_)
      if (address(here) == l.end && jumpAt < 0) {
        auto target = index_.find(l.start);
        if (target != index_.end()) step(target->second, -1, -1, 1);
      }
    if (follows(here)) step(here + 1, jumpAt, jumper, 0);
  }

  void jumps(size_t i) {
    int j = prepared_[i].jump;
    if (j < 0) return;
    for (unsigned n = 1; n <= kBranchDelaySlots; ++n) {
      if (!follows(i + n - 1)) {
        report(
            HazardKind::DelaySlotEnd, true, i, j, i, j, Reg::None, static_cast<int>(n),
            kBranchDelaySlots,
            fmt::format("the code ends in the delay slots of {}", at(i, static_cast<unsigned>(j))));
        break;
      }
      int other = prepared_[i + n].jump;
      if (other >= 0)
        report(HazardKind::DelaySlotJump, true, i, j, i + n, other, Reg::None, static_cast<int>(n),
               kBranchDelaySlots + 1,
               fmt::format("{} stands in a delay slot of {}",
                           at(i + n, static_cast<unsigned>(other)),
                           at(i, static_cast<unsigned>(j))));
    }
    const Inst &x = inst(i, static_cast<unsigned>(j));
    for (unsigned k = 0; k < info(x).operands.size(); ++k) {
      if (info(x).operands[k].isReg) continue;
      uint32_t target = static_cast<uint32_t>(x.ops[k]);
      bool within = target >= address(0) && target <= address(prepared_.size() - 1);
      if (!index_.count(target) && (within || !options_.open))
        report(HazardKind::JumpOutside, true, i, j, i, j, Reg::None, 0, 0,
               fmt::format("{} goes to {:#x}, where no bundle begins",
                           at(i, static_cast<unsigned>(j)), target));
    }
  }

  // ---- loops -----------------------------------------------------------------------------------

  /// A constant written to ls is the start of the loop whose end is the next constant written to le
  /// (or the one before, when le is written first).
  void findLoops() {
    std::optional<uint32_t> start, end;
    for (const Prepared &p : prepared_) {
      for (const Inst &x : p.code->bundle.all()) {
        const InstInfo &f = info(x);
        if (f.operands.size() != 2 || !f.operands[0].isReg || f.operands[1].isReg) continue;
        if (x.reg(0) == Reg::ls) start = static_cast<uint32_t>(x.ops[1]);
        if (x.reg(0) == Reg::le) end = static_cast<uint32_t>(x.ops[1]);
      }
      if (start && end) {
        if (index_.count(*start) || index_.count(*end)) loops_.push_back({*start, *end});
        start.reset();
        end.reset();
      }
    }
  }

  void loops() {
    for (const Loop &l : loops_) {
      auto s = index_.find(l.start), e = index_.find(l.end);
      if (s == index_.end() || e == index_.end()) {
        size_t known = s != index_.end() ? s->second : e->second;
        report(HazardKind::JumpOutside, true, known, -1, known, -1, Reg::None, 0, 0,
               fmt::format("the loop {:#x}..{:#x} does not begin and end at bundles of this code",
                           l.start, l.end));
        continue;
      }
      for (auto [where, what] :
           {std::pair{s->second, "start"}, std::pair{e->second, "last bundle"}})
        if (address(where) % kLoopAlign)
          report(HazardKind::LoopAlignment, true, where, -1, where, -1, Reg::None, 0, 0,
                 fmt::format("the {} of the loop at {:#x} is not at a multiple of {}", what,
                             address(where), kLoopAlign));
      const Bundle &last = prepared_[e->second].code->bundle;
      if (last.size != kLoopEndBytes)
        report(HazardKind::LoopEndSize, true, e->second, -1, e->second, -1, Reg::None, last.size,
               kLoopEndBytes,
               fmt::format("the last bundle of the loop, at {:#x}, has {} bytes instead of {}",
                           l.end, last.size, kLoopEndBytes));
      for (unsigned i = 0; i < last.count; ++i)
        if (isPartStore(last.insts[i]) && l.end - l.start <= kLoopPartStoreSpan)
          report(HazardKind::LoopPartStore, true, e->second, static_cast<int>(i), e->second,
                 static_cast<int>(i), Reg::None, 0, 0,
                 fmt::format("{} in the last bundle of a loop of {} bytes can be lost",
                             at(e->second, i), l.end - l.start + last.size));
      for (unsigned n = 0; n <= kBranchDelaySlots && n <= e->second; ++n) {
        size_t b = e->second - n;
        int j = prepared_[b].jump;
        if (j >= 0 && b >= s->second)
          report(HazardKind::LoopJump, true, b, j, e->second, -1, Reg::None, static_cast<int>(n),
                 kBranchDelaySlots + 1,
                 fmt::format("the end of the loop at {:#x} lies in the delay slots of {}", l.end,
                             at(b, static_cast<unsigned>(j))));
      }
      // The last write of lc before the loop.
      for (size_t b = e->second; b-- > 0;) {
        bool wrote = false;
        for (unsigned i = 0; i < prepared_[b].accesses.size(); ++i)
          for (const Access &a : prepared_[b].accesses[i])
            if (a.write && a.reg == Reg::lc) {
              wrote = true;
              uint32_t gap = l.end - address(b);
              if (b < s->second && gap < kLoopSetupBytes)
                report(HazardKind::LoopDistance, true, b, static_cast<int>(i), e->second, -1,
                       Reg::lc, static_cast<int>(gap), kLoopSetupBytes,
                       fmt::format("{} is {} bytes before the end of its loop; {} are needed",
                                   at(b, i), gap, kLoopSetupBytes));
            }
        if (wrote) break;
      }
    }
  }

  // ---- pairs -----------------------------------------------------------------------------------

  void pair(size_t a, size_t b, int n) {
    const Prepared &p = prepared_[a], &q = prepared_[b];
    for (unsigned i = 0; i < p.accesses.size(); ++i)
      for (unsigned k = n ? 0 : i + 1; k < q.accesses.size(); ++k) {
        registers(a, i, b, k, n);
        Unit unit{};
        if (!unitsClash(inst(a, i), inst(b, k), n, &unit)) {
        } else if (unit == Unit::PART_WORD_STORE) {
          // Harmless unless it is the same word, which is known only for one base register.
          bool same = sameWord(a, i, b, k);
          report(HazardKind::PartStore, same, a, static_cast<int>(i), b, static_cast<int>(k),
                 Reg::None, n, 0,
                 fmt::format("{} comes while {} is still changing its word of memory{}", at(b, k),
                             at(a, i), same ? ", the same one" : "; it must be another word"));
        } else {
          bool certain = needs(inst(a, i), unit) && needs(inst(b, k), unit);
          report(HazardKind::ResourceClash, certain, a, static_cast<int>(i), b, static_cast<int>(k),
                 Reg::None, n, 0,
                 fmt::format("{} and {} {} {} in one cycle", at(a, i), at(b, k),
                             certain ? "need" : "reserve", portName(unit)));
        }
        if (n && options_.locks) lockOrder(a, i, b, k, n);
      }
  }

  static const char *portName(Unit unit) {
    static constexpr const char *names[] = {"the x write port of r",
                                            "the a write port of r",
                                            "the vector read port of r",
                                            "the move write port of r and s",
                                            "the move read port of p",
                                            "the move write port of p",
                                            "the move write port of m",
                                            "the move write port of dc",
                                            "the move write port of dj",
                                            "the move write port of dn",
                                            "the store read port of w",
                                            "the a write port of w",
                                            "the move write port of w",
                                            "the move read port of cm",
                                            "the a write port of cm",
                                            "the move write port of cm",
                                            "the processor bus",
                                            "the partial-word store",
                                            "the upper half of SRS",
                                            "the store unit",
                                            "the load unit",
                                            "the lock unit",
                                            "the UPS unit",
                                            "the done unit"};
    static_assert(std::size(names) == kUnitCount);
    return names[static_cast<unsigned>(unit)];
  }

  void registers(size_t a, unsigned i, size_t b, unsigned k, int n) {
    for (const Access &w : prepared_[a].accesses[i]) {
      if (!w.write) continue;
      for (const Access &x : prepared_[b].accesses[k]) {
        if (!overlap(w.reg, x.reg)) continue;
        if (x.write) {
          if (isStatus(w.reg)) continue; // sticky flags: both are or-ed in
          int lands = n + x.cycle;
          if (lands == w.cycle)
            report(HazardKind::WriteClash, true, a, static_cast<int>(i), b, static_cast<int>(k),
                   w.reg, n, w.cycle - x.cycle + 1,
                   fmt::format("{} and {} write {} in one cycle", at(a, i), at(b, k),
                               info(w.reg).asmName));
          else if (lands < w.cycle && n)
            report(HazardKind::WriteOrder, false, a, static_cast<int>(i), b, static_cast<int>(k),
                   w.reg, n, w.cycle - x.cycle + 1,
                   fmt::format("{} writes {} before {} does; the older value stays", at(b, k),
                               info(w.reg).asmName, at(a, i)));
        } else if (n && options_.earlyReads && n < latency(w, x) && !isStatus(w.reg)) {
          report(HazardKind::EarlyRead, false, a, static_cast<int>(i), b, static_cast<int>(k),
                 w.reg, n, latency(w, x),
                 fmt::format("{} reads {} {} bundles after {} and sees the old value; the new one "
                             "is there after {}",
                             at(b, k), info(x.reg).asmName, n, at(a, i), latency(w, x)));
        }
      }
    }
  }

  /// The base register and offset of an access whose address the text names; nothing otherwise.
  static std::optional<std::pair<Reg, int>> place(const Inst &x) {
    const InstInfo &f = info(x);
    if (!f.mayLoad && !f.mayStore) return std::nullopt;
    std::string_view s = f.syntax;
    for (unsigned k = 0; k < f.operands.size(); ++k)
      if (!f.operands[k].isReg) {
        if (s.find("[$ptr, $") != s.npos)
          for (unsigned m = 0; m < f.operands.size(); ++m)
            if (std::string_view(f.operands[m].name) == "ptr") return {{x.reg(m), x.ops[k]}};
        if (s.find("[sp, $") != s.npos) return {{Reg::sp, x.ops[k]}};
      }
    return std::nullopt;
  }

  /// Whether an instruction really moves a register through this port. Itineraries reserve ports
  /// for every register that an operand could be.
  static bool needs(const Inst &x, Unit unit) {
    static constexpr std::pair<Unit, const char *> files[] = {
        {Unit::P_WM_PORT, "pointer"},    {Unit::M_WM_PORT, "modifier"},
        {Unit::DN_WM_PORT, "dim-size"},  {Unit::DJ_WM_PORT, "dim-stride"},
        {Unit::DC_WM_PORT, "dim-count"}, {Unit::R_WA_PORT, "gpr"},
        {Unit::P_RM_PORT, "pointer"}};
    const InstInfo &f = info(x);
    for (auto [port, kind] : files) {
      if (port != unit) continue;
      bool write = port != Unit::P_RM_PORT;
      for (unsigned i = 0; i < f.operands.size(); ++i) {
        const OperandInfo &o = f.operands[i];
        // A pointer as an address goes another way than one as data.
        if (o.isReg && o.out == write && info(x.reg(i)).kind == std::string_view(kind) &&
            (write || o.cls != ClassId::eP))
          return true;
      }
      return false;
    }
    return true;
  }

  /// The base register and offset of an access whose address the text names.
  static std::optional<std::pair<Reg, int>> wordOf(const Inst &x) {
    const InstInfo &f = info(x);
    std::string_view s = f.syntax;
    bool stack = s.find("[sp, $") != s.npos;
    if (!stack && s.find("[$ptr, $imm") == s.npos) return std::nullopt;
    Reg base = stack ? Reg::sp : Reg::None;
    int offset = 0;
    for (unsigned m = 0; m < f.operands.size(); ++m) {
      if (std::string_view(f.operands[m].name) == "ptr") base = x.reg(m);
      if (!f.operands[m].isReg) offset = x.ops[m];
    }
    return {{base, offset}};
  }

  bool sameWord(size_t a, unsigned i, size_t b, unsigned k) const {
    auto p = wordOf(inst(a, i)), q = wordOf(inst(b, k));
    if (!p || !q || p->first != q->first || b < a) return false;
    int word = p->second & ~3;
    int bytes = std::max<int>(info(inst(b, k)).memoryBytes, 1);
    if (q->second + bytes <= word || q->second >= word + 4) return false;
    for (size_t c = a; c < b; ++c) // the base must still be the same
      for (const Accesses &all : prepared_[c].accesses)
        for (const Access &w : all)
          if (w.write && overlap(w.reg, p->first)) return false;
    return true;
  }

  void lockOrder(size_t a, unsigned i, size_t b, unsigned k, int n) {
    const Inst &x = inst(a, i), &y = inst(b, k);
    int needed = lockDistance(x, y);
    if (!needed || n >= needed) return;
    // The stack is nobody else's.
    const Inst &access = isLock(x) ? y : x;
    if (auto p = place(access); p && p->first == Reg::sp) return;
    report(HazardKind::LockDistance, false, a, static_cast<int>(i), b, static_cast<int>(k),
           Reg::None, n, needed,
           fmt::format("{} is {} bundles after {}; if one orders the other, {} are needed",
                       at(b, k), n, at(a, i), needed));
  }

  std::span<const CodeBundle> code_;
  const HazardOptions &options_;
  std::vector<Prepared> prepared_;
  std::map<uint32_t, size_t> index_;
  std::vector<Loop> loops_;
  std::vector<Hazard> found_;
  std::set<std::tuple<HazardKind, size_t, int, size_t, int, Reg>> seen_;
};

} // namespace

const char *hazardName(HazardKind kind) {
  static constexpr const char *names[] = {
      "early-read",     "write-clash",    "write-order",   "resource-clash", "delay-slot-jump",
      "delay-slot-end", "loop-alignment", "loop-end-size", "loop-distance",  "loop-part-store",
      "loop-jump",      "part-store",     "lock-distance", "jump-outside"};
  return names[static_cast<unsigned>(kind)];
}

bool isLock(const Inst &inst) {
  for (const Stage &s : timing(inst).stages)
    if (s.unit == Unit::SEMAPHORE && !s.reserved) {
      std::string_view m = info(inst).mnemonic;
      return m.starts_with("acq") || m.starts_with("rel");
    }
  return false;
}

bool isStickyFlag(Reg reg) {
  return reg == Reg::srSRS_of || reg == Reg::srUPS_of || reg == Reg::srFPFlags ||
         reg == Reg::srF2FFlags || reg == Reg::srF2IFlags;
}

bool isPartStore(const Inst &inst) {
  // The only stores that touch memory twice.
  return info(inst).mayStore && timing(inst).memory.size() > 1;
}

int memoryDistance(const Inst &first, const Inst &second) {
  auto a = timing(first).memory, b = timing(second).memory;
  if (a.empty() || b.empty()) return 0;
  return a.back() - b.front() + 1;
}

int lockDistance(const Inst &first, const Inst &second) {
  bool lockFirst = isLock(first), lockSecond = isLock(second);
  if (lockFirst == lockSecond) return 0;
  auto memory = timing(lockFirst ? second : first).memory;
  if (memory.empty()) return 0;
  // An access of memory cycle M has happened when the core stops in cycle 2 of the lock operation.
  return lockFirst ? kCoreResumeCycle - memory.front() + 1 : memory.back() - kCoreStallCycle + 1;
}

bool unitsClash(const Inst &first, const Inst &second, int distance, Unit *unit) {
  for (const Stage &s : timing(first).stages)
    for (const Stage &t : timing(second).stages) {
      if (s.unit != t.unit || (s.reserved && t.reserved)) continue;
      int from = t.cycle + distance, to = from + t.length;
      if (from < s.cycle + s.length && s.cycle < to) {
        if (unit) *unit = s.unit;
        return true;
      }
    }
  return false;
}

std::vector<Hazard> findHazards(std::span<const CodeBundle> code, const HazardOptions &options) {
  if (code.empty()) return {};
  return Finder(code, options).run();
}

Result<std::vector<CodeBundle>> decodeAll(ByteView code, uint32_t address,
                                          const std::string &file) {
  std::vector<CodeBundle> out;
  for (size_t at = 0; at < code.size();) {
    ASHLAR_TRY(Bundle bundle, decodeBundle(code, at, file));
    out.push_back({address + static_cast<uint32_t>(at), bundle});
    at += bundle.size;
  }
  return out;
}

} // namespace ashlar::isa
