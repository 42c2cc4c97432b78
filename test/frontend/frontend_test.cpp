// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// C, C++, LLVM assembly and bitcode to modules: sizes and macros of the target, Clang's messages as
// text, flags as Clang takes them, everything a core cannot do refused by name.
#include "frontend/frontend.h"

#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

using namespace ashlar;
using testing::HasSubstr;

namespace {

class Frontend : public testing::Test {
protected:
  void SetUp() override {
    dir_ = testing::TempDir() + "/ashlar_frontend_" +
           testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  std::string file(const std::string &name, const std::string &text) {
    const std::string path = dir_ + "/" + name;
    EXPECT_TRUE(writeTextFile(path, text).ok());
    return path;
  }
  /// The module's text, or "" with the diagnostics in text_.
  std::string ir(const std::string &name, const std::string &source,
                 std::vector<std::string> args = {}) {
    text_.clear();
    frontend::Options options;
    options.args = std::move(args);
    auto module = frontend::compile(file(name, source), options, context_, text_);
    if (!module.ok()) {
      code_ = module.errors()[0].code;
      return "";
    }
    std::string out;
    llvm::raw_string_ostream stream(out);
    (*module)->print(stream, nullptr);
    return out;
  }
  llvm::LLVMContext context_;
  std::string dir_, text_, code_;
};

} // namespace

TEST_F(Frontend, TargetAndSizes) {
  const std::string module = ir("a.cc", R"(
    static_assert(sizeof(void *) == 4 && sizeof(long) == 4 && sizeof(long long) == 8);
    static_assert(sizeof(double) == 8 && alignof(double) == 4 && alignof(long long) == 4);
    static_assert(sizeof(long double) == 8 && sizeof(__bf16) == 2 && (char)-1 < 0);
    static_assert(__AIEARCH__ == 20 && sizeof(wchar_t) == 4);
    #ifndef __AIENGINE__
    #error no engine
    #endif
    typedef int v16 __attribute__((vector_size(64)));
    static_assert(alignof(v16) == 32);
    extern "C" int f(int *p) { return p[3]; })");
  EXPECT_EQ(text_, "");
  EXPECT_THAT(module, HasSubstr(std::string("target datalayout = \"") + frontend::kDataLayout));
  EXPECT_THAT(module, HasSubstr("target triple = \"aie2-none-unknown-elf\""));
  EXPECT_THAT(module, HasSubstr("define dso_local i32 @f(ptr"));
}

TEST_F(Frontend, EveryStandardCompiles) {
  for (const char *standard : {"-std=c11", "-std=gnu11", "-std=c17", "-std=c23"})
    EXPECT_NE(ir("a.c", "_Static_assert(1, \"\"); int f(void) { return 1; }", {standard}), "")
        << standard << text_;
  for (const char *standard : {"-std=c++11", "-std=c++17", "-std=c++20", "-std=gnu++20"})
    EXPECT_NE(ir("a.cc", "auto f = [](int x) { return x; };", {standard}), "") << standard << text_;
}

TEST_F(Frontend, CxxIsCxx20UnlessAskedOtherwise) {
  EXPECT_NE(ir("a.cc", "static_assert(__cplusplus == 202002L); int f;"), "") << text_;
  EXPECT_NE(ir("a.cc", "static_assert(__cplusplus == 201703L); int f;", {"-std=c++17"}), "")
      << text_;
}

TEST_F(Frontend, FlagsReachClang) {
  file("inc.h", "#define Y 7\n");
  EXPECT_THAT(ir("a.c", "#include \"inc.h\"\nint f(void) { return X + Y; }",
                 {"-DX=35", "-I" + dir_, "-O2"}),
              HasSubstr("ret i32 42"));
  EXPECT_THAT(ir("a.c", "int f(int x) { return x; }", {"-g", "-O1"}), HasSubstr("DISubprogram"));
  EXPECT_EQ(ir("a.c", "int f(int x) { return y; }"), "");
  EXPECT_THAT(text_, HasSubstr("a.c:1:23: error: use of undeclared identifier 'y'"));
  EXPECT_THAT(text_, HasSubstr("1 error generated."));
  EXPECT_EQ(code_, "compile-failed");
  EXPECT_NE(ir("a.c", "int f(void) { int unused; return 1; }", {"-Wall"}), "");
  EXPECT_THAT(text_, HasSubstr("warning: unused variable 'unused' [-Wunused-variable]"));
  EXPECT_EQ(ir("a.c", "int f(void) { int unused; return 1; }", {"-Wall", "-Werror"}), "");
  EXPECT_EQ(ir("a.c", "int f;", {"-fno-such-flag"}), "");
  EXPECT_THAT(text_, HasSubstr("unknown argument: '-fno-such-flag'"));
}

TEST_F(Frontend, WhatACoreCannotDoIsRefused) {
  EXPECT_EQ(ir("a.cc", "int f() { throw 1; }"), "");
  EXPECT_THAT(text_, HasSubstr("cannot use 'throw' with exceptions disabled"));
  EXPECT_EQ(ir("a.cc", "int f() { throw 1; }", {"-fexceptions"}), "");
  EXPECT_THAT(text_, HasSubstr("exceptions are not supported on AIE2"));
  EXPECT_EQ(ir("a.cc", "thread_local int x; int f() { return x; }"), "");
  EXPECT_THAT(text_, HasSubstr("thread-local storage is not supported"));
  EXPECT_EQ(ir("a.c", "__int128 x;"), "");
  EXPECT_THAT(text_, HasSubstr("__int128 is not supported on this target"));
  EXPECT_EQ(ir("a.c", "__float128 x;"), "");
}

TEST_F(Frontend, Bf16IsEvaluatedInFloat) {
  const std::string module =
      ir("a.c", "__bf16 f(__bf16 a, __bf16 b, __bf16 c) { return a * b + c; }", {"-O1"});
  EXPECT_THAT(module, HasSubstr("fmul float"));
  EXPECT_THAT(module, HasSubstr("fptrunc float"));
  EXPECT_THAT(module, testing::Not(HasSubstr("fmul bfloat")));
}

TEST_F(Frontend, AtomicsArePlainAccesses) {
  const std::string module =
      ir("a.c", "_Atomic int x; int f(void) { return x++ + __sync_fetch_and_add(&x, 2); }");
  EXPECT_THAT(module, testing::Not(HasSubstr("atomicrmw")));
  EXPECT_THAT(module, testing::Not(HasSubstr("__atomic_")));
}

TEST_F(Frontend, LlvmAssemblyOfTheVendorsFlow) {
  const std::string module = ir("k.ll", R"(target triple = "aie2"
target datalayout = "e-m:e-p:20:32-i1:8:32-i8:8:32-i16:16:32-i32:32:32-f32:32:32-i64:32-f64:32-a:0:32-n32"
declare void @llvm.aie2.acquire(i32, i32)
define void @f() {
  call void @llvm.aie2.acquire(i32 48, i32 -1)
  ret void
})");
  EXPECT_EQ(text_, "");
  EXPECT_THAT(module, HasSubstr("call void @__aie2_acquire(i32 48, i32 -1)"));
  EXPECT_THAT(module, HasSubstr("p:32:32"));
  EXPECT_EQ(ir("k.ll", "define void @f() {\n  ret i32 0\n}"), "");
  EXPECT_THAT(text_, HasSubstr("k.ll:2:"));
  EXPECT_EQ(ir("k.ll", "target triple = \"x86_64-linux-gnu\""), "");
  EXPECT_EQ(code_, "wrong-target");
}

TEST_F(Frontend, Bitcode) {
  frontend::Options options;
  auto module =
      frontend::compile(file("a.c", "int f(void) { return 5; }"), options, context_, text_);
  ASSERT_TRUE(module.ok());
  std::string bits;
  llvm::raw_string_ostream stream(bits);
  llvm::WriteBitcodeToFile(**module, stream);
  EXPECT_THAT(ir("a.bc", bits), HasSubstr("define dso_local i32 @f()"));
  EXPECT_EQ(ir("a.bc", bits.substr(0, bits.size() / 2)), "");
  EXPECT_EQ(code_, "bad-bitcode");
}

TEST_F(Frontend, Preprocess) {
  frontend::Options options;
  options.args = {"-DX=9", "-P"};
  const auto text = frontend::preprocess(file("a.c", "int f = X;"), options, text_);
  ASSERT_TRUE(text.ok()) << text_;
  EXPECT_THAT(*text, HasSubstr("int f = 9;"));
  file("inc.h", "");
  options.args = {"-M"};
  const auto rules = frontend::preprocess(file("b.c", "#include \"inc.h\"\n"), options, text_);
  ASSERT_TRUE(rules.ok()) << text_;
  EXPECT_THAT(*rules, HasSubstr("b.o:"));
  EXPECT_THAT(*rules, HasSubstr("inc.h"));
}

TEST_F(Frontend, DependencyFile) {
  file("inc.h", "");
  frontend::Options options;
  options.args = {"-MD", "-MF", dir_ + "/out.d", "-I" + dir_};
  options.output = dir_ + "/a.o";
  ASSERT_TRUE(
      frontend::compile(file("a.c", "#include \"inc.h\"\n"), options, context_, text_).ok());
  const auto rules = readTextFile(dir_ + "/out.d");
  ASSERT_TRUE(rules.ok());
  EXPECT_THAT(*rules, HasSubstr("a.o:"));
  EXPECT_THAT(*rules, HasSubstr("inc.h"));
}

TEST_F(Frontend, MissingFile) {
  frontend::Options options;
  EXPECT_FALSE(frontend::compile(dir_ + "/none.cc", options, context_, text_).ok());
  EXPECT_THAT(text_, HasSubstr("no such file or directory"));
}

TEST_F(Frontend, SeveralThreads) {
  const std::string path =
      file("a.cc", "template <int N> int g() { return N; } int f() { return g<3>(); }");
  std::vector<std::thread> threads;
  std::vector<int> good(4);
  for (int &result : good)
    threads.emplace_back([&] {
      llvm::LLVMContext context;
      std::string text;
      for (int i = 0; i < 5; ++i) result += frontend::compile(path, {}, context, text).ok();
    });
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(good, std::vector<int>(4, 5));
}

TEST(Command, SortsAClangCommandLine) {
  const auto command =
      frontend::parseCommand({"--target=aie2-none-unknown-elf", "-O2", "-c", "-x", "c++", "k.txt",
                              "-x", "none", "b.c", "m.o", "-o", "out.o", "-DX", "-lm",
                              "-Wl,--gc-sections", "-mno-vitis-headers", "-fstack-usage"});
  ASSERT_TRUE(command.ok());
  ASSERT_EQ(command->inputs.size(), 3u);
  EXPECT_EQ(command->inputs[0].language, "c++");
  EXPECT_EQ(command->inputs[1].language, "");
  EXPECT_EQ(command->inputs[2].kind, frontend::InputKind::Object);
  EXPECT_EQ(command->product, frontend::Product::Object);
  EXPECT_EQ(command->output, "out.o");
  EXPECT_EQ(command->optLevel, 2);
  EXPECT_TRUE(command->stackUsage);
  EXPECT_EQ(command->flags, (std::vector<std::string>{"-O2", "-D", "X"}));
  EXPECT_EQ(command->libraries, std::vector<std::string>{"m"});
  EXPECT_EQ(frontend::parseCommand({"-S", "-emit-llvm", "a.c"})->product,
            frontend::Product::LlvmText);
  EXPECT_EQ(frontend::parseCommand({"-Os", "a.c"})->sizeLevel, 1);
}

TEST(Command, Errors) {
  EXPECT_THAT(frontend::parseCommand({"-o"}).errors()[0].message, HasSubstr("'-o' is missing"));
  EXPECT_THAT(frontend::parseCommand({"--wrong"}).errors()[0].message,
              HasSubstr("unknown argument: '--wrong'"));
  EXPECT_THAT(frontend::parseCommand({"--target=x86_64", "a.c"}).errors()[0].message,
              HasSubstr("unsupported target 'x86_64'"));
}
