// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The program is decoded once; each bundle's counts go to its function, its line and the loops that
// it lies in. Loops are what the code itself shows: branches back, and the ranges that hardware
// loops are set up with.
#include "report/profile.h"

#include "base/demangle.h"
#include "format/elf.h"
#include "isa/decode.h"
#include "isa/print.h"

#include <algorithm>
#include <set>

namespace ashlar::report {

namespace {

constexpr size_t kMostRows = 40;

bool multiplies(const isa::Bundle &bundle) {
  for (const isa::Inst &inst : bundle.all()) {
    const isa::InstInfo &i = isa::info(inst);
    const std::string_view m = i.mnemonic;
    if (i.slot == isa::Slot::vec &&
        (m.find("mul") != m.npos || m.find("mac") != m.npos || m.find("msc") != m.npos))
      return true;
  }
  return false;
}

std::optional<uint32_t> target(const isa::Inst &inst, const isa::InstInfo &info) {
  for (size_t i = 0; i < info.operands.size(); ++i)
    if (!info.operands[i].isReg && info.operands[i].bits == 20)
      return static_cast<uint32_t>(inst.ops[i]) & 0xFFFFF;
  return std::nullopt;
}

struct Loop {
  uint32_t start = 0, last = 0; ///< first and last bundle
  auto operator<=>(const Loop &) const = default;
};

class CoreProfile {
public:
  CoreProfile(const emulator::PcProfile::Counts &counts, ByteView program,
              const ProgramNames *names)
      : counts_(counts), program_(program), names_(names ? *names : none_) {}

  Profile::Core run() {
    decode();
    std::map<std::string, Profile::Row> functions, lines;
    for (const auto &[at, bundle] : code_) {
      const emulator::PcProfile::Count &n = counts_[at / 2];
      if (!n.cycles) continue;
      const uint64_t macs = multiplies(bundle) ? n.issued : 0;
      core_.cycles += n.cycles;
      core_.issued += n.issued;
      core_.macs += macs;
      const ProgramNames::Function *f = names_.at(at);
      add(functions, f ? f->name : functionAt(at), n, macs);
      if (const auto line = names_.lines.find(-1, at); line && line->file)
        add(lines, fmt::format("{}:{}", *line->file, line->line), n, macs);
      core_.addresses.push_back({names_.text(at), isa::print(bundle), n.cycles, n.issued, macs, 0});
    }
    for (const Loop &l : loops_) {
      Profile::Row row{fmt::format("{} to {}", names_.text(l.start), names_.text(l.last)),
                       {},
                       0,
                       0,
                       0,
                       counts_[l.start / 2].issued};
      if (const auto line = names_.lines.find(-1, l.start); line && line->file)
        row.text = fmt::format("{}:{}", *line->file, line->line);
      for (auto it = code_.lower_bound(l.start); it != code_.end() && it->first <= l.last; ++it) {
        const emulator::PcProfile::Count &n = counts_[it->first / 2];
        row.cycles += n.cycles;
        row.issued += n.issued;
        row.macs += multiplies(it->second) ? n.issued : 0;
      }
      if (row.cycles) core_.loops.push_back(std::move(row));
    }
    for (auto &[name, row] : functions) core_.functions.push_back(std::move(row));
    for (auto &[name, row] : lines) core_.lines.push_back(std::move(row));
    for (auto *rows : {&core_.functions, &core_.loops, &core_.lines, &core_.addresses}) {
      std::stable_sort(rows->begin(), rows->end(),
                       [](const auto &a, const auto &b) { return a.cycles > b.cycles; });
      if (rows->size() > kMostRows) rows->resize(kMostRows);
    }
    return std::move(core_);
  }

private:
  static void add(std::map<std::string, Profile::Row> &rows, const std::string &what,
                  const emulator::PcProfile::Count &n, uint64_t macs) {
    Profile::Row &row = rows[what];
    row.what = what;
    row.cycles += n.cycles;
    row.issued += n.issued;
    row.macs += macs;
  }

  void decode() {
    std::optional<uint32_t> loopStart, loopEnd;
    for (size_t at = 0; at < program_.size() && at / 2 < counts_.size();) {
      isa::Bundle bundle;
      if (isa::decode(program_, at, bundle) != isa::DecodeError::None) {
        at += 2; // between functions
        continue;
      }
      const uint32_t here = static_cast<uint32_t>(at);
      code_[here] = bundle;
      for (const isa::Inst &inst : bundle.all()) {
        const isa::InstInfo &i = isa::info(inst);
        const auto to = target(inst, i);
        if (to && i.control == isa::Control::Call) entries_.insert(*to);
        if (to && *to <= here &&
            (i.control == isa::Control::Jump || i.control == isa::Control::Branch))
          backward_.push_back({*to, here});
        if (to && i.numOuts == 1 && i.control == isa::Control::None) {
          const isa::Reg r = static_cast<isa::Reg>(inst.ops[0]);
          if (r == isa::Reg::ls) loopStart = to;
          if (r == isa::Reg::le) loopEnd = to;
          if (loopStart && loopEnd && (r == isa::Reg::ls || r == isa::Reg::le)) {
            if (*loopStart <= *loopEnd) loops_.insert({*loopStart, *loopEnd});
            loopStart = loopEnd = std::nullopt;
          }
        }
      }
      at += bundle.size;
    }
    // A branch takes its delay slots with it.
    for (Loop l : backward_) {
      auto it = code_.find(l.last);
      for (int i = 0; i < 5 && it != code_.end() && std::next(it) != code_.end(); ++i) ++it;
      l.last = it->first;
      if (const auto *a = names_.at(l.start); !a || a == names_.at(l.last)) loops_.insert(l);
    }
  }

  /// Without symbols: from called address to called address.
  std::string functionAt(uint32_t at) const {
    auto it = entries_.upper_bound(at);
    return fmt::format("function at {:#x}", it == entries_.begin() ? 0 : *std::prev(it));
  }

  const emulator::PcProfile::Counts &counts_;
  ByteView program_;
  static inline const ProgramNames none_{};
  const ProgramNames &names_;
  std::map<uint32_t, isa::Bundle> code_;
  std::set<uint32_t> entries_;
  std::vector<Loop> backward_;
  std::set<Loop> loops_;
  Profile::Core core_;
};

} // namespace

const ProgramNames::Function *ProgramNames::at(uint32_t address) const {
  const auto it = std::upper_bound(functions.begin(), functions.end(), address,
                                   [](uint32_t a, const Function &f) { return a < f.address; });
  if (it == functions.begin()) return nullptr;
  const Function &f = *std::prev(it);
  return address - f.address < f.size ? &f : nullptr;
}

std::string ProgramNames::text(uint32_t address) const {
  const Function *f = at(address);
  if (!f) return fmt::format("{:#x}", address);
  return address == f->address ? f->name : fmt::format("{}+{:#x}", f->name, address - f->address);
}

std::string ProgramNames::place(uint32_t address) const {
  std::string out = at(address) ? text(address) : "";
  if (const auto line = lines.find(-1, address); line && line->file)
    out += fmt::format("{}{}:{}", out.empty() ? "" : ", ", *line->file, line->line);
  return out;
}

Result<ProgramNames> programNames(ByteView data, const std::string &name) {
  ASHLAR_TRY(const format::elf::File elf, format::elf::read(data, name));
  ProgramNames out;
  for (const auto &s : elf.symbols)
    if (s.type == format::elf::SymbolType::Function && s.defined() && s.size)
      out.functions.push_back({s.value, s.size, demangle(s.name)});
  std::sort(out.functions.begin(), out.functions.end(),
            [](const auto &a, const auto &b) { return a.address < b.address; });
  if (auto lines = format::dwarf::readLines(elf, name); lines.ok()) out.lines = std::move(*lines);
  return out;
}

Profile profileOf(const emulator::PcProfile &counts, const analysis::ArrayView &view,
                  const std::map<device::TileId, ProgramNames> &names) {
  Profile out;
  for (const auto &[tile, count] : counts.cores()) {
    const analysis::ArrayView::Tile *t = view.find(tile);
    if (!t) continue;
    const auto known = names.find(tile);
    Profile::Core core =
        CoreProfile(count, t->program, known == names.end() ? nullptr : &known->second).run();
    core.tile = tile;
    if (core.cycles) out.cores.push_back(std::move(core));
  }
  return out;
}

} // namespace ashlar::report
