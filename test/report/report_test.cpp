// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// .npy files round-trip and damaged ones are refused; comparisons count what they should.
#include "report/compare.h"
#include "report/npy.h"

#include <cmath>
#include <gtest/gtest.h>
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

TEST(Compare, Tolerances) {
  for (const char *bad : {"", "ulp", "-1", "x", "1e-3 x", "inf", "nan"})
    EXPECT_FALSE(parseTolerance(bad).ok()) << bad;
  EXPECT_EQ(parseTolerance("2ulp")->str(), "within 2 ulp");
}

TEST(Compare, IndexInShape) {
  EXPECT_EQ(indexText(7, {2, 4}), "[1, 3]");
  EXPECT_EQ(indexText(7, {}), "[7]");
}

} // namespace
} // namespace ashlar::report
