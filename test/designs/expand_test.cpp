// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that stand for others, run: processes of object FIFOs and external buffers.
#include "designs/run.h"

#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace ashlar::designs_test {
namespace {

std::vector<uint8_t> words(const std::vector<int32_t> &values) {
  std::vector<uint8_t> out;
  for (int32_t v : values)
    for (int b = 0; b < 4; ++b) out.push_back(static_cast<uint8_t>(v >> (8 * b)));
  return out;
}

/// The device moves the values 1.. to their doubles. `before` and `after` are the arguments.
void expectRuns(const std::string &device, const std::vector<Argument> &arguments) {
  Case c;
  c.text = "module {\n  aie.device(npu1_1col) {\n    %shim = aie.tile(0, 0)\n    %core = "
           "aie.tile(0, 2)\n" +
           device + "  }\n}\n";
  c.arguments = arguments;
  const auto path = std::filesystem::temp_directory_path() /
                    fmt::format("ashlar_expand_{}.mlir", static_cast<int>(getpid()));
  EXPECT_EQ(verdict(c, path.string()), "") << c.text;
  std::filesystem::remove(path);
}

constexpr const char *kDouble = R"(
    func.func private @double(%x: memref<4xi32>, %y: memref<4xi32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      scf.for %i = %c0 to %c4 step %c1 {
        %v = memref.load %x[%i] : memref<4xi32>
        %w = arith.addi %v, %v : i32
        memref.store %w, %y[%i] : memref<4xi32>
      }
      return
    }
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %all = arith.constant 0x7fffffff : index
      scf.for %i = %c0 to %all step %c1 {
        %x = aie.objectfifo.acquire @in(Consume, 1) : memref<4xi32>
        %y = aie.objectfifo.acquire @out(Produce, 1) : memref<4xi32>
        func.call @double(%x, %y) : (memref<4xi32>, memref<4xi32>) -> ()
        aie.objectfifo.release @in(Consume, 1)
        aie.objectfifo.release @out(Produce, 1)
      }
      aie.end
    }
)";
constexpr const char *kFifos = R"(
    aie.objectfifo @in(%shim, {%core}, 2 : i32) : !aie.objectfifo<memref<4xi32>>
    aie.objectfifo @out(%core, {%shim}, 2 : i32) : !aie.objectfifo<memref<4xi32>>
)";

/// Five rounds: the first keeps its object, the last gives two back. The function counts up.
TEST(Expand, AProcessOfAnObjectFifo) {
  expectRuns(R"(
    aie.objectfifo @out(%core, {%shim}, 4 : i32) : !aie.objectfifo<memref<4xi32>>
    %count = aie.buffer(%core) {sym_name = "count"} : memref<1xi32> = dense<10>
    %acquire = arith.constant dense<[1, 2, 2, 2, 2]> : tensor<5xi32>
    %release = arith.constant dense<[0, 1, 1, 1, 2]> : tensor<5xi32>
    %length = arith.constant 5 : index
    func.func private @none() { return }
    aie.objectfifo.register_process @out (Produce, %acquire : tensor<5xi32>, %release : tensor<5xi32>, @none, %length)
    aie.runtime_sequence(%a: memref<20xi32>) {
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 20][0, 0, 0, 1]) {id = 0 : i64, metadata = @out} : memref<20xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
)",
             {{std::vector<uint8_t>(80, 0xAA), std::vector<uint8_t>(80, 0)}});
  // With the objects as arguments; two processes of one core follow each other.
  expectRuns(R"(
    aie.objectfifo @out(%core, {%shim}, 2 : i32) : !aie.objectfifo<memref<4xi32>>
    func.func private @ones(%y: memref<4xi32>) {
      %one = arith.constant 1 : i32
      affine.for %i = 0 to 4 { affine.store %one, %y[%i] : memref<4xi32> }
      return
    }
    func.func private @twos(%y: memref<4xi32>) {
      %two = arith.constant 2 : i32
      affine.for %i = 0 to 4 { affine.store %two, %y[%i] : memref<4xi32> }
      return
    }
    %each = arith.constant dense<1> : tensor<1xi32>
    %three = arith.constant 3 : index
    %two = arith.constant 2 : index
    aie.objectfifo.register_process @out (Produce, %each : tensor<1xi32>, %each : tensor<1xi32>, @ones, %three)
    aie.objectfifo.register_process @out (Produce, %each : tensor<1xi32>, %each : tensor<1xi32>, @twos, %two)
    aie.runtime_sequence(%a: memref<20xi32>) {
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 20][0, 0, 0, 1]) {id = 0 : i64, metadata = @out} : memref<20xi32>
      aiex.npu.dma_wait {symbol = @out}
    }
)",
             {{std::vector<uint8_t>(80, 0xAA),
               words({1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2})}});
}

TEST(Expand, RegisteredExternalBuffersAreArguments) {
  const std::string registered = R"(
    %a = aie.external_buffer {sym_name = "a"} : memref<8xi32>
    %o = aie.external_buffer {sym_name = "o"} : memref<12xi32>
    %b = aie.external_buffer {sym_name = "b"} : memref<4xi32>
    aie.objectfifo.register_external_buffers @in (%shim, {%a, %b}) : (memref<8xi32>, memref<4xi32>)
    aie.objectfifo.register_external_buffers @out (%shim, {%o}) : (memref<12xi32>)
)";
  const auto a = words({1, 2, 3, 4, 5, 6, 7, 8}), b = words({9, 10, 11, 12});
  const Argument o{std::vector<uint8_t>(48, 0xAA),
                   words({2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24})};
  // A sequence is made when there is none.
  expectRuns(kFifos + registered + kDouble, {{a, a}, o, {b, b}});
  // Those of a sequence that is there come first.
  expectRuns(kFifos + registered + kDouble + R"(
    %l = aie.lock(%core, 15) {sym_name = "mine"}
    aie.runtime_sequence(%x: memref<4xi32>) {
      aiex.set_lock(%l, 1)
    }
)",
             {{b, b}, {a, a}, o, {b, b}});
}

TEST(Expand, AShimsProgramOfExternalBuffersBecomesTasks) {
  const auto a = words({1, 2, 3, 4}), b = words({5, 6, 7, 8});
  expectRuns(R"(
    aie.flow(%shim, DMA : 0, %core, DMA : 0)
    aie.flow(%core, DMA : 0, %shim, DMA : 0)
    %buffer = aie.buffer(%core) {sym_name = "buffer"} : memref<4xi32>
    %empty = aie.lock(%core, 0) {init = 1 : i32}
    %full = aie.lock(%core, 1) {init = 0 : i32}
    aie.mem(%core) {
      %0 = aie.dma_start(S2MM, 0, ^in, ^next)
    ^in:
      aie.use_lock(%empty, AcquireGreaterEqual, 1)
      aie.dma_bd(%buffer : memref<4xi32>, 0, 4)
      aie.use_lock(%full, Release, 1)
      aie.next_bd ^in
    ^next:
      %1 = aie.dma_start(MM2S, 0, ^out, ^end)
    ^out:
      aie.use_lock(%full, AcquireGreaterEqual, 1)
      aie.dma_bd(%buffer : memref<4xi32>, 0, 4)
      aie.use_lock(%empty, Release, 1)
      aie.next_bd ^out
    ^end:
      aie.end
    }
    %a = aie.external_buffer {sym_name = "a"} : memref<4xi32>
    %b = aie.external_buffer {sym_name = "b"} : memref<4xi32>
    %o = aie.external_buffer {sym_name = "o"} : memref<8xi32>
    aie.shim_dma(%shim) {
      %0 = aie.dma_start(MM2S, 0, ^first, ^next)
    ^first:
      aie.dma_bd(%a : memref<4xi32>, 0, 4)
      aie.next_bd ^second
    ^second:
      aie.dma_bd(%b : memref<4xi32>, 0, 4)
      aie.next_bd ^end
    ^next:
      %1 = aie.dma_start(S2MM, 0, ^back, ^end)
    ^back:
      aie.dma_bd(%o : memref<8xi32>, 0, 8)
      aie.next_bd ^end
    ^end:
      aie.end
    }
)",
             {{a, a}, {b, b}, {std::vector<uint8_t>(32, 0xAA), words({1, 2, 3, 4, 5, 6, 7, 8})}});
}

/// A FIFO each way, taken apart as the vendor's tools of early 2026 write it, then as those of late
/// 2026: with what is open chosen here, with what is written down kept.
TEST(Expand, ObjectFifosTakenApart) {
  const char *core = R"(
    aie.core(%core) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      %all = arith.constant 0x7fffffff : index
      scf.for %n = %c0 to %all step %c1 {
        %x = aie.objectfifo.acquire @in_cons{0} : memref<4xi32>
        %y = aie.objectfifo.acquire @out_prod{0} : memref<4xi32>
        scf.for %i = %c0 to %c4 step %c1 {
          %v = memref.load %x[%i] : memref<4xi32>
          %w = arith.addi %v, %v : i32
          memref.store %w, %y[%i] : memref<4xi32>
        }
        aie.objectfifo.release @in_cons{1}
        aie.objectfifo.release @out_prod{1}
      }
      aie.end
    }
    aie.runtime_sequence(%a: memref<12xi32>, %b: memref<12xi32>) {
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 12][0, 0, 0, 1]) {id = 0 : i64, metadata = @in_prod_dma} : memref<12xi32>
      aiex.npu.dma_memcpy_nd(%b[0, 0, 0, 0][1, 1, 1, 12][0, 0, 0, 1]) {id = 1 : i64, metadata = @out_cons_dma} : memref<12xi32>
      aiex.npu.dma_wait {symbol = @out_cons_dma}
    }
)";
  const auto a = words({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const Argument b{std::vector<uint8_t>(48, 0xAA),
                   words({2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24})};
  const auto with = [&](std::string text, const char *acquire, const char *release) {
    for (auto [mark, word] : {std::pair("{0}", acquire), std::pair("{1}", release)})
      for (size_t at; (at = text.find(mark)) != std::string::npos;) text.replace(at, 3, word);
    return text;
  };
  expectRuns(R"(
    aie.objectfifo.dangling_endpoint @in_prod_dma(%shim) MM2S DMA {fifoName = "in"}
    aie.objectfifo.pool @in_cons_pool(%core) {depth = 2 : i32, fifoName = "in", segments = [#aie.objectfifo_segment<offset = 0, size = 4>]} : memref<4xi32>
    aie.objectfifo.core_endpoint @in_cons(%core) drains @in_cons_pool
    aie.objectfifo.dma_endpoint @in_cons_dma(%core) fills @in_cons_pool {fifoName = "in"}
    aie.objectfifo.flow from @in_prod_dma to [@in_cons_dma]
    aie.objectfifo.pool @out_pool(%core) {depth = 2 : i32, segments = [#aie.objectfifo_segment<offset = 0, size = 4>]} : memref<4xi32>
    aie.objectfifo.core_endpoint @out_prod(%core) fills @out_pool
    aie.objectfifo.dma_endpoint @out_prod_dma(%core) drains @out_pool
    aie.objectfifo.dangling_endpoint @out_cons_dma(%shim) S2MM DMA
    aie.objectfifo.flow from @out_prod_dma to [@out_cons_dma]
)" + with(core, " (1)", " (1)"),
             {{a, a}, b});
  // Through a memtile that takes objects of two cores' objects apart: the second half goes nowhere
  // but back; buffers, locks and a channel are the design's own.
  expectRuns(R"(
    %mem = aie.tile(0, 1)
    %mine = aie.buffer(%core) {sym_name = "mine", address = 4096 : i32} : memref<4xi32>
    %free = aie.lock(%core, 5) {init = 1 : i32, sym_name = "free"}
    %full = aie.lock(%core, 6) {init = 0 : i32, sym_name = "full"}
    aie.route_endpoint @in_prod_dma(%shim) DMA {fifoName = "in"}
    aie.objectfifo.pool @mid(%mem) {depth = 2 : i32} : memref<12xi32> {
      aie.objectfifo.segment @low {offset = 0 : i32, size = 4 : i32}
      aie.objectfifo.segment @high {offset = 4 : i32, size = 8 : i32}
    }
    aie.objectfifo.dma_endpoint @mid_in(%mem) fills @mid {segments = [@low, @high]}
    aie.objectfifo.dma_endpoint @mid_low(%mem) drains @mid {segments = [@low, @high], channelIndex = 3 : i32}
    aie.route from @in_prod_dma to [@mid_in]
    aie.objectfifo.pool @in_cons_pool(%core) {depth = 1 : i32, buffers = [@mine]} : memref<4xi32> {
      aie.objectfifo.segment @s0 {offset = 0 : i32, size = 4 : i32, produceLock = @free, consumeLock = @full}
    }
    aie.objectfifo.core_endpoint @in_cons(%core) drains @in_cons_pool
    aie.objectfifo.dma_endpoint @in_cons_dma(%core) fills @in_cons_pool
    aie.route from @mid_low to [@in_cons_dma]
    aie.objectfifo.pool @out_pool(%core) {depth = 2 : i32} : memref<4xi32> {
      aie.objectfifo.segment @s0 {offset = 0 : i32, size = 4 : i32}
    }
    aie.objectfifo.core_endpoint @out_prod(%core) fills @out_pool
    aie.objectfifo.dma_endpoint @out_prod_dma(%core) drains @out_pool
    aie.route_endpoint @out_cons_dma(%shim) DMA
    aie.route from @out_prod_dma to [@out_cons_dma]
)" + with(core, "", " [1]"),
             {{a, a}, b});
}

} // namespace
} // namespace ashlar::designs_test
