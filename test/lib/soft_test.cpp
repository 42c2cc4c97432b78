// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Software floating point and integers against the host's hardware, over random and edge operands.
// The seed is printed with each failure.
#include "lib/names.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <random>

namespace {

constexpr uint64_t kSeed = 20240229;

/// Bit patterns with many zeros, subnormals, halves, infinities, NaN and near-equal exponents.
template <class Word> class Operands {
public:
  Word next() {
    const Word x = static_cast<Word>(random_());
    constexpr int kBits = sizeof(Word) * 8, kFraction = kBits == 32 ? 23 : 52;
    const Word sign = x & (Word(1) << (kBits - 1));
    switch (random_() % 8) {
    case 0: return sign;
    case 1: return sign | (x & ((Word(1) << kFraction) - 1)); // subnormal
    case 2: return sign | (Word(kBits == 32 ? 0xff : 0x7ff) << kFraction) | (random_() % 2);
    case 3: return sign | (Word(kBits == 32 ? 127 : 1023) << kFraction) | (random_() % 16);
    case 4: { // near 1, fractions with few bits
      const Word e = Word((kBits == 32 ? 120 : 1000) + random_() % 48);
      return sign | e << kFraction | Word(random_() % 64) << (kFraction - 6);
    }
    case 5: { // near 1
      const Word e = Word((kBits == 32 ? 110 : 1000) + random_() % 40);
      return sign | e << kFraction | (x & ((Word(1) << kFraction) - 1));
    }
    default: return x;
    }
  }

private:
  std::mt19937_64 random_{kSeed};
};

template <class T> bool same(T a, T b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}

template <class T, class Word>
void arithmetic(T (*add)(T, T), T (*sub)(T, T), T (*mul)(T, T), T (*div)(T, T), int (*le)(T, T),
                int (*ge)(T, T), int (*unordered)(T, T)) {
  Operands<Word> operands;
  for (int i = 0; i < 1'000'000; ++i) {
    const T a = std::bit_cast<T>(operands.next()), b = std::bit_cast<T>(operands.next());
    ASSERT_PRED2(same<T>, add(a, b), a + b) << a << " + " << b << " seed " << kSeed;
    ASSERT_PRED2(same<T>, sub(a, b), a - b) << a << " - " << b;
    ASSERT_PRED2(same<T>, mul(a, b), a * b) << a << " * " << b;
    ASSERT_PRED2(same<T>, div(a, b), a / b) << a << " / " << b;
    ASSERT_EQ(le(a, b) <= 0, a <= b) << a << " " << b;
    ASSERT_EQ(le(a, b) < 0, a < b) << a << " " << b;
    ASSERT_EQ(le(a, b) == 0, a == b) << a << " " << b;
    ASSERT_EQ(ge(a, b) >= 0, a >= b) << a << " " << b;
    ASSERT_EQ(ge(a, b) > 0, a > b) << a << " " << b;
    ASSERT_EQ(unordered(a, b) != 0, std::isnan(a) || std::isnan(b));
  }
}

template <class Integer, class T> Integer truncated(T x) {
  if (std::isnan(x)) return 0;
  const T t = std::trunc(x);
  if (t <= static_cast<T>(std::numeric_limits<Integer>::min()))
    return std::numeric_limits<Integer>::min();
  if (t >= static_cast<T>(std::numeric_limits<Integer>::max()))
    return std::numeric_limits<Integer>::max();
  return static_cast<Integer>(t);
}

} // namespace

TEST(Soft, FloatArithmetic) {
  arithmetic<float, uint32_t>(ashlar___addsf3, ashlar___subsf3, ashlar___mulsf3, ashlar___divsf3,
                              ashlar___lesf2, ashlar___gesf2, ashlar___unordsf2);
}
TEST(Soft, DoubleArithmetic) {
  arithmetic<double, uint64_t>(ashlar___adddf3, ashlar___subdf3, ashlar___muldf3, ashlar___divdf3,
                               ashlar___ledf2, ashlar___gedf2, ashlar___unorddf2);
}

TEST(Soft, FloatAndIntegers) {
  Operands<uint32_t> operands;
  Operands<uint64_t> wide;
  for (int i = 0; i < 1'000'000; ++i) {
    const float a = std::bit_cast<float>(operands.next());
    ASSERT_EQ(ashlar___fixsfsi(a), truncated<int32_t>(a)) << a;
    ASSERT_EQ(ashlar___fixunssfsi(a), truncated<uint32_t>(a)) << a;
    ASSERT_EQ(ashlar___fixsfdi(a), truncated<int64_t>(a)) << a;
    ASSERT_EQ(ashlar___fixunssfdi(a), truncated<uint64_t>(a)) << a;
    const double d = std::bit_cast<double>(wide.next());
    ASSERT_EQ(ashlar___fixdfsi(d), truncated<int32_t>(d)) << d;
    ASSERT_EQ(ashlar___fixunsdfsi(d), truncated<uint32_t>(d)) << d;
    ASSERT_EQ(ashlar___fixdfdi(d), truncated<int64_t>(d)) << d;
    ASSERT_EQ(ashlar___fixunsdfdi(d), truncated<uint64_t>(d)) << d;
    const uint32_t x = operands.next() >> (i % 32);
    const uint64_t y = wide.next() >> (i % 64);
    const int32_t sx = static_cast<int32_t>(x);
    const int64_t sy = static_cast<int64_t>(i % 2 ? y : 0 - y);
    ASSERT_EQ(ashlar___floatsisf(sx), static_cast<float>(sx)) << sx;
    ASSERT_EQ(ashlar___floatunsisf(x), static_cast<float>(x)) << x;
    ASSERT_EQ(ashlar___floatdisf(sy), static_cast<float>(sy)) << sy;
    ASSERT_EQ(ashlar___floatundisf(y), static_cast<float>(y)) << y;
    ASSERT_EQ(ashlar___floatsidf(sx), static_cast<double>(sx)) << sx;
    ASSERT_EQ(ashlar___floatunsidf(x), static_cast<double>(x)) << x;
    ASSERT_EQ(ashlar___floatdidf(sy), static_cast<double>(sy)) << sy;
    ASSERT_EQ(ashlar___floatundidf(y), static_cast<double>(y)) << y;
  }
}

TEST(Soft, Formats) {
  Operands<uint32_t> operands;
  Operands<uint64_t> wide;
  for (int i = 0; i < 1'000'000; ++i) {
    const float a = std::bit_cast<float>(operands.next());
    ASSERT_PRED2(same<double>, ashlar___extendsfdf2(a), static_cast<double>(a)) << a;
    const uint16_t bf = ashlar___truncsfbf2(a);
    // Reference: the nearer of the two neighbours, ties to the even one, in double arithmetic.
    const uint32_t bits = std::bit_cast<uint32_t>(a);
    if (std::isnan(a)) {
      ASSERT_TRUE((bf & 0x7fff) > 0x7f80) << std::hex << bits;
    } else if (!std::isinf(a)) {
      const auto value = [](uint32_t b) {
        // The value that an overflowing result would have with a larger exponent range.
        if ((b & 0x7fffffff) >= 0x7f800000) return b >> 31 ? -0x1p128 : 0x1p128;
        return static_cast<double>(std::bit_cast<float>(b));
      };
      const uint32_t down = bits & 0xffff0000, up = down + 0x10000;
      const double below = std::fabs(value(bits) - value(down));
      const double above = std::fabs(value(up) - value(bits));
      const uint32_t want = below < above || (below == above && !(down & 0x10000)) ? down : up;
      ASSERT_EQ(bf, want >> 16) << std::hex << bits;
      ASSERT_EQ(std::bit_cast<uint32_t>(ashlar___extendbfsf2(bf)), uint32_t(bf) << 16);
    }
    const double d = i % 2 ? std::bit_cast<double>(wide.next())
                           : static_cast<double>(a) * (1 + (i % 8) * 0x1p-30);
    ASSERT_PRED2(same<float>, ashlar___truncdfsf2(d), static_cast<float>(d)) << d;
  }
  // A double just above a bf16 tie must not be rounded twice.
  const double tie = 1 + 0x1p-8;
  EXPECT_EQ(ashlar___truncdfbf2(tie), 0x3f80);
  EXPECT_EQ(ashlar___truncdfbf2(tie + 0x1p-50), 0x3f81);
  EXPECT_EQ(ashlar___truncdfbf2(-1e300), 0xff80);
  EXPECT_EQ(std::bit_cast<uint16_t>(ashlar___truncdfbf2(1e-320)), 0);
}

TEST(Soft, Integers) {
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 500'000; ++i) {
    const uint64_t a = random() >> (random() % 64), b = random() >> (random() % 64);
    const uint32_t c = static_cast<uint32_t>(random()) >> (random() % 32);
    const uint32_t d = static_cast<uint32_t>(random()) >> (random() % 32);
    const int64_t sa = static_cast<int64_t>(a), sb = static_cast<int64_t>(random() % 2 ? b : 0 - b);
    const int32_t sc = static_cast<int32_t>(c), sd = static_cast<int32_t>(random() % 2 ? d : 0 - d);
    const int n = static_cast<int>(random() % 64);
    ASSERT_EQ(ashlar___muldi3(sa, sb), static_cast<int64_t>(a * static_cast<uint64_t>(sb)));
    ASSERT_EQ(ashlar___ashldi3(sb, n), static_cast<int64_t>(static_cast<uint64_t>(sb) << n));
    ASSERT_EQ(ashlar___lshrdi3(sb, n), static_cast<int64_t>(static_cast<uint64_t>(sb) >> n));
    ASSERT_EQ(ashlar___ashrdi3(sb, n), sb >> n);
    if (b) {
      ASSERT_EQ(ashlar___udivdi3(a, b), a / b) << a << " / " << b;
      ASSERT_EQ(ashlar___umoddi3(a, b), a % b);
      ASSERT_EQ(ashlar___divdi3(sa, sb), sa / sb);
      ASSERT_EQ(ashlar___moddi3(sa, sb), sa % sb);
      int64_t r;
      ASSERT_EQ(ashlar___divmoddi4(sa, sb, &r), sa / sb);
      ASSERT_EQ(r, sa % sb);
    }
    if (d) {
      ASSERT_EQ(ashlar___udivsi3(c, d), c / d) << c << " / " << d;
      ASSERT_EQ(ashlar___umodsi3(c, d), c % d);
      if (!(sc == INT32_MIN && sd == -1)) {
        ASSERT_EQ(ashlar___divsi3(sc, sd), sc / sd);
        ASSERT_EQ(ashlar___modsi3(sc, sd), sc % sd);
        int32_t r;
        ASSERT_EQ(ashlar___divmodsi4(sc, sd, &r), sc / sd);
        ASSERT_EQ(r, sc % sd);
      }
    }
  }
}

TEST(Memory, BlocksAtEveryAlignment) {
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    uint8_t mine[96], theirs[96];
    for (int k = 0; k < 96; ++k) mine[k] = theirs[k] = static_cast<uint8_t>(random());
    const size_t n = random() % 40, to = random() % 48, from = random() % 48;
    switch (i % 3) {
    case 0:
      std::memmove(theirs + to, theirs + from, n);
      ashlar_memmove(mine + to, mine + from, n);
      break;
    case 1:
      std::memcpy(theirs + (to & ~3u) / 2, theirs + 48 + from / 4, n % 30);
      ashlar_memcpy(mine + (to & ~3u) / 2, mine + 48 + from / 4, n % 30);
      break;
    default:
      std::memset(theirs + to, static_cast<int>(from * 5), n);
      ashlar_memset(mine + to, static_cast<int>(from * 5), n);
    }
    ASSERT_EQ(std::memcmp(mine, theirs, 96), 0) << i;
    const int order = std::memcmp(mine + to, mine + from, n);
    const int got = ashlar_memcmp(mine + to, mine + from, n);
    ASSERT_EQ((got > 0) - (got < 0), (order > 0) - (order < 0));
  }
}

TEST(Memory, Strings) {
  char text[32] = "abc";
  EXPECT_EQ(ashlar_strlen("hello"), 5u);
  EXPECT_EQ(ashlar_strnlen("hello", 3), 3u);
  EXPECT_LT(ashlar_strcmp("abc", "abd"), 0);
  EXPECT_GT(ashlar_strcmp("abcd", "abc"), 0);
  EXPECT_EQ(ashlar_strncmp("abcd", "abcx", 3), 0);
  EXPECT_STREQ(ashlar_strcat(text, "def"), "abcdef");
  EXPECT_STREQ(ashlar_strchr(text, 'd'), "def");
  EXPECT_EQ(ashlar_strchr(text, 'z'), nullptr);
  EXPECT_STREQ(ashlar_strrchr("a/b/c", '/'), "/c");
  EXPECT_STREQ(ashlar_strstr(text, "cd"), "cdef");
  EXPECT_EQ(ashlar_strstr(text, "ce"), nullptr);
  EXPECT_STREQ(ashlar_strncpy(text, "xy", 4), "xy");
}
