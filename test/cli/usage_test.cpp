// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The command line itself: help, version, wrong usage.
#include "cli/run.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

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

// A program that asked for JSON gets it when something is wrong, too.
TEST(Usage, FailuresAreJsonWhereItWasAskedFor) {
  for (const std::vector<std::string> &arguments :
       {std::vector<std::string>{"inspect", "nothing", "--json"},
        {"run", "nothing", "--json"},
        {"diff", "nothing", "nothing", "--json"},
        {"check", "nothing", "--json"},
        {"run", "nothing", "--tolerance", "x", "--json"}}) {
    const Outcome run = ashlar(arguments);
    EXPECT_EQ(run.exit, 1) << arguments[0];
    const auto json = nlohmann::json::parse(run.out, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << arguments[0] << run.out;
    EXPECT_EQ(json["ok"], false) << arguments[0];
  }
}

} // namespace
} // namespace ashlar::cli_test
