// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tables in memory: direct lookup and linear approximation. A table for parallel access holds its
// data in blocks of 16 bytes, each twice in a row (the vendor's layout for two banks); a table for
// four accesses is given twice, for two lanes each. Sixteen lanes of entries of 2 bytes and more are
// gathered at once where the tables lie at multiples of 16 bytes, others one by one, with one result.
#pragma once

#include "aie_api/math.hpp"
#include "aie_api/shuffle.hpp"

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
  ASHLAR_INLINE lut(unsigned elems, const void *ab, const void *cd = nullptr)
      : bytes_(static_cast<const unsigned char *>(ab)),
        other_(cd ? static_cast<const unsigned char *>(cd) : bytes_), elems_(elems) {}
  ASHLAR_INLINE unsigned size() const { return elems_; }
  /// Entry i of `size` bytes.
  ASHLAR_INLINE const void *entry(unsigned i, unsigned size) const {
    const unsigned at = i * size;
    return bytes_ + (ParallelAccesses == 1 ? at : at / 16 * 32 + at % 16);
  }
  /// May entries be gathered? Odd lanes go to the second copy by setting a bit of the address.
  ASHLAR_INLINE bool gathers() const {
    constexpr bool copies = ParallelAccesses > 1;
#if ASHLAR_VECTOR_UNIT
    return copies && ((reinterpret_cast<uintptr_t>(bytes_) | reinterpret_cast<uintptr_t>(other_)) &
                      15) == 0;
#else
    return copies;
#endif
  }
  /// Words of the entries of `size` bytes at index[0] ... [15]: the first ones, for 2 bytes with the
  /// entry's neighbour, or for 8 bytes the second ones.
  template <unsigned size> ASHLAR_INLINE v16int32 words(v16int32 index, bool second) const {
    const v16int32 i2 = index + index, i4 = i2 + i2, i8 = i4 + i4;
    v16int32 at; // of the first copy: a block of 16 bytes every 32
    if constexpr (size == 2)
      at = i4 - (i2 & 14);
    else if constexpr (size == 4)
      at = i8 - (i4 & 12);
    else
      at = i8 + i8 - (i8 & 8);
#if ASHLAR_VECTOR_UNIT
    const auto base = [](const unsigned char *p) ASHLAR_LAMBDA {
      return __aie2_vbcst_32(static_cast<int>(reinterpret_cast<uintptr_t>(p)));
    };
    // Two lanes of four from each of the tables.
    at = at + __aie2_vsel_32(base(bytes_), base(other_), 0xCCCC);
    const v8int32 low = detail::lanesOf<0, 8>(at), high = detail::lanesOf<8, 8>(at);
    v64int8 first, last;
    if constexpr (size == 8) {
      first = detail::concatNative(__aie2_vldb_4x32_lo(low), __aie2_vldb_4x32_hi(low));
      last = detail::concatNative(__aie2_vldb_4x32_lo(high), __aie2_vldb_4x32_hi(high));
    } else {
      first = detail::concatNative(__aie2_vldb_4x16_lo(low), __aie2_vldb_4x16_hi(low));
      last = detail::concatNative(__aie2_vldb_4x16_lo(high), __aie2_vldb_4x16_hi(high));
    }
    return (v16int32)(second ? __aie2_vshuffle(first, last, T32_16x2_hi)
                             : __aie2_vshuffle(first, last, T32_16x2_lo));
#else
    v16int32 out;
    for (int i = 0; i < 16; ++i) {
      int word;
      __builtin_memcpy(&word,
                       (i % 4 < 2 ? bytes_ : other_) + (at[i] & ~3) + i % 2 * 16 + (second ? 4 : 0), 4);
      out[i] = word;
    }
    return out;
#endif
  }

private:
  const unsigned char *bytes_, *other_;
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
/// v / 2^step, down, as an index without a bound.
template <class T> ASHLAR_INLINE int tableStep(T v, int step) {
  if constexpr (isFloating<T>)
    return static_cast<int>(::floorf(::ldexpf(static_cast<float>(v), -step)));
  else
    return static_cast<int>(v) >> step;
}
/// The same of sixteen lanes, within the table.
template <lut_oor_policy policy, class T>
ASHLAR_INLINE v16int32 tableIndices(const vector<T, 16> &v, int step, int bias, unsigned elems) {
  v16int32 i;
  if constexpr (sizeof(T) == 4)
    i = (v16int32)v.to_native();
  else
    i = accBits<int32_t>(accum<acc32, 16>(v, 0)).to_native();
  if (step != 0) { // without the bits that go, so that no rounding mode matters
    i = i & __aie2_vbcst_32(static_cast<int>(~0u << step));
    i = accum<acc64, 16>(vector<int32_t, 16>(i), 0).to_vector<int32_t>(step).to_native();
  }
  if constexpr (policy == lut_oor_policy::truncate) {
    i = (i + __aie2_vbcst_32(bias)) & __aie2_vbcst_32(static_cast<int>(elems) - 1);
  } else {
    i = maxRegisters<int32_t>(i + __aie2_vbcst_32(bias), __aie2_vbcst_32(0));
    i = minRegisters<int32_t>(i, __aie2_vbcst_32(static_cast<int>(elems) - 1));
  }
  return i;
}
/// Halves of 16 bits: of each lane the upper where `odd` has a bit, else the lower.
ASHLAR_INLINE v16int16 halfOf(v16int32 v, v16int32 odd) {
  const v16int32 turned = (v16int32)__aie2_vshuffle((v64int8)v, (v64int8)v, T16_1x2_flip);
  const unsigned even = __aie2_veqz_32(odd & 1);
  const v64int8 wanted = (v64int8)__aie2_vsel_32(turned, v, even);
  return lanesOf<0, 16>((v32int16)__aie2_vshuffle(wanted, wanted, T16_32x2_lo));
}
} // namespace detail

/// fetch(v): the table's entry (v >> step_bits) + bias for each lane.
template <class T, class Lut, lut_oor_policy policy = lut_oor_policy::saturate>
class parallel_lookup {
public:
  using value_type = typename Lut::offset_type;
  ASHLAR_INLINE parallel_lookup(const Lut &table, unsigned step_bits = 0, int bias = 0)
      : table_(table), step_(static_cast<int>(step_bits)), bias_(bias) {}
  /// The keys may be of any type: T says what the table covers.
  template <class K, unsigned N>
  ASHLAR_INLINE vector<value_type, N> fetch(const vector<K, N> &v) const {
    return fetch<N>(v);
  }
  /// Of the first N keys.
  template <unsigned N, class K, unsigned M>
  ASHLAR_INLINE vector<value_type, N> fetch(const vector<K, M> &v) const {
    vector<value_type, N> out;
    constexpr unsigned size = sizeof(value_type);
    if constexpr (!detail::isFloating<K> && N % 16 == 0 && (size == 2 || size == 4) &&
                  Lut::parallel_accesses > 1)
      if (table_.gathers()) {
        detail::repeat<N / 16>([&](auto p) ASHLAR_LAMBDA {
          const v16int32 index = detail::tableIndices<policy>(v.template extract<16>(p), step_, bias_,
                                                              table_.size());
          const v16int32 words = table_.template words<size>(index, false);
          if constexpr (size == 4)
            out.template insert<16>(p, vector<int32_t, 16>(words).template cast_to<value_type>());
          else
            out.template insert<16>(p, vector<int16_t, 16>(detail::halfOf(words, index))
                                           .template cast_to<value_type>());
        });
        return out;
      }
    for (unsigned i = 0; i < N; ++i) {
      const unsigned index = detail::tableIndex<policy>(
          detail::tableStep<K>(v.get(i), step_) + bias_, table_.size());
      value_type value;
      __builtin_memcpy(&value, table_.entry(index, sizeof value), sizeof value);
      out.set(value, i);
    }
    return out;
  }

private:
  Lut table_;
  int step_, bias_;
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
    if (!gather(v, slopes, offsets))
      for (unsigned i = 0; i < N; ++i) {
        const unsigned index = detail::tableIndex<lut_oor_policy::saturate>(
            detail::tableStep<T>(v.get(i), step_) + bias_, table_.size());
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
  template <unsigned N>
  ASHLAR_INLINE bool gather(const vector<T, N> &v, vector<stored_type, N> &slopes,
                            vector<stored_type, N> &offsets) const {
    if constexpr (N % 16 == 0 && sizeof(stored_type) == 4 && std::is_same_v<T, bfloat16> &&
                  Lut::parallel_accesses > 1)
      if (table_.gathers()) {
        detail::repeat<N / 16>([&](auto p) ASHLAR_LAMBDA {
          // Rounding down to an integer of 2^-step times the value is what the unit does for bf16.
          const vector<int32_t, 16> whole(__aie2_vfloor_s32_bf16_w(
              v.template extract<16>(p).to_native(), -step_));
          const v16int32 index =
              detail::tableIndices<lut_oor_policy::saturate>(whole, 0, bias_, table_.size());
          const vector<int32_t, 16> first(table_.template words<8>(index, false));
          const vector<int32_t, 16> second(table_.template words<8>(index, true));
          slopes.template insert<16>(p, first.template cast_to<stored_type>());
          offsets.template insert<16>(p, second.template cast_to<stored_type>());
        });
        return true;
      }
    return false;
  }

  Lut table_;
  int step_, bias_, shift_;
};

} // namespace aie
