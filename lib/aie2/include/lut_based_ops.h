// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementary functions of bf16 vectors under the names of the vendor's table library. Here they are
// computed, not looked up: closer than the tables, and no tables in data memory.
#ifndef ASHLAR_LUT_BASED_OPS_H
#define ASHLAR_LUT_BASED_OPS_H

#include "aie_api/aie.hpp"

ASHLAR_INLINE v16accfloat getExpBf16(v16bfloat16 x) { return aie::detail::expOf(x); }
ASHLAR_INLINE v16bfloat16 getTanhBf16(v16bfloat16 x) {
  return to_v16bfloat16(aie::detail::tanhOf(x));
}
ASHLAR_INLINE bfloat16 getInvBf16(float x) { return static_cast<bfloat16>(1.0f / x); }

#endif
