// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The modulo scheduler on loops that were never LLVM's: random bodies, checked by the verifier for
// several numbers of rounds, and schedules damaged on purpose, which the verifier must refuse.
#include "codegen/schedule/modulo.h"
#include "codegen/verify/verify.h"
#include "isa/encode.h"

#include <gtest/gtest.h>
#include <random>

namespace {
using namespace ashlar;
using namespace ashlar::codegen::schedule;
namespace verify = ashlar::codegen::verify;
using isa::Opcode;
using isa::Reg;

isa::Inst make(Opcode opcode, std::initializer_list<int> operands) {
  isa::Inst inst;
  inst.opcode = opcode;
  std::copy(operands.begin(), operands.end(), inst.ops.begin());
  isa::complete(inst);
  return inst;
}
int r(unsigned n) { return static_cast<int>(isa::findReg("r" + std::to_string(n))); }
int p(unsigned n) { return static_cast<int>(isa::findReg("p" + std::to_string(n))); }
int reg(const std::string &name) { return static_cast<int>(isa::findReg(name)); }

Item item(isa::Inst inst) {
  Item out;
  out.forms = {inst};
  out.touchesMemory = isa::info(inst).mayLoad || isa::info(inst).mayStore;
  out.stores = isa::info(inst).mayStore;
  out.deadCarry = true;
  return out;
}

/// A loop body whose accesses through different pointers never meet.
LoopBody bodyOf(std::vector<Item> items) {
  LoopBody body;
  body.items = std::move(items);
  auto pointer = [list = body.items](size_t i) {
    const isa::Inst &inst = list[i].forms.front();
    for (unsigned o = 0; o < isa::info(inst).operands.size(); ++o)
      if (isa::info(inst).operands[o].isReg &&
          std::string_view(isa::info(inst.reg(o)).kind) == "pointer")
        return inst.ops[o];
    return -1;
  };
  body.meets = [pointer, list = body.items](size_t i, size_t j) -> std::optional<unsigned> {
    if ((!list[i].stores && !list[j].stores) || pointer(i) != pointer(j)) return std::nullopt;
    return i < j ? 0 : 1;
  };
  for (unsigned n = 24; n < 32; ++n)
    for (uint8_t u : isa::info(isa::findReg("r" + std::to_string(n))).units) body.freeUnits.set(u);
  return body;
}

/// What the bundler makes of a pipelined loop.
std::vector<verify::Piece> piecesOf(const std::vector<Item> &source, const LoopBody &body,
                                    const Pipelined &found) {
  verify::Piece loop;
  loop.loop = true;
  loop.stages = found.stages;
  for (const Item &i : source)
    loop.steps.push_back({i.forms.front(), {}, {}, i.touchesMemory, i.stores, i.barrier});
  loop.meets = [&body](size_t i, size_t j, unsigned rounds) {
    auto least = body.meets(i, j);
    return least && *least <= rounds;
  };
  auto line = [&](auto wanted) {
    verify::Line out;
    std::vector<isa::Inst> insts;
    for (size_t i = 0; i < body.items.size(); ++i)
      if (wanted(found.cycle[i])) {
        out.placed.push_back({body.items[i].inst(), i});
        insts.push_back(body.items[i].inst());
      }
    out.bundle = insts.empty() ? isa::nopBundle(2) : *isa::makeBundle(insts);
    return out;
  };
  int interval = found.interval, ramp = (found.stages - 1) * interval;
  for (int c = 0; c < ramp; ++c)
    loop.first.push_back(line([&](int t) { return t <= c && (c - t) % interval == 0; }));
  for (int c = 0; c < interval; ++c)
    loop.middle.push_back(line([&](int t) { return t % interval == c; }));
  for (int c = 0; c < ramp; ++c)
    loop.last.push_back(line([&](int t) { return t >= c + interval && (t - c) % interval == 0; }));
  return {loop};
}

std::optional<std::string> problemOf(const std::vector<Item> &source, const LoopBody &body,
                                     const Pipelined &found) {
  return verify::check(piecesOf(source, body, found));
}

std::vector<Item> sumOfProducts() {
  return {item(make(Opcode::LDA_dms_lda_pstm_nrm_imm, {r(0), p(0), p(0), 4})),
          item(make(Opcode::LDA_dms_lda_pstm_nrm_imm, {r(1), p(1), p(1), 4})),
          item(make(Opcode::MUL_mul_r_rr, {r(2), r(0), r(1)})),
          item(make(Opcode::ADD, {r(3), r(2), r(3)}))};
}

TEST(Modulo, ReachesTheBoundOfSlots) {
  LoopBody body = bodyOf(sumOfProducts());
  std::vector<Item> source = body.items;
  rename(body);
  Pipelined found = pipeline(body, {32, 16, 100});
  ASSERT_TRUE(found.found());
  // Two loads share one slot; product and sum share the other, and its port a cycle later.
  EXPECT_EQ(found.resourceBound, 2);
  EXPECT_LE(found.interval, 3);
  EXPECT_EQ(problemOf(source, body, found), std::nullopt);
}

TEST(Modulo, MatrixProductIssuesOneMacEachCycle) {
  std::vector<Item> items;
  const char *halves[] = {"wl0", "wh0", "wl1", "wh1", "wl2", "wh2", "wl3", "wh3"};
  for (int i = 0; i < 8; ++i) {
    // Each load fits into both load slots.
    Item load;
    for (Opcode o : {Opcode::VLDA_dmw_lda_w_ag_idx_imm, Opcode::VLDB_dmw_ldb_ag_idx_imm})
      load.forms.push_back(make(o, {reg(halves[i]), p(i < 4 ? 0 : 1), 32 * (i % 4) - 64}));
    load.touchesMemory = true;
    items.push_back(load);
  }
  const char *sums[] = {"bml0", "bml1", "bmh0", "bmh1"};
  for (int i = 0; i < 4; ++i)
    items.push_back(item(make(
        Opcode::VMAC_F_vmac_bm_core_dense,
        {reg(sums[i]), reg(sums[i]), reg(i < 2 ? "x0" : "x1"), reg(i % 2 ? "x3" : "x2"), r(9)})));
  LoopBody body = bodyOf(items);
  std::vector<Item> source = body.items;
  Pipelined found = pipeline(body, {32, 16, 100});
  EXPECT_EQ(found.bound(), 4);
  EXPECT_EQ(found.interval, 4);
  EXPECT_EQ(problemOf(source, body, found), std::nullopt);
}

TEST(Modulo, CarriedDependenceLimits) {
  // Each round needs the last one's sum, a product later.
  LoopBody body = bodyOf({item(make(Opcode::MUL_mul_r_rr, {r(0), r(1), r(1)})),
                          item(make(Opcode::ADD, {r(1), r(0), r(2)}))});
  std::vector<Item> source = body.items;
  Pipelined found = pipeline(body, {32, 16, 100});
  EXPECT_EQ(found.recurrenceBound, 3);
  EXPECT_EQ(found.interval, 3);
  EXPECT_EQ(problemOf(source, body, found), std::nullopt);
}

std::vector<Item> randomBody(std::mt19937 &random) {
  std::vector<Item> items;
  auto any = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  size_t size = 2 + any(14);
  for (size_t i = 0; i < size; ++i) {
    int d = r(any(10)), a = r(any(10)), b = r(any(10));
    switch (any(8)) {
    case 0:
    case 1: {
      int q = p(any(3));
      items.push_back(item(make(Opcode::LDA_dms_lda_pstm_nrm_imm, {d, q, q, 4})));
      break;
    }
    case 2: {
      int q = p(3 + any(2));
      items.push_back(item(make(Opcode::ST_dms_sts_pstm_nrm_imm, {q, a, q, 8})));
      break;
    }
    case 3: items.push_back(item(make(Opcode::MUL_mul_r_rr, {d, a, b}))); break;
    case 4: items.push_back(item(make(Opcode::LSHL, {d, a, b}))); break;
    case 5: {
      Item moved = item(make(Opcode::MOV_mv_scl, {d, a}));
      moved.forms.push_back(make(Opcode::OR, {d, a, a}));
      items.push_back(moved);
      break;
    }
    case 6: {
      int q = p(3 + any(2));
      items.push_back(item(make(Opcode::ST_S16_ag_idx_imm, {a, q, 2})));
      break;
    }
    default: items.push_back(item(make(Opcode::ADD, {d, a, b}))); break;
    }
  }
  return items;
}

TEST(Modulo, RandomLoopsPassTheVerifier) {
  constexpr unsigned kSeed = 20261126;
  std::mt19937 random(kSeed);
  int pipelined = 0;
  for (int n = 0; n < 400; ++n) {
    LoopBody body = bodyOf(randomBody(random));
    std::vector<Item> source = body.items;
    for (unsigned u = 0; u < isa::kRegUnitCount; ++u) body.liveOut[u] = random() % 8 == 0;
    rename(body);
    Pipelined found = pipeline(body, {60, 12, 100});
    if (!found.found()) continue;
    ++pipelined;
    EXPECT_GE(found.interval, found.bound());
    auto problem = problemOf(source, body, found);
    ASSERT_EQ(problem, std::nullopt) << "seed " << kSeed << ", loop " << n;
  }
  EXPECT_GT(pipelined, 350);
}

TEST(Modulo, TheVerifierRefusesDamage) {
  LoopBody body = bodyOf(sumOfProducts());
  std::vector<Item> source = body.items;
  Pipelined found = pipeline(body, {32, 16, 100});
  ASSERT_TRUE(found.found());
  ASSERT_EQ(problemOf(source, body, found), std::nullopt);
  // Every instruction one bundle earlier: a value is read before it lands, or a unit is used twice.
  int refused = 0;
  for (size_t i = 0; i < found.cycle.size(); ++i)
    for (int by : {-2, -1, 1, 2}) {
      Pipelined damaged = found;
      damaged.cycle[i] += by;
      if (damaged.cycle[i] < 0 || damaged.cycle[i] >= found.stages * found.interval) continue;
      bool slotFree = true;
      for (size_t j = 0; j < found.cycle.size(); ++j)
        slotFree &= i == j ||
                    isa::info(body.items[i].inst()).slot != isa::info(body.items[j].inst()).slot ||
                    (damaged.cycle[i] - found.cycle[j]) % found.interval != 0;
      if (slotFree) refused += problemOf(source, body, damaged).has_value();
    }
  EXPECT_GT(refused, 0);
  // A round too few in the pipeline's end.
  std::vector<verify::Piece> pieces = piecesOf(source, body, found);
  for (verify::Line &line : pieces[0].last)
    if (!line.placed.empty()) {
      line = {{}, isa::nopBundle(2)};
      break;
    }
  auto problem = verify::check(pieces);
  ASSERT_TRUE(problem.has_value());
  EXPECT_NE(problem->find("is issued"), std::string::npos) << *problem;
  // Another register than the program's, with nobody to write it.
  LoopBody wrong = body;
  wrong.items[3].forms.front() = make(Opcode::ADD, {r(3), r(7), r(3)});
  problem = problemOf(source, wrong, found);
  ASSERT_TRUE(problem.has_value());
  EXPECT_NE(problem->find("reads r7"), std::string::npos) << *problem;
  // Another instruction.
  wrong = body;
  wrong.items[3].forms.front() = make(Opcode::SUB, {r(3), r(2), r(3)});
  problem = problemOf(source, wrong, found);
  ASSERT_TRUE(problem.has_value());
  EXPECT_NE(problem->find("stands for"), std::string::npos) << *problem;
}

/// A load of 32 bytes through a pointer that steps, in either load slot.
Item wideLoad(const char *to, unsigned pointer, uint16_t object) {
  Item out =
      item(make(Opcode::VLDA_dmw_lda_w_ag_pstm_nrm_imm, {reg(to), p(pointer), p(pointer), 32}));
  out.forms.push_back(
      make(Opcode::VLDB_dmw_ldb_ag_pstm_nrm_imm, {reg(to), p(pointer), p(pointer), 32}));
  out.object = object;
  return out;
}

// Two loads of one object in one bundle wait for each other: where another bundle is free, they
// keep apart; where none is, the wait is the price.
TEST(Modulo, WideAccessesOfOneObjectKeepApart) {
  for (bool same : {true, false})
    for (int sums : {2, 1}) {
      std::vector<Item> items = {wideLoad("wl0", 0, 1), wideLoad("wl2", 1, same ? 1 : 2)};
      for (int i = 0; i < sums; ++i)
        items.push_back(item(make(Opcode::ADD_add_r_ri, {r(1), r(1), 1})));
      LoopBody body = bodyOf(items);
      const Pipelined found = pipeline(body, {12, 4});
      ASSERT_TRUE(found.found());
      EXPECT_EQ(problemOf(items, body, found), std::nullopt);
      if (!same || sums == 2) {
        EXPECT_EQ(found.interval, sums);
      }
      if (same && sums == 2) {
        EXPECT_NE((found.cycle[0] - found.cycle[1]) % 2, 0);
      }
    }
}
} // namespace
