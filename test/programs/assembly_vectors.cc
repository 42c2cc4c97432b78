// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Inline assembly on vector registers and accumulators, with such clobbers, of several bundles. The
// host computes the same lane by lane.
alignas(32) static int lanes[32];
#ifdef __AIENGINE__
#include <aie2_types.h>
#define NOINLINE __attribute__((noinline)) static
NOINLINE v16int32 add(v16int32 a, v16int32 b) {
  v16int32 r;
  asm("vadd.32 %0, %1, %2" : "=x"(r) : "x"(a), "x"(b));
  return r;
}
NOINLINE v16int32 thrice(v16int32 a) {
  v16int32 r;
  asm("vadd.32 x5, %1, %1\nnop\nvadd.32 %0, x5, %1" : "=x"(r) : "x"(a) : "x5");
  return r;
}
NOINLINE v16int32 twice(const int *p) {
  v16int32 r;
  asm("vlda wl7, [%1, #0]\nvlda wh7, [%1, #32]\nnop\nnop\nnop\nnop\nnop\nnop\nvadd.32 %0, x7, x7"
      : "=x"(r)
      : "p"(p)
      : "x7", "memory");
  return r;
}
NOINLINE v8int32 half(v8int32 a) {
  v8int32 r;
  asm("vmov %0, %1" : "=w"(r) : "w"(a));
  return r;
}
NOINLINE v8acc64 through(v8acc64 a) {
  asm("vmov bml3, %0\nnop\nvmov %0, bml3" : "+c"(a) : : "bml3");
  return a;
}
static void compute() {
  auto *v = reinterpret_cast<v16int32 *>(lanes);
  v16int32 r = add(v[0], v[1]) + thrice(v[0]) + twice(lanes + 16);
  v[0] = r;
  v[1] = (v16int32)through((v8acc64)r);
  auto *h = reinterpret_cast<v8int32 *>(lanes);
  h[3] = half(h[0]);
}
#else
static void compute() {
  for (int i = 0; i < 16; ++i) lanes[i] = 4 * lanes[i] + 3 * lanes[i + 16];
  for (int i = 0; i < 16; ++i) lanes[16 + i] = lanes[i];
  for (int i = 0; i < 8; ++i) lanes[24 + i] = lanes[i];
}
#endif
extern "C" int run(int seed) {
  for (int i = 0; i < 32; ++i) lanes[i] = (seed & 0xffff) * (i + 1);
  compute();
  unsigned h = 0;
  for (int x : lanes) h = h * 31 + static_cast<unsigned>(x);
  return static_cast<int>(h);
}
