// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels in vectors, measured on the emulated core: matrix products as their share of the unit's
// peak (one multiplication of 128 bf16 or 256 int8 pairs a cycle) over the whole call, and rows of
// bf16 beside the same in scalar code. Results are compared with the host's before they count.
#include "kernels/gemm.h"
#include "kernels/rows.h"
#include "lib/on_core.h"

#include <cstdio>
#include <random>

using namespace lib_test;

namespace {

bool g_failed = false;

std::string sourceOf(const std::string &header, const std::string &body, size_t inputs) {
  return "#include \"" ASHLAR_SOURCE_DIR "/bench/kernels/" + header +
         "\"\nextern \"C\" void run(const void *restrict in, " +
         (inputs == 2 ? "const void *restrict in2, " : "") + "void *restrict out, int n) {" + body +
         "}\n";
}
ashlar::Bytes randomBfloats(size_t n, float scale) {
  std::mt19937 random(17);
  ashlar::Bytes bytes(2 * n);
  for (size_t i = 0; i < n; ++i) {
    const float x = (static_cast<float>(random() % 20001) / 10000 - 1) * scale;
    const bfloat16 b = static_cast<bfloat16>(x);
    std::memcpy(&bytes[2 * i], &b, 2);
  }
  return bytes;
}
using Kernel = void (*)(const void *in, const void *in2, void *out, int n);
/// Cycles of one call; 0 and a message when the result is not the host's. `flags`: of the run.
uint64_t measure(const std::string &header, const std::string &body,
                 const std::vector<ashlar::Bytes> &in, size_t outBytes, int n,
                 const std::string &flags, Kernel host) {
  alignas(64) static uint8_t expected[65536], input[2][65536];
  for (size_t i = 0; i < in.size(); ++i) std::memcpy(input[i], in[i].data(), in[i].size());
  const CoreRun run = runOnCore(sourceOf(header, body, in.size()), in, outBytes,
                                static_cast<size_t>(n), "-O 2 " + flags);
  if (!run.message.empty()) {
    std::fprintf(stderr, "%s: %s\n", body.c_str(), run.message.c_str());
    g_failed = true;
    return 0;
  }
  host(input[0], input[1], expected, n);
  if (std::memcmp(expected, run.output.data(), outBytes) != 0) {
    std::fprintf(stderr, "%s: the core's result is not the host's\n", body.c_str());
    g_failed = true;
    return 0;
  }
  return run.cycles;
}
#define MEASURE(header, inputs, outBytes, count, flags, ...)                                       \
  measure(header, #__VA_ARGS__, inputs, outBytes, count, flags,                                    \
          [](const void *in, const void *in2, void *out, int n) {                                  \
            (void)in2, (void)n;                                                                    \
            __VA_ARGS__                                                                            \
          })

constexpr const char *kBankEach = "--arg-align 16384"; // A, B and C in memory banks of their own

void product(const char *name, uint64_t cycles, double peak) {
  std::printf("| %s | %llu | %.0f | %.2f |\n", name, static_cast<unsigned long long>(cycles), peak,
              cycles != 0 ? peak / static_cast<double>(cycles) : 0);
}
void row(const char *name, uint64_t vector, uint64_t scalar, int n) {
  std::printf("| %s | %.2f | %.1f | %.0f |\n", name, static_cast<double>(vector) / n,
              static_cast<double>(scalar) / n,
              vector != 0 ? static_cast<double>(scalar) / static_cast<double>(vector) : 0);
}
} // namespace

int main() {
  std::mt19937 random(5);
  const auto bytes = [&](size_t n) {
    ashlar::Bytes made(n);
    for (uint8_t &b : made) b = static_cast<uint8_t>(random());
    return made;
  };
  const ashlar::Bytes floats = randomBfloats(8192, 1);
  const std::vector<ashlar::Bytes> bfloats{{floats.begin(), floats.begin() + 8192},
                                           {floats.begin() + 8192, floats.end()}};
  std::printf(
      "| 64x64x64 on one core | cycles | at peak | share of peak |\n|---|---:|---:|---:|\n");
  constexpr double peakBf = 64 * 64 * 64 / 128.0, peakInt = 64 * 64 * 64 / 256.0;
  product("bf16, fp32 sums",
          MEASURE("gemm.h", bfloats, 16384, 0, kBankEach,
                  gemm<bfloat16, float, 4, 64, 64, 64, 4, 4>((const bfloat16 *)in,
                                                             (const bfloat16 *)in2, (float *)out);),
          peakBf);
  product("int8, int32 sums",
          MEASURE("gemm.h", (std::vector{bytes(4096), bytes(4096)}), 16384, 0, kBankEach,
                  gemm<int8, int32, 8, 64, 64, 64, 4, 2>((const int8 *)in, (const int8 *)in2,
                                                         (int32 *)out);),
          peakInt);
  product("bf16, A and B in one bank",
          MEASURE("gemm.h", {floats}, 16384, 0, "",
                  gemm<bfloat16, float, 4, 64, 64, 64, 4, 4>(
                      (const bfloat16 *)in, (const bfloat16 *)in + 4096, (float *)out);),
          peakBf);
  product("int8, A and B in one bank",
          MEASURE("gemm.h", {bytes(8192)}, 16384, 0, "",
                  gemm<int8, int32, 8, 64, 64, 64, 4, 2>((const int8 *)in, (const int8 *)in + 4096,
                                                         (int32 *)out);),
          peakInt);
  const int n = 1024;
  const ashlar::Bytes values = randomBfloats(n, 4);
  std::printf("\n| 1024 bf16 | cycles an element | scalar | times |\n|---|---:|---:|---:|\n");
#define ROW(name, vector, scalar)                                                                  \
  row(name,                                                                                        \
      MEASURE("rows.h", {values}, 2 * n, n, "",                                                    \
              vector((const bfloat16 *)in, (bfloat16 *)out, n);),                                  \
      MEASURE("rows.h", {values}, 2 * n, n, "",                                                    \
              scalar((const bfloat16 *)in, (bfloat16 *)out, n);),                                  \
      n)
  ROW("LayerNorm", layerNorm, layerNormScalar);
  ROW("softmax", softmax, softmaxScalar);
  ROW("GELU", gelu, geluScalar);
  return g_failed ? 1 : 0;
}
