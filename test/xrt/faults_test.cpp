// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What programs do wrong under the real XRT, each with the state or errno of the chip and the
// explanation; what they do oddly and rightly; processes that end while a command runs; damaged
// packages.
#include "format/xclbin_sections.h"
#include "xrt/root.h"

#include <gmock/gmock.h>

using namespace ashlar;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using xrt_test::Outcome;

namespace {

class XrtFaults : public xrt_test::Xrt {
protected:
  static Bytes good() {
    const auto bytes = readFile(root + shared + "/good.xclbin");
    return bytes.ok() ? *bytes : Bytes();
  }
  /// The probe's "run" with another package.
  static Outcome runs(const Bytes &package) {
    EXPECT_TRUE(writeFile(folder + "/other.xclbin", package).ok());
    return with(fmt::format("{0}/probe run other.xclbin {0}/good.bin {0}/hang.bin", shared));
  }
  static std::string out(const std::string &mode) {
    const Outcome run = faults(mode);
    EXPECT_EQ(run.exit, 0) << mode << run.out << run.err;
    return run.out;
  }
};

} // namespace

TEST_F(XrtFaults, TheHealthWordsOfAHangReachTheProgram) {
  const Outcome run = faults("health");
  EXPECT_THAT(run.out, HasSubstr("state 8: Command failed to complete successfully "
                                 "(ERT_CMD_STATE_TIMEOUT)"));
  EXPECT_THAT(run.out, HasSubstr("txn_op_idx = 0x00000004")); // the fifth, the wait
  for (const char *word : {"ctx_pc", "fatal_error_type", "fatal_error_exception_type",
                           "fatal_error_exception_pc", "fatal_error_app_module"})
    EXPECT_THAT(run.out, HasSubstr(std::string(word) + " = 0x00000000"));
  EXPECT_THAT(run.err, HasSubstr("at operation 5 of its 5"));
}

TEST_F(XrtFaults, MemoryOfCardsIsRefused) {
  for (const char *mode : {"dev-only", "svm"}) {
    const Outcome run = faults(mode);
    EXPECT_THAT(run.out, HasSubstr("system_error 22")) << mode;
    EXPECT_THAT(run.err, HasSubstr("XRT_BO_FLAGS_HOST_ONLY")) << mode;
  }
}

TEST_F(XrtFaults, AnObjectInPlaceOfABufferIsAnIommuFault) {
  const Outcome run = faults("ext-object");
  EXPECT_EQ(run.out, "state 8\n");
  EXPECT_THAT(run.err, HasSubstr("argument 0 is 0x"));
  EXPECT_THAT(run.err, HasSubstr("an xrt::ext::bo must be passed as xrt::bo&"));
  EXPECT_THAT(run.err, Not(HasSubstr("of argument 1")));
}

TEST_F(XrtFaults, TransfersPastTheEndAreNamed) {
  Outcome run = faults("past-end");
  EXPECT_EQ(run.out, "state 8\n");
  EXPECT_THAT(run.err, HasSubstr("writes byte 1000 of argument 1, which has 1000 bytes"));
  run = faults("part-end");
  EXPECT_EQ(run.out, "state 8\n");
  EXPECT_THAT(run.err, HasSubstr("reads byte 4096 of argument 0, which has 4096 bytes"));
}

TEST_F(XrtFaults, OfAListXrtNamesTheRunThatFailed) {
  EXPECT_THAT(out("list-fault"), MatchesRegex("list 8: [14] 8 6\n"));
}

TEST_F(XrtFaults, TheContextRecoversFromEach) { EXPECT_EQ(out("recovers"), "8 5 8 4 0\n"); }

TEST_F(XrtFaults, WhatIsOddButRight) {
  EXPECT_EQ(out("cacheable-data"), "state 4 0\n");
  EXPECT_EQ(out("two-contexts"), "state 4 0\n");
  EXPECT_EQ(out("queue"), "queue 20\n");
  EXPECT_EQ(out("shared"), "shared 40\n");
}

TEST_F(XrtFaults, ProcessesMayEndWhileACommandRuns) {
  EXPECT_EQ(out("killed"), "signal 9, then 1\n");
  EXPECT_EQ(out("crashed"), "signal 11, then 1\n");
  EXPECT_EQ(out("terminated"), "signal 15, then 1\n");
  EXPECT_EQ(out("execs"), "queue 20\nexit 0, then 1\n");
}

TEST_F(XrtFaults, AChildThatGoesOnWithItsParentsDeviceIsTold) {
  const Outcome run = faults("inherits");
  EXPECT_EQ(run.out, "exit 4, state 8\n");
  EXPECT_THAT(run.err, HasSubstr("forked from one that had the device open"));
  EXPECT_THAT(run.err, HasSubstr("spawn"));
}

/// A configuration that the firmware cannot load.
TEST_F(XrtFaults, ADamagedPdiIsRefusedWithItsCommand) {
  Bytes package = good();
  Diagnostics problems;
  const auto file = format::xclbin::read(package, "good", problems);
  ASSERT_TRUE(file.ok());
  const auto *section = file->find(format::xclbin::kAiePartition);
  ASSERT_TRUE(section);
  const auto partition = format::xclbin::decodePartition(*section, "good");
  ASSERT_TRUE(partition.ok() && partition->pdis.size() == 1);
  const Bytes &pdi = partition->pdis[0].image;
  const auto at = std::search(package.begin(), package.end(), pdi.begin(), pdi.end());
  ASSERT_NE(at, package.end());
  std::fill(at, at + 64, 0x5A);
  const Outcome run = runs(package);
  EXPECT_EQ(run.out, "run 0\n");
  EXPECT_THAT(run.err, HasSubstr("PDI"));
}

/// More columns than the chip has.
TEST_F(XrtFaults, ATooWidePartitionGetsNoContext) {
  Bytes package = good();
  Diagnostics problems;
  const auto file = format::xclbin::read(package, "good", problems);
  ASSERT_TRUE(file.ok());
  const auto *section = file->find(format::xclbin::kAiePartition);
  ASSERT_TRUE(section);
  auto partition = format::xclbin::decodePartition(*section, "good");
  ASSERT_TRUE(partition.ok());
  partition->columnWidth = 6;
  const Bytes wide = format::xclbin::encodePartition(*partition);
  ASSERT_EQ(wide.size(), section->data.size());
  std::copy(wide.begin(), wide.end(), package.begin() + static_cast<long>(section->offset));
  const Outcome run = runs(package);
  EXPECT_THAT(run.out, HasSubstr("system_error 22"));
  EXPECT_THAT(run.err, HasSubstr("a Phoenix has 5 columns of 4"));
  EXPECT_THAT(run.err, HasSubstr("column_width"));
}

/// XRT reads the file itself; what it makes of damaged ones is its own, and is not a crash of ours.
TEST_F(XrtFaults, FilesThatAreNoXclbins) {
  const Bytes whole = good();
  Bytes other = whole;
  other[0] = 'y';
  const Bytes half(whole.begin(), whole.begin() + static_cast<long>(whole.size() / 2));
  for (const Bytes &package : {Bytes(), Bytes(64, 0x5A), half, other}) {
    const Outcome run = runs(package);
    EXPECT_THAT(run.out, HasSubstr("exception")) << run.err;
    EXPECT_LT(run.exit, 128) << run.err;
  }
}
