// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar cc` from outside: its products, and that what it cannot compile is said at the source
// line, in words of its own, without leaving an object.
#include "cli/run.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <map>

namespace ashlar::cli_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Compiled : Outcome {
  bool object = false;
};

Compiled compiled(const std::string &text, std::vector<std::string> flags,
                  const std::string &name = "k.c") {
  TempDir dir;
  dir.write(name, text);
  std::vector<std::string> arguments = {"cc", "-c", dir / name, "-o", dir / "k.o"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  Compiled result{ashlar(arguments), false};
  result.object = std::filesystem::exists(dir / "k.o");
  return result;
}

struct Refusal {
  const char *name, *file, *source, *place, *words;
};
class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, AtItsLineAndWithoutAnObject) {
  const Refusal &r = GetParam();
  for (const char *level : {"-O0", "-O2"}) {
    const Compiled run = compiled(r.source, {level}, r.file);
    EXPECT_EQ(run.exit, 1) << level;
    EXPECT_THAT(run.err, HasSubstr(std::string(r.file) + r.place)) << level;
    EXPECT_THAT(run.err, HasSubstr(r.words)) << level;
    EXPECT_FALSE(run.object) << level;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cc, Refused,
    testing::Values(
        Refusal{"UnknownInstruction", "k.c",
                "int f(int a) {\n  asm(\"frob %0\" : \"+r\"(a));\n  return a;\n}\n", ":2:3: error",
                "unknown instruction 'frob'"},
        Refusal{"RegisterNotNamed", "k.c",
                "void f(int a) {\n  asm volatile(\"mov r5, %0\" : : \"r\"(a));\n}\n", ":2:3: error",
                "changes r5, which is neither an output nor a clobber"},
        Refusal{"ImmediateOutOfRange", "k.c",
                "void __aie2_event(int);\nvoid f(void) {\n  __aie2_event(9);\n}\n", ":3:3: error",
                "'__aie2_event' needs a constant argument in range"},
        Refusal{"ReservedName", "k.c",
                "int __aie2_part_lo(int);\nint f(int a) {\n  return __aie2_part_lo(a);\n}\n",
                ":3:10: error", "'__aie2_part_lo' is a reserved name"},
        Refusal{"FrameBeyondMemory", "k.c",
                "void use(char *);\nvoid f(void) {\n  char a[70000];\n  use(a);\n}\n", ":2: error",
                "function 'f' needs a frame of 70016 bytes"},
        Refusal{
            "SlotTwice", "k.c",
            "void f(void) {\n  asm(\"add r3, r3, #1 ; add r4, r4, #1\" : : : \"r3\", \"r4\");\n}\n",
            ":2:3: error", "need slot alu"},
        Refusal{"JumpInAssembly", "k.c",
                "void f(int a) {\n  asm volatile(\"jz %0, #f\" : : \"r\"(a));\n}\n", ":2:3: error",
                "jumps"},
        Refusal{"LabelInAssembly", "k.c", "void f(void) {\n  asm(\"here:\");\n}\n", ":2:3: error",
                "labels are not supported"},
        Refusal{"OutOfRange", "k.c",
                "int f(int a) {\n  asm(\"add %0, %0, #1000\" : \"+r\"(a));\n  return a;\n}\n",
                ":2:3: error", "1000 is outside"},
        Refusal{"WideOperand", "k.c",
                "long long f(long long a) {\n  asm(\"mov %0, %0\" : \"+r\"(a));\n  return a;\n}\n",
                ":2:3: error", "does not fit into the 32-bit register"},
        Refusal{"AsmGoto", "k.c",
                "int f(int a) {\n  asm goto(\"mov r1, %0\" : : \"r\"(a) : \"r1\" : out);\n  return "
                "1;\nout:\n  return a;\n}\n",
                ":2:3: error", "asm goto is not supported"},
        Refusal{"FileScope", "k.c", "int x;\nasm(\".globl y\");\n", ":2:1: error",
                "assembly at file scope"},
        Refusal{"Throw", "k.cc", "int f() {\n  throw 1;\n}\n", ":2:3: error",
                "exceptions disabled"},
        Refusal{"ThreadLocal", "k.cc", "thread_local int x;\nint f() { return x; }\n",
                ":1:1: error", "thread-local storage"},
        Refusal{"Thread", "k.cc", "#include <thread>\n",
                ":1:", "threads are not supported on AIE2"},
        Refusal{"OtherBuiltin", "k.c", "int f(void) { return __builtin_ia32_pause(), 1; }\n",
                ":1:22: error", "__builtin_ia32_pause"},
        Refusal{"SetJmp", "k.c", "int f(void **b) { return __builtin_setjmp(b); }\n",
                ":1:26: error", "not supported"}),
    [](const auto &info) { return info.param.name; });

TEST(Cc, AResultReadTooEarlyIsAWarning) {
  const Compiled run = compiled("int f(int *p) {\n  int r;\n  asm volatile(\"lda %0, %1\\n\\tadd "
                                "r9, %0, #1\" : \"=r\"(r) : \"m\"(*p) : \"r9\");\n"
                                "  return r;\n}\n",
                                {"-O2"});
  EXPECT_EQ(run.exit, 0);
  EXPECT_THAT(run.err, HasSubstr("k.c:3:3: warning"));
  EXPECT_THAT(run.err, HasSubstr("sees the old value"));
}

// A barrier makes no instruction; LLVM looks at the one before it, which a block may not have.
TEST(Cc, ABarrierMayBeginABlock) {
  for (const char *level : {"-O0", "-O2"}) {
    const Compiled run = compiled("void __aie2_sched_barrier(void);\nvoid g(void) {\n"
                                  "  __aie2_sched_barrier();\n}\nvoid f(int a, int *p) {\n"
                                  "  if (a) {\n    __aie2_sched_barrier();\n    *p = 3;\n  }\n}\n",
                                  {level});
    EXPECT_EQ(run.exit, 0) << run.err;
    EXPECT_TRUE(run.object);
  }
}
TEST(Cc, TheVendorsNamesNeedNoInclude) {
  const char *vectors = "extern \"C\" void f(int32_t *restrict out, int n) {\n"
                        "  event0();\n"
                        "  v32int32 v = upd_elem(undef_v32int32(), 0, n);\n"
                        "  put_mcd(v);\n"
                        "  put_ms(ext_elem(get_scd_v32int32(), 0));\n"
                        "  write_tm(1, 0x1D004);\n"
                        "  bool tlast;\n"
                        "  *out = get_ss(tlast) + static_cast<int>(read_tm(0x1F000));\n"
                        "}\n";
  const Compiled cplusplus = compiled(vectors, {"-Wall", "-Werror"}, "k.cc");
  EXPECT_EQ(cplusplus.exit, 0) << cplusplus.err;
  const Compiled c = compiled("void f(uint32_t *out) {\n  acquire_equal(48, 1);\n"
                              "  *out = (uint32_t)get_ss();\n  release(48, 1);\n}\n",
                              {"-Wall", "-Werror"});
  EXPECT_EQ(c.exit, 0) << c.err;
  // A real error stands alone, and a file without such names has only its own.
  const Compiled wrong = compiled("int32_t f(void) {\n  return frob;\n}\n", {});
  EXPECT_THAT(wrong.err, HasSubstr("k.c:2:10: error: use of undeclared identifier 'frob'"));
  EXPECT_THAT(wrong.err, Not(HasSubstr("int32_t")));
  EXPECT_FALSE(wrong.object);
}

TEST(Cc, ALoopHintThatCannotHoldIsWarnedOfAtItsLine) {
  const auto refused = [](const std::string &hint, const std::string &head,
                          const std::string &words) {
    SCOPED_TRACE(hint);
    // A chess_ hint stands behind the loop's head, the others in a line of their own.
    const bool behind = hint.starts_with("chess");
    const Compiled run =
        compiled("#include <aie_loop_hints.h>\nvoid f(int *a, int n) {\n" +
                     (behind ? "\n" + head + hint : hint + "\n" + head) + "\n    a[i] *= 3;\n}\n",
                 {"-O2"});
    EXPECT_THAT(run.err, HasSubstr(words));
    // What contradicts the loop is left out, what nobody can read or do is refused.
    EXPECT_EQ(run.object, words.find("left out") != std::string::npos);
  };
  const std::string three = "  for (int i = 0; i < 3; ++i) ",
                    any = "  for (int i = 0; i < n; ++i) ";
  const std::string cannot = "warning: the loop hint cannot hold and is left out: ";
  refused("chess_loop_range(8, 16)", three,
          "k.c:4: " + cannot + "it says at least 8 rounds, and there are at most 3");
  refused("AIE_LOOP_MIN_ITERATION_COUNT(8)", three,
          "k.c:4:3: " + cannot + "it says at least 8 rounds, and there are at most 3");
  refused("AIE_LOOP_MAX_ITERATION_COUNT(2)", three,
          "k.c:4:3: " + cannot + "it says at most 2 rounds, and there are at least 3");
  refused("#pragma clang loop min_iteration_count(4) max_iteration_count(2)", any,
          "k.c:4:3: " + cannot + "at least 4 and at most 2 rounds");
  refused("AIE_LOOP_RANGE(5, 3)", any, "k.c:4:3: " + cannot + "at least 5 and at most 3 rounds");
  refused("#pragma clang loop min_iteration_count(-1)", any,
          "k.c:3:20: error: invalid value '-1'; must be positive");
  refused("#pragma clang loop max_iteration_count(n)", any,
          "k.c:3:20: error: expression is not an integer constant expression");
  refused("#pragma clang loop iteration_count(3)", any,
          "k.c:3:20: error: invalid option 'iteration_count'");
  refused("#pragma clang loop pipeline_initiation_interval(1)",
          "  for (int i = 0; i < n; ++i) a[i + 1] *= a[i],",
          "the loop hint cannot hold: an initiation interval of 1 is asked for");
}

TEST(Cc, LoopHintsTakeEffect) {
  const auto remarks = [](const std::string &before, const std::string &behind,
                          const std::string &rounds = "n") {
    return compiled("#include <aie_loop_hints.h>\n"
                    "void f(const int *restrict a, int *restrict c, int n) {\n" +
                        before + "\n  for (int i = 0; i < " + rounds + "; ++i) " + behind +
                        "\n    c[i] = a[i] * a[i];\n}\n",
                    {"-O2", "--remarks"})
        .err;
  };
  const auto checked = HasSubstr("stages, checked for enough rounds");
  EXPECT_THAT(remarks("", ""), checked);
  EXPECT_THAT(remarks("AIE_PREPARE_FOR_PIPELINING", "chess_prepare_for_pipelining"), checked);
  for (const char *before :
       {"AIE_LOOP_MIN_ITERATION_COUNT(16)", "AIE_LOOP_RANGE(16)", "AIE_LOOP_RANGE(16, 32)",
        "#pragma clang loop min_iteration_count(16)"})
    EXPECT_THAT(remarks(before, ""), AllOf(HasSubstr("stages [loop-pipelined]"), Not(checked)));
  for (const char *behind : {"chess_loop_range(16, )", "chess_loop_range(16, 64)"})
    EXPECT_THAT(remarks("", behind), checked); // kernels are in use that say too much with these
  // One round at most is no loop; unrolled by two, a loop of two products and one of the rest.
  EXPECT_EQ(remarks("AIE_LOOP_MAX_ITERATION_COUNT(1)", ""), "");
  for (const auto &[before, behind] :
       {std::pair("AIE_LOOP_UNROLL(2)", ""), std::pair("#pragma unroll 2", ""),
        std::pair("", "chess_unroll_loop(2)")})
    EXPECT_THAT(remarks(before, behind), HasSubstr("initiation interval 2 "));
  for (const char *before : {"AIE_LOOP_UNROLL_FULL", "AIE_LOOP_FLATTEN", "#pragma unroll"})
    EXPECT_EQ(remarks(before, "", "40"), "");
  EXPECT_EQ(remarks("", "chess_flatten_loop", "40"), "");
  EXPECT_THAT(remarks("AIE_LOOP_NO_UNROLL", "", "4"), HasSubstr("loop in function 'f'"));
  // What cannot be done is a warning, as Clang's.
  EXPECT_THAT(remarks("AIE_LOOP_UNROLL_FULL", ""),
              HasSubstr("k.c:4:3: warning: loop not unrolled: the optimizer was unable to"));
}

TEST(Cc, VectorObjectsAreAligned) {
  const std::string head = "#include <aie_api/aie.hpp>\nalignas(4) int8 buf[128];\n";
  const Compiled refused =
      compiled(head + "void f(int8 *o) {\n  aie::store_v(o, aie::load_v<32>(buf + 4));\n}\n",
               {"-O2"}, "k.cc");
  EXPECT_THAT(refused.err,
              HasSubstr("k.cc:4:19: error: a vector is accessed at 'buf' + 4, which is no "
                        "multiple of its 32 bytes"));
  EXPECT_FALSE(refused.object);
  {
    TempDir dir;
    dir.write("k.cc",
              head + "void f(int8 *o) {\n  aie::store_v(o, aie::load_v<32>(buf + 32));\n}\n");
    const Outcome run = ashlar({"cc", "-O2", "-S", dir / "k.cc", "-o", "-"});
    EXPECT_EQ(run.exit, 0) << run.err;
    EXPECT_THAT(run.out.substr(run.out.find("\nbuf:") - 40, 40), HasSubstr(".p2align\t5"));
  }
}

TEST(Cc, WalksArePartOfLoadsAndStores) {
  const Outcome run = [] {
    TempDir dir;
    dir.write("k.cc",
              "#include <aie_api/aie.hpp>\n"
              "void f(const int8 *__restrict p, int8 *__restrict o, int n, int a, int b) {\n"
              "  dims_2d_t d = dims_2d_from_steps(a, 64, 512);\n"
              "  dims_3d_t e = dims_3d_from_steps(b, 32, a, 128, 1024);\n"
              "  for (int i = 0; i < n; ++i) {\n"
              "    auto s = aie::mul(aie::load_v<32>(p), int8(3));\n"
              "    aie::store_v(o, s.to_vector<int8>(2));\n"
              "    p = add_2d_byte(p, d);\n    o = add_3d_byte(o, e);\n  }\n}\n");
    return ashlar({"cc", "-O2", "--remarks", "-S", dir / "k.cc", "-o", "-"});
  }();
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("vlda.2d wl"), HasSubstr("vst.3d.srs.s8.s32 cm")));
  EXPECT_THAT(run.out, Not(HasSubstr("padd")));
  // Through different pointers, so the walks keep nothing waiting.
  EXPECT_THAT(run.err, HasSubstr("pipelined: initiation interval 1 (bound 1"));
}

TEST(Cc, HeadersMayComeWithOthers) {
  const Compiled run = compiled("#include <array>\n"
                                "int f(std::array<int, 4> a) {\n"
                                "  std::sort(a.begin(), a.end());\n  return a[0];\n}\n",
                                {"-Wall", "-Werror"}, "k.cc");
  EXPECT_EQ(run.exit, 0) << run.err;
}

TEST(Cc, APlaceInTheTilesRegistersIsRefused) {
  const Compiled run = compiled("#include <aie_api/aie.hpp>\nint chess_storage(DM_bankA) a[4];\n"
                                "float chess_storage(% chess_alignof(v32int8)) t[4];\n"
                                "static volatile unsigned chess_storage(TM : 0x80000) r;\n",
                                {}, "k.cc");
  EXPECT_THAT(run.err, HasSubstr("chess_storage(TM: ...) is not supported"));
  EXPECT_THAT(run.err, HasSubstr("k.cc:4:26: error: static assertion failed"));
  EXPECT_FALSE(run.object);
}

TEST(Cc, ACallWithOtherArgumentsThanTheDefinitionIsWarnedOf) {
  const TempDir dir;
  dir.write("a.c", "void f(int *, int);\nint main(void) {\n  int x = 0;\n  f(&x, 3);\n"
                   "  return x;\n}\n");
  const auto linked = [&](const std::string &definition) {
    dir.write("b.c", definition);
    const Outcome run = ashlar({"cc", dir / "a.c", dir / "b.c", "-o", dir / "a.elf"});
    EXPECT_EQ(run.exit, 0) << run.err;
    return run.err;
  };
  EXPECT_THAT(linked("void f(int *a, float *b) { *a = (int)*b; }\n"),
              HasSubstr("calls `f` with (pointer, integer), and "));
  EXPECT_THAT(linked("void f(int *a, float b) { *a = (int)b; }\n"),
              HasSubstr("defines it with (pointer, float) [call-arguments]"));
  EXPECT_THAT(linked("void f(int *a) { *a = 1; }\n"), HasSubstr("defines it with (pointer)"));
  EXPECT_EQ(linked("void f(int *a, unsigned char b) { *a = b; }\n"), "");
  EXPECT_EQ(linked("void f(void *a, long b) { *(long *)a = b; }\n"), "");
}

TEST(Cc, DoublesInALoopAreRemarked) {
  const char *text = "float f(float *p, int n) {\n  float s = 0;\n  for (int i = 0; i < n; ++i)\n  "
                     "  s += p[i] * 0.3;\n"
                     "  return s;\n}\nfloat g(float x) { return x * 0.3; }\n";
  const Compiled run = compiled(text, {"-O2"});
  EXPECT_EQ(run.exit, 0);
  EXPECT_THAT(run.err, HasSubstr("k.c:4:"));
  EXPECT_THAT(run.err, HasSubstr("note: arithmetic on double in a loop"));
  EXPECT_THAT(run.err, Not(HasSubstr("k.c:7:")));
  EXPECT_EQ(compiled(text, {"-O2", "-w"}).err, "");
}

TEST(Cc, RecursionWithoutEndIsAWarning) {
  EXPECT_THAT(compiled("int f(int n) {\n  return f(n + 1) + n;\n}\n", {"-O2"}).err,
              HasSubstr("k.c:1:14: warning: all paths through this function will call itself"));
}

TEST(Cc, WideIntegersDivide) {
  const std::string text = "typedef unsigned _BitInt(100) U;\nU f(U a, U b) { return a / b; }\n";
  for (const char *level : {"-O0", "-O2"}) {
    const Compiled run = compiled(text, {level});
    EXPECT_TRUE(run.object) << run.err;
    EXPECT_EQ(run.err, "");
  }
}

TEST(Cc, WhatACoreHasNotIsSaidByName) {
  EXPECT_THAT(compiled("#include <setjmp.h>\n", {}).err,
              HasSubstr("setjmp and longjmp are not supported on AIE2"));
  EXPECT_THAT(compiled("#include <signal.h>\n", {}).err, HasSubstr("there are no signals"));
  TempDir dir;
  dir.write("heap.cc", "int *f(int n) { return new int[n]; }\nint main() { return f(3) != 0; }\n");
  const Outcome run = ashlar({"cc", dir / "heap.cc", "-o", dir / "heap.elf"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("a core has no heap"));
}

TEST(Cc, AnInternalErrorLeavesAFileThatShowsIt) {
  // Floating point of 128 bits is nothing that C for a core has.
  const Compiled run =
      compiled("define fp128 @huge(fp128 %a, fp128 %b) {\n  %q = fdiv fp128 %a, %b\n"
               "  ret fp128 %q\n}\n",
               {"-O2"}, "huge_division.ll");
  EXPECT_EQ(run.exit, 1);
  EXPECT_FALSE(run.object);
  EXPECT_THAT(run.err, HasSubstr("'huge'"));
  const std::string file = std::filesystem::temp_directory_path() / "ashlar-huge_division.ll";
  ASSERT_THAT(run.err, HasSubstr(file));
  const Outcome again = ashlar({"cc", "-c", "-O2", file, "-o", "/dev/null"});
  EXPECT_EQ(again.exit, 1);
  EXPECT_THAT(again.err, HasSubstr("'huge'"));
}

const char *const kLoop = "int table[8];\n"
                          "int main(void) {\n"
                          "  int sum = 0;\n"
                          "  for (int i = 0; i < 1000; ++i) {\n"
                          "    int square = i * i;\n"
                          "    sum += square;\n"
                          "    table[i & 7] = sum;\n"
                          "  }\n"
                          "  return sum;\n"
                          "}\n";

TEST(Cc, DebugInformationIsWhole) {
  const char *verifier = "/usr/lib/llvm-22/bin/llvm-dwarfdump";
  if (!std::filesystem::exists(verifier)) GTEST_SKIP() << "skipped: no llvm-dwarfdump";
  TempDir dir;
  dir.write("k.c", kLoop);
  for (const char *level : {"-O0", "-O1", "-O2", "-O3"}) {
    ASSERT_EQ(ashlar({"cc", "-g", level, dir / "k.c", "-o", dir / "k.elf"}).exit, 0);
    const std::string command =
        std::string(verifier) + " --verify " + quoted(dir / "k.elf") + " > /dev/null 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << level;
  }
}

TEST(Cc, EveryBundleHasALine) {
  TempDir dir;
  dir.write("k.c", kLoop);
  for (const char *level : {"-O0", "-O2"}) {
    ASSERT_EQ(ashlar({"cc", "-c", "-g", level, dir / "k.c", "-o", dir / "k.o"}).exit, 0);
    const std::string listing = ashlar({"disasm", dir / "k.o", "--code"}).out;
    const size_t first = listing.find("main:"), line = listing.find("k.c:", first);
    EXPECT_NE(line, std::string::npos) << level;
    EXPECT_LT(line - first, 60U) << listing; // before the first bundle
    EXPECT_EQ(listing.find("k.c:0"), std::string::npos) << level;
  }
}

TEST(Cc, AStoppedCoreNamesLineAndVariables) {
  TempDir dir;
  dir.write("k.c", kLoop);
  ASSERT_EQ(ashlar({"cc", "-g", "-O0", dir / "k.c", "-o", dir / "k.elf"}).exit, 0);
  const Outcome run = ashlar({"core", dir / "k.elf", "--timeout", "3000"});
  EXPECT_EQ(run.exit, 3);
  EXPECT_THAT(run.err, HasSubstr("variables of main:"));
  EXPECT_THAT(run.err, testing::ContainsRegex("k\\.c:[4-7]:"));
  EXPECT_THAT(run.err, testing::ContainsRegex("i = [1-9][0-9]*"));
}

TEST(Cc, VariablesOfOptimisedCodeAreRightOrNotShown) {
  TempDir dir;
  dir.write("k.c", "int data[4] = {11, 22, 33, 44};\n"
                   "int *volatile nowhere = (int *)0x12345678;\n"
                   "volatile int pad;\n"
                   "__attribute__((noinline)) int work(const int *p, int count) {\n"
                   "  int first = p[0];\n"
                   "  int second = p[1] * count;\n"
                   "  int third = first + second;\n"
                   "  *nowhere = third;\n"
                   "  int more = pad + pad;\n" // the store is done while the core waits here
                   "  return more + first * second - third * count;\n"
                   "}\n"
                   "int main(void) { return work(data, 3); }\n");
  const std::map<std::string, std::string> values = {
      {"count", "3"}, {"first", "11"}, {"second", "66"}, {"third", "77"}};
  size_t shown = 0;
  for (const char *level : {"-O1", "-O2", "-O3"}) {
    ASSERT_EQ(ashlar({"cc", "-g", level, dir / "k.c", "-o", dir / "k.elf"}).exit, 0);
    const Outcome run = ashlar({"core", dir / "k.elf"});
    EXPECT_EQ(run.exit, 3);
    for (const auto &[name, value] : values) {
      const size_t at = run.err.find("  " + name + " = ");
      if (at == std::string::npos) continue;
      const size_t from = at + name.size() + 5;
      const std::string found = run.err.substr(from, run.err.find('\n', from) - from);
      if (found == "not kept here") continue;
      EXPECT_EQ(found, value) << name << " at " << level << "\n" << run.err;
      ++shown;
    }
    EXPECT_THAT(ashlar({"disasm", "--code", dir / "k.elf"}).out, HasSubstr("// where: "));
  }
  EXPECT_GE(shown, 6U); // of 12
}

TEST(Cc, ArgumentsBeyondTheRegistersLieOnTheStack) {
  TempDir dir;
  dir.write("k.c",
            "int f(int a, int b, int c, int d, int e, int g, int h, int i, int j, long long k) {\n"
            "  return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * g + 7 * h + 8 * i + 9 * j + (int)(k "
            ">> 32);\n"
            "}\n");
  std::vector<std::string> arguments = {"core", dir / "k.c", "--call", "f", "--json"};
  for (int i = 1; i <= 9; ++i) arguments.insert(arguments.end(), {"--arg", std::to_string(i)});
  arguments.insert(arguments.end(), {"--arg", "i64:42949672960"}); // 10 << 32
  EXPECT_THAT(ashlar(arguments).out, HasSubstr("\"result\": 295,"));
}

/// A pointer of stores that strength reduction splits in two: scheduler and verifier must agree on
/// which of the stores meet in one round.
TEST(Cc, RowsStoredThroughSplitPointers) {
  const Compiled run = compiled("typedef int V __attribute__((ext_vector_type(16)));\n"
                                "void f(V *restrict p, int n) {\n"
                                "  for (int i = 0; i < n; i++)\n"
                                "    for (int d = 0; d < 8; d++) {\n"
                                "      V z = d;\n"
                                "      p[i * 8 + d] = z;\n"
                                "    }\n"
                                "}\n",
                                {"-O2"});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_TRUE(run.object);
}

} // namespace
} // namespace ashlar::cli_test
