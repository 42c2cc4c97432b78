// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exponential and hyperbolic tangent of bf16 vectors under the names of the vendor's table library.
// Here they are computed, not looked up, so results are the nearest ones and need no tables.
#ifndef ASHLAR_LUT_BASED_OPS_H
#define ASHLAR_LUT_BASED_OPS_H

#include "aie_api/aie.hpp"

inline v16accfloat getExpBf16(const v16bfloat16 &x) {
  v16accfloat r;
  for (unsigned i = 0; i < 16; ++i) r[i] = ::expf(aie::detail::toFloat(x.get(i)));
  return r;
}
inline v16bfloat16 getTanhBf16(const v16bfloat16 &x) { return aie::tanh(x); }
inline v16bfloat16 getRsqrtBf16(const v16bfloat16 &x) { return aie::invsqrt(x); }
inline float getInvBf16(float x) { return 1.0f / x; }
inline v16bfloat16 to_v16bfloat16(const v16accfloat &a) { return a.to_vector<bfloat16>(); }

#endif
