// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Processor time of `ashlar cc -c` beside that of clang 22 for the host, for a kernel of a thousand
// lines and for sources that are large in one way each. The best of three. It fails when the kernel
// takes three times as long at -O2, or anything 10 seconds.
#include "base/base.h"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <random>
#include <sys/resource.h>

namespace {

namespace fs = std::filesystem;

std::string kernels(int count) {
  std::string text;
  for (int k = 0; k < count; ++k)
    text += fmt::format(
        "extern \"C\" void k{0}(const float *__restrict a, const short *__restrict b,\n"
        "    int *__restrict o, int n) {{\n"
        "  float m = -1e30f;\n  int acc = {0};\n"
        "  for (int i = 0; i < n; ++i) {{\n"
        "    float v = a[i] * {1}.5f;\n    if (v > m)\n      m = v;\n"
        "    acc += b[i] * (i + {0});\n    o[i] = acc >> {2};\n  }}\n"
        "  for (int i = 0; i < n; i += 2) {{\n    int x = o[i], y = b[i];\n    switch (x & 7) {{\n"
        "    case 0: x += y; break;\n    case 1: x -= y * 3; break;\n    case 2: x ^= y; break;\n"
        "    case 3: x = x < y ? x : y; break;\n    case 5: x = (x << 3) | (y >> 2); break;\n"
        "    default: x = -x; break;\n    }}\n    o[i] = x + (int)m;\n  }}\n}}\n",
        k, k + 1, k % 16);
  return text;
}

std::string cases(int count) {
  std::string text = "int f(int x, int y) {\n  switch (x) {\n";
  for (int i = 0; i < count; ++i)
    text += fmt::format("  case {}: y = y * {} + {}; break;\n", i * 3 + i % 2, i + 3, i * 7 % 1000);
  return text + "  default: y = -1;\n  }\n  return y;\n}\n";
}

std::string straight(int lines) {
  std::mt19937 random(1);
  std::string text = "int g[64];\nint f(int a, int b) {\n  int c = a, d = b;\n";
  for (int i = 0; i < lines; ++i) switch (random() % 4) {
    case 0: text += fmt::format("  c = c * {} + d;\n", i % 97 + 1); break;
    case 1: text += fmt::format("  d ^= c >> {};\n", i % 31); break;
    case 2: text += fmt::format("  g[{}] += c;\n", i % 64); break;
    default: text += fmt::format("  c += g[{}];\n", i * 7 % 64); break;
    }
  return text + "  return c + d;\n}\n";
}

std::string loops(int depth) {
  std::string text = "int a[16];\nint f(int n) {\n  int s = 0;\n";
  for (int i = 0; i < depth; ++i)
    text += fmt::format(
        "  for (int i{0} = 0; i{0} < n + {0}; ++i{0}) {{\n  s += i{0} ^ a[s & 15];\n", i);
  return text + std::string(static_cast<size_t>(depth), '}') + "\n  return s;\n}\n";
}

std::string table(int words) {
  std::mt19937 random(1);
  std::string text = "const int t[] = {";
  for (int i = 0; i < words; ++i) text += fmt::format("{},{}", random() >> 2, i % 8 ? "" : "\n");
  return text + "};\nint f(int i) { return t[i]; }\n";
}

/// Seconds of processor time, or less than 0 when the command fails.
double seconds(const std::string &command) {
  double best = -1;
  for (int run = 0; run < 3; ++run) {
    rusage before{}, after{};
    getrusage(RUSAGE_CHILDREN, &before);
    if (std::system(command.c_str()) != 0) return -1;
    getrusage(RUSAGE_CHILDREN, &after);
    const auto time = [](const timeval &t) {
      return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    const double taken =
        time(after.ru_utime) + time(after.ru_stime) - time(before.ru_utime) - time(before.ru_stime);
    if (best < 0 || taken < best) best = taken;
  }
  return best;
}

} // namespace

int main() {
  const struct {
    const char *what, *file;
    std::string text;
  } rows[] = {{"kernels, 1,012 lines", "kernels.cc", kernels(44)},
              {"switch of 2,000 cases", "cases.c", cases(2000)},
              {"5,000 lines of straight code", "straight.c", straight(5000)},
              {"24 nested loops", "loops.c", loops(24)},
              {"table of 50,000 words", "table.c", table(50000)}};
  const fs::path folder = fs::temp_directory_path() / "ashlar-bench-compile";
  fs::create_directories(folder);
  fmt::print("{:<30} {:>5} {:>10} {:>10} {:>7}\n", "compile", "level", "ashlar s", "clang s",
             "ratio");
  int failed = 0;
  for (const auto &row : rows) {
    const std::string file = (folder / row.file).string();
    if (!ashlar::writeTextFile(file, row.text).ok()) return 1;
    for (const char *level : {"-O0", "-O2"}) {
      const std::string rest = fmt::format(" -w -c {} {} -o {}/x.o", level, file, folder.string());
      const double ours = seconds(ASHLAR_BINARY_DIR "/bin/ashlar cc" + rest);
      const double host = seconds((row.text[0] == 'e' ? "clang++-22" : "clang-22") + rest);
      failed += ours < 0 || host < 0 || ours > 10;
      failed += &row == rows && level[2] == '2' && ours > 3 * host;
      fmt::print("{:<30} {:>5} {:>10.2f} {:>10.2f} {:>7.2f}\n", row.what, level, ours, host,
                 ours / host);
    }
  }
  fs::remove_all(folder);
  return failed != 0;
}
