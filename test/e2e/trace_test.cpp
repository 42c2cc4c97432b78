// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two kinds of trace. The buffer that the design's own trace units fill in a run, decoded by event;
// and the emulator's timeline, with a track for each core, channel, lock and switch port.
#include "cli/run.h"

#include "base/base.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace ashlar::cli_test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

/// Four objects of 64 words through one core, which adds each word to itself.
const char *const kDesign = R"(module {
  aie.device(npu1_1col) {
    %shim = aie.tile(0, 0)
    %core = aie.tile(0, 2)
    aie.objectfifo @in(%shim, {%core}, 2 : i32) : !aie.objectfifo<memref<64xi32>>
    aie.objectfifo @out(%core, {%shim}, 2 : i32) : !aie.objectfifo<memref<64xi32>>
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 64 : index
      %f = arith.constant 4294967295 : index
      scf.for %q = %c0 to %f step %c1 {
        %is = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<64xi32>>
        %x = aie.objectfifo.subview.access %is[0] : !aie.objectfifosubview<memref<64xi32>> -> memref<64xi32>
        %os = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<64xi32>>
        %y = aie.objectfifo.subview.access %os[0] : !aie.objectfifosubview<memref<64xi32>> -> memref<64xi32>
        scf.for %i = %c0 to %n step %c1 {
          %v = memref.load %x[%i] : memref<64xi32>
          %w = arith.addi %v, %v : i32
          memref.store %w, %y[%i] : memref<64xi32>
        }
        aie.objectfifo.release @in(Consume, 1)
        aie.objectfifo.release @out(Produce, 1)
      }
      aie.end
    }
    aie.trace @t(%core) {
      aie.trace.mode "Event-Time"
      aie.trace.packet id = 5 type = core
      aie.trace.event<"LOCK_STALL">
      aie.trace.event<"PORT_RUNNING_0">
      aie.trace.event<"INSTR_LOCK_ACQUIRE_REQ">
      aie.trace.port<0> port = DMA channel = 0 direction = S2MM
      aie.trace.start broadcast = 15
      aie.trace.stop event = <"BROADCAST_14">
    }
    aie.runtime_sequence @sequence(%a: memref<256xi32>, %b: memref<256xi32>) {
      aie.trace.host_config {buffer_size = 8192 : i32}
      aie.trace.start_config @t
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 256][0, 0, 0, 1]) {id = 0 : i64, metadata = @in} : memref<256xi32>
      aiex.npu.dma_memcpy_nd(%b[0, 0, 0, 0][1, 1, 1, 256][0, 0, 0, 1]) {id = 1 : i64, metadata = @out, issue_token = true} : memref<256xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
  }
}
)";

TEST(Traces, OfADesignsOwnUnitsAndOfTheEmulator) {
  TempDir dir;
  const Outcome build = ashlar({"build", dir.write("design.mlir", kDesign), "-o", dir / "out"});
  ASSERT_EQ(build.exit, 0) << build.err;
  Bytes in(1024);
  for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<uint8_t>(i * 7);
  ASSERT_TRUE(writeFile(dir / "in.bin", in).ok());
  const Outcome run =
      ashlar({"run", dir / "out", "--in", "0=" + (dir / "in.bin"), "--out", "2=" + (dir / "trace"),
              "--trace", dir / "t.json", "--stats", "--json"});
  ASSERT_EQ(run.exit, 0) << run.err;

  // Slots by number without the design, by event with it.
  const Outcome bare = ashlar({"inspect", dir / "trace"});
  EXPECT_EQ(bare.exit, 0) << bare.err;
  EXPECT_THAT(bare.out, HasSubstr("tile (0,2) core module, packet id 5"));
  EXPECT_THAT(bare.out, HasSubstr("slot 1"));
  const Outcome named = ashlar({"inspect", dir / "trace", "--design", dir / "out", "--json"});
  ASSERT_EQ(named.exit, 0) << named.err;
  const Json buffer = Json::parse(named.out, nullptr, false);
  ASSERT_FALSE(buffer.is_discarded());
  const Json &unit = buffer["units"][0];
  EXPECT_EQ(unit["slots"][0], "LOCK_STALL");
  EXPECT_EQ(unit["slots"][1], "PORT_RUNNING_0 (out DMA0)");
  EXPECT_EQ(unit["slots"][2], "INSTR_LOCK_ACQUIRE_REQ");
  EXPECT_EQ(unit["slots"][3], "slot 3");
  // All 256 words pass the port while it is traced: it runs for as many cycles, as the frames tell.
  uint64_t running = 0, since = 0;
  bool on = false;
  for (const Json &f : unit["frames"]) {
    const uint64_t cycle = f[0];
    if (on) running += cycle - since;
    since = cycle;
    on = f[1].get<int>() & 2;
  }
  EXPECT_GE(running, 128u);
  EXPECT_LE(running, 320u);

  const auto text = readTextFile(dir / "t.json");
  ASSERT_TRUE(text.ok());
  const Json events = Json::parse(*text, nullptr, false)["traceEvents"];
  std::map<std::pair<int, int>, std::string> threads;
  for (const Json &e : events)
    if (e["name"] == "thread_name") threads[{e["pid"], e["tid"]}] = e["args"]["name"];
  std::map<std::string, int> bytes;
  std::map<std::pair<int, int>, double> last;
  for (const Json &e : events) {
    if (e["ph"] != "X") continue;
    const std::pair<int, int> thread{e["pid"], e["tid"]};
    EXPECT_GE(e["ts"].get<double>() + 1e-6, last[thread]) << "spans of a track overlap";
    last[thread] = e["ts"].get<double>() + e["dur"].get<double>();
    const std::string name = e["name"];
    if (name.ends_with(" bytes") && e["pid"] == 3) bytes[threads[thread]] += std::stoi(name);
  }
  // The core tile's process is the third: each word in and out by the switch's ports.
  EXPECT_EQ(bytes["in South0"] + bytes["in South1"] + bytes["in South2"], 1024);
  EXPECT_EQ(bytes["out DMA0"], 1024);
  EXPECT_EQ(bytes["in DMA0"], 1024);
  const Json statistics = Json::parse(run.out, nullptr, false)["statistics"];
  std::map<std::string, int> counted;
  for (const Json &p : statistics["ports"])
    if (p["tile"] == Json{0, 2}) counted[p["port"]] = p["bytes"];
  for (const char *port : {"out DMA0", "in DMA0"}) EXPECT_EQ(counted[port], 1024) << port;
}

} // namespace
} // namespace ashlar::cli_test
