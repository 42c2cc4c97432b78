// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// .npy files round-trip and damaged ones are refused; comparisons count what they should.
#include "report/compare.h"
#include "report/npy.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

namespace ashlar::report {
namespace {

Bytes bytesOf(const std::vector<float> &v) {
  Bytes b(v.size() * 4);
  std::memcpy(b.data(), v.data(), b.size());
  return b;
}

Bytes withHeader(const std::string &header, size_t dataBytes) {
  ByteWriter w;
  w.text({"\x93NUMPY", 6}).u8(1).u8(0).u16(static_cast<uint16_t>(header.size())).text(header);
  w.fill(dataBytes);
  return w.take();
}

TEST(Npy, RoundTrips) {
  for (Element e :
       {Element::I8, Element::U8, Element::I16, Element::U16, Element::I32, Element::U32,
        Element::I64, Element::U64, Element::F16, Element::BF16, Element::F32, Element::F64})
    for (const std::vector<int64_t> &shape :
         {std::vector<int64_t>{}, {7}, {2, 3}, {1, 4, 5}, {0, 9}}) {
      size_t n = elementBytes(e);
      for (int64_t s : shape) n *= static_cast<size_t>(s);
      Bytes data(n);
      for (size_t i = 0; i < n; ++i) data[i] = static_cast<uint8_t>(i * 37);
      const Bytes file = writeNpy(e, shape, data);
      EXPECT_EQ((file.size() - n) % 64, 0u);
      const auto back = readNpy(file, "x.npy");
      ASSERT_TRUE(back.ok()) << back.errors()[0].str();
      EXPECT_EQ(back->element, e);
      EXPECT_EQ(back->shape, shape);
      EXPECT_TRUE(std::equal(data.begin(), data.end(), back->data.begin(), back->data.end()));
    }
}

TEST(Npy, ReadsWhatNumpyWrites) {
  const auto v = readNpy(
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  \n", 24), "a");
  ASSERT_TRUE(v.ok());
  EXPECT_EQ(describe(*v), "f32 [2, 3]");
  EXPECT_TRUE(
      readNpy(withHeader("{'descr': '<V2', 'fortran_order': False, 'shape': (4,), }\n", 8), "a")
          .ok());
}

TEST(Npy, RefusesByName) {
  const auto code = [](const std::string &h, size_t n) {
    const auto r = readNpy(withHeader(h, n), "a.npy");
    return r.ok() ? std::string("fine") : r.errors()[0].code;
  };
  EXPECT_EQ(code("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n", 24), "npy-order");
  EXPECT_EQ(code("{'descr': '<c8', 'fortran_order': False, 'shape': (2,), }\n", 16), "npy-type");
  EXPECT_EQ(code("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }\n", 8), "npy-type");
  EXPECT_EQ(code("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }\n", 8),
            "npy-type");
  EXPECT_EQ(code("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 9), "npy-size");
  EXPECT_EQ(code("{'descr': '<f4', 'shape': (2,), }\n", 8), "npy-header");
  EXPECT_EQ(
      code("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }\n", 8),
      "npy-header");
  EXPECT_EQ(
      code("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 8), }\n", 8),
      "npy-size");
  EXPECT_FALSE(readNpy(Bytes{1, 2, 3}, "x").ok());
}

TEST(Npy, DamageNeverCrashes) {
  const Bytes good = writeNpy(Element::F32, {4, 8}, Bytes(128, 1));
  std::mt19937 rng(11);
  for (int i = 0; i < 20000; ++i) {
    Bytes b = good;
    b.resize(rng() % (b.size() + 1));
    for (int k = 0; k < 3 && !b.empty(); ++k) b[rng() % b.size()] = static_cast<uint8_t>(rng());
    const auto r = readNpy(b, "x");
    if (r.ok()) {
      size_t n = elementBytes(r->element);
      for (int64_t s : r->shape) n *= static_cast<size_t>(s);
      EXPECT_EQ(r->data.size(), n);
    }
  }
}

TEST(Compare, CountsAndFindsTheFirst) {
  const Bytes e = bytesOf({1, 2, 3, 4}), a = bytesOf({1, 2.5f, 3, 4.25f});
  const Comparison c = compare(Element::F32, a, e, {});
  EXPECT_EQ(c.count, 4u);
  EXPECT_EQ(c.different, 2u);
  EXPECT_EQ(*c.first, 1u);
  EXPECT_DOUBLE_EQ(c.worstError, 0.5);
  EXPECT_TRUE(compare(Element::F32, a, e, *parseTolerance("0.2")).equal());
  EXPECT_FALSE(compare(Element::F32, a, e, *parseTolerance("0.1")).equal());
}

TEST(Compare, UlpsAndSpecialValues) {
  const float one = 1, next = std::nextafter(1.0f, 2.0f);
  EXPECT_TRUE(
      compare(Element::F32, bytesOf({next}), bytesOf({one}), *parseTolerance("1ulp")).equal());
  EXPECT_FALSE(compare(Element::F32, bytesOf({next}), bytesOf({one}), {}).equal());
  EXPECT_TRUE(compare(Element::F32, bytesOf({-0.0f}), bytesOf({0.0f}), {}).equal());
  const float nan = std::nanf("");
  EXPECT_TRUE(compare(Element::F32, bytesOf({nan}), bytesOf({-nan}), {}).equal());
  EXPECT_FALSE(compare(Element::F32, bytesOf({nan}), bytesOf({1}), *parseTolerance("1e9")).equal());
  EXPECT_FALSE(
      compare(Element::F32, bytesOf({INFINITY}), bytesOf({1}), *parseTolerance("1e9")).equal());
  // bf16 across zero: the smallest of each sign are two apart.
  const Bytes up{0x01, 0x00}, down{0x01, 0x80};
  EXPECT_DOUBLE_EQ(compare(Element::BF16, up, down, {}).worstUlp, 2);
  const Bytes minus{0xFF}, plus{0x01};
  EXPECT_TRUE(compare(Element::I8, minus, plus, *parseTolerance("2ulp")).equal());
  EXPECT_FALSE(compare(Element::U8, minus, plus, *parseTolerance("2ulp")).equal());
}

template <class T> Bytes raw(std::initializer_list<T> values) {
  Bytes b(values.size() * sizeof(T));
  std::memcpy(b.data(), std::data(values), b.size());
  return b;
}

// As doubles the two are equal, and so are their distances from zero.
TEST(Compare, SixtyFourBitsAreExact) {
  const int64_t big = int64_t{1} << 60;
  for (const char *tolerance : {"0", "0ulp"}) {
    const Comparison c =
        compare(Element::I64, raw({big + 1}), raw({big}), *parseTolerance(tolerance));
    EXPECT_EQ(c.different, 1u) << tolerance;
    EXPECT_EQ(c.worstUlp, 1) << tolerance;
    EXPECT_EQ(c.worstError, 1) << tolerance;
  }
  EXPECT_TRUE(compare(Element::I64, raw({big + 1}), raw({big}), *parseTolerance("1ulp")).equal());
  EXPECT_TRUE(compare(Element::I64, raw({big + 1}), raw({big}), *parseTolerance("1e-9")).equal());
  // Across the sign's bit.
  const Comparison u = compare(Element::U64, raw({uint64_t{1} << 63}),
                               raw({(uint64_t{1} << 63) - 1}), *parseTolerance("1ulp"));
  EXPECT_TRUE(u.equal());
  EXPECT_EQ(u.worstUlp, 1);
  EXPECT_EQ(compare(Element::I64, raw({INT64_MIN}), raw({INT64_MAX}), {}).worstUlp, 0x1p64);
  const double next = std::nextafter(1.0, 2.0);
  EXPECT_FALSE(compare(Element::F64, raw({next}), raw({1.0}), *parseTolerance("0ulp")).equal());
  EXPECT_EQ(compare(Element::F64, raw({next}), raw({1.0}), {}).worstUlp, 1);
  EXPECT_TRUE(compare(Element::F64, raw({-0.0}), raw({0.0}), {}).equal());
  EXPECT_NE(elementText(Element::F64, raw({next}), 0), elementText(Element::F64, raw({1.0}), 0));
}

TEST(Compare, EachTypeFindsTheFirstAndTheWorst) {
  for (Element e :
       {Element::I8, Element::U8, Element::I16, Element::U16, Element::I32, Element::U32,
        Element::I64, Element::U64, Element::F16, Element::BF16, Element::F32, Element::F64}) {
    SCOPED_TRACE(elementName(e));
    Bytes expected(6 * elementBytes(e), 0x11), actual = expected;
    actual[2 * elementBytes(e)] ^= 1;     // by one
    actual[5 * elementBytes(e) - 1] ^= 2; // by much
    const Comparison c = compare(e, actual, expected, {});
    EXPECT_EQ(c.count, 6u);
    EXPECT_EQ(c.different, 2u);
    EXPECT_EQ(c.first, 2u);
    EXPECT_EQ(c.worst, 4u);
    const Comparison near = compare(e, actual, expected, *parseTolerance("1ulp"));
    EXPECT_EQ(near.different, 1u);
    EXPECT_EQ(near.first, 4u);
    EXPECT_EQ(near.inexact, 2u);
  }
}

TEST(Compare, NoToleranceReachesAnInfinity) {
  for (const char *tolerance : {"1e-3", "1e30", "1000ulp"})
    EXPECT_FALSE(
        compare(Element::F32, bytesOf({5}), bytesOf({INFINITY}), *parseTolerance(tolerance))
            .equal())
        << tolerance;
}

// What overflowed is no rounding of what did not.
TEST(Compare, AnInfinityIsNotTheLargestNumber) {
  const float most = std::numeric_limits<float>::max();
  EXPECT_FALSE(
      compare(Element::F32, bytesOf({INFINITY}), bytesOf({most}), *parseTolerance("2ulp")).equal());
  EXPECT_FALSE(compare(Element::BF16, Bytes{0x80, 0x7F}, Bytes{0x7F, 0x7F}, *parseTolerance("2ulp"))
                   .equal());
  EXPECT_TRUE(compare(Element::F32, bytesOf({INFINITY}), bytesOf({INFINITY}), {}).equal());
  EXPECT_FALSE(
      compare(Element::F32, bytesOf({-INFINITY}), bytesOf({INFINITY}), *parseTolerance("1e30"))
          .equal());
}

TEST(Compare, Tolerances) {
  for (const char *bad : {"", "ulp", "-1", "x", "1e-3 x", "inf", "nan"})
    EXPECT_FALSE(parseTolerance(bad).ok()) << bad;
  EXPECT_EQ(parseTolerance("2ulp")->str(), "within 2 ulp");
}

TEST(Compare, IndexInShape) {
  EXPECT_EQ(indexText(7, {2, 4}), "[1, 3]");
  EXPECT_EQ(indexText(7, {}), "[7]");
  EXPECT_EQ(indexText(23, {2, 3, 4}), "[1, 2, 3]");
}

} // namespace
} // namespace ashlar::report
