// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LayerNorm of one row of 512 bf16, in plain C++: the same file compiles for the core and for the
// host, and gives the same bits there, because float arithmetic is IEEE's on both and no product is
// fused into a sum.
#include <cmath>

#pragma clang fp contract(off)

namespace {

constexpr int kRow = 512;
constexpr float kEpsilon = 1e-5f;

struct Moments {
  float mean, scale;
};

Moments momentsOf(const __bf16 *row) {
  float sum = 0.0f;
  for (int i = 0; i < kRow; ++i) sum += static_cast<float>(row[i]);
  const float mean = sum * (1.0f / kRow);
  float squares = 0.0f;
  for (int i = 0; i < kRow; ++i) {
    const float d = static_cast<float>(row[i]) - mean;
    squares += d * d;
  }
  return {mean, 1.0f / sqrtf(squares * (1.0f / kRow) + kEpsilon)};
}

} // namespace

extern "C" void layernorm_512(const __bf16 *in, __bf16 *out) {
  const Moments m = momentsOf(in);
  for (int i = 0; i < kRow; ++i)
    out[i] = static_cast<__bf16>((static_cast<float>(in[i]) - m.mean) * m.scale);
}

/// `params` holds gamma, then beta.
extern "C" void layernorm_512_affine(const __bf16 *in, const __bf16 *params, __bf16 *out) {
  const Moments m = momentsOf(in);
  for (int i = 0; i < kRow; ++i) {
    const float normal = (static_cast<float>(in[i]) - m.mean) * m.scale;
    const float gamma = static_cast<float>(params[i]), beta = static_cast<float>(params[kRow + i]);
    out[i] = static_cast<__bf16>(normal * gamma + beta);
  }
}
