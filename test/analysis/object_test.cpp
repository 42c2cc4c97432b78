// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What functions of unlinked objects need of the stack: found in the code alone, as for another
// compiler's objects.
#include "analysis/analysis.h"
#include "assembler/assembler.h"
#include "format/ar.h"

#include <gmock/gmock.h>

namespace ashlar::analysis_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A function of a frame that does `body` in it.
std::string function(const std::string &name, int frame, const std::string &body) {
  const std::string nops = "\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n";
  return "\t.section .text." + name + ",\"ax\",@progbits\n\t.globl " + name + "\n\t.type " + name +
         ",@function\n" + name + ":\n\tpaddb [sp], #" + std::to_string(frame) + "\n" + body +
         (body.empty() ? "" : nops) + "\tret lr\n\tpaddb [sp], #-" + std::to_string(frame) +
         "\n\tnop\n\tnop\n\tnop\n\tnop\n\t.size " + name + ", .-" + name + "\n";
}

Bytes object(const std::string &text) {
  const auto file = assembler::assemble(text, "f.s");
  if (!file.ok()) {
    ADD_FAILURE() << file.errors().front().str();
    return {};
  }
  return format::elf::write(*file);
}

link::FunctionStack find(const std::vector<link::FunctionStack> &all, const std::string &name) {
  for (const link::FunctionStack &f : all)
    if (f.name == name) return f;
  ADD_FAILURE() << name;
  return {};
}

TEST(ObjectStacks, FramesAndCalls) {
  const auto all = link::objectStacks(
      {"f.o", object(function("outer", 64, "\tjl #inner\n") + function("inner", 4096, ""))});
  ASSERT_TRUE(all.ok());
  const link::FunctionStack outer = find(*all, "outer"), inner = find(*all, "inner");
  EXPECT_EQ(outer.frame, 64u);
  EXPECT_EQ(outer.need, 64u + 4096);
  EXPECT_THAT(outer.chain, ElementsAre("outer 64", "inner 4096"));
  EXPECT_FALSE(outer.called);
  EXPECT_FALSE(outer.lowerBound);
  EXPECT_EQ(inner.need, 4096u);
  EXPECT_TRUE(inner.called);
}

TEST(ObjectStacks, WhatIsNotKnownMakesALowerBoundUpTheCalls) {
  const auto all = link::objectStacks(
      {"f.o", object(function("top", 32, "\tjl #again\n") + function("again", 32, "\tjl #again\n") +
                     function("far", 32, "\tjl #expf\n") + function("point", 32, "\tjl p0\n") +
                     function("plain", 32, ""))});
  ASSERT_TRUE(all.ok());
  EXPECT_TRUE(find(*all, "again").recursive);
  EXPECT_TRUE(find(*all, "top").lowerBound);
  EXPECT_FALSE(find(*all, "top").recursive);
  EXPECT_THAT(find(*all, "far").outside, ElementsAre("expf"));
  EXPECT_TRUE(find(*all, "far").lowerBound);
  EXPECT_TRUE(find(*all, "point").callsPointers);
  EXPECT_TRUE(find(*all, "point").lowerBound);
  EXPECT_FALSE(find(*all, "plain").lowerBound);
  EXPECT_THAT(find(*all, "plain").outside, IsEmpty());
}

// A chain of any length is followed without a stack of our own.
TEST(ObjectStacks, ManyFunctionsInARow) {
  std::string text;
  constexpr int kFunctions = 2000;
  for (int i = 0; i < kFunctions; ++i)
    text += function("f" + std::to_string(i), 32,
                     i + 1 < kFunctions ? "\tjl #f" + std::to_string(i + 1) + "\n" : "");
  const auto all = link::objectStacks({"f.o", object(text)});
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(find(*all, "f0").need, 32u * kFunctions);
}

TEST(ObjectStacks, MembersOfAnArchiveCallEachOther) {
  const Bytes a = object(function("outer", 64, "\tjl #inner\n"));
  const auto archive = [&](const std::vector<std::pair<std::string, Bytes>> &members) {
    std::vector<format::ar::Member> list;
    for (const auto &[name, data] : members) list.push_back({name, data, 0});
    return link::objectStacks({"lib.a", format::ar::write(list)});
  };
  const auto joined = archive({{"a.o", a}, {"b.o", object(function("inner", 96, ""))}});
  ASSERT_TRUE(joined.ok());
  EXPECT_EQ(find(*joined, "outer").need, 64u + 96);
  EXPECT_EQ(find(*joined, "inner").object, "lib.a(b.o)");
  // Two members of one name are no program together; each is looked at by itself.
  const auto apart = archive({{"a.o", a}, {"b.o", a}});
  ASSERT_TRUE(apart.ok());
  EXPECT_EQ(apart->size(), 2u);
  EXPECT_THAT((*apart)[0].outside, ElementsAre("inner"));
}

} // namespace
} // namespace ashlar::analysis_test
