// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The plan's text: printing and reading are each other's inverse, and mistakes are named by path.
#include "plan/text.h"

#include "plan/sample_plan.h"

#include <gtest/gtest.h>
#include <random>

using namespace ashlar;
using namespace ashlar::plan;

namespace {
std::string errorOf(const std::string &text) {
  const Result<Plan> r = parse(text, "p.json");
  return r.ok() ? "" : r.errors()[0].str().substr(0, r.errors()[0].str().find(" -- "));
}
std::string replaced(std::string text, const std::string &from, const std::string &to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}
} // namespace

TEST(PlanText, RoundTripOfASample) {
  const std::string text = print(plan_test::samplePlan());
  const Result<Plan> back = parse(text, "p.json");
  ASSERT_TRUE(back.ok()) << back.errors()[0].str();
  EXPECT_EQ(print(*back), text);
  EXPECT_EQ(back->buffers[0].place.str(), "d.mlir:5:7");
  EXPECT_EQ(back->dmas[0].bds[3].place.str(), "d.mlir:9");
  EXPECT_EQ(back->dmas[0].bds[1].bd, plan_test::samplePlan().dmas[0].bds[1].bd);
  EXPECT_EQ(std::get<BlockWrite>(back->sequences[0].ops[0].op).words.size(), 8u);
}

TEST(PlanText, RoundTripOfEveryMember) {
  Plan p = plan_test::samplePlan();
  p.device = "npu1_1col";
  p.columns = 1;
  p.buffers[0].init = {0, 1, 0xFF, 0x80};
  p.locks[0].init.reset();
  p.cores[0].elfFile = "a \"quoted\" name.elf";
  p.cores[0].stackSize = 4096;
  Bd &bd = p.dmas[0].bds[0].bd;
  bd.dims[0] = {4, 1};
  bd.dims[3] = {2, 9};
  bd.pads[1] = {1, 2};
  bd.iterationSize = 3;
  bd.iterationStep = 5;
  bd.iterationCurrent = 1;
  bd.packet = device::BdPacket{3, 17};
  bd.outOfOrderId = 6;
  bd.release.reset();
  bd.next.reset();
  bd.valid = false;
  bd.suppressTlast = bd.compression = bd.secure = true;
  bd.burst = 1;
  bd.axCache = 3;
  bd.axQos = 4;
  bd.smid = 5;
  p.dmas[0].starts[0] = {DmaDirection::S2MM, 0, 0, 7, true, true, true, {}};
  p.switchboxes[0].masterSets[0].keepHeader.reset();
  p.cascades = {{{0, 3}, {Bundle::West, 0}, {Bundle::South, 0}}};
  p.sequences[0].ops.push_back({LoadPdi{1, 2, 3, "other", true}, {}});
  p.sequences[0].ops.push_back({Preempt{2}, {}});
  p.others.push_back(plan_test::samplePlan());
  p.others[0].name = "second";
  const std::string text = print(p);
  const Result<Plan> back = parse(text, "p.json");
  ASSERT_TRUE(back.ok()) << back.errors()[0].str();
  EXPECT_EQ(print(*back), text);
  EXPECT_EQ(back->dmas[0].bds[0].bd, bd);
  EXPECT_EQ(back->buffers[0].init, p.buffers[0].init);
  EXPECT_FALSE(back->locks[0].init.has_value());
  EXPECT_FALSE(back->switchboxes[0].masterSets[0].keepHeader.has_value());
}

TEST(PlanText, MistakesAreNamedByPath) {
  const std::string good = print(plan_test::samplePlan());
  EXPECT_EQ(errorOf("{"),
            "p.json:1:2: error: this is not JSON: [json.exception.parse_error.101] parse "
            "error at line 1, column 2: syntax error while parsing object key - unexpected "
            "end of input; expected string literal [plan-syntax]");
  EXPECT_EQ(errorOf("[]"), "p.json: error: the plan must be an object [plan-value]");
  EXPECT_EQ(errorOf("{\"device\": \"npu1\", \"name\": \"main\"}"),
            "p.json: error: columns is missing [plan-value]");
  EXPECT_EQ(errorOf(replaced(good, "\"length\": 256", "\"length\": -1")),
            "p.json: error: dmas[0].bds[0].bd.length must be a whole number in 0..4294967295 "
            "[plan-value]");
  EXPECT_EQ(errorOf(replaced(good, "\"length\": 256", "\"lenght\": 256")),
            "p.json: error: dmas[0].bds[0].bd.length is missing [plan-value]");
  EXPECT_EQ(errorOf(replaced(good, "\"South:3\"", "\"Sud:3\"")),
            "p.json: error: switchboxes[0].connects[0].source must be a port as \"North:1\" "
            "[plan-value]");
  EXPECT_EQ(errorOf(replaced(good, "\"blockwrite\"", "\"blokwrite\"")),
            "p.json: error: sequences[0].ops[0].op \"blokwrite\" is no operation [plan-value]");
  EXPECT_EQ(errorOf(replaced(good, "\"columns\": 4", "\"columns\": 4, \"colour\": 1")),
            "p.json: error: colour is not a member that is known here [plan-value]");
  EXPECT_EQ(errorOf(replaced(good, "\"MM2S\"", "\"MM3S\"")),
            "p.json: error: dmas[0].starts[1].direction must be \"S2MM\" or \"MM2S\" [plan-value]");
}

TEST(PlanText, OtherDevicesHaveNoOthers) {
  Plan p = plan_test::samplePlan();
  p.others.push_back(p);
  p.others[0].others.push_back(plan_test::samplePlan());
  EXPECT_EQ(errorOf(print(p)),
            "p.json: error: others[0].others stands in the plan itself only [plan-value]");
}

TEST(PlanText, DamagedTextIsNeverFollowed) {
  const std::string good = print(plan_test::samplePlan());
  std::mt19937 random(11);
  int read = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string bad = good;
    for (int k = 0; k < 2; ++k) bad[random() % bad.size()] = static_cast<char>(random() % 128);
    read += parse(bad, "bad.json").ok();
  }
  EXPECT_LT(read, 3000);
}
