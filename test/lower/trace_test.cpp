// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Trace operations: register values by hand from the register list, and what is wrong with a trace.
#include "lower/run.h"

#include <gmock/gmock.h>

namespace ashlar::lower {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string traced(std::string_view body, std::string_view sequence) {
  return wrap(fmt::format(R"(
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    aie.shim_dma_allocation @out(S2MM, 0, 0)
    aie.flow(%core, DMA : 0, %shim, DMA : 0)
    {}
    aie.runtime_sequence(%a : memref<16xi32>) {{
      {}
    }})",
                          body, sequence));
}

const char *const kCoreTrace = R"(
    aie.trace @t(%core) {
      aie.trace.mode "Event-PC"
      aie.trace.packet id = 3 type = core
      aie.trace.event<"INSTR_VECTOR"> label = "vectors"
      aie.trace.event<CoreEvent::LOCK_STALL>
      aie.trace.event<"PORT_RUNNING_0">
      aie.trace.event<"INSTR_EVENT_0">
      aie.trace.event<"INSTR_EVENT_1">
      aie.trace.port<0> port = DMA channel = 0 direction = MM2S
      aie.trace.port<5> port = DMA channel = 1 direction = S2MM
      aie.trace.combo_event<0> <"INSTR_VECTOR"> AND_NOT <"LOCK_STALL">
      aie.trace.edge_event<1> event = <"LOCK_STALL"> trigger = BOTH
      aie.trace.start broadcast = 15
      aie.trace.stop event = <"BROADCAST_14">
    })";

TEST(Trace, UnitBufferAndBroadcasts) {
  auto r = good(traced(kCoreTrace, "aie.trace.host_config {buffer_size = 8192 : i32}\n"
                                   "aie.trace.start_config @t"));
  ASSERT_TRUE(r->lowered);
  // Events: 37 vector, 26 lock stall, 75 port running 0, 33, 34; broadcast 15 is 122, 14 is 121.
  EXPECT_THAT(sequence(*r),
              ElementsAre("write 234400 1a25", "write 234404 1", "write 234408 61a0000",
                          "write 2340d0 797a0001", "write 2340d4 3", "write 23ff00 1",
                          "write 23ff04 2200", "write 2340e0 214b1a25", "write 2340e4 22",
                          // timers start together; the buffer; the shim starts everyone
                          "write 234000 7a00", "block 1d1e0 800 0 40000000 0 0 2000000 0 2000000",
                          "patch 1d1e4 1 0", "mask 1d208 f00 1f00", "write 1d20c 8000000f",
                          "write 34000 7f00", "write 3404c 7f", "write 34008 7f"));
  EXPECT_EQ(r->plan().sequences[0].arguments.size(), 2u);
  EXPECT_EQ(r->plan().sequences[0].arguments[1].bytes, 8192u);
}

TEST(Trace, PrintsAndReadsBack) {
  Diagnostics warnings;
  auto design =
      design::parse(traced(kCoreTrace, "aie.trace.start_config @t"), "d.mlir", {}, warnings);
  ASSERT_TRUE(design.ok()) << design.errors()[0].str();
  const std::string once = design::printCanonical(*design);
  auto again = design::parse(once, "d.mlir", {}, warnings);
  ASSERT_TRUE(again.ok()) << again.errors()[0].str() << once;
  EXPECT_EQ(design::printCanonical(*again), once);
}

TEST(Trace, ConfigurationsAsTheVendorsPassesLeaveThem) {
  auto r = good(traced(R"(
    aie.trace.config @t_config(%core) packet_type = mem {
      aie.trace.reg register = "Trace_Control1" field = "ID" value = 2 comment = "packet id"
      aie.trace.reg register = "Trace_Control1" field = "Packet_Type" value = 1
      aie.trace.reg register = "Trace_Event1" field = "Trace_Event5" value = #aie.trace_event<"DMA_S2MM_0_START_TASK">
      aie.trace.reg register = "Trace_Control0" value = 7995392 mask = 2139029504
    })",
                       "aie.trace.start_config @t_config"));
  ASSERT_TRUE(r->lowered);
  EXPECT_THAT(sequence(*r),
              ElementsAre("write 2140d4 1002", "write 2140e4 1300", "write 2140d0 7a0000"));
}

TEST(Trace, WhatIsWrongIsNamed) {
  struct Case {
    std::string body, code, says;
  };
  const std::string end = " aie.trace.start broadcast = 15 aie.trace.stop broadcast = 14 }";
  const std::string host =
      "aie.trace.host_config {buffer_size = 64 : i32} aie.trace.start_config @t";
  const Case cases[] = {
      {"aie.trace @t(%core) { aie.trace.event<\"INSTR_VECTRO\">" + end, "unknown-event",
       "did you mean 'INSTR_VECTOR'"},
      {"aie.trace @t(%core) { aie.trace.event<\"INSTR_VECTOR\"> }", "bad-trace", "when to start"},
      {"aie.trace @t(%core) { aie.trace.packet type = memtile" + end, "bad-trace",
       "no trace unit of type memtile"},
      {"aie.trace @t(%core) { aie.trace.port<9> port = DMA channel = 0 direction = S2MM" + end,
       "bad-trace", "not 0..7"},
      {"aie.trace @t(%core) { aie.trace.port<0> port = DMA channel = 7 direction = S2MM" + end,
       "bad-trace", "no master port DMA 7"},
      {"aie.trace @t(%core) {" + end + " aie.trace @u(%core) {" + end, "bad-trace",
       "configured twice"},
      {"aie.shim_dma_allocation @more(S2MM, 1, 0) aie.trace @t(%core) {" + end, "out-of-channels",
       "egress_shim_col"},
  };
  for (const Case &c : cases) {
    auto r = run(traced(c.body, host));
    ASSERT_FALSE(r->errors.empty()) << c.body;
    EXPECT_EQ(r->errors[0].code, c.code) << r->errors[0].str();
    EXPECT_THAT(r->errors[0].str(), HasSubstr(c.says));
  }
  auto r = run(traced("aie.trace @t(%core) {" + end, "aie.trace.start_config @u"));
  ASSERT_FALSE(r->errors.empty());
}

} // namespace
} // namespace ashlar::lower
