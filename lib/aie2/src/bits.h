// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What every part of the run-time library uses. The core has 32-bit integers, a multiplier that
// keeps the low 32 bits, and no scalar floating point: everything here is made of those. The same
// sources are compiled for the host under other names (LIB), so that they can be tested over all
// inputs without an emulator.
#pragma once

typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __SIZE_TYPE__ size_t;
typedef __UINTPTR_TYPE__ uintptr_t;

#ifdef __aie2__
#define LIB(name) name
using Bf16 = __bf16;
#else
#define LIB(name) ashlar_##name
using Bf16 = uint16_t; // hosts pass and convert __bf16 through calls that not all have
#endif
#define FUNCTION(type, name) extern "C" __attribute__((visibility("default"))) type LIB(name)
#define NOINLINE __attribute__((noinline))
#define INLINE static inline __attribute__((always_inline))

INLINE uint32_t bitsOf(float x) { return __builtin_bit_cast(uint32_t, x); }
INLINE uint64_t bitsOf(double x) { return __builtin_bit_cast(uint64_t, x); }
INLINE float floatOf(uint32_t x) { return __builtin_bit_cast(float, x); }
INLINE double doubleOf(uint64_t x) { return __builtin_bit_cast(double, x); }

INLINE uint32_t high(uint64_t x) { return static_cast<uint32_t>(x >> 32); }
INLINE uint32_t low(uint64_t x) { return static_cast<uint32_t>(x); }
INLINE uint64_t join(uint32_t high, uint32_t low) {
  return static_cast<uint64_t>(high) << 32 | low;
}

/// Leading zeros of a value that is not 0.
INLINE int leadingZeros(uint32_t x) { return __builtin_clz(x); }
INLINE int leadingZeros(uint64_t x) {
  return high(x) ? leadingZeros(high(x)) : 32 + leadingZeros(low(x));
}

/// The full product of two 32-bit numbers by four 16-bit ones.
INLINE uint64_t wideProduct(uint32_t a, uint32_t b) {
  const uint32_t al = a & 0xffff, ah = a >> 16, bl = b & 0xffff, bh = b >> 16;
  const uint32_t ll = al * bl;
  const uint32_t middle = ah * bl + (ll >> 16); // cannot overflow: 0xffff * 0xffff + 0xffff
  const uint32_t middle2 = al * bh + (middle & 0xffff);
  return join(ah * bh + (middle >> 16) + (middle2 >> 16), middle2 << 16 | (ll & 0xffff));
}
/// The upper half of it.
INLINE uint32_t highProduct(uint32_t a, uint32_t b) { return high(wideProduct(a, b)); }
/// The upper half, up to 2 too small: one multiplication less, for polynomials.
INLINE uint32_t highProductNear(uint32_t a, uint32_t b) {
  const uint32_t al = a & 0xffff, ah = a >> 16, bl = b & 0xffff, bh = b >> 16;
  return ah * bh + (ah * bl >> 16) + (al * bh >> 16);
}
