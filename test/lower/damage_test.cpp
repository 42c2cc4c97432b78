// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Damaged designs of what is written out before lowering: processes, external buffers, object FIFOs
// taken apart, several devices. Each is lowered or refused with an error.
#include "lower/run.h"

#include "design/damage.h"

namespace ashlar::lower {
namespace {

constexpr const char *kShorthands = R"(
    %s = aie.tile(0, 0)
    %m = aie.tile(0, 1)
    %t = aie.tile(0, 2)
    aie.objectfifo @f(%t, {%s}, 2 : i32) : !aie.objectfifo<memref<4xi32>>
    %a = arith.constant dense<[1, 1]> : tensor<2xi32>
    %r = arith.constant dense<1> : tensor<1xi32>
    %n = arith.constant 2 : index
    func.func private @work(%y: memref<4xi32>) { return }
    aie.objectfifo.register_process @f (Produce, %a : tensor<2xi32>, %r : tensor<1xi32>, @work, %n)
    %e = aie.external_buffer {sym_name = "e"} : memref<8xi32>
    aie.objectfifo.register_external_buffers @f (%s, {%e}) : (memref<8xi32>)
    %o = aie.external_buffer {sym_name = "o"} : memref<8xi32>
    aie.shim_dma(%s) {
      %0 = aie.dma_start(MM2S, 1, ^b, ^z)
    ^b:
      aie.dma_bd(%o : memref<8xi32>, 0, 8)
      aie.next_bd ^z
    ^z:
      aie.end
    })";
constexpr const char *kPools = R"(
    %s = aie.tile(0, 0)
    %t = aie.tile(0, 2)
    %mine = aie.buffer(%t) {sym_name = "mine"} : memref<4xi32>
    %free = aie.lock(%t, 5) {init = 1 : i32, sym_name = "free"}
    aie.route_endpoint @from(%s) DMA {fifoName = "in"}
    aie.objectfifo.pool @p(%t) {depth = 1 : i32, buffers = [@mine]} : memref<4xi32> {
      aie.objectfifo.segment @s0 {offset = 0 : i32, size = 4 : i32, produceLock = @free}
    }
    aie.objectfifo.core_endpoint @c(%t) drains @p
    aie.objectfifo.dma_endpoint @d(%t) fills @p {channelIndex = 1 : i32}
    aie.objectfifo.flow from @from to [@d]
    aie.objectfifo.pool @q(%t) {depth = 2 : i32, segments = [#aie.objectfifo_segment<offset = 0, size = 4>]} : memref<4xi32>
    aie.objectfifo.core_endpoint @e(%t) fills @q
    aie.objectfifo.core_endpoint @g(%t) drains @q
    aie.core(%t) {
      %x = aie.objectfifo.acquire @c : memref<4xi32>
      %y = aie.objectfifo.acquire @e (1) : memref<4xi32>
      aie.objectfifo.release @c [1]
      aie.objectfifo.release @e
      aie.end
    })";
constexpr const char *kDevices = R"(
    %s = aie.tile(0, 0)
    %l = aie.lock(%s, 3)
    aie.runtime_sequence @one(%m : memref<8xi32>, %n : i32) {
      aiex.set_lock(%l, 5)
      aiex.npu.write32 {address = 4 : ui32, value = 5 : ui32}
    }
    aie.runtime_sequence @two(%x : memref<8xi32>) {
      %k = arith.constant 16 : i32
      aiex.run @one(%x, %k) : (memref<8xi32>, i32)
      aiex.configure @main { aiex.run @one(%x, %k) : (memref<8xi32>, i32) }
      aiex.npu.load_pdi {device_ref = @other}
      aiex.configure @other { aiex.run @three() : () }
    }
  }
  aie.device(npu1) @other {
    aie.runtime_sequence @three() {
      aiex.npu.write32 {address = 8 : ui32, value = 9 : ui32}
    })";

TEST(Damage, OfWhatIsWrittenOutNeverCrashes) {
  for (const char *body : {kShorthands, kPools, kDevices}) {
    good(wrap(body));
    int lowered = 0;
    design_test::damage(wrap(body), 7, 100, [&](const std::string &text) {
      auto r = run(text);
      lowered += r->lowered.has_value();
      if (!r->lowered) EXPECT_FALSE(r->errors.empty()) << text;
    });
    EXPECT_GT(lowered, 0);
  }
}

} // namespace
} // namespace ashlar::lower
