// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What arithmetic and the run-time library cost on a core, measured: cycles of a loop over 200
// random arguments, less those of the same loop with an exclusive or; bytes of program memory of a
// program that does this one thing, less those of one with the exclusive or. Both at -O2. Then the
// size of softmax kernels.
#include "format/elf.h"
#include "lib/on_core.h"
#include "lib/operations.h"

#include <cstdio>

using namespace lib_test;

namespace {

/// Bytes of program memory that a linked program of `source` takes; 0 when it does not build.
size_t programBytes(const std::string &source, const std::string &flags) {
  namespace fs = std::filesystem;
  const fs::path dir = fs::temp_directory_path() / fmt::format("ashlar_size_{}", ::getpid());
  fs::create_directories(dir);
  const std::string base = dir.string();
  size_t bytes = 0;
  if (ashlar::writeTextFile(base + "/k.cc", source).ok() &&
      std::system(fmt::format("{}/bin/ashlar cc -w {} -Wl,-z,stack-size=8192 {}/k.cc -o {}/k.elf",
                              ASHLAR_BINARY_DIR, flags, base, base)
                      .c_str()) == 0) {
    const auto data = ashlar::readFile(base + "/k.elf");
    const auto file = ashlar::format::elf::read(*data, "k.elf");
    if (file.ok())
      for (const auto &segment : file->segments)
        if (segment.flags & ashlar::format::elf::kSegExec) bytes += segment.data.size();
  }
  fs::remove_all(dir);
  return bytes;
}

const std::string kMain =
    "\ndouble in[8], out[8];\n"
    "int main() { run((decltype(first(run)))in, (decltype(second(run)))out, 3); "
    "return 0; }\n";
const std::string kTypes = "template <class A, class B> A *first(void (*)(A *, B *, int));\n"
                           "template <class A, class B> B *second(void (*)(A *, B *, int));\n";

Operation row(const char *name, const char *argument, const char *result, int arguments,
              const char *text) {
  return {name, argument, result, arguments, text, [](uint64_t, uint64_t) { return uint64_t{0}; }};
}

std::vector<Operation> more() {
  std::vector<Operation> all = {
      row("float <", "float", "int", 2, "a < b"),
      row("float ==", "float", "int", 2, "a == b"),
      row("double <", "double", "int", 2, "a < b"),
      row("float to uint32", "float", "unsigned", 1, "(unsigned)a"),
      row("float to int64", "float", "long long", 1, "(long long)a"),
      row("bf16 to float", "unsigned", "float", 1, "(float)__builtin_bit_cast(__bf16, (short)a)"),
      row("double to int32", "double", "int", 1, "(int)a"),
      row("int32 to double", "int", "double", 1, "(double)a"),
      row("int32 mul", "int", "int", 2, "(int)((unsigned)a * b)"),
      row("fmaf", "float", "float", 2, "::fmaf(a, b, a)"),
      row("ldexpf", "float", "float", 1, "::ldexpf(a, 3)"),
      row("frexpf", "float", "float", 1, "({ int e; float f = ::frexpf(a, &e); f + e; })"),
      row("modff", "float", "float", 1, "({ float w; ::modff(a, &w); })"),
      row("lrintf", "float", "int", 1, "(int)::lrintf(a)"),
      row("lroundf", "float", "int", 1, "(int)::lroundf(a)")};
  // What the vector unit would take for one number, with the ways there and back. None is IEEE's.
  for (const auto &[name, text] :
       {std::pair("float + by the vector unit (not IEEE's)",
                  "aie::add(aie::broadcast<float, 16>(a), aie::broadcast<float, 16>(b)).get(0)"),
        std::pair("float * by the vector unit (not IEEE's)",
                  "aie::mul(aie::broadcast<float, 16>(a), aie::broadcast<float, 16>(b))"
                  ".to_vector<float>().get(0)"),
        std::pair("float < by the vector unit (bf16 only)",
                  "(float)aie::lt(aie::broadcast<bfloat16, 32>((bfloat16)a), "
                  "aie::broadcast<bfloat16, 32>((bfloat16)b)).test(0)"),
        std::pair("float to bf16 by the vector unit (other NaNs)",
                  "(float)aie::accum<accfloat, 16>(aie::broadcast<float, 16>(a))"
                  ".to_vector<bfloat16>().get(0)")})
    all.push_back(
        {name, "float", "float", 2, text, [](uint64_t, uint64_t) { return uint64_t{0}; }});
  for (const char *name : {"remainderf", "fmaxf", "fminf", "fdimf", "copysignf", "nextafterf"})
    all.push_back({name, "float", "float", 2, fmt::format("::{}(a, b)", name),
                   [](uint64_t, uint64_t) { return uint64_t{0}; }});
  for (const char *name : {"exp2", "exp10", "expm1", "log2", "log10", "log1p", "cbrt", "cos", "tan",
                           "asin", "acos", "sinh", "cosh", "asinh", "acosh", "atanh", "floor"})
    all.push_back({fmt::format("{} (double)", name), "double", "double", 1,
                   fmt::format("::{}(a)", name), [](uint64_t, uint64_t) { return uint64_t{0}; }});
  for (const char *name : {"atan2", "hypot", "fmod"})
    all.push_back({fmt::format("{} (double)", name), "double", "double", 2,
                   fmt::format("::{}(a, b)", name),
                   [](uint64_t, uint64_t) { return uint64_t{0}; }});
  return all;
}

void softmaxSizes() {
  const std::string header = "#include \"" ASHLAR_SOURCE_DIR "/bench/kernels/rows.h\"\n"
                             "alignas(32) static bfloat16 in[1024], out[1024];\n"
                             "int main() { NAME(in, out, 1024); return 0; }\n";
  const std::string plain =
      "#include <math.h>\n"
      "static float in[1024], out[1024];\n"
      "__attribute__((noinline)) void softmax(const float *a, float *b, int n) {\n"
      "  float most = a[0], sum = 0;\n"
      "  for (int i = 1; i < n; ++i) most = a[i] > most ? a[i] : most;\n"
      "  for (int i = 0; i < n; ++i) sum += b[i] = expf(a[i] - most);\n"
      "  for (int i = 0; i < n; ++i) b[i] /= sum;\n}\n"
      "int main() { softmax(in, out, 1024); return 0; }\n";
  const auto with = [&](const char *name) {
    std::string text = header;
    return text.replace(text.find("NAME"), 4, name);
  };
  std::printf("\n| program with a softmax of 1,024 values | bytes at -O2 | at -Os |\n"
              "|---|---:|---:|\n");
  const auto print = [&](const char *name, const std::string &source) {
    std::printf("| %s | %zu | %zu |\n", name, programBytes(source, "-O2"),
                programBytes(source, "-Os"));
  };
  print("float in plain C++ with expf", plain);
  print("bf16, scalar", with("softmaxScalar"));
  print("bf16, aie_api", with("softmax"));
}

} // namespace

int main() {
  constexpr size_t kCount = 200;
  struct Cost {
    double cycles;
    size_t bytes;
  };
  const auto cost = [&](const Operation &op, std::string &message) {
    const Prepared p = prepare(op, kCount, 1);
    const CoreRun run = runOnCore(p.source, p.input, kCount * p.resultBytes, kCount);
    message = run.message;
    return Cost{static_cast<double>(run.cycles) / kCount,
                programBytes(kTypes + p.source + kMain, "-O2")};
  };
  std::string message;
  const Cost loop = cost(row("xor", "int", "int", 1, "a ^ 5"), message);
  std::printf("| operation | cycles | bytes |\n|---|---:|---:|\n");
  std::vector<Operation> all = operations();
  for (Operation &op : more()) all.push_back(std::move(op));
  for (const Operation &op : all) {
    const Cost c = cost(op, message);
    if (!message.empty() || c.bytes == 0) {
      std::fprintf(stderr, "%s: %s\n", op.name.c_str(), message.c_str());
      return 1;
    }
    std::printf("| %s | %.0f | %lld |\n", op.name.c_str(), std::max(0.0, c.cycles - loop.cycles),
                static_cast<long long>(c.bytes) - static_cast<long long>(loop.bytes));
    std::fflush(stdout);
  }
  softmaxSizes();
}
