// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times are counted in bundles from the start of the piece; a write of cycle D by bundle t lands so
// that a read of cycle U by bundle t' sees it when t' - t >= latency. Registers of the bundles may
// differ from those of the program (values inside of loops are renamed), so what is compared is
// which instruction's result each read gets.
#include "codegen/verify/pieces.h"

#include "isa/decode.h"
#include "isa/encode.h"
#include "isa/hazard.h"
#include "isa/print.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace ashlar::codegen::verify {
namespace {
using namespace isa;

constexpr int kHorizon = 16; // no instruction is under way for longer

/// Opcodes of other slots that do the same.
bool sameMeaning(const Inst &a, const Inst &b) {
  static const std::vector<std::vector<Opcode>> kGroups = {
      {Opcode::MOVX_alu_cg, Opcode::MOVA_lda_cg, Opcode::MOV_mv_cg, Opcode::MOVXM_lng_cg},
      {Opcode::PADDA_lda_ptr_inc_idx_imm, Opcode::PADDB_ldb_ptr_inc_nrm_imm,
       Opcode::PADDS_st_ptr_inc_idx_imm},
      {Opcode::PADDA_lda_ptr_inc_idx, Opcode::PADDB_ldb_ptr_inc_nospill_nrm,
       Opcode::PADDS_st_ptr_inc_idx},
      {Opcode::PADDA_sp_imm, Opcode::PADDB_sp_imm},
      {Opcode::VLDA_dmw_lda_w_ag_idx, Opcode::VLDB_dmw_ldb_ag_idx},
      {Opcode::VLDA_dmw_lda_w_ag_idx_imm, Opcode::VLDB_dmw_ldb_ag_idx_imm},
      {Opcode::VLDA_dmw_lda_w_ag_pstm_nrm, Opcode::VLDB_dmw_ldb_ag_pstm_nrm},
      {Opcode::VLDA_dmw_lda_w_ag_pstm_nrm_imm, Opcode::VLDB_dmw_ldb_ag_pstm_nrm_imm},
      {Opcode::VLDA_2D_dmw_lda_w, Opcode::VLDB_2D},
      {Opcode::VLDA_3D_dmw_lda_w, Opcode::VLDB_3D},
      {Opcode::ADD_add_r_ri, Opcode::ADD_NC}, // the carry aside, which is compared where it is read
      {Opcode::MOV_mv_scl, Opcode::OR}};
  if (a.opcode != b.opcode && std::ranges::none_of(kGroups, [&](const auto &g) {
        return std::ranges::find(g, a.opcode) != g.end() &&
               std::ranges::find(g, b.opcode) != g.end();
      }))
    return false;
  auto constants = [](const Inst &x) {
    std::vector<int32_t> out;
    for (unsigned i = 0; i < info(x).operands.size(); ++i)
      if (!info(x).operands[i].isReg) out.push_back(x.ops[i]);
    return out;
  };
  return constants(a) == constants(b);
}

struct Touch {
  size_t event;
  int time;
  Access access;
  int number; ///< among the reads or writes of its instruction
  int part;   ///< among the units of its register
};
} // namespace

Replay::Replay(const Piece &piece, int runs, const std::vector<Under> &before, const Units &live,
               const Units &matters)
    : piece_(piece), runs_(runs), before_(before), live_(live), matters_(matters) {
  for (const Line &line : piece.first) lines_.push_back(&line);
  for (int r = 0; piece.loop && r < runs; ++r)
    for (const Line &line : piece.middle) lines_.push_back(&line);
  for (const Line &line : piece.last) lines_.push_back(&line);
  place();
}

std::string Replay::text(const Event &e) const {
  return isa::print(*e.inst) + (piece_.loop ? fmt::format(" (round {})", e.round) : "");
}

std::string Replay::text(long event) const {
  return event < 0 ? "what was there before"
                   : "'" + text(events_[static_cast<size_t>(event)]) + "'";
}

void Replay::place() {
  size_t n = piece_.steps.size();
  auto rounds = static_cast<size_t>(piece_.loop ? runs_ + piece_.stages - 1 : 1);
  std::vector<size_t> count(n);
  events_.resize(n * rounds, Event{0, 0, nullptr, 0, 0});
  for (size_t t = 0; t < lines_.size(); ++t)
    for (const Placed &p : lines_[t]->placed) {
      size_t round = count[p.step]++;
      if (round >= rounds) {
        problem_ = fmt::format("bundle {}: '{}' is issued too often", t, isa::print(p.inst));
        return;
      }
      size_t order = round * n + p.step;
      events_[order] = {order, static_cast<int>(t), &p.inst, p.step, round};
      if (!sameMeaning(piece_.steps[p.step].inst, p.inst)) {
        problem_ = fmt::format("bundle {}: '{}' stands for '{}'", t, isa::print(p.inst),
                               isa::print(piece_.steps[p.step].inst));
        return;
      }
    }
  for (size_t i = 0; i < n; ++i)
    if (count[i] != rounds) {
      problem_ = fmt::format("'{}' is issued {} times in {} rounds",
                             isa::print(piece_.steps[i].inst), count[i], rounds);
      return;
    }
}

std::optional<std::string> Replay::check() {
  if (problem_) return problem_;
  for (auto find : {&Replay::control, &Replay::registers, &Replay::units, &Replay::memory})
    if (auto problem = (this->*find)()) return problem;
  if (runs_ > 1) return std::nullopt; // the same bundles
  for (size_t t = 0; t < lines_.size(); ++t) {
    const Line &line = *lines_[t];
    auto bytes = isa::encode(line.bundle);
    if (!bytes) return bytes.errors().front().message;
    Bundle back;
    if (isa::decode(bytes->view(), 0, back) != DecodeError::None || back.size != line.bundle.size)
      return fmt::format("bundle {} does not decode", t);
    size_t real = 0;
    for (const Inst &inst : back.all()) real += !isa::info(inst).isNop;
    for (const Placed &p : line.placed)
      if (std::ranges::none_of(back.all(), [&](const Inst &x) { return x == p.inst; }))
        return fmt::format("bundle {} lost '{}'", t, isa::print(p.inst));
    if (real != line.placed.size()) return fmt::format("bundle {} holds a stray instruction", t);
  }
  return std::nullopt;
}

std::optional<std::string> Replay::registers() {
  // What the program says.
  std::vector<Source> now(kRegUnitCount);
  for (unsigned u = 0; u < kRegUnitCount; ++u) now[u] = {-1, 0, static_cast<int>(u)};
  std::vector<std::vector<std::vector<Source>>> wanted(events_.size()); // by read, by part
  for (const Event &e : events_) {
    Accesses all = accesses(piece_.steps[e.step].inst);
    for (const Access &a : all) {
      if (a.write) continue;
      auto &parts = wanted[e.order].emplace_back();
      for (uint8_t u : info(a.reg).units) parts.push_back(now[u]);
    }
    int number = 0;
    for (const Access &a : all) {
      if (!a.write) continue;
      int part = 0;
      for (uint8_t u : info(a.reg).units) now[u] = {static_cast<long>(e.order), number, part++};
      ++number;
    }
  }
  // What the bundles do.
  std::vector<std::vector<Touch>> reads(kRegUnitCount), writes(kRegUnitCount);
  for (const Event &e : events_) {
    int numbers[2] = {0, 0};
    for (const Access &a : accesses(*e.inst)) {
      int number = numbers[a.write]++, part = 0;
      for (uint8_t u : info(a.reg).units)
        (a.write ? writes : reads)[u].push_back({e.order, e.time, a, number, part++});
    }
  }
  auto end = static_cast<int>(lines_.size());
  for (unsigned u = 0; u < kRegUnitCount; ++u) {
    if (!matters_[u]) continue;
    const char *name = info(unitReg(u)).name;
    auto &ws = writes[u];
    std::ranges::sort(ws, {}, [](const Touch &w) { return w.time + w.access.cycle; });
    for (size_t i = 1; i < ws.size(); ++i)
      if (ws[i].time + ws[i].access.cycle == ws[i - 1].time + ws[i - 1].access.cycle)
        return fmt::format("bundle {}: '{}' and '{}' write {} at once", ws[i].time,
                           text(events_[ws[i].event]), text(events_[ws[i - 1].event]), name);
    for (const Touch &r : reads[u]) {
      Source seen{-1, 0, static_cast<int>(u)};
      for (size_t i = ws.size(); i-- > 0;)
        if (r.time - ws[i].time >= latency(ws[i].access, r.access)) {
          seen = {static_cast<long>(ws[i].event), ws[i].number, ws[i].part};
          break;
        }
      const auto &all = wanted[r.event];
      // A move as `or d, a, a` reads its only source twice.
      auto number = static_cast<size_t>(all.size() == 1 ? 0 : r.number);
      if (number >= all.size() || static_cast<size_t>(r.part) >= all[number].size())
        return fmt::format("bundle {}: '{}' reads other operands than its step", r.time,
                           text(events_[r.event]));
      const Source &source = all[number][static_cast<size_t>(r.part)];
      if (source.event < 0 && piece_.undefined[static_cast<size_t>(source.part)]) continue;
      if (source != seen)
        return fmt::format("bundle {}: '{}' reads {} from {} instead of {}", r.time,
                           text(events_[r.event]), name, text(seen.event), text(source.event));
    }
    if (live_[u]) {
      Source last{-1, 0, static_cast<int>(u)};
      if (!ws.empty())
        last = {static_cast<long>(ws.back().event), ws.back().number, ws.back().part};
      if (last != now[u])
        return fmt::format("{} holds {} instead of {} at the end", name, text(last.event),
                           text(now[u].event));
    }
    if (piece_.settles) {
      for (const Touch &w : ws)
        if (w.time + w.access.cycle > end)
          return fmt::format("bundle {}: '{}' has not written {} when the piece ends", w.time,
                             text(events_[w.event]), name);
      for (const Touch &r : reads[u])
        if (r.time + r.access.cycle > end + 1)
          return fmt::format("bundle {}: '{}' reads {} after the piece's end", r.time,
                             text(events_[r.event]), name);
    }
  }
  // What came before: its results are there when read, and it still gets what it reads.
  for (const Under &before : before_)
    for (const Access &b : accesses(before.inst))
      for (uint8_t u : info(b.reg).units) {
        if (!matters_[u]) continue;
        for (const Touch &w : writes[u]) {
          if (b.write && w.time + w.access.cycle <= before.time + b.cycle)
            return fmt::format("bundle {}: '{}' writes {} before '{}' {} bundles earlier did",
                               w.time, text(events_[w.event]), info(unitReg(u)).name,
                               isa::print(before.inst), w.time - before.time);
          if (!b.write && before.time - w.time >= latency(w.access, b))
            return fmt::format("bundle {}: '{}' writes {} before '{}' has read it", w.time,
                               text(events_[w.event]), info(unitReg(u)).name,
                               isa::print(before.inst));
        }
        if (b.write)
          for (const Touch &r : reads[u])
            if (r.time - before.time < latency(b, r.access))
              return fmt::format("bundle {}: '{}' reads {} before '{}' {} bundles earlier wrote it",
                                 r.time, text(events_[r.event]), info(unitReg(u)).name,
                                 isa::print(before.inst), r.time - before.time);
      }
  return std::nullopt;
}

std::optional<std::string> Replay::units() {
  auto end = static_cast<int>(lines_.size());
  std::map<std::pair<int, unsigned>, std::pair<const Inst *, bool>> busy; // user, reserved
  auto use = [&](const Inst &inst, int at, bool mine) -> std::optional<std::string> {
    for (const Stage &s : timing(inst).stages)
      for (int c = s.cycle; c < s.cycle + s.length; ++c) {
        int time = at + c - 1;
        if (mine && piece_.settles && time >= end)
          return fmt::format("bundle {}: '{}' still uses a unit when the piece ends", at,
                             isa::print(inst));
        auto [it, fresh] =
            busy.try_emplace({time, static_cast<unsigned>(s.unit)}, &inst, s.reserved);
        if (fresh) continue;
        if (s.reserved && it->second.second) continue;
        if (!mine) { // two that came along different ways
          it->second.second &= s.reserved;
          continue;
        }
        return fmt::format("bundle {}: '{}' and '{}' want the same unit", at, isa::print(inst),
                           isa::print(*it->second.first));
      }
    return std::nullopt;
  };
  for (const Under &before : before_) use(before.inst, before.time, false);
  for (const Event &e : events_)
    if (auto problem = use(*e.inst, e.time, true)) return problem;
  return std::nullopt;
}

std::optional<std::string> Replay::memory() {
  auto early = [](const Inst &a, int at, const Inst &b, int bt) {
    auto first = timing(a).memory, second = timing(b).memory;
    return !first.empty() && !second.empty() && at + first.back() >= bt + second.front();
  };
  std::vector<const Event *> touching;
  for (const Event &e : events_) {
    const Step &step = piece_.steps[e.step];
    if (step.touchesMemory || step.barrier) touching.push_back(&e);
  }
  for (const Event *b : touching) {
    const Step &later = piece_.steps[b->step];
    for (const Event *a : touching) {
      if (a == b) break;
      const Step &earlier = piece_.steps[a->step];
      bool wrong = false;
      if (earlier.barrier || later.barrier) wrong |= b->time <= a->time;
      wrong |= b->time - a->time < lockDistance(*a->inst, *b->inst) &&
               lockDistance(*a->inst, *b->inst) > 0;
      if (!wrong && earlier.touchesMemory && later.touchesMemory &&
          (earlier.stores || later.stores) && early(*a->inst, a->time, *b->inst, b->time))
        wrong = piece_.meets(a->step, b->step, static_cast<unsigned>(b->round - a->round));
      if (wrong)
        return fmt::format("bundle {}: '{}' touches memory before '{}' is done", b->time, text(*b),
                           text(*a));
    }
    for (const Under &before : before_) {
      bool wrong = before.memory && later.touchesMemory && (before.stores || later.stores) &&
                   early(before.inst, before.time, *b->inst, b->time);
      int locks = lockDistance(before.inst, *b->inst);
      wrong |= locks > 0 && b->time - before.time < locks;
      if (wrong)
        return fmt::format("bundle {}: '{}' touches memory before '{}' {} bundles earlier is done",
                           b->time, text(*b), isa::print(before.inst), b->time - before.time);
    }
  }
  return std::nullopt;
}

std::optional<std::string> Replay::control() {
  for (const Event &e : events_) {
    if (isa::info(*e.inst).control == Control::None) continue;
    if (piece_.loop || e.order + 1 != events_.size() ||
        static_cast<size_t>(e.time) + kBranchDelaySlots + 1 != lines_.size())
      return fmt::format("bundle {}: '{}' does not have five delay slots of its own", e.time,
                         text(e));
  }
  return std::nullopt;
}

std::vector<Under> Replay::after() const {
  std::vector<Under> out;
  if (piece_.settles || problem_) return out;
  auto end = static_cast<int>(lines_.size());
  for (const Under &u : before_)
    if (u.time - end >= -kHorizon) {
      out.push_back(u);
      out.back().time -= end;
    }
  for (const Event &e : events_)
    if (e.time - end >= -kHorizon)
      out.push_back(
          {*e.inst, piece_.steps[e.step].touchesMemory, piece_.steps[e.step].stores, e.time - end});
  return out;
}

} // namespace ashlar::codegen::verify
