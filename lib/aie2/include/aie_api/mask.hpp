// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// aie::mask: one bit a lane, as comparisons give it and selections take it.
#pragma once

#include "aie_api/detail/config.h"

namespace aie {

template <unsigned N> class mask {
  static_assert(N == 4 || N == 8 || N == 16 || N == 32 || N == 64 || N == 128 || N == 256 || N == 512,
                "a mask has 4 to 512 bits, a power of two");

public:
  using Word = std::conditional_t<(N > 32), uint64_t, uint32_t>;
  static constexpr unsigned words = N > 64 ? N / 64 : 1;
  static constexpr unsigned size() { return N; }

  mask() = default;
  ASHLAR_INLINE explicit mask(Word bits)
    requires(words == 1)
  {
    word_[0] = bits & all();
  }
  ASHLAR_INLINE static mask from_uint32(uint32_t bits)
    requires(N <= 32)
  {
    return mask(bits);
  }
  ASHLAR_INLINE static mask from_uint32(uint32_t low, uint32_t high)
    requires(N == 64)
  {
    return mask(static_cast<uint64_t>(high) << 32 | low);
  }
  template <class... More> ASHLAR_INLINE static mask from_uint64(uint64_t low, More... more) {
    static_assert(sizeof...(More) < words || sizeof...(More) == 0, "more bits than the mask has");
    mask m;
    const uint64_t given[] = {low, static_cast<uint64_t>(more)...};
    for (unsigned i = 0; i < words; ++i)
      m.word_[i] = static_cast<Word>(i < 1 + sizeof...(More) ? given[i] : 0);
    m.word_[0] &= all();
    return m;
  }
  ASHLAR_INLINE uint32_t to_uint32(unsigned i = 0) const {
    return static_cast<uint32_t>(N > 32 ? word_[i / 2] >> (i % 2 * 32) : word_[0]);
  }
  ASHLAR_INLINE uint64_t to_uint64(unsigned i = 0) const { return word_[i]; }

  ASHLAR_INLINE bool test(unsigned i) const { return word_[i / kBits] >> (i % kBits) & 1; }
  ASHLAR_INLINE bool operator[](unsigned i) const { return test(i); }
  ASHLAR_INLINE void set(unsigned i) { word_[i / kBits] |= Word(1) << (i % kBits); }
  ASHLAR_INLINE void set(unsigned i, bool value) { value ? set(i) : clear(i); }
  ASHLAR_INLINE void clear(unsigned i) { word_[i / kBits] &= ~(Word(1) << (i % kBits)); }
  ASHLAR_INLINE void toggle(unsigned i) { word_[i / kBits] ^= Word(1) << (i % kBits); }
  ASHLAR_INLINE void set() { *this = ~mask{}; }
  ASHLAR_INLINE void clear() { *this = mask{}; }
  ASHLAR_INLINE bool empty() const {
    Word any = 0;
    for (Word w : word_) any |= w;
    return any == 0;
  }
  ASHLAR_INLINE bool full() const { return (~*this).empty(); }
  ASHLAR_INLINE unsigned count() const {
    unsigned n = 0;
    for (Word w : word_)
      for (Word bits = w; bits; bits &= bits - 1) ++n;
    return n;
  }
  /// Index of the lowest set bit; the mask's size when none is set.
  ASHLAR_INLINE unsigned clz() const { return ctz(); }
  ASHLAR_INLINE unsigned ctz() const {
    unsigned i = 0;
    while (i < N && !test(i)) ++i;
    return i;
  }
  template <unsigned M> ASHLAR_INLINE mask<M> extract(unsigned part) const {
    mask<M> out{};
    for (unsigned i = 0; i < M; ++i) out.set(i, test(part * M + i));
    return out;
  }

#define ASHLAR_MASK_OP(op)                                                                         \
  ASHLAR_INLINE friend mask operator op(const mask &a, const mask &b) {                            \
    mask m;                                                                                        \
    for (unsigned i = 0; i < words; ++i) m.word_[i] = a.word_[i] op b.word_[i];                    \
    return m;                                                                                      \
  }                                                                                                \
  ASHLAR_INLINE mask &operator op##=(const mask &b) { return *this = *this op b; }
  ASHLAR_MASK_OP(&)
  ASHLAR_MASK_OP(|)
  ASHLAR_MASK_OP(^)
#undef ASHLAR_MASK_OP
  ASHLAR_INLINE mask operator~() const {
    mask m;
    for (unsigned i = 0; i < words; ++i) m.word_[i] = ~word_[i] & all();
    return m;
  }
  ASHLAR_INLINE bool operator==(const mask &) const = default;
  ASHLAR_INLINE mask operator<<(unsigned n) const {
    mask m;
    for (unsigned i = words; i-- > n / kBits;) {
      const unsigned from = i - n / kBits;
      m.word_[i] = word_[from] << n % kBits;
      if (n % kBits && from > 0) m.word_[i] |= word_[from - 1] >> (kBits - n % kBits);
    }
    m.word_[words - 1] &= all();
    return m;
  }
  ASHLAR_INLINE mask operator>>(unsigned n) const {
    mask m;
    for (unsigned from = n / kBits; from < words; ++from) {
      Word &w = m.word_[from - n / kBits] = word_[from] >> n % kBits;
      if (n % kBits && from + 1 < words) w |= word_[from + 1] << (kBits - n % kBits);
    }
    return m;
  }
  ASHLAR_INLINE mask &operator<<=(unsigned n) { return *this = *this << n; }
  ASHLAR_INLINE mask &operator>>=(unsigned n) { return *this = *this >> n; }

  /// Bits [i * n, i * n + n): those of one register of n lanes.
  template <unsigned n> ASHLAR_INLINE Word bits(unsigned i) const {
    if constexpr (n >= 64)
      return word_[i];
    else
      return word_[i * n / kBits] >> (i * n % kBits);
  }
  template <unsigned n> ASHLAR_INLINE void setBits(unsigned i, Word value) {
    if constexpr (n >= 64) {
      word_[i] = value;
    } else {
      if constexpr (n < kBits) value &= (Word(1) << n) - 1;
      Word &w = word_[i * n / kBits];
      w = (i * n % kBits == 0 ? 0 : w) | value << (i * n % kBits);
    }
  }

private:
  static constexpr unsigned kBits = sizeof(Word) * 8;
  static constexpr Word all() { return N >= kBits ? ~Word(0) : (Word(1) << (N % kBits)) - 1; }
  Word word_[words] = {};
};

} // namespace aie
