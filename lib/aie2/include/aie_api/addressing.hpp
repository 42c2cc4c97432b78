// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pointers that walk through two or three dimensions, under the names that kernels know. The step
// is inc1 num1 times, then inc2 once (in three dimensions num2 times), then inc3, and so on; the
// counts say how far it has come. Numbers and counts have 20 bits. On a core a step is one instruction,
// mostly part of a load or store.
#pragma once

#include "aie_api/detail/config.h"

#if ASHLAR_VECTOR_UNIT
#include <aie2_core.h>
#endif

using addr_t = int;

struct dims_2d_t {
  unsigned num1;
  int inc1, inc2;
  addr_t count1;
  ASHLAR_INLINE dims_2d_t(unsigned steps1, int by1, int by2, addr_t at1 = 0)
      : num1(steps1), inc1(by1), inc2(by2), count1(at1) {}
};
struct dims_3d_t {
  unsigned num1;
  int inc1;
  unsigned num2;
  int inc2, inc3;
  addr_t count1, count2;
  ASHLAR_INLINE dims_3d_t(unsigned steps1, int by1, unsigned steps2, int by2, int by3,
                          addr_t at1 = 0, addr_t at2 = 0)
      : num1(steps1), inc1(by1), num2(steps2), inc2(by2), inc3(by3), count1(at1), count2(at2) {}
};
/// From how many there are of each dimension, and how far apart.
ASHLAR_INLINE dims_2d_t dims_2d_from_steps(unsigned size1, int step1, int step2, addr_t at1 = 0) {
  const int width = static_cast<int>(size1 - 1) * step1;
  return {size1 - 1, step1, step2 - width, at1};
}
ASHLAR_INLINE dims_3d_t dims_3d_from_steps(unsigned size1, int step1, unsigned size2, int step2,
                                           int step3, addr_t at1 = 0, addr_t at2 = 0) {
  const int width = static_cast<int>(size1 - 1) * step1;
  const int height = static_cast<int>(size2 - 1) * step2;
  return {size1 - 1, step1, size2 - 1, step2 - width, step3 - height - width, at1, at2};
}

template <class T> ASHLAR_INLINE T *byte_incr(T *p, int bytes) {
  return (T *)((char *)p + bytes);
}
template <class T>
ASHLAR_INLINE T *add_2d_byte(T *p, int inc2, int num1, addr_t &count1, int inc1) {
#if ASHLAR_VECTOR_UNIT
  const __aie2_walk_2d next = __aie2_add_2d((void *)p, inc2, num1, inc1, count1);
  count1 = next.count;
  return (T *)next.pointer;
#else
  const bool along = static_cast<unsigned>(count1) < static_cast<unsigned>(num1);
  count1 = along ? count1 + 1 : 0;
  return byte_incr(p, along ? inc1 : inc2);
#endif
}
template <class T>
ASHLAR_INLINE T *add_3d_byte(T *p, int inc3, int num1, addr_t &count1, int inc1, int num2,
                             addr_t &count2, int inc2) {
#if ASHLAR_VECTOR_UNIT
  const __aie2_walk_3d next =
      __aie2_add_3d((void *)p, inc3, num1, inc1, num2, inc2, count1, count2);
  count1 = next.count1;
  count2 = next.count2;
  return (T *)next.pointer;
#else
  const bool along = static_cast<unsigned>(count1) < static_cast<unsigned>(num1);
  const bool down = static_cast<unsigned>(count2) < static_cast<unsigned>(num2);
  count1 = along ? count1 + 1 : 0;
  if (!along) count2 = down ? count2 + 1 : 0;
  return byte_incr(p, along ? inc1 : down ? inc2 : inc3);
#endif
}
template <class T>
ASHLAR_INLINE T *add_2d_ptr(T *p, int inc2, int num1, addr_t &count1, int inc1) {
  constexpr int size = sizeof(T);
  return add_2d_byte(p, inc2 * size, num1, count1, inc1 * size);
}
template <class T>
ASHLAR_INLINE T *add_3d_ptr(T *p, int inc3, int num1, addr_t &count1, int inc1, int num2,
                            addr_t &count2, int inc2) {
  constexpr int size = sizeof(T);
  return add_3d_byte(p, inc3 * size, num1, count1, inc1 * size, num2, count2, inc2 * size);
}
template <class T> ASHLAR_INLINE T *add_2d_byte(T *p, dims_2d_t &d) {
  return add_2d_byte(p, d.inc2, static_cast<int>(d.num1), d.count1, d.inc1);
}
template <class T> ASHLAR_INLINE T *add_3d_byte(T *p, dims_3d_t &d) {
  return add_3d_byte(p, d.inc3, static_cast<int>(d.num1), d.count1, d.inc1,
                     static_cast<int>(d.num2), d.count2, d.inc2);
}
template <class T> ASHLAR_INLINE T *add_2d_ptr(T *p, dims_2d_t &d) {
  return add_2d_ptr(p, d.inc2, static_cast<int>(d.num1), d.count1, d.inc1);
}
template <class T> ASHLAR_INLINE T *add_3d_ptr(T *p, dims_3d_t &d) {
  return add_3d_ptr(p, d.inc3, static_cast<int>(d.num1), d.count1, d.inc1,
                    static_cast<int>(d.num2), d.count2, d.inc2);
}
