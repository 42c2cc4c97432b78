// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The vector unit's moves in plain C++: broadcasts, single lanes, byte shifts, the shuffle network,
// packing, gathers and the cascade.
#pragma once

#include "aie_api/detail/host/control.h"
#include "aie_api/detail/shuffle_modes.h"

#include <deque>

namespace aie::detail::host {

template <class T, class V> V broadcast(T value) {
  Lanes<T, V> x;
  for (T &lane : x.v) lane = value;
  return x.pack();
}

/// The byte of {a, b} that byte i of a shuffle's result comes from.
inline int shuffleSource(const ShuffleMode &m, int i) {
  if (m.flip) return i ^ 2;
  const int element = m.bits / 8;
  const int block = m.rows * m.columns * element; // bytes of one matrix
  int at = i + (m.half == 1 ? 64 : 0);
  const int start = at / block * block;
  at -= start;
  const int k = at / element; // element k of the transposed matrix
  const int row = k % m.rows, column = k / m.rows;
  return start + (row * m.columns + column) * element + at % element;
}

/// What one core puts into the cascade, another takes; on a host both are this queue.
inline std::deque<v64int8> cascade;

} // namespace aie::detail::host

#define ASHLAR_HOST_MOVES(bits, T, U, V, W, S)                                                     \
  inline V __aie2_vbcst_##bits(S s) {                                                              \
    return aie::detail::host::broadcast<T, V>(static_cast<T>(s));                                  \
  }                                                                                                \
  inline V __aie2_vextbcst_##bits(V v, int i) {                                                    \
    aie::detail::host::Lanes<T, V> x(v);                                                           \
    return aie::detail::host::broadcast<T, V>(x[i & (x.n - 1)]);                                   \
  }                                                                                                \
  inline V __aie2_vinsert_##bits(V v, int i, S s) {                                                \
    aie::detail::host::Lanes<T, V> x(v);                                                           \
    x[i & (x.n - 1)] = static_cast<T>(s);                                                          \
    return x.pack();                                                                               \
  }                                                                                                \
  inline V __aie2_vpush_lo_##bits(S s, V v) {                                                      \
    aie::detail::host::Lanes<T, V> x(v), y;                                                        \
    for (int i = 1; i < x.n; ++i) y[i] = x[i - 1];                                                 \
    y[0] = static_cast<T>(s);                                                                      \
    return y.pack();                                                                               \
  }                                                                                                \
  inline V __aie2_vpush_hi_##bits(V v, S s) {                                                      \
    aie::detail::host::Lanes<T, V> x(v), y;                                                        \
    for (int i = 1; i < x.n; ++i) y[i - 1] = x[i];                                                 \
    y[x.n - 1] = static_cast<T>(s);                                                                \
    return y.pack();                                                                               \
  }
ASHLAR_HOST_MOVES(8, int8_t, uint8_t, v64int8, v64uint8, int)
ASHLAR_HOST_MOVES(16, int16_t, uint16_t, v32int16, v32uint16, int)
ASHLAR_HOST_MOVES(32, int32_t, uint32_t, v16int32, v16uint32, int)
ASHLAR_HOST_MOVES(64, int64_t, uint64_t, v16int32, v16uint32, long long)
#undef ASHLAR_HOST_MOVES

#define ASHLAR_HOST_EXTRACT(name, T, V, S)                                                         \
  inline S __aie2_vextract_##name(V v, int i) {                                                    \
    aie::detail::host::Lanes<T, V> x(v);                                                           \
    return static_cast<S>(x[i & (x.n - 1)]);                                                       \
  }
ASHLAR_HOST_EXTRACT(s8, int8_t, v64int8, int)
ASHLAR_HOST_EXTRACT(d8, uint8_t, v64uint8, unsigned)
ASHLAR_HOST_EXTRACT(s16, int16_t, v32int16, int)
ASHLAR_HOST_EXTRACT(d16, uint16_t, v32uint16, unsigned)
ASHLAR_HOST_EXTRACT(s32, int32_t, v16int32, int)
ASHLAR_HOST_EXTRACT(d32, uint32_t, v16uint32, unsigned)
ASHLAR_HOST_EXTRACT(s64, int64_t, v16int32, long long)
#undef ASHLAR_HOST_EXTRACT

/// Bytes n .. n + 63 of {a, b, zeros}.
inline v64int8 __aie2_vshift(v64int8 a, v64int8 b, int n) {
  uint8_t in[192] = {}, out[64];
  std::memcpy(in, &a, 64);
  std::memcpy(in + 64, &b, 64);
  std::memcpy(out, in + (static_cast<unsigned>(n) < 128 ? n : 128), 64);
  v64int8 r;
  std::memcpy(&r, out, 64);
  return r;
}
inline v64int8 __aie2_vshuffle(v64int8 a, v64int8 b, int mode) {
  uint8_t in[128], out[64] = {};
  std::memcpy(in, &a, 64);
  std::memcpy(in + 64, &b, 64);
  mode &= 63;
  if (mode < aie::detail::kShuffleModes)
    for (int i = 0; i < 64; ++i)
      out[i] = in[aie::detail::host::shuffleSource(aie::detail::shuffleModes[mode], i)];
  else
    out[0] = in[0];
  v64int8 r;
  std::memcpy(&r, out, 64);
  return r;
}

#define ASHLAR_HOST_PACK(kind, T, U, wide, narrow, W, N)                                           \
  inline N __aie2_vpack_##kind##narrow##_##kind##wide(W v) {                                       \
    aie::detail::host::Lanes<T, W> x(v);                                                           \
    aie::detail::host::Lanes<U, N> y;                                                              \
    for (int i = 0; i < x.n; ++i)                                                                  \
      y[i] = static_cast<U>(aie::detail::host::saturate(x[i], narrow, std::is_signed_v<T>));       \
    return y.pack();                                                                               \
  }                                                                                                \
  inline W __aie2_vunpack_##kind##wide##_##kind##narrow(N v) {                                     \
    aie::detail::host::Lanes<U, N> x(v);                                                           \
    aie::detail::host::Lanes<T, W> y;                                                              \
    for (int i = 0; i < x.n; ++i) y[i] = x[i];                                                     \
    return y.pack();                                                                               \
  }
ASHLAR_HOST_PACK(s, int16_t, int8_t, 16, 8, v32int16, v32int8)
ASHLAR_HOST_PACK(d, uint16_t, uint8_t, 16, 8, v32uint16, v32uint8)
#undef ASHLAR_HOST_PACK
// Four bits: two lanes a byte, the even one in the low half.
#define ASHLAR_HOST_PACK4(kind, T, V, N)                                                           \
  inline N __aie2_vpack_##kind##4_##kind##8(V v) {                                                 \
    aie::detail::host::Lanes<T, V> x(v);                                                           \
    aie::detail::host::Lanes<uint8_t, N> y;                                                        \
    for (int i = 0; i < 64; ++i) {                                                                 \
      const auto four =                                                                            \
          static_cast<unsigned>(aie::detail::host::saturate(x[i], 4, std::is_signed_v<T>)) & 15u;  \
      y[i / 2] = static_cast<uint8_t>(i % 2 ? y[i / 2] | four << 4 : four);                        \
    }                                                                                              \
    return y.pack();                                                                               \
  }                                                                                                \
  inline V __aie2_vunpack_##kind##8_##kind##4(N v) {                                               \
    aie::detail::host::Lanes<uint8_t, N> x(v);                                                     \
    aie::detail::host::Lanes<T, V> y;                                                              \
    for (int i = 0; i < 64; ++i) {                                                                 \
      const int four = x[i / 2] >> i % 2 * 4 & 15;                                                 \
      y[i] = static_cast<T>(std::is_signed_v<T> && four > 7 ? four - 16 : four);                   \
    }                                                                                              \
    return y.pack();                                                                               \
  }
ASHLAR_HOST_PACK4(s, int8_t, v64int8, v32int8)
ASHLAR_HOST_PACK4(d, uint8_t, v64uint8, v32uint8)
#undef ASHLAR_HOST_PACK4

inline void __aie2_vmov_mcd_x(v64int8 v) { aie::detail::host::cascade.push_back(v); }
inline v64int8 __aie2_vmov_scd_x() {
  if (aie::detail::host::cascade.empty()) __builtin_trap(); // a core would wait for ever
  const v64int8 v = aie::detail::host::cascade.front();
  aie::detail::host::cascade.pop_front();
  return v;
}
inline void __aie2_vmov_mcd_bm(v8acc64 v) { __aie2_vmov_mcd_x((v64int8)v); }
inline v8acc64 __aie2_vmov_scd_bm() { return (v8acc64)__aie2_vmov_scd_x(); }
