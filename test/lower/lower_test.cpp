// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lowering against numbers known from packages that ran on silicon, and every limit as an error at
// its line.
#include "lower/run.h"

#include "design/damage.h"
#include "device/bd.h"
#include "device/registers.h"

#include <bit>
#include <gmock/gmock.h>

namespace ashlar::lower {
namespace {

using plan::Bundle;
using testing::ElementsAre;
using testing::HasSubstr;

/// A shim, a core, two FIFOs, a core that works for ever.
const char *const kLayerNorm = R"(
    func.func private @layernorm_512(memref<1024xi8>, memref<1024xi8>)
    %tile00 = aie.tile(0, 0)
    %tile02 = aie.tile(0, 2)
    aie.objectfifo @of_input(%tile00, {%tile02}, 2 : i32) : !aie.objectfifo<memref<1024xi8>>
    aie.objectfifo @of_output(%tile02, {%tile00}, 2 : i32) : !aie.objectfifo<memref<1024xi8>>
    %core02 = aie.core(%tile02) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %max = arith.constant 0xFFFFFFFF : index
      scf.for %iter = %c0 to %max step %c1 {
        %si = aie.objectfifo.acquire @of_input(Consume, 1) : !aie.objectfifosubview<memref<1024xi8>>
        %ei = aie.objectfifo.subview.access %si[0] : !aie.objectfifosubview<memref<1024xi8>> -> memref<1024xi8>
        %so = aie.objectfifo.acquire @of_output(Produce, 1) : !aie.objectfifosubview<memref<1024xi8>>
        %eo = aie.objectfifo.subview.access %so[0] : !aie.objectfifosubview<memref<1024xi8>> -> memref<1024xi8>
        func.call @layernorm_512(%ei, %eo) : (memref<1024xi8>, memref<1024xi8>) -> ()
        aie.objectfifo.release @of_input(Consume, 1)
        aie.objectfifo.release @of_output(Produce, 1)
      }
      aie.end
    } {link_with = "layernorm.o"}
    aiex.runtime_sequence(%input : memref<1024xi8>, %output : memref<1024xi8>) {
      %c0 = arith.constant 0 : i64
      %c1 = arith.constant 1 : i64
      %c1024 = arith.constant 1024 : i64
      aiex.npu.dma_memcpy_nd(%input[%c0, %c0, %c0, %c0][%c1, %c1, %c1, %c1024][%c0, %c0, %c0, %c1]) {metadata = @of_input, id = 1 : i64} : memref<1024xi8>
      aiex.npu.dma_memcpy_nd(%output[%c0, %c0, %c0, %c0][%c1, %c1, %c1, %c1024][%c0, %c0, %c0, %c1]) {metadata = @of_output, id = 0 : i64} : memref<1024xi8>
      aiex.npu.dma_wait {symbol = @of_output}
    })";

std::vector<std::string> names(const std::vector<plan::Buffer> &buffers) {
  std::vector<std::string> out;
  for (const plan::Buffer &b : buffers) out.push_back(fmt::format("{}@{}", b.name, b.address));
  return out;
}
std::vector<std::string> connects(const plan::Switchbox &box) {
  std::vector<std::string> out;
  for (const plan::Connect &c : box.connects)
    out.push_back(fmt::format("{}{}-{}{}", bundleName(c.source.bundle), c.source.channel,
                              bundleName(c.dest.bundle), c.dest.channel));
  return out;
}

TEST(Lower, LayerNormBuffersAndLocksAsTheVendorPlacesThem) {
  Options options;
  options.scheme = AllocScheme::BasicSequential;
  auto r = good(wrap(kLayerNorm), options);
  ASSERT_TRUE(r->lowered);
  EXPECT_THAT(names(r->plan().buffers),
              ElementsAre("of_output_buff_0@1024", "of_output_buff_1@2048",
                          "of_input_cons_buff_0@3072", "of_input_cons_buff_1@4096"));
  std::vector<std::string> locks;
  for (const plan::Lock &l : r->plan().locks)
    locks.push_back(fmt::format("{}{}={}", l.tile.str(), l.id, l.init.value_or(-1)));
  EXPECT_THAT(locks, ElementsAre("(0,0)2=0", "(0,0)3=0", "(0,2)2=2", "(0,2)3=0", "(0,2)0=2",
                                 "(0,2)1=0", "(0,0)0=0", "(0,0)1=0"));
  const plan::Core &core = r->plan().cores.at(0);
  EXPECT_EQ(core.function, "core_0_2");
  EXPECT_EQ(core.dataStart, 5120u);
  EXPECT_THAT(core.linkWith, ElementsAre("layernorm.o"));
  ASSERT_FALSE(core.symbols.empty());
  EXPECT_EQ(core.symbols[0].address, device::kCoreWindowOwn + 1024);
}

TEST(Lower, BankAwareGoesRoundTheBanksAndFallsBack) {
  auto r = good(wrap(kLayerNorm));
  ASSERT_TRUE(r->lowered);
  EXPECT_THAT(names(r->plan().buffers),
              ElementsAre("of_output_buff_0@1024", "of_output_buff_1@16384",
                          "of_input_cons_buff_0@32768", "of_input_cons_buff_1@49152"));
  // Larger than a bank: only the sequential scheme can place it.
  const char *large = R"(%t = aie.tile(0, 2)
    %b = aie.buffer(%t) {sym_name = "b"} : memref<20000xi8>
    aie.core(%t) { %c = arith.constant 0 : index
      %v = memref.load %b[%c] : memref<20000xi8>
      aie.end })";
  auto fallen = good(wrap(large));
  ASSERT_TRUE(fallen->lowered);
  EXPECT_EQ(fallen->plan().buffers.at(0).address, 1024u);
  Options strict;
  strict.scheme = AllocScheme::BankAware;
  auto refused = run(wrap(large), strict);
  ASSERT_FALSE(refused->errors.empty());
  EXPECT_EQ(refused->errors[0].code, "out-of-memory");
  EXPECT_THAT(refused->errors[0].message, testing::HasSubstr("a bank holds 16384 bytes"));
}

TEST(Lower, LayerNormDescriptorsStandInDiscoveryOrder) {
  Options options;
  options.scheme = AllocScheme::BasicSequential;
  auto r = good(wrap(kLayerNorm), options);
  ASSERT_TRUE(r->lowered);
  const plan::DmaProgram &dma = r->plan().dmas.at(0);
  std::vector<int> ids;
  std::vector<std::vector<uint32_t>> words;
  for (const plan::BdSlot &slot : dma.bds) {
    ids.push_back(slot.id);
    words.emplace_back(6);
    ASSERT_TRUE(device::encodeBd(device::TileKind::Core, slot.bd, words.back()).ok());
  }
  EXPECT_THAT(ids, ElementsAre(0, 2, 3, 1));
  EXPECT_THAT(words[0], ElementsAre(0x00C00100, 0, 0, 0, 0, 0x0E043FE0));
  EXPECT_THAT(words[1], ElementsAre(0x00400100, 0, 0, 0, 0, 0x1E045FE3));
  EXPECT_THAT(words[2], ElementsAre(0x00800100, 0, 0, 0, 0, 0x16045FE3));
  EXPECT_THAT(words[3], ElementsAre(0x01000100, 0, 0, 0, 0, 0x06043FE0));
  ASSERT_EQ(dma.starts.size(), 2u);
  EXPECT_EQ(dma.starts[1].firstBd, 2);
}

TEST(Lower, LayerNormRoutesAndTokenPath) {
  auto r = good(wrap(kLayerNorm));
  ASSERT_TRUE(r->lowered);
  const auto &boxes = r->plan().switchboxes;
  ASSERT_EQ(boxes.size(), 3u);
  EXPECT_THAT(connects(boxes[0]), ElementsAre("South3-North1", "North0-South2"));
  EXPECT_THAT(connects(boxes[1]), ElementsAre("South1-North1", "North0-South0"));
  EXPECT_THAT(connects(boxes[2]), ElementsAre("South1-DMA0", "DMA0-South0"));
  ASSERT_EQ(boxes[0].masterSets.size(), 1u);
  EXPECT_EQ(boxes[0].masterSets[0].arbiter, 5);
  EXPECT_EQ(boxes[0].masterSets[0].mselMask, 8);
  EXPECT_EQ(boxes[0].packetRules.at(0).rules.at(0).id, 15);
  EXPECT_EQ(r->plan().shimMuxes.at(0).connects.size(), 2u);
  EXPECT_EQ(r->plan().tiles.at(0).controllerId, 15);
}

TEST(Lower, LayerNormSequenceIsTheOneThatRanOnSilicon) {
  auto r = good(wrap(kLayerNorm));
  ASSERT_TRUE(r->lowered);
  EXPECT_THAT(sequence(*r),
              ElementsAre("block 1d020 100 0 0 0 80000000 2000000 0 2000000", "patch 1d024 0 0",
                          "write 1d214 1", "block 1d000 100 0 0 0 80000000 2000000 0 2000000",
                          "patch 1d004 1 0", "mask 1d200 f00 1f00", "write 1d204 80000000",
                          "sync S2MM 0 (0,0)"));
  const auto &arguments = r->plan().sequences[0].arguments;
  ASSERT_EQ(arguments.size(), 2u);
  EXPECT_EQ(arguments[0].bytes, 1024u);
  EXPECT_TRUE(arguments[0].read && !arguments[0].written);
  EXPECT_TRUE(arguments[1].written && !arguments[1].read);
}

TEST(Lower, TheCoreUnrollsByTheDepthAndPeelsTheRest) {
  auto r = good(wrap(kLayerNorm));
  ASSERT_TRUE(r->lowered);
  const std::string text = r->text();
  EXPECT_THAT(text, HasSubstr("define void @core_0_2()"));
  EXPECT_THAT(text, HasSubstr("icmp slt i64 %2, 4294967294"));
  EXPECT_THAT(text, HasSubstr("call void @__aie2_acquire(i32 49, i32 -1)"));
  EXPECT_THAT(text, HasSubstr("call void @__aie2_release(i32 51, i32 1)"));
  EXPECT_THAT(text, HasSubstr("@layernorm_512(ptr @of_input_cons_buff_1, ptr @of_output_buff_1)"));
  EXPECT_THAT(text, HasSubstr("@of_input_cons_buff_0 = external global [1024 x i8]"));
  EXPECT_THAT(text, HasSubstr("target triple = \"aie2-none-unknown-elf\""));
}

TEST(Lower, DynamicFifosKeepACounterInstead) {
  Options options;
  options.dynamicObjectFifos = true;
  auto r = good(wrap(kLayerNorm), options);
  ASSERT_TRUE(r->lowered);
  EXPECT_THAT(r->text(), HasSubstr("inttoptr"));
}

std::string coreBody(std::string_view body, std::string_view depth = "3 : i32") {
  return wrap(fmt::format(R"(
    func.func private @use(memref<8xi32>)
    func.func private @coin() -> i1
    %a = aie.tile(0, 3)
    %b = aie.tile(0, 2)
    aie.objectfifo @f(%a, {{%b}}, {}) : !aie.objectfifo<memref<8xi32>>
    aie.core(%a) {{ aie.end }}
    aie.core(%b) {{
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c4 = arith.constant 4 : index
      {}
      aie.end
    }})",
                          depth, body));
}
constexpr const char *kTake = R"(
  %s = aie.objectfifo.acquire @f(Consume, 1) : !aie.objectfifosubview<memref<8xi32>>
  %e = aie.objectfifo.subview.access %s[0] : !aie.objectfifosubview<memref<8xi32>> -> memref<8xi32>
  func.call @use(%e) : (memref<8xi32>) -> ()
  aie.objectfifo.release @f(Consume, 1)
)";

TEST(Lower, NeighboursShareMemoryWithoutDma) {
  auto r = good(coreBody(kTake));
  ASSERT_TRUE(r->lowered);
  EXPECT_TRUE(r->plan().dmas.empty());
  for (const plan::Switchbox &box : r->plan().switchboxes) EXPECT_TRUE(box.connects.empty());
  EXPECT_EQ(r->plan().buffers.size(), 3u);
  EXPECT_EQ(r->plan().buffers[0].tile, (device::TileId{0, 3}));
  // The consumer reaches the producer's locks and memory north of it.
  EXPECT_THAT(r->text(1), HasSubstr("__aie2_acquire(i32 33, i32 -1)"));
  bool found = false;
  for (const plan::CoreSymbol &s : r->plan().cores.at(1).symbols)
    found |= s.name == "f_buff_0" && s.address / device::kCoreWindowBytes ==
                                         device::kCoreWindowNorth / device::kCoreWindowBytes;
  EXPECT_TRUE(found);
}

TEST(Lower, ConditionalUseOfAFifoStaysRight) {
  auto r = good(coreBody(fmt::format(R"(scf.for %i = %c0 to %c4 step %c1 {{
      %x = func.call @coin() : () -> i1
      scf.if %x {{ {} }}
    }})",
                                     kTake)));
  ASSERT_TRUE(r->lowered);
  EXPECT_THAT(r->text(1), HasSubstr("inttoptr"));
}

TEST(Lower, SlidingWindowAcquiresOnlyWhatIsMissing) {
  auto r = good(coreBody(R"(
      %s = aie.objectfifo.acquire @f(Consume, 2) : !aie.objectfifosubview<memref<8xi32>>
      %e = aie.objectfifo.subview.access %s[1] : !aie.objectfifosubview<memref<8xi32>> -> memref<8xi32>
      func.call @use(%e) : (memref<8xi32>) -> ()
      scf.for %i = %c0 to %c4 step %c1 {
        %t = aie.objectfifo.acquire @f(Consume, 3) : !aie.objectfifosubview<memref<8xi32>>
        %g = aie.objectfifo.subview.access %t[2] : !aie.objectfifosubview<memref<8xi32>> -> memref<8xi32>
        func.call @use(%g) : (memref<8xi32>) -> ()
        aie.objectfifo.release @f(Consume, 1)
      }
      aie.objectfifo.release @f(Consume, 2))",
                         "4 : i32"));
  ASSERT_TRUE(r->lowered);
  const std::string text = r->text(1);
  EXPECT_THAT(text, HasSubstr("acquire(i32 33, i32 -2)"));
  EXPECT_THAT(text, HasSubstr("acquire(i32 33, i32 -1)"));
  EXPECT_THAT(text, testing::Not(HasSubstr("i32 -3)")));
  EXPECT_THAT(text, HasSubstr("release(i32 32, i32 2)"));
}

const char *const kDistribute = R"(
    %s = aie.tile(0, 0)
    %m = aie.tile(0, 1)
    %a = aie.tile(0, 2)
    %b = aie.tile(0, 3)
    aie.objectfifo @in(%s, {%m}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @x(%m, {%a}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo @y(%m, {%b}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo.link [@in] -> [@x, @y] ([] [0, 8])
    aie.objectfifo @p(%a, {%m}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo @q(%b, {%m}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo @out(%m, {%s}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo.link [@p, @q] -> [@out] ([0, 8] []))";

TEST(Lower, LinksShareOnePoolWithALockPairAPart) {
  auto r = good(wrap(kDistribute));
  ASSERT_TRUE(r->lowered);
  int onMemtile = 0;
  for (const plan::Buffer &b : r->plan().buffers) onMemtile += b.tile.row == 1;
  EXPECT_EQ(onMemtile, 4); // in_cons_buff_0/1 and out_buff_0/1
  const plan::DmaProgram *dma = nullptr;
  for (const plan::DmaProgram &d : r->plan().dmas)
    if (d.tile == device::TileId{0, 1}) dma = &d;
  ASSERT_TRUE(dma);
  EXPECT_EQ(dma->starts.size(), 6u);
  // Each half of the distributed object goes to its own channel and lock pair.
  std::set<uint16_t> acquired;
  int halves = 0;
  for (const plan::BdSlot &slot : dma->bds) {
    ASSERT_TRUE(slot.bd.acquire && slot.bd.release);
    acquired.insert(slot.bd.acquire->id);
    EXPECT_GE(slot.bd.acquire->id, device::lockCount(device::TileKind::Mem)); // own window
    EXPECT_GE(slot.bd.address, device::kMemTileBytes);
    halves += slot.bd.length == 8;
    EXPECT_EQ(slot.bd.length, 8u);
  }
  EXPECT_EQ(halves, 16); // 2 objects, 2 parts, in and out, both links
  EXPECT_EQ(acquired.size(), 8u);
  // Memtile BDs: even channels from 0, odd from 24.
  for (const plan::DmaStart &start : dma->starts)
    EXPECT_EQ(start.firstBd >= device::bdCount(device::TileKind::Mem) / 2, start.channel % 2 == 1);
}

/// Two packets to one port each, then one to both: chosen one by one the ports would get different
/// arbiters, and the third packet could not have both.
TEST(Lower, PortsThatOnePacketLeavesByShareAnArbiter) {
  auto r = good(wrap(R"(
    %m = aie.tile(0, 1)
    %a = aie.tile(0, 2)
    aie.packet_flow(1) {
      aie.packet_source<%m, DMA : 0>
      aie.packet_dest<%a, DMA : 0>
    }
    aie.packet_flow(2) {
      aie.packet_source<%m, DMA : 1>
      aie.packet_dest<%a, DMA : 1>
    }
    aie.packet_flow(3) {
      aie.packet_source<%m, DMA : 2>
      aie.packet_dest<%a, DMA : 0>
      aie.packet_dest<%a, DMA : 1>
    })"));
  ASSERT_TRUE(r->lowered);
  std::map<plan::Port, plan::MasterSet> masters;
  for (const plan::Switchbox &box : r->plan().switchboxes)
    if (box.tile == device::TileId{0, 2})
      for (const plan::MasterSet &set : box.masterSets) masters[set.dest] = set;
  const plan::MasterSet &first = masters.at({Bundle::DMA, 0}),
                        &second = masters.at({Bundle::DMA, 1});
  EXPECT_EQ(first.arbiter, second.arbiter);
  // One selector each, and one that they share.
  EXPECT_EQ(std::popcount(first.mselMask), 2);
  EXPECT_EQ(std::popcount(second.mselMask), 2);
  EXPECT_EQ(std::popcount(static_cast<uint8_t>(first.mselMask & second.mselMask)), 1);
}

TEST(Lower, CoresSayTheirLinesWhenAsked) {
  Options options;
  options.debug = true;
  auto r = good(wrap(R"(
    %a = aie.tile(0, 2)
    %l = aie.lock(%a, 0) {init = 1 : i32}
    aie.core(%a) {
      aie.use_lock(%l, AcquireGreaterEqual, 1)
      aie.end
    })"),
                options);
  ASSERT_TRUE(r->lowered);
  const llvm::Function *f = r->lowered->cores.at(0).module->getFunction("core_0_2");
  ASSERT_NE(f, nullptr);
  ASSERT_NE(f->getSubprogram(), nullptr);
  std::set<unsigned> lines;
  for (const llvm::Instruction &i : f->getEntryBlock())
    if (const auto &at = i.getDebugLoc()) lines.insert(at.getLine());
  EXPECT_TRUE(lines.count(7)) << "the acquire's line";
}

TEST(Lower, PacketFlowsShareAMasterAndAMask) {
  auto r = good(wrap(R"(
    %s = aie.tile(0, 0)
    %a = aie.tile(0, 2)
    %b = aie.tile(0, 3)
    aie.packet_flow(0) {
      aie.packet_source<%s, DMA : 0>
      aie.packet_dest<%a, DMA : 0>
    }
    aie.packet_flow(1) {
      aie.packet_source<%s, DMA : 0>
      aie.packet_dest<%b, DMA : 0>
    }
    aie.packet_flow(2) {
      aie.packet_source<%a, DMA : 0>
      aie.packet_dest<%s, DMA : 0>
    } {keep_pkt_header = true}
    aie.packet_flow(3) {
      aie.packet_source<%b, DMA : 0>
      aie.packet_dest<%s, DMA : 0>
    } {keep_pkt_header = true})"));
  ASSERT_TRUE(r->lowered);
  // In the memtile both ids travel north together: one rule, the differing bit masked out.
  for (const plan::Switchbox &box : r->plan().switchboxes) {
    if (box.tile.row != 1) continue;
    for (const plan::PacketRules &rules : box.packetRules)
      if (rules.source.bundle == Bundle::South) {
        ASSERT_EQ(rules.rules.size(), 1u);
        EXPECT_EQ(rules.rules[0].mask, 30);
        EXPECT_EQ(rules.rules[0].id, 0);
      }
  }
  bool kept = false;
  for (const plan::Switchbox &box : r->plan().switchboxes)
    for (const plan::MasterSet &set : box.masterSets)
      kept |=
          box.tile.row == 0 && set.dest == plan::Port{Bundle::South, 2} && set.keepHeader == true;
  EXPECT_TRUE(kept);
  EXPECT_TRUE(r->warnings.empty()) << r->warnings[0].str();
}

TEST(Lower, CascadeFlowsConfigureBothEnds) {
  auto r = good(wrap(R"(
    %a = aie.tile(0, 3)
    %b = aie.tile(0, 2)
    %c = aie.tile(1, 2)
    aie.cascade_flow(%a, %b)
    aie.cascade_flow(%b, %c))"));
  ASSERT_TRUE(r->lowered);
  ASSERT_EQ(r->plan().cascades.size(), 3u);
  EXPECT_EQ(r->plan().cascades[1].input.bundle, Bundle::North);
  EXPECT_EQ(r->plan().cascades[1].output.bundle, Bundle::East);
  EXPECT_EQ(r->plan().cascades[2].input.bundle, Bundle::West);
}

std::string tasks(std::string_view body) {
  return wrap(fmt::format(R"(
    %s = aie.tile(0, 0)
    %m = aie.tile(0, 1)
    %c = aie.tile(0, 2)
    %buf = aie.buffer(%c) {{sym_name = "buf", address = 2048 : i32}} : memref<16xi32>
    %mbuf = aie.buffer(%m) {{sym_name = "mbuf", address = 64 : i32}} : memref<16xi32>
    %l = aie.lock(%c, 5) {{init = 1 : i32}}
    aie.shim_dma_allocation @in(MM2S, 0, 0)
    aie.shim_dma_allocation @out (%s, S2MM, 1)
    memref.global "private" constant @w : memref<2xi32> = dense<[7, -1]>
    aie.runtime_sequence(%a : memref<64xi32>, %n : i32, %b : memref<64xbf16>) {{
      {}
    }})",
                          body));
}

TEST(Lower, TasksTakeDescriptorsAndGiveThemBack) {
  auto r = good(tasks(R"(
      %t0 = aiex.dma_configure_task_for @in {
        aie.dma_bd(%a : memref<64xi32>, 4, 16)
        aie.next_bd ^second
      ^second:
        aie.dma_bd(%b : memref<64xbf16>, 0, 32, [<size = 2, stride = 0>, <size = 1, stride = 0>, <size = 4, stride = 16>, <size = 8, stride = 1>])
        aie.end
      } {issue_token = true, repeat_count = 1 : i32}
      aiex.dma_start_task(%t0)
      aiex.dma_await_task(%t0)
      %t1 = aiex.dma_configure_task(%c, S2MM, 0) {
        aie.use_lock(%l, AcquireGreaterEqual, 1)
        aie.dma_bd(%buf : memref<16xi32>, 8, 8)
        aie.use_lock(%l, Release, 1)
        aie.end
      }
      aiex.dma_start_task(%t1)
      %t2 = aiex.dma_configure_task_for @in {
        aie.dma_bd(%a : memref<64xi32>)
        aie.end
      }
      aiex.dma_free_task(%t2))"));
  ASSERT_TRUE(r->lowered) << r->errors.at(0).str();
  EXPECT_THAT(sequence(*r),
              ElementsAre("block 1d000 10 0 0 0 80000000 2000000 0 e000000", "patch 1d004 0 16",
                          "block 1d020 10 0 0 400000 80400007 2000000 0 2000000", "patch 1d024 1 0",
                          "mask 1d210 f00 1f00", "write 1d214 80010000", "sync MM2S 0 (0,0)",
                          "block 21d000 20008 0 0 0 0 204bfe5", "mask 21d000 820000 fffc000",
                          "write 21de04 0", "block 1d000 40 0 0 0 80000000 2000000 0 2000000",
                          "patch 1d004 0 0"));
}

TEST(Lower, RawOperationsAndLoops) {
  auto r = good(tasks(R"(
      %c0 = arith.constant 0 : index
      %c2 = arith.constant 2 : index
      %c1 = arith.constant 1 : index
      scf.for %i = %c0 to %c2 step %c1 {
        %v = arith.index_cast %i : index to i32
        %x = arith.constant 16 : i32
        %y = arith.muli %v, %x : i32
        aiex.npu.write32(%y, %v) {column = 1 : i32, row = 2 : i32} : i32, i32
      }
      aiex.npu.write32 {address = 2 : ui32, value = 9 : ui32, buffer = @buf}
      aiex.npu.rtp_write(@buf, 3, -1)
      aiex.npu.maskwrite32 {address = 0x10 : ui32, value = 1 : ui32, mask = 3 : ui32}
      %g = memref.get_global @w : memref<2xi32>
      aiex.npu.blockwrite(%g) {address = 0x100 : ui32, column = 0 : i32, row = 1 : i32} : memref<2xi32>
      aiex.npu.push_queue(0, 0, S2MM : 1) {issue_token = true, repeat_count = 2 : i32, bd_id = 3 : i32}
      aiex.set_lock(%l, 2)
      aiex.npu.sync {channel = 1 : i32, column = 0 : i32, column_num = 1 : i32, direction = 0 : i32, row = 0 : i32, row_num = 1 : i32})"));
  ASSERT_TRUE(r->lowered) << r->errors.at(0).str();
  EXPECT_THAT(sequence(*r),
              ElementsAre("write 2200000 0", "write 2200010 1", "write 200808 9",
                          "write 20080c ffffffff", "mask 10 1 3", "block 100100 7 ffffffff",
                          "mask 1d208 f00 1f00", "write 1d20c 80020003", "write 21f050 2",
                          "sync S2MM 1 (0,0)"));
}

TEST(Lower, StridedTransfersFillTheDimensions) {
  auto r = good(tasks(R"(
      aiex.npu.dma_memcpy_nd(%b[0, 0, 2, 4][3, 2, 4, 8][128, 64, 16, 1]) {id = 2 : i64, metadata = @out} : memref<64xbf16>)"));
  ASSERT_TRUE(r->lowered) << r->errors.at(0).str();
  // 8 bf16 = 4 words, rows 8 words apart, planes 32 words apart, iterations 64 words apart; starts
  // at (2 * 16 + 4) * 2 bytes.
  EXPECT_THAT(sequence(*r),
              ElementsAre("block 1d040 20 0 0 400000 80400007 200001f 20003f 2000000",
                          "patch 1d044 1 72", "mask 1d208 f00 1f00", "write 1d20c 80020002"));
}

struct Bad {
  const char *body, *code, *says;
  uint32_t line; ///< 0: anywhere
};

TEST(Lower, EveryLimitIsAnErrorAtItsLine) {
  const Bad cases[] = {
      {"%t = aie.tile(4, 2)\n%l = aie.lock(%t)", "bad-tile", "columns 0..3", 3},
      {"%t = aie.tile(0, 2)\n%l = aie.lock(%t, 16) {init = 0 : i32}", "bad-lock", "0..15", 4},
      {"%t = aie.tile(0, 2)\n%l = aie.lock(%t, 1) {init = 64 : i32}", "bad-lock", "0..63", 4},
      {"%t = aie.tile(0, 0)\n%b = aie.buffer(%t) : memref<8xi32>", "bad-buffer", "no memory", 4},
      {"%t = aie.tile(0, 2)\n%b = aie.buffer(%t) {sym_name = \"big\"} : memref<70000xi8>",
       "out-of-memory", "70000 bytes", 4},
      {"%t = aie.tile(0, 1)\naie.core(%t) { aie.end }", "bad-core", "memtile", 4},
      {"%a = aie.tile(0, 2)\n%b = aie.tile(1, 3)\naie.cascade_flow(%a, %b)", "bad-cascade",
       "(0,2) to (1,3)", 5},
      {"%a = aie.tile(0, 2)\n%b = aie.tile(0, 3)\naie.flow(%a, DMA : 2, %b, DMA : 0)", "bad-flow",
       "0..1", 5},
      {"%a = aie.tile(0, 2)\n%b = aie.tile(0, 3)\n%c = aie.tile(0, 4)\naie.flow(%a, DMA : 0, %c, "
       "DMA : 0)\naie.flow(%b, DMA : 0, %c, DMA : 0)",
       "bad-flow", "end of two flows", 7},
      {"%a = aie.tile(0, 2)\n%b = aie.tile(0, 3)\naie.packet_flow(32) {\naie.packet_source<%a, DMA "
       ": 0>\naie.packet_dest<%b, DMA : 0>\n}",
       "bad-flow", "0..31", 5},
      {"%t = aie.tile(0, 2)\n%m = aie.mem(%t) {\n%0 = aie.dma_start(S2MM, 2, ^a, ^b)\n^a:\n%b = "
       "aie.buffer(%t) : memref<8xi32>\naie.dma_bd(%b : memref<8xi32>)\naie.end\n^b:\naie.end\n}",
       "bad-channel", "0..1", 5},
      {"%t = aie.tile(0, 2)\n%b = aie.buffer(%t) : memref<8xi16>\n%m = aie.mem(%t) {\n%0 = "
       "aie.dma_start(MM2S, 0, ^a, ^b)\n^a:\naie.dma_bd(%b : memref<8xi16>, 0, 3)\naie.end\n^b:\n"
       "aie.end\n}",
       "bad-bd", "multiples of 4 bytes", 8},
      {"%t = aie.tile(0, 2)\n%b = aie.buffer(%t) : memref<8xi16>\n%m = aie.mem(%t) {\n%0 = "
       "aie.dma_start(MM2S, 0, ^a, ^b)\n^a:\naie.dma_bd(%b : memref<8xi16>, 0, 4, [<size = 4, "
       "stride = 2>])\naie.end\n^b:\naie.end\n}",
       "bad-bd", "innermost stride", 8},
      {"%t = aie.tile(0, 2)\n%b = aie.buffer(%t) : memref<2048xi32>\n%m = aie.mem(%t) {\n%0 = "
       "aie.dma_start(MM2S, 0, ^a, ^b)\n^a:\naie.dma_bd(%b : memref<2048xi32>, 0, 512, [<size = 2, "
       "stride = 256>, <size = 256, stride = 1>])\naie.end\n^b:\naie.end\n}",
       "bad-bd", "at most 255", 8},
      {"%a = aie.tile(0, 0)\n%b = aie.tile(0, 2)\naie.objectfifo @f(%a, {%b}, [2, 2, 2]) : "
       "!aie.objectfifo<memref<8xi32>>",
       "bad-fifo", "3 depths", 5},
      {"aie.runtime_sequence(%a : memref<8xi32>) {\naiex.npu.dma_wait {symbol = @nothing}\n}",
       "bad-sequence", "'nothing'", 4},
      {"aie.shim_dma_allocation @s(MM2S, 0, 0)\naie.runtime_sequence(%a : memref<8xi32>) "
       "{\naiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 4, 2][0, 0, 3, 0]) {id = 0 : i64, metadata "
       "= @s} : memref<8xi32>\n}",
       "bad-sequence", "stride 0 of dimension 0", 5},
      {"aie.shim_dma_allocation @s(MM2S, 0, 0)\naie.runtime_sequence(%a : memref<8xi32>) "
       "{\naiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 40, 8][0, 0, 2000000, 1]) {id = 0 : i64, "
       "metadata = @s} : memref<8xi32>\n}",
       "bad-bd", "at most 1048576", 5},
      {"%t = aie.tile(0, 2)\naie.core(%t) {\nfunc.call @gone() : () -> ()\naie.end\n}",
       "undefined-symbol", "gone", 5},
      {"%t = aie.tile(0, 2)\n%u = aie.tile(2, 2)\n%l = aie.lock(%u, 0)\naie.core(%t) "
       "{\naie.use_lock(%l, Release, 1)\naie.end\n}",
       "wrong-tile", "cannot reach lock", 7},
      {"%t = aie.tile(0, 2)\naie.core(%t) {\naie.objectfifo.release @none(Consume, 1)\naie.end\n}",
       "unknown-fifo", "'none'", 5},
      {"%a = aie.tile(0, 0)\n%m = aie.tile(0, 1)\naie.objectfifo @f(%a, {%m}, 2 : i32) : "
       "!aie.objectfifo<memref<8xi32>>\naie.objectfifo.link [@f] -> [@g] ([] [])",
       "unknown-fifo", "did you mean", 6},
  };
  for (const Bad &bad : cases) {
    auto r = run(wrap(bad.body));
    ASSERT_FALSE(r->errors.empty()) << bad.body;
    const Diagnostic &d = r->errors[0];
    EXPECT_EQ(d.code, bad.code) << d.str();
    EXPECT_THAT(d.str(), HasSubstr(bad.says));
    if (bad.line) EXPECT_EQ(d.place.line, bad.line) << d.str();
  }
}

TEST(Lower, ExhaustedResourcesNameTheirUsers) {
  std::string fifos = "%s = aie.tile(0, 0)\n%t = aie.tile(0, 2)\n";
  for (int i = 0; i < 3; ++i)
    fifos += fmt::format("aie.objectfifo @f{}(%s, {{%t}}, 2 : i32) : "
                         "!aie.objectfifo<memref<8xi32>>\n",
                         i);
  auto channels = run(wrap(fifos));
  ASSERT_FALSE(channels->errors.empty());
  EXPECT_EQ(channels->errors[0].code, "out-of-channels");
  EXPECT_THAT(channels->errors[0].str(), HasSubstr("MM2S 1: f1"));

  std::string locks = "%t = aie.tile(0, 2)\n";
  for (int i = 0; i < 17; ++i) locks += fmt::format("%l{} = aie.lock(%t)\n", i);
  EXPECT_EQ(run(wrap(locks))->errors.at(0).code, "out-of-locks");

  auto bds = run(wrap(R"(
    %s = aie.tile(0, 0)
    %t = aie.tile(0, 2)
    aie.objectfifo @f(%s, {%t}, 17 : i32) : !aie.objectfifo<memref<8xi32>>)"));
  EXPECT_EQ(bds->errors.at(0).code, "bd-exhausted");
  EXPECT_THAT(bds->errors[0].str(), HasSubstr("f_cons_buff_0"));

  // Five streams want the four ways south out of a core tile's column.
  std::string flows;
  for (int row = 2; row < 5; ++row) flows += fmt::format("%t{} = aie.tile(0, {})\n", row, row);
  flows += "%m = aie.tile(0, 1)\n";
  int to = 0;
  for (int row = 2; row < 5; ++row)
    for (int c = 0; c < 2; ++c)
      flows += fmt::format("aie.flow(%t{}, DMA : {}, %m, DMA : {})\n", row, c, to++);
  auto routed = run(fmt::format("module {{ aie.device(npu1_1col) {{ {} }} }}", flows));
  ASSERT_FALSE(routed->errors.empty());
  EXPECT_EQ(routed->errors[0].code, "unroutable");
  EXPECT_FALSE(routed->errors[0].notes.empty());
}

/// What lowering prints is a design, and lowering that changes nothing but who drew the routes.
TEST(Lower, TheLoweredTextLowersToTheSamePlan) {
  Options options;
  options.printLowered = true;
  for (const char *body : {kLayerNorm, kDistribute}) {
    auto first = good(wrap(body), options);
    ASSERT_TRUE(first->lowered);
    for (const std::string *text : {&first->lowered->withAddresses, &first->lowered->physical}) {
      auto again = good(*text);
      ASSERT_TRUE(again->lowered) << *text;
      EXPECT_EQ(names(first->plan().buffers), names(again->plan().buffers));
      ASSERT_EQ(first->plan().switchboxes.size(), again->plan().switchboxes.size());
      for (size_t i = 0; i < first->plan().switchboxes.size(); ++i) {
        const plan::Switchbox &a = first->plan().switchboxes[i], &b = again->plan().switchboxes[i];
        EXPECT_EQ(a.tile, b.tile);
        EXPECT_EQ(connects(a), connects(b));
        EXPECT_EQ(a.masterSets.size(), b.masterSets.size());
        EXPECT_EQ(a.packetRules.size(), b.packetRules.size());
      }
      ASSERT_EQ(first->plan().dmas.size(), again->plan().dmas.size());
      for (size_t i = 0; i < first->plan().dmas.size(); ++i) {
        const plan::DmaProgram &a = first->plan().dmas[i], &b = again->plan().dmas[i];
        ASSERT_EQ(a.bds.size(), b.bds.size());
        for (size_t k = 0; k < a.bds.size(); ++k) {
          EXPECT_EQ(a.bds[k].id, b.bds[k].id);
          EXPECT_EQ(a.bds[k].bd, b.bds[k].bd);
        }
      }
      EXPECT_EQ(first->plan().shimMuxes.size(), again->plan().shimMuxes.size());
    }
  }
}

TEST(Lower, DamagedDesignsNeverCrash) {
  int lowered = 0;
  for (const char *body : {kLayerNorm, kDistribute})
    design_test::damage(wrap(body), 11, 120, [&](const std::string &text) {
      auto r = run(text);
      lowered += r->lowered.has_value();
      if (!r->lowered) EXPECT_FALSE(r->errors.empty());
    });
  EXPECT_GT(lowered, 0);
}

} // namespace
} // namespace ashlar::lower
