// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LayerNorm, softmax and GELU of a row of bf16, in vectors and lane by lane.
#pragma once

#include <aie_api/aie.hpp>
#include <lut_based_ops.h>
#include <math.h>

ASHLAR_INLINE void layerNorm(const bfloat16 *restrict in, bfloat16 *restrict out, int n) {
  aie::set_rounding(aie::rounding_mode::conv_even);
  aie::accum<accfloat, 16> sum = aie::zeros<accfloat, 16>(), squares = sum;
  // Products with one add up lanes i and i + 16 at once.
  const v32bfloat16 one = aie::broadcast<bfloat16, 32>(1.0f);
  v16accfloat s = sum, q = squares;
  for (int i = 0; i < n; i += 32) {
    const v32bfloat16 v = aie::load_v<32>(in + i);
    s = mac_elem_16_2(v, one, s);
    q = mac_elem_16_2(v, v, q);
  }
  const float mean = aie::reduce_add(aie::accum<accfloat, 16>(s).to_vector<float>()) / n;
  const float square = aie::reduce_add(aie::accum<accfloat, 16>(q).to_vector<float>()) / n;
  const float scale = aie::invsqrt(square - mean * mean + 1e-5f);
  const auto factor = aie::broadcast<bfloat16, 16>(scale);
  const aie::accum<accfloat, 16> offset(aie::broadcast<float, 16>(-mean * scale));
  for (int i = 0; i < n; i += 16)
    aie::store_v(out + i, aie::mac(offset, aie::load_v<16>(in + i), factor).to_vector<bfloat16>());
}
inline void layerNormScalar(const bfloat16 *in, bfloat16 *out, int n) {
  float sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const float x = static_cast<float>(in[i]);
    sum += x;
    squares += x * x;
  }
  const float mean = sum / n, scale = 1.0f / sqrtf(squares / n - mean * mean + 1e-5f);
  for (int i = 0; i < n; ++i)
    out[i] = static_cast<bfloat16>((static_cast<float>(in[i]) - mean) * scale);
}

ASHLAR_INLINE void softmax(const bfloat16 *restrict in, bfloat16 *restrict out, int n) {
  aie::set_rounding(aie::rounding_mode::conv_even);
  aie::vector<bfloat16, 32> most = aie::load_v<32>(in);
  for (int i = 32; i < n; i += 32) most = aie::max(most, aie::load_v<32>(in + i));
  const aie::accum<accfloat, 16> top(
      aie::broadcast<float, 16>(static_cast<float>(aie::reduce_max(most))));
  aie::accum<accfloat, 16> sum = aie::zeros<accfloat, 16>();
  for (int i = 0; i < n; i += 16) {
    const aie::accum<accfloat, 16> x(aie::load_v<16>(in + i));
    const aie::accum<accfloat, 16> e = getExpBf16(aie::sub(x, top).to_vector<bfloat16>());
    sum = aie::add(sum, e);
    aie::store_v(out + i, e.to_vector<bfloat16>());
  }
  const auto factor =
      aie::broadcast<bfloat16, 16>(aie::inv(aie::reduce_add(sum.to_vector<float>())));
  bfloat16 *restrict result = out;
  for (int i = 0; i < n; i += 16)
    aie::store_v(result + i, aie::mul(aie::load_v<16>(result + i), factor).to_vector<bfloat16>());
}
inline void softmaxScalar(const bfloat16 *in, bfloat16 *out, int n) {
  float most = static_cast<float>(in[0]), sum = 0;
  for (int i = 1; i < n; ++i) {
    const float x = static_cast<float>(in[i]);
    if (x > most) most = x;
  }
  for (int i = 0; i < n; ++i) {
    const float e = expf(static_cast<float>(in[i]) - most);
    sum += e;
    out[i] = static_cast<bfloat16>(e);
  }
  const float factor = 1.0f / sum;
  for (int i = 0; i < n; ++i) out[i] = static_cast<bfloat16>(static_cast<float>(out[i]) * factor);
}

/// x / 2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))).
ASHLAR_INLINE void gelu(const bfloat16 *restrict in, bfloat16 *restrict out, int n) {
  aie::set_rounding(aie::rounding_mode::conv_even);
  for (int i = 0; i < n; i += 16) {
    const aie::vector<bfloat16, 16> x = aie::load_v<16>(in + i);
    const auto square = aie::mul(x, x).to_vector<bfloat16>();
    const auto inner = aie::mac(aie::accum<accfloat, 16>(aie::broadcast<float, 16>(0.79788456f)),
                                square, aie::broadcast<bfloat16, 16>(0.035677408f))
                           .to_vector<bfloat16>();
    const aie::vector<bfloat16, 16> t = getTanhBf16(aie::mul(x, inner).to_vector<bfloat16>());
    const auto half = aie::mul(x, aie::broadcast<bfloat16, 16>(0.5f)).to_vector<bfloat16>();
    aie::store_v(out + i, aie::mac(aie::accum<accfloat, 16>(half), half, t).to_vector<bfloat16>());
  }
}
inline void geluScalar(const bfloat16 *in, bfloat16 *out, int n) {
  for (int i = 0; i < n; ++i) {
    const float x = static_cast<float>(in[i]);
    const float inner = 0.79788456f * (x + 0.044715f * x * x * x);
    out[i] = static_cast<bfloat16>(0.5f * x * (1.0f + tanhf(inner)));
  }
}
