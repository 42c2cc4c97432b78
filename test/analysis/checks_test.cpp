// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each check: a design that triggers it and, in the same test, a near twin that does not.
#include "analysis/fixture.h"
#include "device/registers.h"
#include "format/xclbin_sections.h"

#include <filesystem>
#include <gmock/gmock.h>

namespace ashlar::analysis_test {

namespace {

using device::DmaDirection;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Checks, TheGoodDesignHasNoFindings) {
  Design d;
  d.goodSequence();
  EXPECT_THAT(d.check(), IsEmpty()) << text(d.check());
  EXPECT_THAT(d.checkStream(), IsEmpty()) << text(d.checkStream());
  EXPECT_THAT(analysis::checkXclbin(d.xclbin(), "main.xclbin"), IsEmpty())
      << text(analysis::checkXclbin(d.xclbin(), "main.xclbin"));
}

TEST(Checks, EachHasAPage) {
  for (const analysis::CheckInfo &c : analysis::checks())
    EXPECT_TRUE(
        std::filesystem::exists(std::string(ASHLAR_SOURCE_DIR) + "/docs/checks/" + c.code + ".md"))
        << c.code;
}

// ---- programs ----------------------------------------------------------------------------------

TEST(Checks, StackOverflow) {
  Design d;
  d.program = goodProgram("\tpaddb [sp], #1056\n\tpaddb [sp], #-1056\n");
  EXPECT_THAT(codes(d.check()), ElementsAre("stack-overflow"));
  EXPECT_THAT(text(d.check()), HasSubstr("design.mlir:5:7: error: the program of core (0,2) needs "
                                         "1056 bytes of stack, and 1024 are reserved"));
  d.program = goodProgram("\tpaddb [sp], #1024\n\tpaddb [sp], #-1024\n");
  EXPECT_THAT(d.check(), IsEmpty());
}

TEST(Checks, StackWithoutAPlanReachesUpToTheFirstBuffer) {
  Design d;
  d.program = goodProgram("\tpaddb [sp], #1056\n\tpaddb [sp], #-1056\n");
  const Diagnostics findings = analysis::checkConfiguration(d.configuration(), "main.pdi", nullptr);
  EXPECT_THAT(codes(findings), ElementsAre("stack-overflow"));
  EXPECT_THAT(text(findings), HasSubstr("1024 lie below its first buffer"));
}

TEST(Checks, StackUnknown) {
  Design d;
  d.program = goodProgram("\tjl p0\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n");
  EXPECT_THAT(codes(analysis::checkConfiguration(d.configuration(), "main.pdi", nullptr)),
              ElementsAre("stack-unknown"));
  EXPECT_THAT(d.check(), IsEmpty()); // the linker has seen to it
}

TEST(Checks, IllegalInstruction) {
  Design d;
  d.program = goodProgram("\tj #0x3000\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n");
  EXPECT_THAT(codes(d.check()), Contains("illegal-instruction"));
  EXPECT_THAT(text(d.check()), HasSubstr("reaches 0x3000"));
}

TEST(Checks, ProgramHazard) {
  Design d;
  d.program = goodProgram("\tmul r0, r1, r2\n\tadd r0, r1, #1\n\tnop\n");
  EXPECT_THAT(codes(d.check()), Contains("program-hazard"));
  EXPECT_THAT(text(d.check()), HasSubstr("write r0 in one cycle"));
  d.program = goodProgram("\tmul r0, r1, r2\n\tnop\n\tadd r0, r1, #1\n");
  EXPECT_THAT(codes(d.check()), testing::Not(Contains("program-hazard")));
}

TEST(Checks, CoreWithoutProgram) {
  load::Configuration c;
  c.operations.push_back(
      {load::MaskWrite32{device::tileAddress(kCore, device::reg::kCoreControl), 1, 1}, 0});
  EXPECT_THAT(codes(analysis::checkConfiguration(c, "x.pdi", nullptr)),
              ElementsAre("core-without-program"));
}

TEST(Checks, ProgramMemory) {
  load::Configuration c;
  c.operations.push_back({load::BlockWrite{device::tileAddress(kCore, device::reg::kProgramMemory),
                                           std::vector<uint32_t>(4097, 0x00010001)},
                          0});
  EXPECT_THAT(codes(analysis::checkConfiguration(c, "x.pdi", nullptr)), Contains("program-memory"));
}

// ---- DMA and locks -----------------------------------------------------------------------------

TEST(Checks, BdInvalid) {
  Design d;
  d.dma().bds[0].bd.next = 7;
  EXPECT_THAT(codes(d.check()), ElementsAre("bd-invalid"));
  EXPECT_THAT(text(d.check()), HasSubstr("S2MM 0 of core (0,2) goes on to BD 7, which is never "
                                         "written"));
}

TEST(Checks, BdRange) {
  Design d;
  d.dma().bds[0].bd.address = 0xFE00;
  EXPECT_THAT(codes(d.check()), ElementsAre("bd-range"));
  d.dma().bds[0].bd.address = 0xFC00;
  EXPECT_THAT(d.check(), IsEmpty()) << text(d.check());
}

TEST(Checks, BufferOverlap) {
  Design d;
  d.program = goodProgram("\tmovxm p0, #table\n") +
              "\t.data\n\t.globl table\n\t.type table,@object\ntable:\n\t.word 1\n\t.word 2\n"
              "\t.size table, 8\n";
  EXPECT_THAT(d.check(), IsEmpty()) << text(d.check());
  d.plan.cores[0].dataStart = 0xBF8; // inside out_buff
  EXPECT_THAT(codes(d.check()), ElementsAre("buffer-overlap"));
  EXPECT_THAT(text(d.check()), HasSubstr("`out_buff`"));
}

TEST(Checks, DataInTheStack) {
  Design d;
  d.program =
      goodProgram("\tmovxm p0, #table\n") +
      "\t.data\n\t.globl table\n\t.type table,@object\ntable:\n\t.word 1\n\t.size table, 4\n";
  d.plan.cores[0].dataStart = 0x3F0;
  EXPECT_THAT(text(d.check()), HasSubstr("lies in the stack"));
}

TEST(Checks, LockRange) {
  load::Configuration c;
  const uint32_t address =
      device::tileAddress(kCore, device::reg::lockBase(device::TileKind::Core));
  c.operations.push_back({load::Write32{address, 63}, 0});
  EXPECT_THAT(analysis::checkConfiguration(c, "x.pdi", nullptr), IsEmpty());
  c.operations.push_back({load::Write32{address, 64}, 0});
  EXPECT_THAT(codes(analysis::checkConfiguration(c, "x.pdi", nullptr)), ElementsAre("lock-range"));
}

TEST(Checks, LockNeverReleased) {
  Design d;
  d.dma().bds[0].bd.release.reset(); // nobody tells the core that data is there
  EXPECT_THAT(codes(d.check()), ElementsAre("lock-never-released"));
  EXPECT_THAT(text(d.check()), HasSubstr("lock `in_cons_lock`"));
}

TEST(Checks, LockNeverAcquired) {
  Design d;
  d.dma().bds[1].bd.acquire.reset();
  EXPECT_THAT(codes(d.check()), ElementsAre("lock-never-acquired"));
  EXPECT_THAT(text(d.check()), HasSubstr("lock `out_cons_lock`"));
}

// A memtile that only the sequence programs: its locks are judged with the stream, not without.
TEST(Checks, LocksOfTasksThatTheSequenceStarts) {
  Design d;
  d.goodSequence();
  const auto task = [&](int bd, int acquire, int release) {
    device::Bd fields;
    fields.address = device::kMemTileBytes; // its own memory
    fields.length = 256;
    fields.acquire = device::BdLock{static_cast<uint16_t>(64 + acquire), -1};
    fields.release = device::BdLock{static_cast<uint16_t>(64 + release), 1};
    std::vector<uint32_t> words(8);
    ASSERT_TRUE(device::encodeBd(device::TileKind::Mem, fields, words).ok());
    d.add(load::BlockWrite{device::tileAddress(kMem, device::bdRegister(device::TileKind::Mem, bd)),
                           words});
    d.add(load::Write32{device::tileAddress(kMem, device::reg::dmaQueue(device::TileKind::Mem,
                                                                        DmaDirection::S2MM, bd)),
                        static_cast<uint32_t>(bd)});
  };
  const auto check = [&] {
    load::Stream stream;
    stream.operations = d.operations;
    return analysis::checkConfiguration(d.configuration(), "main.pdi", &d.plan,
                                        std::span(&stream, 1));
  };
  task(0, 0, 1);
  EXPECT_THAT(codes(check()), ElementsAre("lock-never-released", "lock-never-acquired"));
  EXPECT_THAT(d.check(), IsEmpty());
  task(1, 1, 0);
  EXPECT_THAT(check(), IsEmpty()) << text(check());
}

// ---- routes ------------------------------------------------------------------------------------

TEST(Checks, RouteDeadEnd) {
  Design d;
  d.plan.switchboxes[1].connects.pop_back(); // the memtile no longer passes the result down
  EXPECT_THAT(codes(d.check()), ElementsAre("route-dead-end"));
  EXPECT_THAT(text(d.check()), HasSubstr("what MM2S 0 of core (0,2) sends stops at North0 of "
                                         "memtile (0,1)"));
}

TEST(Checks, StreamWithoutSource) {
  Design d;
  d.plan.shimMuxes[0].connects.erase(d.plan.shimMuxes[0].connects.begin());
  d.plan.switchboxes[0].connects.erase(d.plan.switchboxes[0].connects.begin());
  EXPECT_THAT(codes(d.check()), ElementsAre("stream-without-source"));
  EXPECT_THAT(text(d.check()), HasSubstr("S2MM 0 of core (0,2)"));
}

TEST(Checks, PacketDropped) {
  const auto packets = [](uint8_t sent, uint8_t expected) {
    Design d;
    d.dma().bds[1].bd.packet = device::BdPacket{0, sent};
    plan::Switchbox &box = d.plan.switchboxes[2];
    box.connects.pop_back();
    box.masterSets = {{{plan::Bundle::South, 0}, 1, 1, std::nullopt}};
    box.packetRules = {{{plan::Bundle::DMA, 0}, {{31, expected, 1, 0}}}};
    return d.check();
  };
  EXPECT_THAT(packets(3, 3), IsEmpty()) << text(packets(3, 3));
  EXPECT_THAT(codes(packets(4, 3)), ElementsAre("packet-dropped"));
  EXPECT_THAT(text(packets(4, 3)), HasSubstr("no rule there takes packet id 4"));
}

// ---- sequences ---------------------------------------------------------------------------------

TEST(Checks, BoTooSmall) {
  Design d;
  d.task({0, DmaDirection::MM2S, 0, 512, 256, false, true});
  EXPECT_THAT(codes(d.checkStream()), ElementsAre("bo-too-small"));
  EXPECT_THAT(text(d.checkStream()), HasSubstr("reaches byte 1536 of argument 0 (%in), which is "
                                               "declared with 1024"));
}

TEST(Checks, ArgumentMissing) {
  Design d;
  d.task({0, DmaDirection::MM2S, 2, 0, 256, false, true});
  EXPECT_THAT(codes(d.checkStream()), ElementsAre("argument-missing"));
}

TEST(Checks, TokenNeverIssued) {
  Design d;
  d.task({0, DmaDirection::MM2S, 0, 0, 256, false, true});
  d.task({1, DmaDirection::S2MM, 1, 0, 256, false, true});
  d.wait();
  EXPECT_THAT(codes(d.checkStream()), ElementsAre("token-never-issued"));
}

TEST(Checks, TokenUnrouted) {
  Design d;
  d.goodSequence();
  d.plan.switchboxes[0].packetRules.clear();
  EXPECT_THAT(codes(d.checkStream()), ElementsAre("token-unrouted"));
}

TEST(Checks, QueueOverflow) {
  Design d;
  for (int i = 0; i < 5; ++i) d.task({i, DmaDirection::MM2S, 0, 0, 256, false, true});
  EXPECT_THAT(d.checkStream(), IsEmpty()) << text(d.checkStream());
  d.task({5, DmaDirection::MM2S, 0, 0, 256, false, true});
  EXPECT_THAT(codes(d.checkStream()), ElementsAre("queue-overflow"));
}

TEST(Checks, BdReused) {
  Design d;
  d.goodSequence();
  d.task({1, DmaDirection::S2MM, 1, 0, 256, true, true}); // waited for: fine
  EXPECT_THAT(d.checkStream(), IsEmpty()) << text(d.checkStream());
  d.task({1, DmaDirection::S2MM, 1, 0, 256, true, true});
  EXPECT_THAT(codes(d.checkStream()), ElementsAre("bd-reused"));
}

TEST(Checks, StreamStartsABdThatWasNeverWritten) {
  Design d;
  d.task({9, DmaDirection::MM2S, 0, 0, 256, false, false});
  EXPECT_THAT(codes(d.checkStream()), ElementsAre("bd-invalid"));
}

TEST(Checks, TransferPartial) {
  Design d;
  d.plan.sequences[0].arguments[0].bytes = 4096;
  d.task({0, DmaDirection::MM2S, 0, 0, 512, false, true});
  EXPECT_THAT(d.checkStream(), IsEmpty()) << text(d.checkStream());
  d.task({1, DmaDirection::MM2S, 0, 0, 128, false, true});
  EXPECT_THAT(codes(d.checkStream()), ElementsAre("transfer-partial"));
}

TEST(Checks, SequenceEmpty) {
  Design d;
  EXPECT_THAT(codes(d.checkStream()), ElementsAre("sequence-empty"));
}

// ---- XCLBIN ------------------------------------------------------------------------------------

namespace xclbin = format::xclbin;

/// The good XCLBIN with one thing changed.
template <class Change> Diagnostics changed(Change change) {
  Design d;
  Diagnostics problems;
  auto file = xclbin::read(d.xclbin(), "main.xclbin", problems);
  EXPECT_TRUE(file.ok());
  if (!file.ok()) return {};
  change(*file);
  return analysis::checkXclbin(xclbin::write(*file), "main.xclbin");
}
xclbin::Section &sectionOf(xclbin::File &file, uint32_t kind) {
  for (xclbin::Section &s : file.sections)
    if (s.kind == kind) return s;
  ADD_FAILURE() << kind;
  return file.sections.front();
}
template <class Change> Diagnostics changedPartition(Change change) {
  return changed([&](xclbin::File &f) {
    xclbin::Section &s = sectionOf(f, xclbin::kAiePartition);
    auto partition = xclbin::decodePartition(s, "main.xclbin");
    ASSERT_TRUE(partition.ok());
    change(*partition);
    s.data = xclbin::encodePartition(*partition);
  });
}

TEST(Checks, Xclbin) {
  EXPECT_THAT(codes(changed([](xclbin::File &f) { f.uuid = {}; })), ElementsAre("xclbin-uuid"));
  EXPECT_THAT(codes(changed([](xclbin::File &f) {
                std::erase_if(f.sections, [](const xclbin::Section &s) {
                  return s.kind == xclbin::kAiePartition;
                });
              })),
              ElementsAre("xclbin-sections"));
  EXPECT_THAT(codes(changedPartition([](xclbin::Partition &p) { p.columnWidth = 8; })),
              Contains("xclbin-columns"));
  EXPECT_THAT(codes(changedPartition(
                  [](xclbin::Partition &p) { p.pdis[0].groups[0].kernelIds = {0x123}; })),
              ElementsAre("xclbin-kernel-id"));
  EXPECT_THAT(codes(changed([](xclbin::File &f) {
                sectionOf(f, xclbin::kIpLayout).data = xclbin::encodeIps({});
              })),
              ElementsAre("xclbin-no-kernel"));
  EXPECT_THAT(codes(changed([](xclbin::File &f) {
                sectionOf(f, xclbin::kConnectivity).data = xclbin::encodeConnections({});
                std::erase_if(f.sections, [](const xclbin::Section &s) {
                  return s.kind == xclbin::kGroupConnectivity;
                });
              })),
              Contains("xclbin-arguments"));
}

} // namespace
} // namespace ashlar::analysis_test
