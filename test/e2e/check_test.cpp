// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar check` on what `ashlar build` makes: no finding on a good design, the wait-for graph of a
// design that comes to a standstill, exit codes and JSON.
#include "cli/run.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace ashlar::cli_test {
namespace {

using testing::HasSubstr;

class Check : public testing::Test {
protected:
  std::string build(const std::string &design) {
    const std::string path = dir_.write("design.mlir", design);
    const Outcome run =
        ashlar({"build", path, source("examples/layernorm/layernorm.cc"), "-o", dir_ / "out"});
    EXPECT_EQ(run.exit, 0) << run.err;
    return dir_ / "out";
  }
  std::string layernorm() { return contents(source("examples/layernorm/design.mlir")); }
  TempDir dir_;
};

TEST_F(Check, AGoodDesignHasNoFindings) {
  const std::string out = build(layernorm());
  for (const char *part : {"", "/main.xclbin", "/main.pdi", "/core_0_2.elf"}) {
    const Outcome run = ashlar({"check", out + part});
    EXPECT_EQ(run.exit, 0) << part << run.err;
    EXPECT_THAT(run.out, HasSubstr("0 errors")) << run.err;
  }
  // By itself the stream says nothing of routes and of who sends.
  const Outcome alone = ashlar({"check", "--strict", out + "/main.insts.bin"});
  EXPECT_EQ(alone.exit, 0) << alone.err;
  const Outcome strict = ashlar({"check", "--strict", out});
  EXPECT_EQ(strict.exit, 0) << strict.err;
}

// One row is sent, and the core waits for two. The build says so and does not make a package that
// hangs.
TEST_F(Check, AStandstillIsFoundAndExplained) {
  std::string design = replaced(layernorm(), "aie.objectfifo.acquire @rows_in(Consume, 1)",
                                "aie.objectfifo.acquire @rows_in(Consume, 2)");
  design = replaced(design, "aie.objectfifo.release @rows_in(Consume, 1)",
                    "aie.objectfifo.release @rows_in(Consume, 2)");
  const std::string path = dir_.write("design.mlir", design);
  fs::copy_file(source("examples/layernorm/layernorm.cc"), dir_ / "layernorm.cc");
  for (const char *verb : {"build", "check"}) {
    std::vector<std::string> arguments{verb, path};
    if (std::string(verb) == "build")
      arguments.insert(arguments.end(), {dir_ / "layernorm.cc", "-o", dir_ / "out"});
    const Outcome run = ashlar(arguments);
    EXPECT_EQ(run.exit, 1) << verb;
    EXPECT_THAT(run.err, HasSubstr("[fifo-deadlock]"));
    EXPECT_THAT(run.err, HasSubstr("design.mlir:35:7: error: the sequence waits for S2MM 0 of shim "
                                   "(0,0)"));
    EXPECT_THAT(run.err, HasSubstr("for lock `rows_in_cons_cons_lock_0` (number 1 of core (0,2)) "
                                   ">= 2; it has 1"));
    EXPECT_THAT(run.err, HasSubstr("the last moves that are possible:"));
  }
  EXPECT_FALSE(fs::exists(dir_ / "out/main.xclbin"));

  const Outcome json = ashlar({"check", "--json", path});
  const auto parsed = nlohmann::json::parse(json.out, nullptr, false);
  ASSERT_FALSE(parsed.is_discarded()) << json.out;
  EXPECT_EQ(parsed["ok"], false);
  ASSERT_FALSE(parsed["findings"].empty());
  EXPECT_EQ(parsed["findings"][0]["name"], "fifo-deadlock");
  EXPECT_EQ(parsed["findings"][0]["place"]["line"], 35);
}

// Without the kernel's source nothing is known of its code; all else is looked at.
TEST_F(Check, ADesignWithoutItsKernels) {
  const std::string path = dir_.write("design.mlir", layernorm());
  const Outcome good = ashlar({"check", "--strict", path});
  EXPECT_EQ(good.exit, 0) << good.err;
  EXPECT_THAT(good.err, HasSubstr("note: `layernorm.o` is not at hand; taken to return at once: "
                                  "`layernorm_512` [kernel-missing]"));
  EXPECT_THAT(good.err, HasSubstr("not examined: these functions' code"));
  EXPECT_THAT(good.out, HasSubstr("the token game comes to its end"));
  std::string design = replaced(layernorm(), "aie.objectfifo.acquire @rows_in(Consume, 1)",
                                "aie.objectfifo.acquire @rows_in(Consume, 2)");
  design = replaced(design, "aie.objectfifo.release @rows_in(Consume, 1)",
                    "aie.objectfifo.release @rows_in(Consume, 2)");
  const Outcome bad = ashlar({"check", dir_.write("bad.mlir", design)});
  EXPECT_EQ(bad.exit, 1);
  EXPECT_THAT(bad.err, HasSubstr("[kernel-missing]"));
  EXPECT_THAT(bad.err, HasSubstr("bad.mlir:35:7: error: the sequence waits for S2MM 0"));
  // Named after the design they are looked at with it.
  const Outcome with =
      ashlar({"check", "--strict", path, source("examples/layernorm/layernorm.cc")});
  EXPECT_EQ(with.exit, 0) << with.err;
  EXPECT_THAT(with.err, testing::Not(HasSubstr("kernel-missing")));
  // The build wants them.
  const Outcome build = ashlar({"build", path, "-o", dir_ / "out"});
  EXPECT_EQ(build.exit, 1);
  EXPECT_THAT(build.err, HasSubstr("error: the design links with `layernorm.o`"));
}

// The seed of many lost weeks: arrays of 4 KiB in a function, told before anything is linked.
TEST_F(Check, AnObjectSaysWhatItNeedsOfTheStack) {
  const std::string path = dir_.write("kernel.c", R"(
void use(volatile int *p);
int again(int n) { volatile int a[8]; a[0] = n; return n ? again(n - 1) * 3 + a[0] : 0; }
void big(int *out, int n) { volatile int a[1024]; for (int i = 0; i < 1024; ++i) a[i] = n;
  for (int i = 0; i < 1024; ++i) out[i] = a[i]; }
void small(int *out) { volatile int a[64]; use(a); *out = a[3]; }
)");
  ASSERT_EQ(ashlar({"cc", "-O2", "-c", path, "-o", dir_ / "kernel.o"}).exit, 0);
  const Outcome run = ashlar({"check", dir_ / "kernel.o"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("warning: `big` needs 4096 bytes of stack, an aie.core without "
                                 "stack_size has 1024: big 4096 [stack-overflow] -- set stack_size "
                                 "= 4096 or more"));
  EXPECT_THAT(
      run.err,
      HasSubstr("warning: calls of themselves are counted once in the stack need of `again`"));
  EXPECT_THAT(run.err,
              HasSubstr("note: calls of `use` are not counted in the stack need of `small`"));
  EXPECT_EQ(ashlar({"check", "--strict", dir_ / "kernel.o"}).exit, 1);
  const Outcome json = ashlar({"check", "--json", dir_ / "kernel.o"});
  const auto parsed = nlohmann::json::parse(json.out, nullptr, false);
  ASSERT_FALSE(parsed.is_discarded()) << json.out;
  ASSERT_EQ(parsed["stacks"].size(), 3u);
  EXPECT_EQ(parsed["stacks"][1]["function"], "big");
  EXPECT_EQ(parsed["stacks"][1]["need"], 4096);
  EXPECT_EQ(parsed["stacks"][0]["recursive"], true);
}

// Pages of docs/checks whose example is a whole design.
TEST_F(Check, TheDesignsOfThePagesTriggerTheirCheck) {
  int pages = 0;
  for (const auto &entry : fs::directory_iterator(source("docs/checks"))) {
    const std::string page = contents(entry.path().string());
    const size_t start = page.find("```mlir\n");
    if (start == std::string::npos) continue;
    ++pages;
    const size_t end = page.find("```", start + 8);
    const std::string path = dir_.write("page.mlir", page.substr(start + 8, end - start - 8));
    const Outcome run = ashlar({"check", path});
    EXPECT_EQ(run.exit, 1);
    const std::string name = "[" + entry.path().stem().string() + "]";
    EXPECT_THAT(run.err, HasSubstr(name)) << run.err;
    if (name != "[bd-exhausted]") continue;
    // Sixteen objects: as many as there are descriptors.
    const std::string twin = dir_.write("twin.mlir", replaced(contents(path), "17 :", "16 :"));
    EXPECT_THAT(ashlar({"check", twin}).err, testing::Not(HasSubstr(name)));
  }
  EXPECT_GE(pages, 1);
}

TEST_F(Check, FilesThatAreNothingAndWrongUsage) {
  const std::string junk = dir_.write("junk.bin", "this is not anything that is known");
  const Outcome run = ashlar({"check", junk});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr(junk));
  EXPECT_EQ(ashlar({"check", dir_ / "nothing"}).exit, 1);
  const Outcome empty = ashlar({"check", dir_.write("empty.pdi", "")});
  EXPECT_EQ(empty.exit, 1);
  EXPECT_THAT(empty.err, HasSubstr("this file is empty [file-empty]"));
  EXPECT_EQ(ashlar({"check"}).exit, 2);
  const Outcome list = ashlar({"check", "--list"});
  EXPECT_EQ(list.exit, 0);
  EXPECT_THAT(list.out, HasSubstr("stack-overflow"));
}

} // namespace
} // namespace ashlar::cli_test
