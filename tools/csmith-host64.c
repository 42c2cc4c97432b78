// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The 64-bit divisions that a 32-bit host program without a library needs (tools/csmith-compare).
typedef unsigned long long U;
typedef long long S;
static U divide(U a, U b, U *rest) {
  U q = 0, r = 0;
  for (int i = 63; i >= 0; --i) {
    const int carry = (int)(r >> 63);
    r = r << 1 | (a >> i & 1);
    if (carry || r >= b) {
      r -= b;
      q |= (U)1 << i;
    }
  }
  *rest = r;
  return q;
}
U __udivdi3(U a, U b) {
  U r;
  return divide(a, b, &r);
}
U __umoddi3(U a, U b) {
  U r;
  divide(a, b, &r);
  return r;
}
S __divdi3(S a, S b) {
  U r, q = divide(a < 0 ? 0 - (U)a : (U)a, b < 0 ? 0 - (U)b : (U)b, &r);
  return (S)((a ^ b) < 0 ? 0 - q : q);
}
S __moddi3(S a, S b) {
  U r;
  divide(a < 0 ? 0 - (U)a : (U)a, b < 0 ? 0 - (U)b : (U)b, &r);
  return (S)(a < 0 ? 0 - r : r);
}
