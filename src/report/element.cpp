// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values of elements.
#include "report/element.h"

#include <bit>
#include <cmath>

namespace ashlar::report {

namespace {
struct Row {
  Element element;
  const char *name;
  int bytes;
  bool isFloat;
};
constexpr Row kRows[] = {
    {Element::I8, "i8", 1, false},   {Element::U8, "ui8", 1, false},
    {Element::I16, "i16", 2, false}, {Element::U16, "ui16", 2, false},
    {Element::I32, "i32", 4, false}, {Element::U32, "ui32", 4, false},
    {Element::I64, "i64", 8, false}, {Element::U64, "ui64", 8, false},
    {Element::F16, "f16", 2, true},  {Element::BF16, "bf16", 2, true},
    {Element::F32, "f32", 4, true},  {Element::F64, "f64", 8, true},
};
const Row &row(Element e) { return kRows[static_cast<size_t>(e)]; }

uint64_t raw(Element e, ByteView data, size_t index) {
  const size_t n = elementBytes(e);
  uint64_t v = 0;
  for (size_t i = 0; i < n; ++i) v |= uint64_t{data[index * n + i]} << (8 * i);
  return v;
}

int64_t signExtend(uint64_t v, size_t bytes) {
  const int shift = static_cast<int>(64 - 8 * bytes);
  return static_cast<int64_t>(v << shift) >> shift;
}

double half(uint16_t h) {
  const int exponent = h >> 10 & 31, fraction = h & 1023;
  double v;
  if (exponent == 31)
    v = fraction ? std::nan("") : HUGE_VAL;
  else if (exponent == 0)
    v = std::ldexp(fraction, -24);
  else
    v = std::ldexp(1024 + fraction, exponent - 25);
  return h & 0x8000 ? -v : v;
}
} // namespace

const char *elementName(Element e) { return row(e).name; }
size_t elementBytes(Element e) { return static_cast<size_t>(row(e).bytes); }
bool elementIsFloat(Element e) { return row(e).isFloat; }

std::optional<Element> elementFromName(std::string_view name) {
  if (name.starts_with("si")) name.remove_prefix(1);
  for (const Row &r : kRows)
    if (name == r.name) return r.element;
  if (name == "i1") return Element::U8;
  return std::nullopt;
}

double elementValue(Element e, ByteView data, size_t index) {
  const uint64_t v = raw(e, data, index);
  switch (e) {
  case Element::F16: return half(static_cast<uint16_t>(v));
  case Element::BF16: return std::bit_cast<float>(static_cast<uint32_t>(v << 16));
  case Element::F32: return std::bit_cast<float>(static_cast<uint32_t>(v));
  case Element::F64: return std::bit_cast<double>(v);
  case Element::I8:
  case Element::I16:
  case Element::I32:
  case Element::I64: return static_cast<double>(signExtend(v, elementBytes(e)));
  default: return static_cast<double>(v);
  }
}

int64_t elementOrder(Element e, ByteView data, size_t index) {
  const uint64_t v = raw(e, data, index);
  const size_t bytes = elementBytes(e);
  if (elementIsFloat(e)) {
    const uint64_t sign = uint64_t{1} << (8 * bytes - 1);
    const int64_t magnitude = static_cast<int64_t>(v & (sign - 1));
    return v & sign ? -magnitude : magnitude; // -0 and +0 coincide
  }
  const bool isSigned =
      e == Element::I8 || e == Element::I16 || e == Element::I32 || e == Element::I64;
  return isSigned ? signExtend(v, bytes) : static_cast<int64_t>(v);
}

uint64_t elementSteps(Element e, ByteView a, ByteView b, size_t index) {
  const int64_t x = elementOrder(e, a, index), y = elementOrder(e, b, index);
  const uint64_t ux = static_cast<uint64_t>(x), uy = static_cast<uint64_t>(y);
  return (e == Element::U64 ? ux > uy : x > y) ? ux - uy : uy - ux;
}

std::string elementText(Element e, ByteView data, size_t index) {
  if (e == Element::F64) return fmt::format("{:.17g}", elementValue(e, data, index));
  if (elementIsFloat(e)) return fmt::format("{:.9g}", elementValue(e, data, index));
  if (e == Element::U64) return fmt::format("{}", raw(e, data, index));
  return fmt::format("{}", elementOrder(e, data, index));
}

} // namespace ashlar::report
