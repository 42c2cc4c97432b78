// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lookups in tables of the vendor's layout: blocks of 16 bytes, each twice in a row.
#include "common.h"

template <class T, unsigned entries> struct Table {
  alignas(32) T ab[2 * entries], cd[2 * entries];
  void fill(uint32_t seed) {
    constexpr unsigned each = 16 / sizeof(T);
    for (unsigned i = 0; i < entries; ++i) {
      seed = seed * 1664525u + 1013904223u;
      T value; // no NaN among floats: their payloads are not what is looked at
      if constexpr (aie::detail::isFloating<T>)
        value = static_cast<T>(static_cast<int>(seed >> 20) - 2000);
      else
        value = static_cast<T>(seed >> 7);
      const unsigned at = i / each * 2 * each + i % each;
      ab[at] = ab[at + each] = cd[at] = cd[at + each] = value;
    }
  }
};

class Tables : public Kernel {
public:
  using Kernel::Kernel;
  /// Keys of K in a table of `entries` values, `step` bits of the key ignored.
  template <class T, unsigned entries, class K, unsigned N> void fetches(int step, int bias) {
    using Lut = aie::lut<4, T>;
    static Table<T, entries> table;
    table.fill(entries + sizeof(T));
    const Lut lut(entries, table.ab, table.cd);
    const aie::parallel_lookup<K, Lut, aie::lut_oor_policy::truncate> within(
        lut, static_cast<unsigned>(step));
    const aie::parallel_lookup<K, Lut> clipped(lut, static_cast<unsigned>(step), bias);
    for (unsigned i = 0; i < 3; ++i) {
      const auto keys = take<K, N>(i);
      const auto a = within.fetch(keys), b = clipped.fetch(keys);
      put(a);
      put(b);
      for (unsigned lane = 0; lane < N; ++lane) { // the same, entry by entry
        const int key = static_cast<int>(keys.get(lane)) >> step;
        T x, y;
        __builtin_memcpy(&x, lut.entry(static_cast<unsigned>(key) % entries, sizeof x), sizeof x);
        const int at = key + bias < 0                               ? 0
                       : key + bias > static_cast<int>(entries) - 1 ? static_cast<int>(entries) - 1
                                                                    : key + bias;
        __builtin_memcpy(&y, lut.entry(static_cast<unsigned>(at), sizeof y), sizeof y);
        wrong_ += a.get(lane) != x;
        wrong_ += b.get(lane) != y;
      }
    }
  }
  /// Straight lines for bf16, as getTanhBf16 of the vendor's library has them.
  void lines() {
    using Lut = aie::lut<4, float, bfloat16>;
    static Table<float, 64> table;
    table.fill(7);
    const Lut lut(32, table.ab, table.cd);
    const aie::linear_approx<bfloat16, Lut> line(lut, -2, 16);
    for (unsigned i = 0; i < 3; ++i) {
      aie::vector<bfloat16, 16> x;
      for (unsigned lane = 0; lane < 16; ++lane)
        x.set(static_cast<bfloat16>(static_cast<float>(take<int8_t, 16>(i).get(lane)) / 16), lane);
      put(line.compute(x).to_vector<float>());
    }
    const aie::vector<bfloat16, 32> any = take<bfloat16, 32>(5);
    const auto finite = aie::select(any, aie::zeros<bfloat16, 32>(),
                                    aie::neq(any, any)); // what is not a number has no line
    put(line.compute(finite).to_vector<bfloat16>());
  }
  /// How many lanes differed from the entries themselves.
  void end() { putWord(wrong_); }
  uint32_t wrong() const { return wrong_; }

private:
  uint32_t wrong_ = 0;
};
