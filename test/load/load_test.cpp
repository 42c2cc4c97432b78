// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loading: what packaging wrote comes back as the operations that the firmware performs, and
// whatever is damaged, foreign or hostile is refused by name.
#include "load/load.h"

#include "format/cdo.h"
#include "format/mutate.h"
#include "format/pdi.h"
#include "format/txn.h"
#include "format/xclbin_sections.h"
#include "package/package.h"
#include "plan/sample_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace ashlar;
using namespace ashlar::load;
using namespace ashlar::format;

namespace {

package::Products products() {
  return *package::package(plan_test::samplePlan(), {{{0, 2}, plan_test::sampleElf(), "c.elf"}});
}
Package packageOf(const Bytes &bytes) {
  Diagnostics warnings;
  auto p = readPackage(bytes, "a.xclbin", warnings);
  EXPECT_TRUE(p.ok()) << p.errors()[0].str();
  return std::move(*p);
}
std::string packageError(ByteView bytes) {
  Diagnostics warnings;
  const auto p = readPackage(bytes, "a", warnings);
  return p.ok() ? "" : p.errors()[0].code;
}
std::string streamError(ByteView bytes) {
  Diagnostics warnings;
  const auto s = readStream(bytes, "s", warnings);
  return s.ok() ? "" : s.errors()[0].code;
}
Bytes stream(std::vector<txn::Op> ops) {
  txn::File f;
  for (txn::Op &op : ops) f.operations.push_back({std::move(op), 0});
  return txn::write(f);
}
/// A PDI with one command given by its words.
Bytes pdiOf(const std::vector<uint32_t> &words) {
  ByteWriter w;
  const uint32_t n = static_cast<uint32_t>(words.size());
  w.u32(4).u32(cdo::kIdent).u32(cdo::kVersion).u32(n).u32(~(4 + cdo::kIdent + cdo::kVersion + n));
  for (const uint32_t v : words) w.u32(v);
  return pdi::write(w.view());
}
/// The XCLBIN with one section changed.
template <class F> Bytes changed(F change) {
  Diagnostics problems;
  xclbin::File file = *xclbin::read(products().xclbin, "x", problems);
  change(file);
  return xclbin::write(file);
}
xclbin::Section &section(xclbin::File &file, uint32_t kind) {
  for (xclbin::Section &s : file.sections)
    if (s.kind == kind) return s;
  return file.sections[0];
}

} // namespace

TEST(Load, XclbinGivesKernelsAndConfiguration) {
  const Package p = packageOf(products().xclbin);
  EXPECT_EQ(p.columns, 4);
  ASSERT_EQ(p.kernels.size(), 1u);
  EXPECT_EQ(p.kernels[0].name, "MLIR_AIE");
  EXPECT_EQ(p.kernels[0].instances, std::vector<std::string>{"MLIRAIE"});
  EXPECT_EQ(p.kernels[0].id, 0x901u);
  ASSERT_EQ(p.kernels[0].arguments.size(), 8u);
  EXPECT_TRUE(p.kernels[0].arguments[3].buffer);
  EXPECT_FALSE(p.kernels[0].arguments[2].buffer);
  EXPECT_EQ(p.kernels[0].arguments[4].offset, 0x1Cu);
  ASSERT_EQ(p.configurations.size(), 1u);
  EXPECT_EQ(p.configurations[0].pdi, products().pdi);
}

TEST(Load, OperationsAreTheCdosInOrder) {
  const Package p = packageOf(products().pdi);
  EXPECT_EQ(p.columns, 1);
  const std::vector<Operation> &ops = p.configurations[0].operations;
  const auto &first = std::get<MaskWrite32>(ops[0].op);
  EXPECT_EQ(first.address, 0x232000u);
  EXPECT_EQ(first.mask, 1u);
  EXPECT_EQ(first.value, 0u);
  const auto &program = std::get<BlockWrite>(ops[5].op);
  EXPECT_EQ(program.address, 0x220000u);
  EXPECT_EQ(program.words.size(), 64u);
  const auto &last = std::get<MaskWrite32>(ops.back().op);
  EXPECT_EQ(last.address, 0x232000u);
  EXPECT_EQ(last.value, 1u);
  size_t locks = 0;
  for (const Operation &o : ops)
    if (const auto *w = std::get_if<Write32>(&o.op))
      locks += w->address >= 0x21F000 && w->address < 0x21F100;
  EXPECT_EQ(locks, 20u); // 16 zeroed, 4 set
  EXPECT_GE(ops[0].offset, pdi::kDataOffset);
}

TEST(Load, StreamOperations) {
  Diagnostics warnings;
  const auto s = readStream(products().sequences[0].stream, "s.bin", warnings);
  ASSERT_TRUE(s.ok()) << s.errors()[0].str();
  EXPECT_EQ(s->columns, 4);
  EXPECT_EQ(s->size, 300u);
  ASSERT_EQ(s->operations.size(), 8u);
  EXPECT_EQ(std::get<BlockWrite>(s->operations[0].op).words.size(), 8u);
  EXPECT_EQ(std::get<AddressPatch>(s->operations[4].op).argument, 1u);
  EXPECT_EQ(std::get<MaskWrite32>(s->operations[5].op).mask, 0x1F00u);
  const auto &sync = std::get<Sync>(s->operations[7].op);
  EXPECT_EQ(sync.columns, 1);
  EXPECT_EQ(sync.direction, device::DmaDirection::S2MM);
  EXPECT_EQ(s->operations[7].offset, 0x11Cu);
}

/// The firmware translates the addresses of five arguments; streams do it for further ones.
TEST(Load, PatchesOfLaterArguments) {
  Diagnostics warnings;
  const auto offsets = [&](uint64_t fourth, uint64_t fifth) {
    warnings.clear();
    const auto s = readStream(
        stream({txn::AddressPatch{0x1D004, 4, fourth, 0}, txn::AddressPatch{0x1D024, 5, fifth, 0}}),
        "s", warnings);
    EXPECT_TRUE(s.ok());
    return std::pair(std::get<AddressPatch>(s->operations[0].op).offset,
                     std::get<AddressPatch>(s->operations[1].op).offset);
  };
  EXPECT_EQ(offsets(16, 0x80000020), std::pair(uint64_t{16}, uint64_t{32}));
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ(offsets(16, 32), std::pair(uint64_t{16}, uint64_t{32}));
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].code, "argument-untranslated");
  // Ours say it, and are read back as they were meant.
  plan::Plan p = plan_test::samplePlan();
  p.sequences[0].arguments.resize(7);
  p.sequences[0].ops = {{plan::AddressPatch{0x1D004, 4, 8}, {}},
                        {plan::AddressPatch{0x1D024, 6, 8}, {}}};
  const auto made = package::package(p, {{{0, 2}, plan_test::sampleElf(), "c.elf"}});
  ASSERT_TRUE(made.ok()) << made.errors()[0].str();
  const auto raw = txn::read(made->sequences[0].stream, "s", warnings);
  ASSERT_TRUE(raw.ok());
  EXPECT_EQ(std::get<txn::AddressPatch>(raw->operations[0].op).offset, 8u);
  EXPECT_EQ(std::get<txn::AddressPatch>(raw->operations[1].op).offset, 0x80000008u);
  warnings.clear();
  const auto s = readStream(made->sequences[0].stream, "s", warnings);
  ASSERT_TRUE(s.ok());
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ(std::get<AddressPatch>(s->operations[1].op).offset, 8u);
}

TEST(Load, EveryCommandThatFirmwareKnows) {
  Diagnostics warnings;
  const auto c = readPdi(pdiOf({0x00040101, 0x232004, 1, 1, 500, // mask poll
                                0x00010104, 7,                   // delay
                                0x0004010C, 0, 0x200000, 5, 9,   // set
                                0x00030108, 0, 0x232000, 1,      // write64
                                0x00000100, 0xDEAD}),            // end; the rest is not read
                         "x.pdi", warnings);
  ASSERT_TRUE(c.ok()) << c.errors()[0].str();
  ASSERT_EQ(c->operations.size(), 4u);
  EXPECT_EQ(std::get<MaskPoll>(c->operations[0].op).timeoutMs, 500u);
  EXPECT_EQ(std::get<Delay>(c->operations[1].op).count, 7u);
  EXPECT_EQ(std::get<BlockFill>(c->operations[2].op).words, 5u);
  EXPECT_EQ(std::get<BlockFill>(c->operations[2].op).value, 9u);
  EXPECT_EQ(std::get<Write32>(c->operations[3].op).value, 1u);
}

TEST(Load, AddressesOutsideTheArray) {
  const auto code = [](const std::vector<uint32_t> &words) {
    Diagnostics warnings;
    const auto c = readPdi(pdiOf(words), "x.pdi", warnings);
    return c.ok() ? "" : c.errors()[0].code;
  };
  EXPECT_EQ(code({0x00020103, 0x00600000, 1}), "address-range");     // row 6
  EXPECT_EQ(code({0x00020103, 0x0A000000, 1}), "address-range");     // column 5
  EXPECT_EQ(code({0x00020103, 0x40000000, 1}), "address-range");     // beyond 30 bits
  EXPECT_EQ(code({0x00020103, 0x00232002, 1}), "address-range");     // not a word
  EXPECT_EQ(code({0x00030108, 1, 0x232000, 1}), "address-range");    // high half
  EXPECT_EQ(code({0x00040105, 0, 0x1FFFFC, 1, 2}), "address-range"); // across tiles
  EXPECT_EQ(code({0x0004010C, 0, 0x200000, 0xFFFFFFFF, 9}), "address-range");
  EXPECT_EQ(code({0x00060109, 0, 0, 0, 0, 0, 0}), "cdo-unsupported");
  // In an XCLBIN the partition's width is the limit.
  const Bytes narrow = changed([](xclbin::File &f) {
    xclbin::Section &s = section(f, xclbin::kAiePartition);
    auto p = *xclbin::decodePartition(s, "x");
    p.pdis[0].image = pdiOf({0x00020103, 0x02232000, 1});
    p.columnWidth = 1;
    s.data = xclbin::encodePartition(p);
  });
  EXPECT_EQ(packageError(narrow), "address-range");
}

TEST(Load, PackagesThatXrtWouldRefuse) {
  EXPECT_EQ(packageError(changed([](xclbin::File &f) {
              xclbin::Section &s = section(f, xclbin::kAiePartition);
              auto p = *xclbin::decodePartition(s, "x");
              p.pdis[0].groups[0].kernelIds = {0x902};
              s.data = xclbin::encodePartition(p);
            })),
            "package-kernel-id");
  EXPECT_EQ(packageError(changed([](xclbin::File &f) {
              xclbin::Section &s = section(f, xclbin::kAiePartition);
              auto p = *xclbin::decodePartition(s, "x");
              p.columnWidth = 0;
              s.data = xclbin::encodePartition(p);
            })),
            "package-columns");
  EXPECT_EQ(
      packageError(changed([](xclbin::File &f) { f.sections.erase(f.sections.begin() + 1); })),
      "package-section");
  EXPECT_EQ(
      packageError(changed([](xclbin::File &f) { f.sections.erase(f.sections.begin() + 2); })),
      "package-section");
  EXPECT_EQ(packageError(changed([](xclbin::File &f) {
              section(f, xclbin::kEmbeddedMetadata).data = xclbin::encodeKernels({});
            })),
            "package-section");
  EXPECT_EQ(packageError(changed([](xclbin::File &f) {
              xclbin::Section &s = section(f, xclbin::kEmbeddedMetadata);
              auto k = *xclbin::decodeKernels(s, "x");
              k[0].kernelId = "nine";
              s.data = xclbin::encodeKernels(k);
            })),
            "package-metadata");
  EXPECT_EQ(packageError(changed(
                [](xclbin::File &f) { section(f, xclbin::kEmbeddedMetadata).data = {'<', 'a'}; })),
            "xclbin-corrupt");
}

TEST(Load, ForeignAndOpaqueFiles) {
  EXPECT_EQ(packageError({}), "foreign");
  EXPECT_EQ(packageError(plan_test::sampleElf()), "foreign");
  EXPECT_EQ(packageError(products().sequences[0].stream), "foreign");
  EXPECT_EQ(streamError(plan_test::sampleElf()), "foreign");
  EXPECT_EQ(packageError(pdiOf({3, 1, 0x232000, 1})), "pdi-opaque");
  Bytes sum = products().pdi;
  sum[0x28] ^= 1;
  EXPECT_EQ(packageError(sum), "pdi-checksum");
}

TEST(Load, StreamsThatPhoenixWouldRefuse) {
  EXPECT_EQ(streamError(stream({txn::Custom{0x84, {1}}})), "txn-unsupported");
  EXPECT_EQ(streamError(stream({txn::AddressPatch{0x1D004, 0, 0, 1}})), "txn-unsupported");
  EXPECT_EQ(streamError(stream({txn::Write32{0x600000, 1}})), "address-range");
  EXPECT_EQ(streamError(stream({txn::Write32{uint64_t{1} << 33, 1}})), "address-range");
  EXPECT_EQ(streamError(stream({txn::Sync{0, 0, 3, 1, 3, 0}})), "address-range");
  EXPECT_EQ(streamError(stream({txn::Sync{2, 0, 0, 1, 1, 0}})), "txn-corrupt");
  Bytes strix = stream({txn::Write32{0x1D204, 1}});
  strix[2] = 4;
  EXPECT_EQ(streamError(strix), "txn-unsupported");
  Diagnostics warnings;
  EXPECT_TRUE(readStream(stream({txn::Custom{0x83, {1}}, txn::Noop{}}), "s", warnings).ok());
  EXPECT_EQ(warnings.size(), 1u);
}

TEST(Load, TextStreams) {
  std::string text;
  const Bytes binary = products().sequences[0].stream;
  for (size_t i = 0; i < binary.size(); i += 4)
    text += fmt::format("{:08X}\n", readU32(&binary[i]));
  Diagnostics warnings;
  const auto s = readStream(Bytes(text.begin(), text.end()), "insts.txt", warnings);
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(s->operations.size(), 8u);
}

TEST(Load, DamageIsNeverFollowed) {
  const package::Products p = products();
  int loaded = 0;
  format_test::mutate(p.xclbin, 8000, [&](ByteView data) {
    Diagnostics warnings;
    loaded += readPackage(data, "bad.xclbin", warnings).ok();
  });
  format_test::mutate(p.pdi, 8000, [&](ByteView data) {
    Diagnostics warnings;
    loaded += readPackage(data, "bad.pdi", warnings).ok();
  });
  format_test::mutate(p.sequences[0].stream, 8000, [&](ByteView data) {
    Diagnostics warnings;
    loaded += readStream(data, "bad.bin", warnings).ok();
  });
  EXPECT_LT(loaded, 24000);
}
