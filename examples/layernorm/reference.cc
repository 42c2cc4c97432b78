// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the host expects of LayerNorm: `reference DIRECTORY [SEED]` writes random inputs in.bin and
// params.bin, and the results in double precision, rounded to bf16 once, as expected.bin and
// expected_affine.bin. Its arithmetic shares nothing with the kernel's.
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr int kRow = 512;

double toDouble(uint16_t bf16) { return std::bit_cast<float>(static_cast<uint32_t>(bf16) << 16); }
/// To nearest, ties to even, from a double that has far more bits than are kept.
uint16_t toBf16(double value) {
  const uint32_t bits = std::bit_cast<uint32_t>(static_cast<float>(value));
  return static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

bool save(const std::string &path, const std::vector<uint16_t> &values) {
  std::FILE *file = std::fopen(path.c_str(), "wb");
  if (!file) return false;
  const bool ok = std::fwrite(values.data(), 2, values.size(), file) == values.size();
  return std::fclose(file) == 0 && ok;
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: reference DIRECTORY [SEED]\n");
    return 2;
  }
  const std::string directory = argv[1];
  const uint32_t seed =
      argc > 2 ? static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 0)) : std::random_device{}();
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0.3, 2.0);

  std::vector<uint16_t> in(kRow), params(2 * kRow), expected(kRow), affine(kRow);
  for (uint16_t &v : in) v = toBf16(normal(random));
  for (uint16_t &v : params) v = toBf16(normal(random));

  double sum = 0, squares = 0;
  for (const uint16_t v : in) sum += toDouble(v);
  const double mean = sum / kRow;
  for (const uint16_t v : in) squares += (toDouble(v) - mean) * (toDouble(v) - mean);
  const double scale = 1 / std::sqrt(squares / kRow + 1e-5);
  for (int i = 0; i < kRow; ++i) {
    const double value = (toDouble(in[i]) - mean) * scale;
    expected[i] = toBf16(value);
    affine[i] = toBf16(value * toDouble(params[i]) + toDouble(params[kRow + i]));
  }
  if (!save(directory + "/in.bin", in) || !save(directory + "/params.bin", params) ||
      !save(directory + "/expected.bin", expected) ||
      !save(directory + "/expected_affine.bin", affine)) {
    std::fprintf(stderr, "reference: cannot write to %s\n", directory.c_str());
    return 1;
  }
  std::printf("%u\n", seed);
  return 0;
}
