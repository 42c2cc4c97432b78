// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Designs that cannot be: each is refused at its line, in words that name what is wrong.
#include "lower/run.h"

#include <gmock/gmock.h>

namespace ashlar::lower {
namespace {

using testing::HasSubstr;

struct Refusal {
  const char *body, *code, *says;
  uint32_t line;
};

void expectRefused(const Refusal &bad) {
  auto r = run(wrap(bad.body));
  ASSERT_FALSE(r->errors.empty()) << bad.body;
  const Diagnostic &d = r->errors[0];
  EXPECT_EQ(d.code, bad.code) << d.str() << "\n" << bad.body;
  EXPECT_THAT(d.str(), HasSubstr(bad.says));
  EXPECT_EQ(d.place.line, bad.line) << d.str();
}

TEST(Refusals, OfMemoryAndDma) {
  const Refusal cases[] = {
      {"%t = aie.tile(0, 2) {allocation_scheme = \"best\"}\n%b = aie.buffer(%t) : memref<8xi32>",
       "bad-scheme", "'best'", 3},
      {"%t = aie.tile(0, 2)\n%b = aie.buffer(%t) {sym_name = \"x\"} : memref<8xi32>\n%c = "
       "aie.buffer(%t) {sym_name = \"x\"} : memref<8xi32>",
       "duplicate-symbol", "two things named 'x'", 5},
      {"%t = aie.tile(0, 2)\n%b = aie.buffer(%t) : memref<8xi3>", "bad-type", "elements of 3 bits",
       4},
      {"%t = aie.tile(0, 2)\n%l = aie.lock(%t)\n%b = aie.buffer(%l) : memref<8xi32>", "bad-operand",
       "operand 1 of aie.buffer", 5},
      {"%t = aie.tile(0, 2)\n%l = aie.lock(%t)\n%b = aie.buffer(%t) : memref<8xi32>\naie.mem(%t) "
       "{\n%s = aie.dma_start(MM2S, 0, ^a, ^z)\n^a:\naie.use_lock(%l, AcquireGreaterEqual, 1)\n"
       "aie.use_lock(%l, AcquireGreaterEqual, 1)\naie.dma_bd(%b : memref<8xi32>)\naie.next_bd ^a\n"
       "^z:\naie.end\n}",
       "bad-dma", "at most one lock", 10},
      {"%t = aie.tile(0, 2)\n%b = aie.buffer(%t) : memref<8xi32>\naie.mem(%t) {\n%s = "
       "aie.dma_start(MM2S, 0, ^a, ^z, repeat_count = 256)\n^a:\naie.dma_bd(%b : memref<8xi32>)\n"
       "aie.next_bd ^a\n^z:\naie.end\n}",
       "bad-dma", "0..255", 6},
      {"%t = aie.tile(0, 1)\naie.mem(%t) {\naie.end\n}", "bad-dma", "memtile", 4},
      {"%t = aie.tile(0, 2)\n%u = aie.tile(1, 2)\n%b = aie.buffer(%u) : memref<8xi32>\naie.mem(%t) "
       "{\n%s = aie.dma_start(MM2S, 0, ^a, ^z)\n^a:\naie.dma_bd(%b : memref<8xi32>)\naie.next_bd "
       "^a\n^z:\naie.end\n}",
       "bad-bd", "its own memory only", 9},
  };
  for (const Refusal &bad : cases) expectRefused(bad);
}

TEST(Refusals, OfLengthsBanksAndAddresses) {
  const std::string dma = "%t = aie.tile(0, 1)\n%b = aie.buffer(%t) : memref<128xi32>\n"
                          "aie.memtile_dma(%t) {\n%s = aie.dma_start(MM2S, 0, ^a, ^z)\n^a:\n";
  const std::string end = "\naie.next_bd ^a\n^z:\naie.end\n}";
  auto bd = [&](const char *text) { return dma + text + end; };
  const std::string task = "%t = aie.tile(0, 0)\naie.runtime_sequence(%a : memref<64xi32>) {\n"
                           "%k = aiex.dma_configure_task(%t, MM2S, 0) {\n";
  const std::string core =
      "%t = aie.tile(0, 2)\n%u = aie.tile(1, 2)\naie.objectfifo @f(%t, {%u}, 2 "
      ": i32) : !aie.objectfifo<memref<8xi32>>\n";
  const std::pair<std::string, Refusal> cases[] = {
      {bd("aie.dma_bd(%b : memref<128xi32>, 0, 128, [<size = 2, stride = 128>])"),
       {nullptr, "bad-bd", "reaches element 191, and there are 128", 8}},
      {bd("aie.dma_bd(%b : memref<128xi32>, 100, 40)"),
       {nullptr, "bad-bd", "reaches element 139", 8}},
      {bd("aie.dma_bd(%b : memref<128xi32>, 0, 8, [<size = 8, stride = 1>], [<const_pad_before = "
          "2, "
          "const_pad_after = 1>])"),
       {nullptr, "bad-bd", "11 elements with its padding", 8}},
      {bd("aie.dma_bd(%b : memref<128xi32> offset = 0 len = 64) {iteration = "
          "#aie.bd_iteration<size "
          "= 4, stride = 16, current = 4>}"),
       {nullptr, "bad-bd", "iteration 4 of 4", 8}},
      {bd("aie.dma_bd(%b : memref<128xi32>) {bd_id = 1 : i32, next_bd_id = 48 : i32}"),
       {nullptr, "bad-bd", "next_bd_id = 48", 8}},
      {task + "aie.dma_bd(%a : memref<64xi32>, 0, 64, [<size = 2, stride = 8>, <size = 4, stride = "
              "1>])\naie.end\n}\n}",
       {nullptr, "bad-bd", "a length of 64 elements, and its sizes make 8", 6}},
      {task + "aie.dma_bd(%a : memref<64xi32>)\naie.end\n}\naiex.dma_start_task(%k)\n"
              "aiex.dma_free_task(%k)\naiex.dma_free_task(%k)\n}",
       {nullptr, "bad-sequence", "free already", 11}},
      {"aie.runtime_sequence() {\naiex.npu.writebd {bd_id = 1 : i32, column = 0 : i32, row = 0 : "
       "i32, "
       "buffer_length = 8 : i32, d2_size = 4 : i32}\n}",
       {nullptr, "bad-sequence", "d2_size = 4", 4}},
      {"%t = aie.tile(0, 2)\n%a = aie.buffer(%t) {address = 4096 : i32} : memref<64xi32>\n"
       "%b = aie.buffer(%t) {address = 4100 : i32} : memref<64xi32>",
       {nullptr, "overlap", "(0x1004, 256 bytes)", 5}},
      {"%t = aie.tile(0, 2)\n%a = aie.buffer(%t) {mem_bank = 4 : i32} : memref<64xi32>",
       {nullptr, "bad-buffer", "banks 0..3", 4}},
      {"%t = aie.tile(0, 2)\n%a = aie.buffer(%t) {mem_bank = 1 : i32} : memref<3000xi32>\n"
       "%b = aie.buffer(%t) {mem_bank = 1 : i32} : memref<3000xi32>",
       {nullptr, "out-of-memory", "with the banks that the design gives", 4}},
      {core + "aie.objectfifo.allocate @f(%t)\naie.objectfifo.allocate @f(%u)",
       {nullptr, "bad-fifo", "already in tile (0,2)", 7}},
      {core + "aie.core(%t) {\n%x = aie.objectfifo.acquire @f(Produce, 1) : "
              "!aie.objectfifosubview<memref<8xi32>>\naie.objectfifo.release @f(Produce, 1)\n"
              "aie.objectfifo.release @f(Produce, 1)\naie.end\n}",
       {nullptr, "acquire-release", "releases 1 objects of 'f' (Produce) where the core holds 0",
        9}},
      {"%t = aie.tile(0, 2)\naie.core(%t) {\naie.end\n} {link_with = \"a.o\", link_files = "
       "[\"b.o\"]}",
       {nullptr, "bad-core", "both link_with and link_files", 4}},
  };
  for (const auto &[body, refusal] : cases) {
    Refusal bad = refusal;
    bad.body = body.c_str();
    expectRefused(bad);
  }
}

TEST(Refusals, NameWhoHasWhatIsUsedUp) {
  std::string locks = "%t = aie.tile(0, 2)\n", tasks =
                                                   "%t = aie.tile(0, 0)\n"
                                                   "aie.runtime_sequence(%a : memref<64xi32>) {\n";
  for (int i = 0; i < 17; ++i) {
    locks += fmt::format("%l{0} = aie.lock(%t) {{sym_name = \"l{0}\"}}\n", i);
    tasks += fmt::format("%k{} = aiex.dma_configure_task(%t, MM2S, 0) {{\naie.dma_bd(%a : "
                         "memref<64xi32>)\naie.end\n}}\n",
                         i);
  }
  auto r = run(wrap(locks));
  ASSERT_FALSE(r->errors.empty());
  EXPECT_EQ(r->errors[0].code, "out-of-locks");
  EXPECT_EQ(r->errors[0].place.line, 20u);
  ASSERT_EQ(r->errors[0].notes.size(), 16u);
  EXPECT_EQ(r->errors[0].notes[3], "lock 3: 'l3' at design.mlir:7:7");
  r = run(wrap(tasks + "}"));
  ASSERT_FALSE(r->errors.empty());
  EXPECT_EQ(r->errors[0].code, "bd-exhausted");
  ASSERT_EQ(r->errors[0].notes.size(), 16u);
  EXPECT_THAT(r->errors[0].notes[0], HasSubstr("BD 0: the task at design.mlir:6:"));
}

TEST(Refusals, OfSwitches) {
  const Refusal cases[] = {
      {"%t = aie.tile(0, 2)\naie.switchbox(%t) {\naie.connect<South : 0, North : 0>\n"
       "aie.connect<South : 1, North : 0>\n}",
       "bad-switch", "connected twice", 6},
      {"%t = aie.tile(0, 2)\naie.switchbox(%t) {\naie.connect<DMA : 0, North : 1>\n}", "dead-route",
       "what (0,2) DMA 0 sends is lost: no switch takes it at (0,3) South 1", 4},
      {"%t = aie.tile(0, 2)\naie.shim_mux(%t) {\naie.connect<DMA : 0, North : 3>\n}", "bad-switch",
       "only shim tiles", 4},
      {"%t = aie.tile(0, 2)\n%a = aie.switchbox(%t) {\n}\n%b = aie.switchbox(%t) {\n}",
       "bad-switch", "two switchboxes", 6},
      {"%t = aie.tile(0, 2)\naie.switchbox(%t) {\n%a = aie.amsel<0>(0)\n%b = aie.amsel<1>(0)\n%m = "
       "aie.masterset(North : 0, %a, %b)\n}",
       "bad-switch", "one arbiter", 7},
  };
  for (const Refusal &bad : cases) expectRefused(bad);
}

TEST(Refusals, OfLinks) {
  const std::string tiles = "%s = aie.tile(0, 0)\n%m = aie.tile(0, 1)\n%n = aie.tile(1, 1)\n%t = "
                            "aie.tile(0, 2)\n";
  const auto fifo = [](const char *name, const char *from, const char *to, int size) {
    return fmt::format("aie.objectfifo @{}(%{}, {{%{}}}, 2 : i32) : "
                       "!aie.objectfifo<memref<{}xi32>>\n",
                       name, from, to, size);
  };
  struct Case {
    std::string body;
    const char *says;
    uint32_t line;
  };
  const Case cases[] = {
      {fifo("a", "s", "m", 8) + fifo("b", "n", "t", 8) + "aie.objectfifo.link [@a] -> [@b] ([] [])",
       "does not end in tile (1,1)", 9},
      {fifo("a", "s", "m", 8) + fifo("b", "m", "t", 8) + fifo("c", "m", "n", 8) +
           "aie.objectfifo.link [@a] -> [@b, @c] ([] [0, 4])",
       "leaves the 8 elements of 'a'", 10},
      {fifo("a", "s", "m", 16) + fifo("b", "m", "t", 8) + fifo("c", "m", "n", 8) +
           "aie.objectfifo.link [@a] -> [@b, @c] ([] [0])",
       "1 offsets for 2", 10},
      {fifo("a", "s", "m", 8) + fifo("b", "m", "t", 8) +
           "aie.objectfifo.link [@a] -> [@b] ([] [])\naie.objectfifo.link [@a] -> [@b] ([] [])",
       "input of two links", 10},
      {fifo("a", "m", "n", 8) + fifo("b", "n", "m", 8) +
           "aie.objectfifo.link [@a] -> [@b] ([] [])\naie.objectfifo.link [@b] -> [@a] ([] [])",
       "a ring: a -> b -> a", 10},
  };
  for (const Case &c : cases) {
    auto r = run(wrap(tiles + c.body));
    ASSERT_FALSE(r->errors.empty()) << c.body;
    const Diagnostic &d = r->errors[0];
    EXPECT_EQ(d.code, "bad-link") << d.str();
    EXPECT_THAT(d.str(), HasSubstr(c.says));
    EXPECT_EQ(d.place.line, c.line) << d.str();
  }
}

TEST(Refusals, OfPacketIdsThatAreUsedUp) {
  std::string body;
  for (int col = 0; col < 4; ++col)
    for (int row = 1; row < 6; ++row)
      body += fmt::format("%t{0}{1} = aie.tile({0}, {1})\n", col, row);
  // 32 ids, six of them of tokens.
  for (int i = 0; i < 27; ++i) {
    const int col = i % 3, row = 2 + i / 3 % 4;
    body += fmt::format("aie.objectfifo @f{}(%t{}{}, {{%t{}{}}}, 1 : i32) {{packet = true, via_DMA "
                        "= true}} : !aie.objectfifo<memref<8xi32>>\n",
                        i, col, row, col + 1, row);
  }
  auto r = run(wrap(body));
  ASSERT_FALSE(r->errors.empty());
  // Either is true of such a design; the first that is met is told.
  EXPECT_THAT(r->errors[0].code, testing::AnyOf("out-of-packet-ids", "out-of-channels"));
  r = run(wrap("%a = aie.tile(0, 2)\n%b = aie.tile(2, 2)\naie.packet_flow(31) {\n"
               "aie.packet_source<%b, DMA : 1>\naie.packet_dest<%a, DMA : 1>\n}\naie.objectfifo "
               "@f(%a, {%b}, 1 : i32) {packet = true} : !aie.objectfifo<memref<8xi32>>"));
  ASSERT_FALSE(r->errors.empty());
  EXPECT_EQ(r->errors[0].code, "out-of-packet-ids");
  EXPECT_THAT(r->errors[0].str(), HasSubstr("'f' needs a packet id"));
}

TEST(Refusals, OfCoresThatWantWhatNoCoreHas) {
  for (const char *op :
       {"%x = memref.alloc() : memref<8xi32>",
        "%x = arith.constant dense<1> : vector<4xi32>\nvector.print %x : vector<4xi32>"}) {
    auto r = run(wrap(fmt::format("%t = aie.tile(0, 2)\naie.core(%t) {{\n{}\naie.end\n}}", op)));
    ASSERT_FALSE(r->errors.empty()) << op;
    EXPECT_EQ(r->errors[0].code, "unsupported-op") << r->errors[0].str();
    EXPECT_THAT(r->errors[0].str(), HasSubstr("is not supported in a core"));
  }
}

TEST(Refusals, OfProcessesAndExternalBuffers) {
  const std::string fifo =
      "%t = aie.tile(0, 2)\n%s = aie.tile(0, 0)\n"
      "aie.objectfifo @f(%t, {%s}, 2 : i32) : !aie.objectfifo<memref<8xi32>>\n";
  auto use = [&](const char *length, const char *name, const char *callee) {
    return fifo +
           fmt::format("%a = arith.constant dense<[1]> : tensor<1xi32>\n"
                       "%r = arith.constant dense<[1, 1]> : tensor<2xi32>\n"
                       "func.func private @work(memref<4xi32>)\n"
                       "%n = arith.constant {} : index\n"
                       "aie.objectfifo.register_process @{} (Produce, %a : tensor<1xi32>, %r : "
                       "tensor<2xi32>, @{}, %n)",
                       length, name, callee);
  };
  auto external = [&](const char *buffer, const char *tile) {
    return fifo + fmt::format("%b = aie.external_buffer {}\naie.objectfifo."
                              "register_external_buffers @f (%{}, {{%b}}) : (memref<12xi32>)",
                              buffer, tile);
  };
  const struct {
    std::string body;
    const char *code, *says;
    uint32_t line;
  } cases[] = {
      {use("2", "g", "work"), "bad-process", "no object FIFO 'g'", 10},
      {use("0", "f", "work"), "bad-process", "1..1048576 rounds", 10},
      {use("3", "f", "work"), "bad-process", "release pattern has 2 entries for 3 rounds", 10},
      {use("2", "f", "rest"), "bad-process", "no function 'rest'", 10},
      {use("2", "f", "work"), "bad-process", "'work' takes 1 arguments", 10},
      {external("{sym_name = \"b\"} : memref<12xi32>", "s"), "bad-external-buffer",
       "whole objects of 'f'", 7},
      {external("{sym_name = \"b\"} : memref<12xi32>", "t"), "bad-external-buffer", "shim tile", 7},
      {external("{sym_name = \"b\", address = 4096 : i64} : memref<12xi32>", "s"),
       "bad-external-buffer", "'b' has an address", 7},
  };
  for (const auto &bad : cases) {
    auto r = run(wrap(bad.body));
    ASSERT_FALSE(r->errors.empty()) << bad.body;
    EXPECT_EQ(r->errors[0].code, bad.code) << r->errors[0].str();
    EXPECT_THAT(r->errors[0].str(), HasSubstr(bad.says));
    EXPECT_EQ(r->errors[0].place.line, bad.line) << r->errors[0].str();
  }
}

TEST(Refusals, OfPools) {
  const std::string head = "%t = aie.tile(0, 2)\n%l = aie.logical_tile<CoreTile>(?, ?)\n";
  const std::string pool = "aie.objectfifo.pool @p(%t) {depth = 1 : i32} : memref<8xi32> {\n"
                           "aie.objectfifo.segment @s {offset = 0 : i32, size = 8 : i32}\n}\n";
  const struct {
    std::string body;
    const char *code, *says;
    uint32_t line;
  } cases[] = {
      {"aie.objectfifo.pool @p(%t) {depth = 1 : i32, iterate_bds} : memref<8xi32>",
       "unsupported-op", "attribute iterate_bds", 5},
      {"aie.objectfifo.pool @p(%t) {depth = 1 : i32} : memref<8xi32>", "bad-pool",
       "cover 0 of the 8", 5},
      {"aie.objectfifo.pool @p(%l) {depth = 1 : i32} : memref<8xi32>", "bad-pool",
       "tiles with coordinates", 5},
      {"aie.objectfifo.pool @p(%t) {depth = 1 : i32, buffers = [@b]} : memref<8xi32>", "bad-pool",
       "no aie.buffer 'b'", 5},
      {pool + "aie.objectfifo.dma_endpoint @d(%t) drains @q", "bad-pool", "no pool 'q'", 8},
      {pool + "aie.objectfifo.dma_endpoint @d(%t) drains @p {segments = [@z]}", "bad-pool",
       "names no segments", 8},
      {pool + "aie.objectfifo.dma_endpoint @d(%t) drains @p\naie.route from @d to [@e]", "bad-pool",
       "no endpoint 'e'", 9},
      {pool + "aie.objectfifo.dma_endpoint @d(%t) drains @p\naie.mem(%t) {\naie.end\n}", "bad-pool",
       "written by hand and DMA endpoints", 8},
      {"aie.objectfifo.core_endpoint @c(%t) fills @p", "bad-pool", "no pool 'p'", 5},
  };
  for (const auto &bad : cases) {
    auto r = run(wrap(head + bad.body));
    ASSERT_FALSE(r->errors.empty()) << bad.body;
    EXPECT_EQ(r->errors[0].code, bad.code) << r->errors[0].str();
    EXPECT_THAT(r->errors[0].str(), HasSubstr(bad.says));
    EXPECT_EQ(r->errors[0].place.line, bad.line) << r->errors[0].str();
  }
}

TEST(Refusals, OfControlPackets) {
  const Refusal cases[] = {
      {"%s = aie.tile(0, 0)\naie.runtime_sequence() {\naiex.control_packet {address = 3 : ui32, "
       "data = array<i32: 1>, opcode = 0 : i32, stream_id = 0 : i32}\n}",
       "bad-sequence", "not a register's", 5},
      {"%s = aie.tile(0, 0)\naie.runtime_sequence() {\naiex.control_packet {address = 0 : ui32, "
       "length = 5 : i32, opcode = 1 : i32, stream_id = 0 : i32}\n}",
       "bad-sequence", "1..4 words", 5},
      {"%s = aie.tile(0, 0)\naie.runtime_sequence() {\naiex.control_packet {address = 170074112 "
       ": ui32, data = array<i32: 1>, opcode = 0 : i32, stream_id = 0 : i32}\n}",
       "bad-sequence", "no control packet reaches tile (5,2)", 5},
      {"%s = aie.tile(0, 0)\n%t = aie.tile(0, 2)\naie.flow(%s, DMA : 0, %t, DMA : 0)\n"
       "aie.runtime_sequence() {\naiex.control_packet {address = 2301952 : ui32, data = "
       "array<i32: 1>, opcode = 0 : i32, stream_id = 0 : i32}\n}",
       "out-of-channels", "control packets for tile (0,0)", 5},
      {"%s = aie.tile(0, 0)\naie.runtime_sequence() {\naiex.configure @other {\n}\n}",
       "bad-sequence", "no aie.device @other", 5},
      {"%s = aie.tile(0, 0)\naie.runtime_sequence() {\naiex.npu.load_pdi {device_ref = @other}\n}",
       "bad-sequence", "no aie.device @other", 5},
      {"%s = aie.tile(0, 0)\naie.runtime_sequence @a() {\naiex.run @a() : ()\n}", "bad-sequence",
       "runs itself", 5},
      {"%s = aie.tile(0, 0)\naie.runtime_sequence @a() {\naiex.buffer_clear(%s, 0, 4)\n}",
       "bad-sequence", "memory to clear", 5},
      {"%s = aie.tile(0, 2)\naie.runtime_sequence @a() {\naiex.buffer_clear(%s, 0, 0)\n}",
       "bad-sequence", "0 words from byte 0", 5},
      {"%s = aie.tile(0, 2)\naie.runtime_sequence @a() {\naiex.buffer_clear(%s, 65532, 2)\n}",
       "bad-sequence", "65536 bytes of a core tile", 5},
      {"%s = aie.tile(0, 0)\naie.runtime_sequence @a() {\naiex.run @b() : ()\n}", "bad-sequence",
       "no runtime sequence 'b'", 5},
  };
  for (const Refusal &bad : cases) expectRefused(bad);
}

TEST(Refusals, OfWaysThatAShimMuxLacks) {
  const Refusal cases[] = {
      {"%s = aie.tile(0, 0)\naie.shim_mux(%s) {\naie.connect<DMA : 0, North : 1>\n}", "bad-switch",
       "cannot join DMA 0 with North 1", 5},
      {"%s = aie.tile(0, 0)\naie.shim_mux(%s) {\naie.connect<DMA : 0, North : 7>\n}", "bad-switch",
       "cannot join DMA 0 with North 7", 5},
      {"%s = aie.tile(0, 0)\naie.shim_mux(%s) {\naie.connect<North : 3, DMA : 0>\n}", "bad-switch",
       "cannot join North 3 with DMA 0", 5},
  };
  for (const Refusal &bad : cases) expectRefused(bad);
  good(wrap("%s = aie.tile(0, 0)\naie.shim_mux(%s) {\naie.connect<DMA : 1, North : 7>\n"
            "aie.connect<North : 2, DMA : 0>\n}"));
}

TEST(Refusals, OfWhatStandsOutsideTheDevice) {
  auto r = run("module {\n  aie.device(npu1) {\n    %t = aie.tile(0, 2)\n  }\n"
               "  aie.runtime_sequence(%a : memref<8xi32>) {\n  }\n}\n");
  ASSERT_EQ(r->errors.size(), 1u);
  EXPECT_EQ(r->errors[0].code, "misplaced-op");
  EXPECT_EQ(r->errors[0].place.line, 5u);
}

} // namespace
} // namespace ashlar::lower
