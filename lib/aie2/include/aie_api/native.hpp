// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The unqualified functions over native vector types (v16int32, v32bfloat16, v16accfloat ...) that
// kernels written for the vendor's compilers call beside the API: products by shape, conversions,
// moves, comparisons, locks, events and the cascade.
#pragma once

#include <aie2_core.h>

#include "aie_api/mmul.hpp"
#include "aie_api/modes.hpp"

// --- Cascade -----------------------------------------------------------------------------------
namespace aie::detail {
template <class V> ASHLAR_INLINE void putCascade(V v) {
#if ASHLAR_VECTOR_UNIT
  __aie2_set_crMCDEn(1);
#endif
  if constexpr (sizeof(V) == 64)
    __aie2_vmov_mcd_x((v64int8)v);
  else {
    const auto all = (native<int8_t, 128>)v;
    __aie2_vmov_mcd_x(lanesOf<0, 64>(all));
    __aie2_vmov_mcd_x(lanesOf<64, 64>(all));
  }
}
template <class V> ASHLAR_INLINE V getCascade() {
#if ASHLAR_VECTOR_UNIT
  __aie2_set_crSCDEn(1);
#endif
  const v64int8 low = __aie2_vmov_scd_x();
  if constexpr (sizeof(V) == 64)
    return (V)low;
  else
    return (V)concatNative(low, __aie2_vmov_scd_x());
}
} // namespace aie::detail

// --- What every native vector type has -----------------------------------------------------------
// There are thousands of them and a kernel uses ten, so their bodies are looked at when called: each
// is a template whose types depend on a parameter that nobody gives.
namespace aie::detail {
template <class T, int> struct Later {
  using type = T;
};
} // namespace aie::detail
#define ASHLAR_LATE template <int late = 0> ASHLAR_INLINE
#define ASHLAR_LATER(T) typename aie::detail::Later<T, late>::type
#define ASHLAR_NATIVE_COMMON(V, T) \
  ASHLAR_LATE V undef_##V() { return aie::zeros<ASHLAR_LATER(T), sizeof(V) / sizeof(T)>(); } \
  ASHLAR_LATE T ext_elem(V v, int i) { return aie::vector<ASHLAR_LATER(T), sizeof(V) / sizeof(T)>(v).get(static_cast<unsigned>(i)); } \
  ASHLAR_LATE T extract_elem(V v, int i) { return ext_elem(v, i); } \
  ASHLAR_LATE V upd_elem(V v, int i, T x) { \
    return aie::vector<ASHLAR_LATER(T), sizeof(V) / sizeof(T)>(v).set(x, static_cast<unsigned>(i)); \
  } \
  ASHLAR_LATE V insert(V v, int i, T x) { return upd_elem(v, i, x); } \
  ASHLAR_LATE V broadcast_zero_to_##V() { return aie::zeros<ASHLAR_LATER(T), sizeof(V) / sizeof(T)>(); } \
  ASHLAR_LATE V broadcast_to_##V(T x) { \
    return aie::broadcast<ASHLAR_LATER(T), sizeof(V) / sizeof(T)>(x); \
  }
// The halves of W are V.
#define ASHLAR_NATIVE_HALVES(V, W) \
  ASHLAR_LATE W concat(V a, V b) { return aie::detail::concatNative<ASHLAR_LATER(V)>(a, b); } \
  ASHLAR_LATE V extract_##V(W v, int i) { \
    constexpr unsigned n = sizeof(V) / sizeof(v[0]); \
    return i == 0 ? aie::detail::lanesOf<0, n, ASHLAR_LATER(W)>(v) : aie::detail::lanesOf<n, n, ASHLAR_LATER(W)>(v); \
  } \
  ASHLAR_LATE V ext_##V(W v, int i) { return extract_##V(v, i); } \
  ASHLAR_LATE W insert(W v, int i, V part) { \
    return i == 0 ? aie::detail::concatNative<ASHLAR_LATER(V)>(part, extract_##V(v, 1)) \
                  : aie::detail::concatNative<ASHLAR_LATER(V)>(extract_##V(v, 0), part); \
  } \
  ASHLAR_LATE W set_##W(int i, V part) { return insert(undef_##W(), i, part); } \
  ASHLAR_LATE W upd_v(W v, int i, V part) { return insert(v, i, part); }
// Operations of whole registers.
#define ASHLAR_NATIVE_REGISTER(V, T) \
  ASHLAR_LATE V shuffle(V a, V b, unsigned mode) { \
    return (V)__aie2_vshuffle((v64int8)a, (v64int8)b, static_cast<int>(mode)); \
  } \
  ASHLAR_LATE V shuffle(V a, unsigned mode) { return shuffle(a, a, mode); } \
  ASHLAR_LATE V shift_bytes(V a, V b, int n) { \
    return (V)__aie2_vshift((v64int8)a, (v64int8)b, n); \
  } \
  ASHLAR_LATE V shift(V a, V b, int lanes) { \
    return shift_bytes(a, b, lanes * static_cast<int>(sizeof(T))); \
  } \
  ASHLAR_LATE V broadcast_elem(V v, int i) { \
    return aie::detail::spread(aie::vector<ASHLAR_LATER(T), aie::detail::kLanes<T>>(v), \
                               static_cast<unsigned>(i)); \
  } \
  ASHLAR_LATE V max(V a, V b) { return aie::detail::maxRegisters<ASHLAR_LATER(T)>(a, b); } \
  ASHLAR_LATE V min(V a, V b) { return aie::detail::minRegisters<ASHLAR_LATER(T)>(a, b); } \
  ASHLAR_LATE auto lt(V a, V b) { return aie::detail::lessRegisters<ASHLAR_LATER(T)>(a, b); } \
  ASHLAR_LATE auto ge(V a, V b) { return aie::detail::atLeastRegisters<ASHLAR_LATER(T)>(a, b); } \
  ASHLAR_LATE auto gt(V a, V b) { return aie::detail::lessRegisters<ASHLAR_LATER(T)>(b, a); } \
  ASHLAR_LATE auto le(V a, V b) { return aie::detail::atLeastRegisters<ASHLAR_LATER(T)>(b, a); } \
  ASHLAR_LATE V sel(V a, V b, unsigned long long m) { \
    return aie::detail::selectRegisters<ASHLAR_LATER(T)>(a, b, m); \
  } \
  ASHLAR_LATE V band(V a, V b) { return (V)__aie2_vband((v64int8)a, (v64int8)b); } \
  ASHLAR_LATE V bor(V a, V b) { return (V)__aie2_vbor((v64int8)a, (v64int8)b); } \
  ASHLAR_LATE void put_mcd(V v) { aie::detail::putCascade<ASHLAR_LATER(decltype(v))>(v); } \
  ASHLAR_LATE void put_mcd(V v, int) { aie::detail::putCascade<ASHLAR_LATER(decltype(v))>(v); } \
  ASHLAR_LATE V get_scd_##V() { return aie::detail::getCascade<ASHLAR_LATER(V)>(); } \
  ASHLAR_LATE V get_scd_##V(int) { return aie::detail::getCascade<ASHLAR_LATER(V)>(); }
#define ASHLAR_NATIVE_INTEGER(V, T) \
  ASHLAR_LATE V add(V a, V b) { return aie::detail::addIntegers<ASHLAR_LATER(T)>(a, b); } \
  ASHLAR_LATE V sub(V a, V b) { return aie::detail::subIntegers<ASHLAR_LATER(T)>(a, b); }

#define ASHLAR_NATIVE_TYPE(T, name, a, b, c, d) \
  ASHLAR_NATIVE_COMMON(v##a##name, T) \
  ASHLAR_NATIVE_COMMON(v##b##name, T) \
  ASHLAR_NATIVE_COMMON(v##c##name, T) \
  ASHLAR_NATIVE_COMMON(v##d##name, T) \
  ASHLAR_NATIVE_HALVES(v##a##name, v##b##name) \
  ASHLAR_NATIVE_HALVES(v##b##name, v##c##name) \
  ASHLAR_NATIVE_HALVES(v##c##name, v##d##name) \
  ASHLAR_NATIVE_REGISTER(v##c##name, T) \
  ASHLAR_LATE void put_mcd(v##d##name v) { aie::detail::putCascade<ASHLAR_LATER(decltype(v))>(v); } \
  ASHLAR_LATE v##d##name get_scd_v##d##name() { return aie::detail::getCascade<ASHLAR_LATER(v##d##name)>(); }
ASHLAR_NATIVE_TYPE(int8_t, int8, 16, 32, 64, 128)
ASHLAR_NATIVE_TYPE(uint8_t, uint8, 16, 32, 64, 128)
ASHLAR_NATIVE_TYPE(int16_t, int16, 8, 16, 32, 64)
ASHLAR_NATIVE_TYPE(uint16_t, uint16, 8, 16, 32, 64)
ASHLAR_NATIVE_TYPE(bfloat16, bfloat16, 8, 16, 32, 64)
ASHLAR_NATIVE_TYPE(int32_t, int32, 4, 8, 16, 32)
ASHLAR_NATIVE_TYPE(uint32_t, uint32, 4, 8, 16, 32)
ASHLAR_NATIVE_TYPE(float, float, 4, 8, 16, 32)
ASHLAR_NATIVE_INTEGER(v64int8, int8_t)
ASHLAR_NATIVE_INTEGER(v64uint8, uint8_t)
ASHLAR_NATIVE_INTEGER(v32int16, int16_t)
ASHLAR_NATIVE_INTEGER(v32uint16, uint16_t)
ASHLAR_NATIVE_INTEGER(v16int32, int32_t)
ASHLAR_NATIVE_INTEGER(v16uint32, uint32_t)
#undef ASHLAR_NATIVE_TYPE
#undef ASHLAR_NATIVE_INTEGER
#undef ASHLAR_NATIVE_REGISTER
#undef ASHLAR_NATIVE_HALVES
#undef ASHLAR_NATIVE_COMMON
#undef ASHLAR_LATE
#undef ASHLAR_LATER

ASHLAR_INLINE v32bfloat16 broadcast_bfloat16(bfloat16 x) { return aie::detail::splat<bfloat16>(x); }
ASHLAR_INLINE v32bfloat16 broadcast_zero_bfloat16() { return aie::zeros<bfloat16, 32>(); }
ASHLAR_INLINE v64int8 broadcast_s8(int x) { return __aie2_vbcst_8(x); }
ASHLAR_INLINE v32int16 broadcast_s16(int x) { return __aie2_vbcst_16(x); }
ASHLAR_INLINE v16int32 broadcast_s32(int x) { return __aie2_vbcst_32(x); }
ASHLAR_INLINE v16float broadcast_float(float x) { return aie::detail::splat<float>(x); }

// --- Accumulators --------------------------------------------------------------------------------
#define ASHLAR_NATIVE_ACC(A)                                                                       \
  ASHLAR_INLINE A undef_##A() { return aie::detail::zeroWords<A>(); }                                                      \
  ASHLAR_INLINE void put_mcd(A a) { aie::detail::putCascade(a); }                                  \
  ASHLAR_INLINE A get_scd_##A() { return aie::detail::getCascade<A>(); }
ASHLAR_NATIVE_ACC(v8acc64)
ASHLAR_NATIVE_ACC(v16acc64)
ASHLAR_NATIVE_ACC(v16acc32)
ASHLAR_NATIVE_ACC(v32acc32)
ASHLAR_NATIVE_ACC(v16accfloat)
ASHLAR_NATIVE_ACC(v32accfloat)
#undef ASHLAR_NATIVE_ACC
#define ASHLAR_NATIVE_ACC_HALVES(A, W)                                                             \
  ASHLAR_INLINE W concat(A a, A b) { return aie::detail::concatNative(a, b); }                     \
  ASHLAR_INLINE A extract_##A(W v, int i) {                                                        \
    constexpr unsigned n = sizeof(A) / 8;                                                          \
    return i == 0 ? aie::detail::lanesOf<0, n>(v) : aie::detail::lanesOf<n, n>(v);                 \
  }                                                                                                \
  ASHLAR_INLINE W insert(W v, int i, A part) {                                                     \
    return i == 0 ? aie::detail::concatNative(part, extract_##A(v, 1))                             \
                  : aie::detail::concatNative(extract_##A(v, 0), part);                            \
  }
ASHLAR_NATIVE_ACC_HALVES(v8acc64, v16acc64)
ASHLAR_NATIVE_ACC_HALVES(v16acc32, v32acc32)
ASHLAR_NATIVE_ACC_HALVES(v16accfloat, v32accfloat)
#undef ASHLAR_NATIVE_ACC_HALVES

ASHLAR_INLINE v16accfloat add(v16accfloat a, v16accfloat b) { return aie::detail::addFloats(a, b); }
ASHLAR_INLINE v16accfloat sub(v16accfloat a, v16accfloat b) { return aie::detail::subFloats(a, b); }
ASHLAR_INLINE v32acc32 add(v32acc32 a, v32acc32 b) {
  return (v32acc32)__aie2_vadd((v16acc64)a, (v16acc64)b, 0);
}
ASHLAR_INLINE v16acc64 add(v16acc64 a, v16acc64 b) { return __aie2_vadd(a, b, 2); }
ASHLAR_INLINE v32acc32 sub(v32acc32 a, v32acc32 b) {
  return (v32acc32)__aie2_vsub((v16acc64)a, (v16acc64)b, 0);
}
ASHLAR_INLINE v16acc64 sub(v16acc64 a, v16acc64 b) { return __aie2_vsub(a, b, 2); }

// Up and down: ups_to_A(v, shift), srs_to_V(a, shift), and lane-wise conversions of floats.
#define ASHLAR_NATIVE_UPS(A, Tag, V, T, n)                                                         \
  ASHLAR_INLINE A ups_to_##A(V v, int shift) {                                                     \
    return aie::accum<Tag, n>(aie::vector<T, n>(v), shift);                                        \
  }                                                                                                \
  ASHLAR_INLINE A lups_to_##A(V v, int shift) { return ups_to_##A(v, shift); }
ASHLAR_NATIVE_UPS(v32acc32, acc32, v32int8, int8_t, 32)
ASHLAR_NATIVE_UPS(v32acc32, acc32, v32uint8, uint8_t, 32)
ASHLAR_NATIVE_UPS(v32acc32, acc32, v32int16, int16_t, 32)
ASHLAR_NATIVE_UPS(v32acc32, acc32, v32uint16, uint16_t, 32)
ASHLAR_NATIVE_UPS(v16acc32, acc32, v16int16, int16_t, 16)
ASHLAR_NATIVE_UPS(v16acc32, acc32, v16uint16, uint16_t, 16)
ASHLAR_NATIVE_UPS(v16acc64, acc64, v16int16, int16_t, 16)
ASHLAR_NATIVE_UPS(v16acc64, acc64, v16uint16, uint16_t, 16)
ASHLAR_NATIVE_UPS(v16acc64, acc64, v16int32, int32_t, 16)
ASHLAR_NATIVE_UPS(v16acc64, acc64, v16uint32, uint32_t, 16)
ASHLAR_NATIVE_UPS(v8acc64, acc64, v8int32, int32_t, 8)
ASHLAR_NATIVE_UPS(v8acc64, acc64, v8uint32, uint32_t, 8)
#undef ASHLAR_NATIVE_UPS
#define ASHLAR_NATIVE_SRS(V, T, n, A, Tag)                                                         \
  ASHLAR_INLINE V srs_to_##V(A a, int shift) {                                                     \
    return aie::accum<Tag, n>(a).to_vector<T>(shift);                                              \
  }                                                                                                \
  ASHLAR_INLINE V ssrs_to_##V(A a, int shift) { return srs_to_##V(a, shift); }
ASHLAR_NATIVE_SRS(v32int8, int8_t, 32, v32acc32, acc32)
ASHLAR_NATIVE_SRS(v32uint8, uint8_t, 32, v32acc32, acc32)
ASHLAR_NATIVE_SRS(v32int16, int16_t, 32, v32acc32, acc32)
ASHLAR_NATIVE_SRS(v32uint16, uint16_t, 32, v32acc32, acc32)
ASHLAR_NATIVE_SRS(v16int16, int16_t, 16, v16acc32, acc32)
ASHLAR_NATIVE_SRS(v16uint16, uint16_t, 16, v16acc32, acc32)
ASHLAR_NATIVE_SRS(v16int16, int16_t, 16, v16acc64, acc64)
ASHLAR_NATIVE_SRS(v16uint16, uint16_t, 16, v16acc64, acc64)
ASHLAR_NATIVE_SRS(v16int32, int32_t, 16, v16acc64, acc64)
ASHLAR_NATIVE_SRS(v16uint32, uint32_t, 16, v16acc64, acc64)
ASHLAR_NATIVE_SRS(v8int32, int32_t, 8, v8acc64, acc64)
ASHLAR_NATIVE_SRS(v8uint32, uint32_t, 8, v8acc64, acc64)
#undef ASHLAR_NATIVE_SRS
ASHLAR_INLINE v16bfloat16 to_v16bfloat16(v16accfloat a) { return __aie2_vconv_bf16_fp32(a); }
ASHLAR_INLINE v16bfloat16 to_v16bfloat16(v16float v) { return to_v16bfloat16((v16accfloat)v); }
ASHLAR_INLINE v16accfloat ups_to_v16accfloat(v16bfloat16 v) { return __aie2_vconv_fp32_bf16(v); }
ASHLAR_INLINE v16accfloat to_v16accfloat(v16bfloat16 v) { return __aie2_vconv_fp32_bf16(v); }
ASHLAR_INLINE v16accfloat to_v16accfloat(v16float v) { return (v16accfloat)v; }
ASHLAR_INLINE v16float to_v16float(v16accfloat a) { return (v16float)a; }
ASHLAR_INLINE v16int32 bfloat16_to_int(v16bfloat16 v, int shift) {
  return __aie2_vfloor_s32_bf16_w(v, shift);
}
ASHLAR_INLINE v32int16 unpack(v32int8 v) { return __aie2_vunpack_s16_s8(v); }
ASHLAR_INLINE v32uint16 unpack(v32uint8 v) { return __aie2_vunpack_d16_d8(v); }
ASHLAR_INLINE v32int8 pack(v32int16 v) { return __aie2_vpack_s8_s16(v); }
ASHLAR_INLINE v32uint8 pack(v32uint16 v) { return __aie2_vpack_d8_d16(v); }

// --- Products by shape ---------------------------------------------------------------------------
// name(a, b[, acc]) and name_conf(a, b, acc, zero_acc, shift16, sub_mul, sub_acc).
#define ASHLAR_NATIVE_MUL(shape, A, X, TX, Y, TY, config)                                          \
  ASHLAR_INLINE A mul_##shape(X x, Y y) {                                                          \
    return (A)__aie2_vmul((v64int8)x, (v64int8)y, (config) | aie::detail::kSigns<TX, TY>);         \
  }                                                                                                \
  ASHLAR_INLINE A negmul_##shape(X x, Y y) {                                                       \
    return (A)__aie2_vnegmul((v64int8)x, (v64int8)y, (config) | aie::detail::kSigns<TX, TY>);      \
  }                                                                                                \
  ASHLAR_INLINE A mac_##shape(X x, Y y, A a) {                                                     \
    return (A)__aie2_vmac((v16acc64)a, (v64int8)x, (v64int8)y,                                     \
                          (config) | aie::detail::kSigns<TX, TY>);                                 \
  }                                                                                                \
  ASHLAR_INLINE A msc_##shape(X x, Y y, A a) {                                                     \
    return (A)__aie2_vmsc((v16acc64)a, (v64int8)x, (v64int8)y,                                     \
                          (config) | aie::detail::kSigns<TX, TY>);                                 \
  }                                                                                                \
  ASHLAR_INLINE A addmac_##shape(X x, Y y, A a, A b) {                                             \
    return (A)__aie2_vaddmac((v16acc64)a, (v16acc64)b, (v64int8)x, (v64int8)y,                     \
                             (config) | aie::detail::kSigns<TX, TY>);                              \
  }                                                                                                \
  ASHLAR_INLINE A mac_##shape##_conf(X x, Y y, A a, int zero, int shift16, int subMul,             \
                                     int subAcc) {                                                 \
    return (A)__aie2_vmac((v16acc64)a, (v64int8)x, (v64int8)y,                                     \
                          (config) | aie::detail::kSigns<TX, TY> | zero | shift16 << 10 |          \
                              subMul << 11 | subAcc << 12);                                        \
  }                                                                                                \
  ASHLAR_INLINE A mul_##shape##_conf(X x, Y y, int subMul) {                                       \
    return (A)__aie2_vmul((v64int8)x, (v64int8)y,                                                  \
                          (config) | aie::detail::kSigns<TX, TY> | subMul << 11);                  \
  }
#define ASHLAR_NATIVE_MULS(shape, A, n, bitsX, m, bitsY, config)                                   \
  ASHLAR_NATIVE_MUL(shape, A, v##n##int##bitsX, int##bitsX, v##m##int##bitsY, int##bitsY, config)  \
  ASHLAR_NATIVE_MUL(shape, A, v##n##uint##bitsX, uint##bitsX, v##m##int##bitsY, int##bitsY,        \
                    config)                                                                        \
  ASHLAR_NATIVE_MUL(shape, A, v##n##int##bitsX, int##bitsX, v##m##uint##bitsY, uint##bitsY,        \
                    config)                                                                        \
  ASHLAR_NATIVE_MUL(shape, A, v##n##uint##bitsX, uint##bitsX, v##m##uint##bitsY, uint##bitsY,      \
                    config)
ASHLAR_NATIVE_MULS(4x8_8x8, v32acc32, 64, 8, 64, 8, 1 << 3)
ASHLAR_NATIVE_MULS(elem_32_2, v32acc32, 64, 8, 64, 8, aie::detail::kElem32x2)
ASHLAR_NATIVE_MULS(conv_32x8, v32acc32, 64, 8, 64, 8, 1 << 3 | 4 << 5)
ASHLAR_NATIVE_MULS(conv_4x4_8ch, v32acc32, 64, 8, 64, 8, 1 << 3 | 2 << 5)
ASHLAR_NATIVE_MULS(conv_8x8_4ch, v32acc32, 64, 8, 64, 8, 1 << 3 | 3 << 5)
ASHLAR_NATIVE_MULS(4x4_4x8, v32acc32, 32, 16, 64, 8, 2 << 3)
ASHLAR_NATIVE_MULS(4x2_2x8, v32acc32, 32, 16, 32, 16, 3 << 3)
ASHLAR_NATIVE_MULS(elem_32, v32acc32, 32, 16, 32, 16, aie::detail::kElem32)
ASHLAR_NATIVE_MULS(2x8_8x8, v16acc64, 32, 16, 64, 8, 1 << 1 | 2 << 3)
ASHLAR_NATIVE_MULS(4x8_8x4, v16acc64, 32, 16, 64, 8, 1 << 1 | 2 << 3 | 1 << 5)
ASHLAR_NATIVE_MULS(2x4_4x8, v16acc64, 32, 16, 32, 16, 1 << 1 | 3 << 3)
ASHLAR_NATIVE_MULS(4x4_4x4, v16acc64, 32, 16, 32, 16, 1 << 1 | 3 << 3 | 1 << 5)
ASHLAR_NATIVE_MULS(elem_16_2, v16acc64, 32, 16, 32, 16, aie::detail::kElem16x2)
ASHLAR_NATIVE_MULS(conv_16x4, v16acc64, 32, 16, 32, 16, 1 << 1 | 3 << 3 | 3 << 5)
ASHLAR_NATIVE_MULS(4x2_2x4, v16acc64, 16, 32, 32, 16, 1 << 1)
#undef ASHLAR_NATIVE_MULS
#undef ASHLAR_NATIVE_MUL

// bf16: name_conf(a, b, acc, zero_acc, sub_mul, sub_acc).
#define ASHLAR_NATIVE_FLOAT(shape, config)                                                         \
  ASHLAR_INLINE v16accfloat mul_##shape(v32bfloat16 x, v32bfloat16 y) {                            \
    return __aie2_vmul_f(x, y, config);                                                            \
  }                                                                                                \
  ASHLAR_INLINE v16accfloat negmul_##shape(v32bfloat16 x, v32bfloat16 y) {                         \
    return __aie2_vnegmul_f(x, y, config);                                                         \
  }                                                                                                \
  ASHLAR_INLINE v16accfloat mac_##shape(v32bfloat16 x, v32bfloat16 y, v16accfloat a) {             \
    return __aie2_vmac_f(a, x, y, config);                                                         \
  }                                                                                                \
  ASHLAR_INLINE v16accfloat msc_##shape(v32bfloat16 x, v32bfloat16 y, v16accfloat a) {             \
    return __aie2_vmsc_f(a, x, y, config);                                                         \
  }                                                                                                \
  ASHLAR_INLINE v16accfloat addmac_##shape(v32bfloat16 x, v32bfloat16 y, v16accfloat a,            \
                                           v16accfloat b) {                                        \
    return __aie2_vaddmac_f(a, b, x, y, config);                                                   \
  }                                                                                                \
  ASHLAR_INLINE v16accfloat mac_##shape##_conf(v32bfloat16 x, v32bfloat16 y, v16accfloat a,        \
                                               int zero, int subMul, int subAcc) {                 \
    return __aie2_vmac_f(a, x, y, (config) | zero | subMul << 11 | subAcc << 12);                  \
  }                                                                                                \
  ASHLAR_INLINE v16accfloat mul_##shape##_conf(v32bfloat16 x, v32bfloat16 y, int subMul) {         \
    return __aie2_vmul_f(x, y, (config) | subMul << 11);                                           \
  }
ASHLAR_NATIVE_FLOAT(4x8_8x4, aie::detail::kMatmulFloat)
ASHLAR_NATIVE_FLOAT(elem_16_2, aie::detail::kElem16x2Float)
#undef ASHLAR_NATIVE_FLOAT
ASHLAR_INLINE v16accfloat mul_elem_16(v16bfloat16 x, v16bfloat16 y) {
  return mul_elem_16_2(aie::detail::widenWithZeros<32>(x), aie::detail::widenWithZeros<32>(y));
}
ASHLAR_INLINE v16accfloat mac_elem_16(v16bfloat16 x, v16bfloat16 y, v16accfloat a) {
  return mac_elem_16_2(aie::detail::widenWithZeros<32>(x), aie::detail::widenWithZeros<32>(y), a);
}
ASHLAR_INLINE v16accfloat mul_elem_16(v16float x, v16float y) {
  return aie::detail::productOfFloats(x, y);
}
ASHLAR_INLINE v16accfloat mac_elem_16(v16float x, v16float y, v16accfloat a) {
  return aie::detail::addFloats(a, aie::detail::productOfFloats(x, y));
}
ASHLAR_INLINE v16acc64 mul_elem_16_2(v16int32 x, v16int32 y) {
  return aie::detail::multiply32x32<aie::detail::Op::Mul, int32_t, int32_t>(__aie2_vclr_cm(), x, y);
}
