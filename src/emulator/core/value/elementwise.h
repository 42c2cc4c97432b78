// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 512-bit lane-by-lane integer arithmetic: sums, minima, comparisons with masks, selection. All
// wrap. Masks have bit i for lane i, lane 0 lowest. T is the lane type; its signedness is the
// operation's.
#pragma once

#include "emulator/core/value/lanes.h"

namespace ashlar::emulator {

template <class T> struct ElementWise {
  using Unsigned = std::make_unsigned_t<T>;
  static constexpr int N = kLanes<T>;
  static T wrap(int64_t v) { return static_cast<T>(static_cast<Unsigned>(v)); }

  static void add(void *d, const void *a, const void *b) {
    auto *out = lanes<Unsigned>(d);
    const auto *x = lanes<Unsigned>(a), *y = lanes<Unsigned>(b);
    for (int i = 0; i < N; ++i) out[i] = static_cast<Unsigned>(x[i] + y[i]);
  }
  static void sub(void *d, const void *a, const void *b) {
    auto *out = lanes<Unsigned>(d);
    const auto *x = lanes<Unsigned>(a), *y = lanes<Unsigned>(b);
    for (int i = 0; i < N; ++i) out[i] = static_cast<Unsigned>(x[i] - y[i]);
  }
  static uint64_t less(const void *a, const void *b) {
    const auto *x = lanes<T>(a), *y = lanes<T>(b);
    uint64_t mask = 0;
    for (int i = 0; i < N; ++i) mask |= static_cast<uint64_t>(x[i] < y[i]) << i;
    return mask;
  }
  static uint64_t greaterEqual(const void *a, const void *b) {
    return ~less(a, b) & (N == 64 ? ~uint64_t{0} : (uint64_t{1} << (N & 63)) - 1);
  }
  static uint64_t isZero(const void *a) {
    const auto *x = lanes<T>(a);
    uint64_t mask = 0;
    for (int i = 0; i < N; ++i) mask |= static_cast<uint64_t>(x[i] == 0) << i;
    return mask;
  }
  static uint64_t isPositive(const void *a) {
    const auto *x = lanes<T>(a);
    uint64_t mask = 0;
    for (int i = 0; i < N; ++i) mask |= static_cast<uint64_t>(x[i] > 0) << i;
    return mask;
  }
  static void max(void *d, const void *a, const void *b) {
    auto *out = lanes<T>(d);
    const auto *x = lanes<T>(a), *y = lanes<T>(b);
    for (int i = 0; i < N; ++i) out[i] = x[i] < y[i] ? y[i] : x[i];
  }
  static void min(void *d, const void *a, const void *b) {
    auto *out = lanes<T>(d);
    const auto *x = lanes<T>(a), *y = lanes<T>(b);
    for (int i = 0; i < N; ++i) out[i] = x[i] >= y[i] ? y[i] : x[i];
  }
  /// a - b where a >= b, else 0.
  static void maxDiff(void *d, const void *a, const void *b) {
    auto *out = lanes<T>(d);
    const auto *x = lanes<T>(a), *y = lanes<T>(b);
    for (int i = 0; i < N; ++i) out[i] = x[i] < y[i] ? T{0} : wrap(int64_t{x[i]} - int64_t{y[i]});
  }
  static void negate(void *d, const void *a) {
    auto *out = lanes<Unsigned>(d);
    const auto *x = lanes<Unsigned>(a);
    for (int i = 0; i < N; ++i) out[i] = static_cast<Unsigned>(Unsigned{0} - x[i]);
  }
  /// |a|; the most negative number stays, an unsigned lane stays.
  static void abs(void *d, const void *a) {
    auto *out = lanes<T>(d);
    const auto *x = lanes<T>(a);
    for (int i = 0; i < N; ++i) out[i] = x[i] < T{0} ? wrap(-int64_t{x[i]}) : x[i];
  }
  /// Mask bit 0 takes a, 1 takes b.
  static void select(void *d, const void *a, const void *b, uint64_t mask) {
    auto *out = lanes<T>(d);
    const auto *x = lanes<T>(a), *y = lanes<T>(b);
    for (int i = 0; i < N; ++i) out[i] = (mask >> i & 1) != 0 ? y[i] : x[i];
  }
  /// Mask bit 0 adds, 1 subtracts.
  static void addSub(void *d, const void *a, const void *b, uint64_t mask) {
    auto *out = lanes<Unsigned>(d);
    const auto *x = lanes<Unsigned>(a), *y = lanes<Unsigned>(b);
    for (int i = 0; i < N; ++i)
      out[i] = static_cast<Unsigned>((mask >> i & 1) != 0 ? x[i] - y[i] : x[i] + y[i]);
  }
};

} // namespace ashlar::emulator
