// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops whose code is looked at: loops.txt beside this holds the remark, the kernel's bundles and
// the cycles of a call with n = 64 for each.
#include <aie2_intrinsics.h>
#include <stdint.h>

#define LOOP(name, D, P, Q)                                                                        \
  extern "C" int name(D *__restrict d, const P *__restrict p, const Q *__restrict q, int n)
#define EACH for (int i = 0; i < n; ++i)

LOOP(copy_words, int, int, int) {
  EACH d[i] = p[i];
  return 0;
}
LOOP(add_words, int, int, int) {
  EACH d[i] = p[i] + q[i];
  return 0;
}
LOOP(scale_words, int, int, int) {
  EACH d[i] = p[i] * 5 + 3;
  return 0;
}
LOOP(in_place, int, int, int) {
  EACH d[i] = d[i] * 3;
  return 0;
}
LOOP(sum_words, int, int, int) {
  int s = 0;
  EACH s += p[i];
  return s;
}
LOOP(dot_words, int, int, int) {
  int s = 0;
  EACH s += p[i] * q[i];
  return s;
}
LOOP(dot_halves, int, short, short) {
  int s = 0;
  EACH s += p[i] * q[i];
  return s;
}
LOOP(max_word, int, int, int) {
  int m = 0;
  EACH m = p[i] > m ? p[i] : m;
  return m;
}
LOOP(clamp_words, int, int, int) {
  EACH {
    int x = p[i];
    d[i] = x < 0 ? 0 : x > 255 ? 255 : x;
  }
  return 0;
}
LOOP(bytes_to_words, int, uint8_t, int) {
  EACH d[i] = p[i];
  return 0;
}
LOOP(words_to_bytes, uint8_t, int, int) {
  EACH d[i] = (uint8_t)(p[i] >> 4);
  return 0;
}
LOOP(horner, int, int, int) {
  int s = 0;
  EACH s = s * 7 + p[i];
  return s;
}
LOOP(prefix_sum, int, int, int) {
  int s = 0;
  EACH d[i] = s += p[i];
  return s;
}
LOOP(difference, int, int, int) {
  EACH d[i] = p[i + 1] - p[i];
  return 0;
}
LOOP(rotate_three, int, int, int) {
  EACH { d[3 * i] = p[3 * i + 2], d[3 * i + 1] = p[3 * i], d[3 * i + 2] = p[3 * i + 1]; }
  return 0;
}
LOOP(table, int, int, int) {
  EACH d[i] = q[p[i] & 15];
  return 0;
}
LOOP(known_rounds, int, int, int) {
  for (int i = 0; i < 32; ++i) d[i] = p[i] ^ n;
  return 0;
}
LOOP(distance_five, int, int, int) {
  EACH d[i + 5] = d[i] + 1;
  return 0;
}

LOOP(copy_vectors, v32int8, v32int8, v32int8) {
  EACH d[i] = p[i];
  return 0;
}
LOOP(add_bytes, v64int8, v64int8, v64int8) {
  EACH d[i] = __aie2_vadd_8(p[i], q[i]);
  return 0;
}
LOOP(product_bytes, v16acc64, v64int8, v64int8) {
  v16acc64 s = (v16acc64)__aie2_vclr_cm();
  EACH s = (v16acc64)__aie2_vmac(s, p[i], q[i], 776);
  *d = s;
  return 0;
}
LOOP(gemm_bytes, v16acc64, v64int8, v64int8) {
  v16acc64 a = d[0], b = d[1], e = d[2], f = d[3];
  EACH {
    v64int8 x = p[2 * i], y = p[2 * i + 1], u = q[2 * i], v = q[2 * i + 1];
    a = (v16acc64)__aie2_vmac(a, x, u, 776);
    b = (v16acc64)__aie2_vmac(b, x, v, 776);
    e = (v16acc64)__aie2_vmac(e, y, u, 776);
    f = (v16acc64)__aie2_vmac(f, y, v, 776);
  }
  d[0] = a, d[1] = b, d[2] = e, d[3] = f;
  return 0;
}
LOOP(gemm_bfloats, v16accfloat, v32bfloat16, v32bfloat16) {
  v16accfloat a = d[0], b = d[1], e = d[2], f = d[3];
  EACH {
    v32bfloat16 x = p[2 * i], y = p[2 * i + 1], u = q[2 * i], v = q[2 * i + 1];
    a = (v16accfloat)__aie2_vmac_f(a, x, u, 28);
    b = (v16accfloat)__aie2_vmac_f(b, x, v, 28);
    e = (v16accfloat)__aie2_vmac_f(e, y, u, 28);
    f = (v16accfloat)__aie2_vmac_f(f, y, v, 28);
  }
  d[0] = a, d[1] = b, d[2] = e, d[3] = f;
  return 0;
}
LOOP(scale_bfloats, v16bfloat16, v32bfloat16, v32bfloat16) {
  v32bfloat16 k = *q;
  EACH d[i] = (v16bfloat16)__aie2_vconv_bf16_fp32((v16accfloat)__aie2_vmul_f(p[i], k, 60));
  return 0;
}
