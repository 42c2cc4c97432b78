// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The command line itself: help, version, wrong usage.
#include "cli/run.h"

#include <gmock/gmock.h>

namespace ashlar::cli_test {
namespace {

using testing::HasSubstr;

TEST(Usage, HelpListsTheVerbsAndSucceeds) {
  for (const char *form : {"help", "--help"}) {
    const Outcome run = ashlar({form});
    EXPECT_EQ(run.exit, 0);
    EXPECT_THAT(run.out, HasSubstr("version"));
    EXPECT_THAT(run.out, HasSubstr("Exit codes"));
    EXPECT_EQ(run.err, "");
  }
  const Outcome one = ashlar({"help", "version"});
  EXPECT_EQ(one.exit, 0);
  EXPECT_THAT(one.out, HasSubstr("print the version"));
}

TEST(Usage, Version) {
  const Outcome option = ashlar({"--version"}), verb = ashlar({"version"});
  EXPECT_EQ(option.exit, 0);
  EXPECT_THAT(option.out, HasSubstr("ashlar 0."));
  EXPECT_EQ(option.out, verb.out);
}

TEST(Usage, NoVerbShowsTheHelpAndFails) {
  const Outcome run = ashlar({});
  EXPECT_EQ(run.exit, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("Usage"));
}

TEST(Usage, AnUnknownVerbNamesTheNearest) {
  const Outcome typo = ashlar({"verison"});
  EXPECT_EQ(typo.exit, 2);
  EXPECT_EQ(typo.err, "ashlar: there is no verb 'verison'; did you mean 'version'?\n");
  const Outcome nonsense = ashlar({"transmogrify"});
  EXPECT_EQ(nonsense.exit, 2);
  EXPECT_THAT(nonsense.err, HasSubstr("the verbs are:"));
  EXPECT_EQ(ashlar({"help", "transmogrify"}).exit, 2);
}

TEST(Usage, UnknownOptionsAreWrongUsage) {
  const Outcome run = ashlar({"version", "--frobnicate"});
  EXPECT_EQ(run.exit, 2);
  EXPECT_THAT(run.err, HasSubstr("--frobnicate"));
  EXPECT_EQ(ashlar({"--frobnicate"}).exit, 2);
}

} // namespace
} // namespace ashlar::cli_test
