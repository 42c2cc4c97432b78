// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tables in memory: direct lookup and linear approximation. A table for parallel access holds its
// data in blocks of 16 bytes, each twice in a row (the vendor's layout for two banks); a table for
// four accesses is given twice. Here lanes are fetched one by one from the first copy, so results
// are those of the tables and placement in banks does not matter.
#pragma once

#include "aie_api/math.hpp"

namespace aie {

enum class lut_oor_policy { saturate, truncate };

template <unsigned ParallelAccesses, class OffsetType, class SlopeType = OffsetType> class lut {
  static_assert(ParallelAccesses == 1 || ParallelAccesses == 2 || ParallelAccesses == 4,
                "a lut has 1, 2 or 4 parallel accesses on this core");

public:
  static constexpr unsigned parallel_accesses = ParallelAccesses;
  using offset_type = OffsetType;
  using slope_type = SlopeType;
  /// `elems`: entries of one copy.
  ASHLAR_INLINE lut(unsigned elems, const void *ab, const void * = nullptr)
      : bytes_(static_cast<const unsigned char *>(ab)), elems_(elems) {}
  ASHLAR_INLINE unsigned size() const { return elems_; }
  /// Entry i of `size` bytes.
  ASHLAR_INLINE const void *entry(unsigned i, unsigned size) const {
    const unsigned at = i * size;
    return bytes_ + (ParallelAccesses == 1 ? at : at / 16 * 32 + at % 16);
  }

private:
  const unsigned char *bytes_;
  unsigned elems_;
};

namespace detail {
template <lut_oor_policy policy> ASHLAR_INLINE unsigned tableIndex(int i, unsigned elems) {
  const int last = static_cast<int>(elems) - 1;
  if constexpr (policy == lut_oor_policy::truncate)
    return static_cast<unsigned>(i) & static_cast<unsigned>(last); // a power of two of entries
  else
    return static_cast<unsigned>(i < 0 ? 0 : i > last ? last : i);
}
} // namespace detail

/// fetch(v): the table's entry (v >> step_bits) + bias for each lane.
template <class T, class Lut, lut_oor_policy policy = lut_oor_policy::saturate>
class parallel_lookup {
public:
  using value_type = typename Lut::offset_type;
  ASHLAR_INLINE parallel_lookup(const Lut &table, unsigned step_bits = 0, int bias = 0)
      : table_(table), step_(step_bits), bias_(bias) {}
  /// The keys may be of any type: T says what the table covers.
  template <class K, unsigned N>
  ASHLAR_INLINE vector<value_type, N> fetch(const vector<K, N> &v) const {
    return fetch<N>(v);
  }
  /// Of the first N keys.
  template <unsigned N, class K, unsigned M>
  ASHLAR_INLINE vector<value_type, N> fetch(const vector<K, M> &v) const {
    vector<value_type, N> out;
    for (unsigned i = 0; i < N; ++i) {
      int at;
      if constexpr (detail::isFloating<K>)
        at = static_cast<int>(::floorf(::ldexpf(static_cast<float>(v.get(i)), -static_cast<int>(step_))));
      else
        at = static_cast<int>(v.get(i)) >> step_;
      const unsigned index = detail::tableIndex<policy>(at + bias_, table_.size());
      value_type value;
      __builtin_memcpy(&value, table_.entry(index, sizeof value), sizeof value);
      out.set(value, i);
    }
    return out;
  }

private:
  Lut table_;
  unsigned step_;
  int bias_;
};

/// compute(x): slope * x + offset of the segment that x lies in; entries are (slope, offset).
template <class T, class Lut> class linear_approx {
public:
  using offset_type = typename Lut::offset_type;
  /// An entry's halves are equally wide, bf16 slopes stand as floats.
  using stored_type = std::conditional_t<std::is_same_v<offset_type, bfloat16>, bfloat16, offset_type>;
  ASHLAR_INLINE linear_approx(const Lut &table, int step_bits, int bias = 0, int shift_offset = 0)
      : table_(table), step_(step_bits), bias_(bias), shift_(shift_offset) {}
  template <unsigned N> ASHLAR_INLINE auto compute(const vector<T, N> &v) const {
    constexpr bool real = detail::isFloating<T>;
    vector<stored_type, N> slopes, offsets;
    for (unsigned i = 0; i < N; ++i) {
      int at;
      if constexpr (real)
        at = static_cast<int>(::floorf(::ldexpf(static_cast<float>(v.get(i)), -step_)));
      else
        at = static_cast<int>(v.get(i)) >> step_;
      const unsigned index = detail::tableIndex<lut_oor_policy::saturate>(at + bias_, table_.size());
      stored_type pair[2];
      __builtin_memcpy(pair, table_.entry(index, sizeof pair), sizeof pair);
      slopes.set(pair[0], i);
      offsets.set(pair[1], i);
    }
    if constexpr (real) {
      accum<accfloat, N> sum(offsets);
      accum<accfloat, N> s(slopes);
      return mac(sum, s.template to_vector<bfloat16>(), v);
    } else {
      using Tag = detail::DefaultAcc<stored_type, T>;
      accum<Tag, N> sum(offsets, shift_);
      if constexpr (sizeof(T) < 4) { // the distance from the segment's start
        vector<T, N> within;
        for (unsigned i = 0; i < N; ++i)
          within.set(static_cast<T>(v.get(i) & static_cast<T>((1 << step_) - 1)), i);
        return mac(sum, slopes, within);
      } else {
        return mac(sum, slopes, v);
      }
    }
  }

private:
  Lut table_;
  int step_, bias_, shift_;
};

} // namespace aie
