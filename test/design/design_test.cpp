// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The design language: every spelling reads into one form, that form prints and reads back to
// itself, and everything else is refused with a place and a name.
#include "design/design.h"

#include "design/damage.h"
#include "design/ops.h"

#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace ashlar::design {
namespace {

std::string wrap(std::string_view body, std::string_view device = "npu1") {
  return fmt::format("module {{\n  aie.device({}) {{\n{}\n  }}\n}}\n", device, body);
}

std::string canonical(const std::string &text, const std::string &device = "") {
  Diagnostics warnings;
  auto design = parse(text, "design.mlir", {device}, warnings);
  EXPECT_TRUE(design.ok()) << (design.ok() ? "" : design.errors()[0].str()) << "\n" << text;
  for (const Diagnostic &w : warnings) EXPECT_NE(w.code, "unknown-attribute") << w.str();
  return design.ok() ? printCanonical(*design) : std::string();
}

Diagnostic firstError(const std::string &text) {
  Diagnostics warnings;
  auto design = parse(text, "design.mlir", {}, warnings);
  EXPECT_FALSE(design.ok()) << text;
  return design.ok() ? Diagnostic{} : design.errors()[0];
}

/// One snippet an operation or spelling.
const char *const kBodies[] = {
    R"(%t = aie.tile(0, 2) {controller_id = #aie.packet_info<pkt_id = 3, pkt_type = 0>, allocation_scheme = "bank-aware"}
       %l = aie.lock(%t, 3) {init = 1 : i32, sym_name = "l"}
       %m = aie.lock(%t)
       %b = aie.buffer(%t) {sym_name = "b", address = 1024 : i32, mem_bank = 0 : i32} : memref<2x4xi32> = dense<[[1, 2, 3, 4], [5, 6, 7, 8]]>
       %core = aie.core(%t) {
         aie.use_lock(%l, AcquireGreaterEqual)
         aie.use_lock(%l, Acquire, 2, Blocking)
         %c1 = arith.constant 1 : i32
         aie.use_lock(%l, Release, %c1)
         aie.event(0)
         %v = aie.get_cascade() : vector<16xi32>
         aie.put_cascade(%v : vector<16xi32>)
         %s = aie.get_stream(%c1 : i32) : i32
         aie.put_stream(%c1 : i32, %s : i32)
         aie.debug(%s : i32)
         aie.end
       } {stack_size = 2048 : i32, link_with = "k.o"})",
    R"(%a = aie.tile(0, 0)
       %b = aie.tile(0, 1)
       %c = aie.tile(0, 2)
       aie.flow(%a, DMA : 0, %b, "DMA" : 1)
       aie.packet_flow(0x3) {
         aie.packet_source<%b, DMA : 0>
         aie.packet_dest<%c, DMA : 0>
         aie.packet_dest<%c, CTRL : 0>
       } {keep_pkt_header = true, priority_route = true}
       %s = aie.switchbox(%c) {
         aie.connect<SOUTH : 3, North : 0>
         %0 = aie.amsel<5> (3)
         %1 = aie.masterset(South : 0, %0) {keep_pkt_header = true}
         aie.packet_rules(Trace : 0) {
           aie.rule(31, 15, %0)
         }
       }
       %x = aie.shim_mux(%a) {
         aie.connect<DMA : 0, North : 3>
       }
       aie.wire(%s : North, %x : South))",
    R"(%a = aie.tile(0, 3)
       %b = aie.tile(0, 2)
       aie.cascade_flow(%a, %b)
       aie.configure_cascade(%a, North, South))",
    R"(%a = aie.tile(0, 0)
       %b = aie.tile(0, 1)
       %c = aie.tile(0, 2)
       %d = aie.tile(0, 3)
       aie.objectfifo @in(%a, {%b}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
       aie.objectfifo @x(%b dimensionsToStream [<size = 4, stride = 2>, <size = 2, stride = 1>], {%c}, [2, 3]) {repeat_count = 2 : i32} : !aie.objectfifo<memref<8xi32>>
       aie.objectfifo @y(%b, {%d dimensionsFromStream [#aie.bd_dim_layout<size = 4, stride = 2>, <size = 2, stride = 1>]}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
       aie.objectfifo.link [@in] -> [@x, @y] ([] [0, 8])
       aie.objectfifo @w(%c, {%d}, 2 : i32) {via_DMA = true} : !aie.objectfifo<memref<2xi8>> = [dense<[1, 2]>, dense<7>]
       aie.objectfifo.allocate @w (%c)
       aie.objectfifo.pool @p(%b) {depth = 2 : i32, segments = [#aie.objectfifo_segment<offset = 0, size = 16>, #aie.objectfifo_segment<offset = 16, size = 4, produceLock = @pl>]} : memref<20xi32>
       aie.objectfifo.dma_endpoint @pd(%b) drains @p {channelIndex = 0 : i32, segments = array<i32: 0, 1>}
       aie.objectfifo.core_endpoint @pc(%c) fills of @p {segments = [@s1]}
       aie.objectfifo.dangling_endpoint @loose(%a) S2MM DMA {fifoName = "p"}
       aie.objectfifo.flow from @pd to [@loose]
       aie.route from [@pd] to [@loose, @loose] {packet = #aie.packet_info<pkt_id = 3>}
       aie.objectfifo.pool @q(%b) {depth = 0 : i32} : memref<4xi8> {
         aie.objectfifo.segment @whole {offset = 0 : i32, size = 4 : i32}
       }
       %acquired = arith.constant dense<[1]> : tensor<1xi32>
       %released = arith.constant dense<[0, 1, 2]> : tensor<3xi32>
       %rounds = arith.constant 3 : index
       func.func private @work()
       aie.objectfifo.register_process @w (Consume, %acquired : tensor<1xi32>, %released : tensor<3xi32>, @work, %rounds)
       aie.core(%c) {
         %s = aie.objectfifo.acquire @x(Consume, 1) : !aie.objectfifosubview<memref<8xi32>>
         %e = aie.objectfifo.subview.access %s[0] : !aie.objectfifosubview<memref<8xi32>> -> memref<8xi32>
         aie.objectfifo.release @x (Consume, 1)
         %g4 = aie.objectfifo.acquire @x(Consume, 1) : memref<8xi32>
         %g5 = aie.objectfifo.acquire @x(Consume) : memref<8xi32>
         %g6 = aie.objectfifo.acquire @pc : memref<4xi32>
         %g7 = aie.objectfifo.acquire @pc (1) : !aie.objectfifosubview<memref<4xi32>>
         aie.objectfifo.release @pc [1]
         aie.objectfifo.release @x(Consume) [1]
         aie.end
       })",
    R"(%t = aie.tile(0, 1)
       %b = aie.buffer(%t) {sym_name = "b"} : memref<64xi32, 1 : i32>
       %p = aie.lock(%t, 0) {init = 1 : i32}
       %m = aie.memtile_dma(%t) {
         %0 = aie.dma_start(S2MM, 0, ^bd, ^next, repeat_count = 7)
       ^bd:
         aie.use_lock(%p, AcquireGreaterEqual, 1)
         aie.dma_bd_packet(0, 3)
         aie.dma_bd(%b : memref<64xi32, 1 : i32>, 0, 32, [<size = 8, stride = 4>, <size = 4, stride = 1>]) {bd_id = 3 : i32}
         aie.use_lock(%p, Release, 1)
         aie.next_bd ^bd
       ^next:
         %1 = aie.dma_start("MM2S", 1, ^bd2, ^end)
       ^bd2:
         aie.dma_bd(%b : memref<64xi32, 1 : i32>, 0, 32, [<size = 8, stride = 4>, <size = 4, stride = 1>], [<const_pad_before = 1, const_pad_after = 0>, <const_pad_before = 0, const_pad_after = 2>])
         aie.next_bd ^bd3
       ^bd3:
         aie.dma_bd(%b : memref<64xi32, 1 : i32> offset = 4 len = 16 sizes = [4, 4] strides = [8, 1] pad [<const_pad_before = 1, const_pad_after = 1>, <const_pad_before = 0, const_pad_after = 0>]) {iteration = #aie.bd_iteration<size = 4, stride = 16, current = 2>, packet = #aie.packet_info<pkt_type = 1, pkt_id = 2>}
         aie.end
       ^end:
         aie.end
       })",
    R"(%t = aie.tile(0, 2)
       %b = aie.buffer(%t) : memref<16xi32>
       %l = aie.lock(%t)
       %m = aie.mem(%t) {
         %0 = aie.dma(S2MM, 0) {loop = false, repeat_count = 1 : i32} [{
           aie.use_lock(%l, AcquireGreaterEqual, 1)
           aie.dma_bd(%b : memref<16xi32>)
           aie.use_lock(%l, Release, 1)
         }, {
           aie.dma_bd(%b : memref<16xi32>, 0, 8)
         }]
         aie.end
       })",
    R"(%t = aie.tile(0, 0)
       %c = aie.tile(0, 2)
       %b = aie.buffer(%c) {sym_name = "rtp"} : memref<16xi32>
       %l = aie.lock(%c, 0)
       memref.global "private" constant @words : memref<2xi32> = dense<[1, 2]>
       aie.shim_dma_allocation @in(MM2S, 0, 0)
       aie.shim_dma_allocation @out (%t, S2MM, 1) {packet = #aie.packet_info<pkt_type = 0, pkt_id = 1>}
       aie.bd_chain @chain(%x: memref<8xi32>, %y: memref<8xi32>) {
         aie.dma_bd(%x : memref<8xi32>, 0, 8)
         aie.next_bd ^second
       ^second:
         aie.dma_bd(%y : memref<8xi32>, 0, 8)
         aie.end
       }
       aie.runtime_sequence @seq(%a : memref<8xi32>, %n : i64) {
         %c0 = arith.constant 0 : i64
         aiex.npu.dma_memcpy_nd(%a[0, 0, 0, %c0][1, 1, %n, 8][0, 0, 8, 1], packet = <pkt_id = 2, pkt_type = 1>) {id = 1 : i64, metadata = @in, issue_token = true} : memref<8xi32>
         aiex.npu.dma_wait {symbol = @out}
         aiex.npu.sync {channel = 0 : i32, column = 0 : i32, column_num = 1 : i32, direction = 0 : i32, row = 0 : i32, row_num = 1 : i32}
         aiex.npu.write32 {address = 0x1d000 : ui32, value = 1 : ui32}
         %w = arith.constant 5 : i32
         aiex.npu.write32(%w, %w) {column = 0 : i32, row = 2 : i32} : i32, i32
         aiex.npu.maskwrite32 {address = 4 : ui32, value = 1 : ui32, mask = 3 : ui32, buffer = @rtp}
         %g = memref.get_global @words : memref<2xi32>
         aiex.npu.blockwrite(%g) {address = 0x1d000 : ui32} : memref<2xi32>
         aiex.npu.address_patch {addr = 0x1d004 : ui32, arg_idx = 0 : i32, arg_plus = 4 : i32}
         aiex.npu.push_queue(0, 0, MM2S : 0) {issue_token = false, repeat_count = 0 : i32, bd_id = 1 : i32}
         aiex.npu.rtp_write(@rtp, 3, 7)
         aiex.npu.rtp_write(@rtp, 3, %w) : i32
         aiex.npu.preempt {level = 1 : ui8}
         aiex.npu.load_pdi {id = 1 : i32}
         aiex.buffer_clear(%c, 1024, 8)
         aiex.set_lock(%l, 1)
         %t0 = aiex.dma_configure_task(%t, MM2S, 0) {
           aie.dma_bd(%a : memref<8xi32>, 0, 8) {bd_id = 0 : i32}
           aie.end
         } {issue_token = true, repeat_count = 3 : i32}
         aiex.dma_start_task(%t0)
         aiex.dma_await_task(%t0)
         %t1 = aiex.dma_configure_task_for @out {
           aie.dma_bd(%a : memref<8xi32>, 0, 8)
           aie.end
         }
         aiex.dma_free_task(%t1)
         %t2 = aiex.dma_start_bd_chain @chain(%a, %a) : (memref<8xi32>, memref<8xi32>) on (%t, MM2S, 0)
         %t3 = aiex.dma_start_bd_chain_for @chain(%a, %a) : (memref<8xi32>, memref<8xi32>) for @in
       })",
};

TEST(Attributes, UnknownOnesAreToldWithTheOneThatWasMeant) {
  Diagnostics warnings;
  auto design = parse(R"(module {
  aie.device(npu1_1col) {
    %t = aie.tile(0, 2)
    %a = aie.lock(%t, 0) {int = 1 : i32}
    %b = aie.lock(%t, 1) {int = 1 : i32, sym_name = "b", other.tool = 3}
    %c = aie.buffer(%t) {addr = 1024 : i32} : memref<4xi32>
    aie.core(%t) { aie.end } {stackSize = 2048 : i32, colour = "red"}
  }
})",
                      "design.mlir", {}, warnings);
  ASSERT_TRUE(design.ok());
  std::vector<std::string> told;
  for (const Diagnostic &w : warnings) told.push_back(w.str());
  EXPECT_EQ(told, (std::vector<std::string>{
                      "design.mlir:4:10: warning: aie.lock has no attribute `int`: it changes "
                      "nothing [unknown-attribute] -- did you mean `init`?",
                      "design.mlir:6:10: warning: aie.buffer has no attribute `addr`: it changes "
                      "nothing [unknown-attribute] -- did you mean `address`?",
                      "design.mlir:7:5: warning: aie.core has no attribute `colour`: it changes "
                      "nothing [unknown-attribute] -- take it out",
                      "design.mlir:7:5: warning: aie.core has no attribute `stackSize`: it changes "
                      "nothing [unknown-attribute] -- did you mean `stack_size`?"}));
}

TEST(Design, CanonicalIsAFixedPoint) {
  for (const char *body : kBodies) {
    const std::string once = canonical(wrap(body));
    EXPECT_EQ(once, canonical(once));
  }
}

TEST(Design, BothSpellingsOfTheSequenceAreOne) {
  const char *body = R"({}.runtime_sequence(%a : memref<8xi32>) {{ }})";
  EXPECT_EQ(canonical(wrap(fmt::format(fmt::runtime(body), "aie"))),
            canonical(wrap(fmt::format(fmt::runtime(body), "aiex"))));
}

TEST(Design, CoordinatesAndThreeStridesOfMemcpyAreNormalised) {
  auto sequence = [](const char *arguments) {
    return canonical(wrap(fmt::format(
        R"(aiex.runtime_sequence(%a : memref<8xi32>) {{
             aiex.npu.dma_memcpy_nd({}) {{id = 0 : i64, metadata = @s}} : memref<8xi32>
           }})",
        arguments)));
  };
  const std::string plain = sequence("%a[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0, 1]");
  EXPECT_EQ(plain, sequence("0, 0, %a[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0, 1]"));
  EXPECT_EQ(plain, sequence("0, 0, %a[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0]"));
}

TEST(Design, RtpWriteOf2024NamesItsBufferElsewhere) {
  const char *old =
      R"(aiex.runtime_sequence() { aiex.npu.rtp_write(0, 2, 3, 7) {buffer_sym_name = "b"} })";
  const char *now = R"(aiex.runtime_sequence() { aiex.npu.rtp_write(@b, 3, 7) })";
  EXPECT_EQ(canonical(wrap(old)), canonical(wrap(now)));
}

TEST(Design, PlaceholderDeviceIsFilled) {
  const std::string text = wrap("", "NPUDEVICE");
  EXPECT_NE(canonical(text, "npu1_1col").find("aie.device(npu1_1col)"), std::string::npos);
  EXPECT_EQ(firstError(text).code, "unknown-device");
}

TEST(Design, DevicesAndSequencesAreListed) {
  Diagnostics warnings;
  auto design = parse(R"(module {
    aie.device(npu1) @first { aie.runtime_sequence() { } aie.runtime_sequence @named() { } }
    aie.device(npu1_1col) { }
  })",
                      "design.mlir", {}, warnings);
  ASSERT_TRUE(design.ok());
  const auto list = devices(*design);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].name, "first");
  EXPECT_EQ(list[0].columns, 4);
  EXPECT_EQ(list[0].sequences, (std::vector<std::string>{"sequence", "named"}));
  EXPECT_EQ(list[1].name, "main");
  EXPECT_EQ(list[1].columns, 1);
}

struct Bad {
  const char *body, *code, *says;
  uint32_t line;
};

TEST(Design, BadTextNamesThePlaceAndTheRemedy) {
  const Bad cases[] = {
      {"%t = aie.tile(0, 2)\naie.mac_outer(%t)", "unknown-op", "aie.mac_outer", 4},
      {"aiex.tile(0, 2)", "unknown-op", "did you mean 'aie.tile'", 3},
      {"aie.objectfifo.get_lock @f", "unsupported-op", "aie.objectfifo.get_lock is not supported",
       3},
      {"%t = aie.tile(0, 2)\naie.flow(%t, Foo : 1, %t, DMA : 0)", "design-syntax", "'Foo'", 4},
      {"%t = aie.tile(0, 2", "design-syntax", "expected", 3},
      {"%t = aie.tile(0, 99999999999999999999999999)", "design-syntax", "too large", 3},
      {"aie.flow(%no, DMA : 1, %no, DMA : 0)", "design-syntax", "undeclared", 3},
      {"%t = aie.tile(0, 2)\n%b = aie.buffer(%t) : memref<?xi32>", "design-syntax", "static", 4},
  };
  for (const Bad &bad : cases) {
    const Diagnostic d = firstError(wrap(bad.body));
    EXPECT_EQ(d.code, bad.code) << d.str();
    EXPECT_NE((d.message + d.remedy).find(bad.says), std::string::npos) << d.str();
    EXPECT_EQ(d.place.file, "design.mlir");
    EXPECT_EQ(d.place.line, bad.line) << d.str();
    EXPECT_GT(d.place.column, 0u);
  }
}

TEST(Design, OldSpellingsAndOtherChipsAreRefusedWithAHint) {
  EXPECT_EQ(firstError("module { AIE.device(npu1) { } }").code, "old-spelling");
  EXPECT_EQ(firstError(wrap("ipu.sync")).code, "old-spelling");
  EXPECT_EQ(firstError(wrap("aie.objectFifo.link")).code, "old-spelling");
  for (const char *device : {"npu2", "xcvc1902", "xcve2802", "moon"}) {
    const Diagnostic d = firstError(wrap("", device));
    EXPECT_EQ(d.code, "unknown-device");
    EXPECT_NE(d.str().find(device), std::string::npos) << d.str();
    EXPECT_NE(d.remedy.find("npu1"), std::string::npos) << d.str();
  }
}

TEST(Design, DeepNestingAndBinaryAreRefused) {
  EXPECT_EQ(firstError(std::string(100000, '(')).code, "design-syntax");
  EXPECT_EQ(firstError("module { " + std::string(5000, '{') + " }").code, "design-syntax");
  EXPECT_EQ(firstError(std::string("module {\0}", 10)).code, "design-syntax");
  Diagnostics warnings;
  auto missing = parseFile("/no/such/design.mlir", {}, warnings);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.errors()[0].code, "file-missing");
}

/// The rows of docs/dialect.md: operation -> whether it is supported.
std::map<std::string, bool> documented() {
  std::map<std::string, bool> out;
  std::ifstream file(ASHLAR_SOURCE_DIR "/docs/dialect.md");
  for (std::string line; std::getline(file, line);) {
    const size_t second = line.find('|', 1);
    if (line.empty() || line[0] != '|' || second == std::string::npos) continue;
    const std::string names = line.substr(1, second - 1), rest = line.substr(second + 1);
    const bool yes = rest.rfind(" yes |", 0) == 0, no = rest.rfind(" no |", 0) == 0;
    if (!yes && !no) continue;
    for (size_t at = names.find('`'); at != std::string::npos;) {
      const size_t end = names.find('`', at + 1);
      out[names.substr(at + 1, end - at - 1)] = yes;
      at = names.find('`', end + 1);
    }
  }
  return out;
}

TEST(Design, TheTableOfOperationsIsTrue) {
  const auto table = documented();
  EXPECT_GT(table.size(), 100u);
  std::set<std::string> known;
  for (auto list :
       {structureOps(), dmaOps(), fifoOps(), poolOps(), npuOps(), traceOps(), legacyOps()})
    for (const OpEntry &entry : list) {
      const std::string name = entry.name;
      known.insert(name);
      auto row = table.find(name);
      if (row == table.end()) {
        ADD_FAILURE() << name << " is missing in docs/dialect.md";
        continue;
      }
      EXPECT_EQ(row->second, entry.parse != nullptr) << name;
      // Refused ones say why, by name, at their line.
      if (entry.parse) continue;
      const Diagnostic d = firstError(wrap("    " + name));
      EXPECT_EQ(d.code, "unsupported-op") << name;
      EXPECT_NE(d.message.find(name + " is not supported: "), std::string::npos) << d.str();
      EXPECT_EQ(d.place.line, 3u) << d.str();
    }
  for (const auto &[name, supported] : table) EXPECT_TRUE(known.count(name)) << name;
}

TEST(Design, DamagedTextNeverCrashes) {
  for (const char *body : kBodies) {
    const std::string text = wrap(body);
    design_test::damage(text, 7, 150, [](const std::string &damaged) {
      Diagnostics warnings;
      auto design = parse(damaged, "damaged.mlir", {}, warnings);
      if (design.ok())
        EXPECT_FALSE(printCanonical(*design).empty());
      else
        EXPECT_FALSE(design.errors()[0].message.empty());
    });
  }
}

} // namespace
} // namespace ashlar::design
