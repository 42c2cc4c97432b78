// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "codegen/vector_reference.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>

namespace codegen_test {
namespace {
using Wide = __int128;

uint64_t get(const Register &r, size_t lane, unsigned bits) {
  uint64_t v = 0;
  if (bits < 8) return r[lane / 2] >> (lane % 2 * 4) & 15;
  std::memcpy(&v, &r[lane * bits / 8], bits / 8);
  return v;
}
int64_t extend(uint64_t v, unsigned bits, bool isSigned) {
  if (bits == 64) return static_cast<int64_t>(v);
  v &= (1ull << bits) - 1;
  return isSigned && (v >> (bits - 1)) ? static_cast<int64_t>(v | ~0ull << bits)
                                       : static_cast<int64_t>(v);
}
void put(Register &r, size_t lane, unsigned bits, uint64_t v) {
  if (bits < 8) {
    auto &byte = r[lane / 2];
    unsigned at = lane % 2 * 4;
    byte = static_cast<uint8_t>((byte & ~(15u << at)) | (v & 15) << at);
    return;
  }
  std::memcpy(&r[lane * bits / 8], &v, bits / 8);
}
int word(const Register &r) { return static_cast<int>(get(r, 0, 32)); }
Register number(uint64_t v, unsigned bytes) {
  Register r(bytes);
  std::memcpy(r.data(), &v, bytes);
  return r;
}
Register maskOf(uint64_t bits, unsigned lane) { return number(bits, lane == 8 ? 8 : 4); }

/// 0 cut off, 1 clip, 3 clip symmetrically.
uint64_t clip(Wide v, unsigned bits, bool isSigned, unsigned saturation) {
  if (saturation & 1) {
    Wide low = isSigned ? -(Wide(1) << (bits - 1)) : 0;
    Wide high = isSigned ? (Wide(1) << (bits - 1)) - 1 : (Wide(1) << bits) - 1;
    if (saturation == 3 && isSigned) ++low;
    v = std::clamp(v, low, high);
  }
  return static_cast<uint64_t>(v);
}

bool roundsUp(unsigned mode, bool guard, bool sticky, bool odd, bool negative) {
  switch (mode) {
  case 0: return false;
  case 1: return guard || sticky;
  case 2: return (guard || sticky) && negative;
  case 3: return (guard || sticky) && !negative;
  case 8: return guard && sticky;
  case 9: return guard;
  case 10: return guard && (negative || sticky);
  case 11: return guard && (!negative || sticky);
  case 12: return guard && (odd || sticky);
  default: return guard && (!odd || sticky);
  }
}
Wide shiftRound(int64_t v, unsigned shift, unsigned mode) {
  if (!shift) return v;
  Wide whole = Wide(v) >> shift;
  bool guard = (Wide(v) >> (shift - 1)) & 1;
  bool sticky = (Wide(v) & ((Wide(1) << (shift - 1)) - 1)) != 0;
  return whole + roundsUp(mode, guard, sticky, whole & 1, v < 0);
}

// ---- floating point -----------------------------------------------------------------------------

struct Term {
  bool negative;
  int exponent;
  Wide mantissa;
};

Wide nearestEven(Wide v, int shift) {
  if (shift <= 0) return v;
  if (shift > 100) return 0;
  Wide whole = v >> shift, rest = v - (whole << shift), half = Wide(1) << (shift - 1);
  return whole + (rest > half || (rest == half && (whole & 1)));
}
/// Sum of terms whose mantissas have their unit at 2^-23 of their exponent.
uint32_t sumUp(const std::vector<Term> &terms, bool keepsSignOfZero) {
  int top = 0;
  for (const Term &t : terms) top = std::max(top, t.exponent);
  Wide sum = 0;
  for (const Term &t : terms) {
    Wide m = nearestEven(t.mantissa, top - t.exponent);
    sum += t.negative ? -m : m;
  }
  if (sum == 0) return 0;
  bool negative = sum < 0;
  Wide m = negative ? -sum : sum;
  int lead = 0;
  while (m >> (lead + 1)) ++lead;
  int exponent = top + lead - 23;
  m = lead > 23 ? nearestEven(m, lead - 23) : m << (23 - lead);
  if (m >> 24) {
    m >>= 1;
    ++exponent;
  }
  exponent -= 128;
  uint32_t sign = negative ? 0x80000000u : 0;
  if (exponent <= 0) return keepsSignOfZero ? sign : 0;
  if (exponent >= 255) return sign | 0x7f800000;
  return sign | static_cast<uint32_t>(exponent) << 23 | (static_cast<uint32_t>(m) & 0x7fffff);
}
Term accumulatorTerm(uint32_t a, bool negate) {
  int e = a >> 23 & 255;
  Wide m = a & 0x7fffff;
  if (e) m |= 0x800000;
  if (!(a & 0x7fffffff)) return {false, 0, 0};
  return {(a >> 31) != negate, std::max(e, 1) + 128, m};
}
Term productTerm(uint16_t a, uint16_t b, bool negate) {
  auto split = [](uint16_t v) {
    int e = v >> 7 & 255;
    return std::pair(std::max(e, 1), Wide((v & 127) | (e ? 128 : 0)));
  };
  auto [ea, ma] = split(a);
  auto [eb, mb] = split(b);
  if (!ma || !mb) return {false, 0, 0};
  return {((a ^ b) >> 15) != negate, ea + eb + 1, (ma * mb) << 9};
}
uint32_t addFloats(uint32_t a, bool negateA, uint32_t b, bool negateB) {
  return sumUp({accumulatorTerm(a, negateA), accumulatorTerm(b, negateB)}, true);
}
uint16_t narrow(uint32_t f, unsigned mode) {
  if ((f >> 23 & 255) == 255) {
    if (!(f & 0x7fffff)) return static_cast<uint16_t>(f >> 16);
    return static_cast<uint16_t>(f >> 16 | ((f >> 16 & 127) == 0));
  }
  bool negative = f >> 31, guard = f >> 15 & 1, sticky = f & 0x7fff, odd = f >> 16 & 1, up = false;
  // Towards a side of the number line: the magnitude grows on one side of zero.
  switch (mode) {
  case 0: up = (guard || sticky) && negative; break;
  case 1: up = (guard || sticky) && !negative; break;
  case 2: break;
  case 3: up = guard || sticky; break;
  case 8: up = guard && (sticky || negative); break;
  case 9: up = guard && (sticky || !negative); break;
  case 10: up = guard && sticky; break;
  case 11: up = guard; break;
  case 12: up = guard && (sticky || odd); break;
  default: up = guard && (sticky || !odd); break;
  }
  return static_cast<uint16_t>((f >> 16) + up);
}

// ---- products -----------------------------------------------------------------------------------

struct Shape {
  unsigned a, b, variant, xBits, yBits, rows, inner, cols, channels;
  bool convolves;
};
const Shape kShapes[] = {
    {0, 0, 0, 8, 4, 4, 16, 8, 1, false},   {0, 1, 0, 8, 8, 4, 8, 8, 1, false},
    {0, 1, 1, 8, 8, 1, 2, 1, 32, false},   {0, 1, 2, 8, 8, 4, 4, 1, 8, true},
    {0, 1, 3, 8, 8, 8, 8, 1, 4, true},     {0, 1, 4, 8, 8, 32, 8, 1, 1, true},
    {0, 2, 0, 16, 8, 4, 4, 8, 1, false},   {0, 2, 1, 16, 8, 4, 4, 4, 2, false},
    {0, 3, 0, 16, 16, 4, 2, 8, 1, false},  {0, 3, 1, 16, 16, 1, 1, 1, 32, false},
    {1, 2, 0, 16, 8, 2, 8, 8, 1, false},   {1, 2, 1, 16, 8, 4, 8, 4, 1, false},
    {1, 3, 0, 16, 16, 2, 4, 8, 1, false},  {1, 3, 1, 16, 16, 4, 4, 4, 1, false},
    {1, 3, 2, 16, 16, 1, 2, 1, 16, false}, {1, 3, 3, 16, 16, 16, 4, 1, 1, true},
    {1, 0, 0, 32, 16, 4, 2, 4, 1, false},  {2, 0, 0, 16, 16, 4, 8, 4, 1, false},
    {2, 0, 1, 16, 16, 1, 2, 1, 16, false},
};
const Shape *shapeOf(unsigned c) {
  unsigned a = c >> 1 & 3, b = c >> 3 & 3, variant = c >> 5 & 7;
  if (a == 1 && b == 1) b = 3;
  for (const Shape &s : kShapes)
    if (s.a == a && s.variant == variant && (a == 2 || s.b == b)) return &s;
  return nullptr;
}
/// For each lane of the result the pairs of factors.
void forProducts(const Shape &s, const std::function<void(size_t, size_t, size_t)> &pair) {
  for (unsigned r = 0; r < s.rows; ++r)
    for (unsigned c = 0; c < s.cols; ++c)
      for (unsigned k = 0; k < s.inner; ++k)
        for (unsigned ch = 0; ch < s.channels; ++ch) {
          size_t x = s.convolves ? (r + k) * s.channels + ch : (r * s.inner + k) * s.channels + ch;
          size_t y = s.convolves ? k * s.channels + ch : (k * s.cols + c) * s.channels + ch;
          pair((r * s.cols + c) * s.channels + ch, x, y);
        }
}

struct Signs {
  bool product = false, first = false, second = false, hasFirst = true, hasSecond = false;
};
Register multiply(const Signs &signs, const Register *first, const Register *second,
                  const Register &x, const Register &y, unsigned c, bool real) {
  const Shape *shape = shapeOf(c);
  if (!shape) return {};
  bool negateP = signs.product != bool(c >> 11 & 1), negate1 = signs.first != bool(c >> 12 & 1),
       negate2 = signs.second != bool(c >> 13 & 1), zero = c & 1 || !first;
  if (real) {
    Register out(64);
    std::vector<std::vector<Term>> terms(16);
    forProducts(*shape, [&](size_t lane, size_t i, size_t k) {
      terms[lane].push_back(productTerm(static_cast<uint16_t>(get(x, i, 16)),
                                        static_cast<uint16_t>(get(y, k, 16)), negateP));
    });
    for (size_t i = 0; i < 16; ++i) {
      if (!zero)
        terms[i].push_back(accumulatorTerm(static_cast<uint32_t>(get(*first, i, 32)), negate1));
      if (second)
        terms[i].push_back(accumulatorTerm(static_cast<uint32_t>(get(*second, i, 32)), negate2));
      put(out, i, 32, sumUp(terms[i], false));
    }
    return out;
  }
  unsigned width = shape->a == 1 ? 64 : 32;
  Register out(128);
  size_t lanes = 1024 / width;
  std::vector<uint64_t> sums(lanes);
  forProducts(*shape, [&](size_t lane, size_t i, size_t k) {
    int64_t a = extend(get(x, i, shape->xBits), shape->xBits, c >> 9 & 1);
    int64_t b = extend(get(y, k, shape->yBits), shape->yBits, c >> 8 & 1);
    sums[lane] += static_cast<uint64_t>(a) * static_cast<uint64_t>(b);
  });
  for (size_t i = 0; i < lanes; ++i) {
    uint64_t v = negateP ? 0 - sums[i] : sums[i];
    if (!zero) {
      uint64_t a = get(*first, i, width) << (c >> 10 & 1 ? 16 : 0);
      v += negate1 ? 0 - a : a;
    }
    if (second) {
      uint64_t a = get(*second, i, width);
      v += negate2 ? 0 - a : a;
    }
    put(out, i, width, v);
  }
  return out;
}

// ---- lane operations ----------------------------------------------------------------------------

struct Name {
  std::string base; ///< without the element type
  unsigned bits = 0;
  bool isSigned = true, dynamic = false, bf16 = false;
};
Name parse(const std::string &name) {
  Name n;
  n.base = name;
  size_t at = name.find_last_of('_');
  std::string last = at == std::string::npos ? "" : name.substr(at + 1);
  if (name.starts_with("vneg_gtz")) {
    n.base = "vneg_gtz";
    n.bits = static_cast<unsigned>(std::stoul(name.substr(8)));
    return n;
  }
  if (last == "bf16") {
    n.base = name.substr(0, at);
    n.bits = 16;
    n.bf16 = true;
    return n;
  }
  size_t digit = last.find_first_of("0123456789");
  if (digit == std::string::npos || last.find_last_not_of("0123456789") + 1 != digit) return n;
  std::string sign = last.substr(0, digit);
  if (!sign.empty() && sign != "s" && sign != "d") return n;
  n.base = name.substr(0, at);
  n.bits = static_cast<unsigned>(std::stoul(last.substr(digit)));
  n.dynamic = sign == "d";
  return n;
}

/// Sign and magnitude: -0 is below +0; nothing is below or above what is not a number.
bool lessBf16(uint64_t a, uint64_t b, bool &ordered) {
  auto nan = [](uint64_t v) { return (v & 0x7fff) > 0x7f80; };
  ordered = !nan(a) && !nan(b);
  auto key = [](uint64_t v) {
    return v & 0x8000 ? -static_cast<int>(v & 0x7fff) - 1 : static_cast<int>(v & 0x7fff);
  };
  return ordered && key(a) < key(b);
}

std::vector<Register> lanes(const Name &n, const Control &control,
                            const std::vector<Register> &in) {
  bool isSigned = n.dynamic ? control.addSign : true;
  size_t count = 512 / std::max(n.bits, 8u);
  Register out(64);
  uint64_t mask = 0;
  const Register &a = in[0];
  auto at = [&](const Register &r, size_t i) {
    return extend(get(r, i, n.bits), n.bits, isSigned);
  };
  auto result = [&](bool value, bool masked) {
    std::vector<Register> list;
    if (value) list.push_back(out);
    if (masked) list.push_back(maskOf(mask, n.bits));
    return list;
  };
  auto each = [&](auto &&f) {
    for (size_t i = 0; i < count; ++i) {
      auto [value, bit] = f(i);
      put(out, i, n.bits, static_cast<uint64_t>(value));
      if (bit) mask |= 1ull << i;
    }
  };
  using R = std::pair<int64_t, bool>;
  if (n.base == "vadd")
    each([&](size_t i) { return R(at(a, i) + at(in[1], i), false); });
  else if (n.base == "vsub")
    each([&](size_t i) { return R(at(a, i) - at(in[1], i), false); });
  else if (n.base == "vaddsub")
    each([&](size_t i) {
      bool minus = in[2][i / 8] >> (i % 8) & 1;
      return R(minus ? at(a, i) - at(in[1], i) : at(a, i) + at(in[1], i), false);
    });
  else if (n.base == "vsel")
    each([&](size_t i) { return R(in[2][i / 8] >> (i % 8) & 1 ? at(in[1], i) : at(a, i), false); });
  else if (n.base == "vabs_gtz")
    each([&](size_t i) { return R(at(a, i) < 0 ? -at(a, i) : at(a, i), at(a, i) > 0); });
  else if (n.base == "vneg_gtz")
    each([&](size_t i) { return R(-at(a, i), at(a, i) > 0); });
  else if (n.base == "vbneg_ltz")
    each([&](size_t i) { return R(~at(a, i), at(a, i) < 0); });
  else if (n.base == "veqz")
    each([&](size_t i) { return R(0, at(a, i) == 0); });
  else if (n.base == "vmaxdiff_lt")
    each([&](size_t i) {
      bool less = at(a, i) < at(in[1], i);
      return R(less ? 0 : at(a, i) - at(in[1], i), less);
    });
  else if (n.base == "vlt" || n.base == "vge" || n.base == "vmax_lt" || n.base == "vmin_ge" ||
           n.base == "vsub_lt" || n.base == "vsub_ge")
    each([&](size_t i) {
      int64_t x = at(a, i), y = at(in[1], i);
      bool ordered = true;
      bool less = n.bf16 ? lessBf16(get(a, i, 16), get(in[1], i, 16), ordered) : x < y;
      bool notLess = ordered && !less;
      if (n.base == "vlt") return R(0, less);
      if (n.base == "vge") return R(0, notLess);
      if (n.base == "vmax_lt") return R(less ? y : x, less);
      if (n.base == "vmin_ge") return R(notLess ? y : x, notLess);
      return R(x - y, n.base == "vsub_lt" ? less : notLess);
    });
  else
    return {};
  bool onlyMask = n.base == "veqz" || n.base == "vlt" || n.base == "vge";
  bool noMask = n.base == "vadd" || n.base == "vsub" || n.base == "vaddsub" || n.base == "vsel";
  return result(!onlyMask, !noMask);
}

std::vector<Register> moves(const Name &n, const Control &control,
                            const std::vector<Register> &in) {
  size_t count = n.bits ? 512 / n.bits : 0;
  Register out(64);
  if (n.base == "vbcst") {
    for (size_t i = 0; i < count; ++i) put(out, i, n.bits, get(in[0], 0, n.bits));
    return {out};
  }
  if (n.base == "vextbcst") {
    for (size_t i = 0; i < count; ++i)
      put(out, i, n.bits, get(in[0], static_cast<unsigned>(word(in[1])) % count, n.bits));
    return {out};
  }
  if (n.base == "vextract") {
    uint64_t v = get(in[0], static_cast<unsigned>(word(in[1])) % count, n.bits);
    bool isSigned = n.dynamic ? control.addSign : true;
    return {number(static_cast<uint64_t>(extend(v, n.bits, isSigned)), n.bits == 64 ? 8 : 4)};
  }
  if (n.base == "vinsert") {
    out = in[0];
    put(out, static_cast<unsigned>(word(in[1])) % count, n.bits, get(in[2], 0, n.bits));
    return {out};
  }
  if (n.base == "vpush_lo" || n.base == "vpush_hi") {
    bool low = n.base == "vpush_lo";
    const Register &vector = in[low ? 1 : 0], &scalar = in[low ? 0 : 1];
    for (size_t i = 0; i < count; ++i) {
      bool fresh = low ? i == 0 : i == count - 1;
      put(out, i, n.bits, get(fresh ? scalar : vector, fresh ? 0 : (low ? i - 1 : i + 1), n.bits));
    }
    return {out};
  }
  return {};
}

/// T<w>_<R>x<C>: an R x C matrix of w-bit elements is transposed.
struct Transpose {
  unsigned width, rows, cols;
  bool high;
};
const Transpose kTransposes[] = {
    {8, 64, 2, false},  {8, 64, 2, true},   {16, 32, 2, false}, {16, 32, 2, true},
    {32, 16, 2, false}, {32, 16, 2, true},  {64, 8, 2, false},  {64, 8, 2, true},
    {128, 4, 2, false}, {128, 4, 2, true},  {256, 2, 2, false}, {256, 2, 2, true},
    {128, 2, 4, false}, {128, 2, 4, true},  {64, 2, 8, false},  {64, 2, 8, true},
    {32, 2, 16, false}, {32, 2, 16, true},  {16, 2, 32, false}, {16, 2, 32, true},
    {8, 2, 64, false},  {8, 2, 64, true},   {512, 1, 2, false}, {512, 1, 2, true},
    {16, 16, 4, false}, {16, 16, 4, true},  {16, 4, 16, false}, {16, 4, 16, true},
    {16, 8, 4, false},  {16, 4, 8, false},  {32, 8, 4, false},  {32, 8, 4, true},
    {32, 4, 8, false},  {32, 4, 8, true},   {32, 4, 4, false},  {8, 8, 8, false},
    {8, 16, 4, false},  {8, 4, 16, false},  {16, 1, 2, false},  {16, 4, 4, false},
    {16, 4, 2, false},  {16, 2, 4, false},  {16, 8, 2, false},  {16, 2, 8, false},
    {16, 16, 2, false}, {16, 2, 16, false}, {8, 8, 4, false},   {8, 4, 8, false}};

Register shuffle(const Register &a, const Register &b, unsigned mode) {
  Register both = a;
  both.insert(both.end(), b.begin(), b.end());
  Register out(64);
  mode &= 63;
  if (mode >= 48) {
    out[0] = a[0];
    return out;
  }
  if (mode == 38) { // the halves of each word change places
    for (size_t i = 0; i < 64; ++i) out[i] = a[i ^ 2];
    return out;
  }
  const Transpose &t = kTransposes[mode];
  unsigned bytes = t.width / 8, block = t.rows * t.cols * bytes;
  for (unsigned i = 0; i < 64; ++i) {
    unsigned at = i + (t.high ? 64 : 0), in = at % block, element = in / bytes;
    unsigned row = element / t.rows, col = element % t.rows; // of the transposed matrix
    out[i] = both[at - in + (col * t.cols + row) * bytes + in % bytes];
  }
  return out;
}

/// Shift, rounding and clipping of accumulator lanes; the text is like `s16_s32`.
Register srs(const std::string &kind, const Control &control, const Register &acc, unsigned shift) {
  bool isSigned = kind[0] == 's' || control.srsSign;
  unsigned to = static_cast<unsigned>(std::stoul(kind.substr(1)));
  unsigned from = static_cast<unsigned>(std::stoul(kind.substr(kind.find('_') + 2)));
  size_t count = acc.size() * 8 / from;
  Register out(count * to / 8);
  for (size_t i = 0; i < count; ++i)
    put(out, i, to,
        clip(shiftRound(extend(get(acc, i, from), from, true), shift & 63, control.rounding), to,
             isSigned, control.saturation));
  return out;
}
Register ups(const std::string &kind, const Control &control, const Register &v, unsigned shift) {
  unsigned to = static_cast<unsigned>(std::stoul(kind.substr(1)));
  size_t second = kind.find('_') + 1;
  bool isSigned = kind[second] == 's' || control.upsSign;
  unsigned from = static_cast<unsigned>(std::stoul(kind.substr(second + 1)));
  size_t count = v.size() * 8 / from;
  Register out(count * to / 8);
  for (size_t i = 0; i < count; ++i)
    put(out, i, to,
        clip(Wide(extend(get(v, i, from), from, isSigned)) << (shift & 63), to, true,
             control.saturation & 1));
  return out;
}
Register pack(const std::string &kind, const Control &control, const Register &v) {
  bool isSigned = kind[0] == 's' || control.packSign;
  unsigned to = kind[1] == '4' ? 4 : 8;
  Register out(32);
  for (size_t i = 0; i < 512 / (2 * to); ++i)
    put(out, i, to,
        clip(extend(get(v, i, 2 * to), 2 * to, isSigned), to, isSigned, control.saturation));
  return out;
}
Register unpack(const std::string &kind, const Control &control, const Register &v) {
  bool isSigned = kind[0] == 's' || control.unpackSign;
  unsigned from = kind.find("8") == 1 ? 4 : 8;
  Register out(64);
  for (size_t i = 0; i < 256 / from; ++i)
    put(out, i, 2 * from, static_cast<uint64_t>(extend(get(v, i, from), from, isSigned)));
  return out;
}

std::optional<Signs> multiplierSigns(const std::string &name) {
  Signs s;
  if (name == "vmul")
    s.hasFirst = false;
  else if (name == "vnegmul")
    s.hasFirst = false, s.product = true;
  else if (name == "vmac") {
  } else if (name == "vmsc")
    s.product = true;
  else if (name == "vnegmac")
    s.first = s.product = true;
  else if (name == "vnegmsc")
    s.first = true;
  else if (name == "vaddmac")
    s.hasSecond = true;
  else if (name == "vaddmsc")
    s.hasSecond = s.product = true;
  else if (name == "vsubmac")
    s.hasSecond = s.second = true;
  else if (name == "vsubmsc")
    s.hasSecond = s.second = s.product = true;
  else
    return std::nullopt;
  return s;
}
std::optional<Signs> adderSigns(const std::string &name) {
  Signs s;
  s.hasSecond = true;
  if (name == "vadd") {
  } else if (name == "vsub")
    s.second = true;
  else if (name == "vnegadd")
    s.first = s.second = true;
  else if (name == "vnegsub")
    s.first = true;
  else if (name == "vneg")
    s.first = true, s.hasSecond = false;
  else
    return std::nullopt;
  return s;
}
} // namespace

std::vector<Register> reference(const std::string &name, const Control &control,
                                const std::vector<Register> &in) {
  auto starts = [&](const char *text) { return name.starts_with(text); };
  auto after = [&](const char *text) { return name.substr(std::strlen(text)); };
  bool real = name.ends_with("_f");
  std::string plain = real ? name.substr(0, name.size() - 2) : name;
  if (auto signs = multiplierSigns(plain)) {
    size_t at = 0;
    const Register *first = signs->hasFirst ? &in[at++] : nullptr;
    const Register *second = signs->hasSecond ? &in[at++] : nullptr;
    return {multiply(*signs, first, second, in[at], in[at + 1],
                     static_cast<unsigned>(word(in[at + 2])), real)};
  }
  if (auto signs = adderSigns(plain)) {
    unsigned c = static_cast<unsigned>(word(in.back()));
    if (real) {
      Register out(64);
      for (size_t i = 0; i < 16; ++i) {
        auto a = static_cast<uint32_t>(get(in[0], i, 32));
        if (!signs->hasSecond)
          put(out, i, 32, (a >> 23 & 255) ? a ^ 0x80000000u : (~a & 0x80000000u));
        else
          put(out, i, 32,
              addFloats(a, signs->first, static_cast<uint32_t>(get(in[1], i, 32)), signs->second));
      }
      return {out};
    }
    unsigned width = (c >> 1 & 3) == 1 ? 64 : 32;
    Register out(128);
    for (size_t i = 0; i < 1024 / width; ++i) {
      uint64_t a = get(in[0], i, width), b = signs->hasSecond ? get(in[1], i, width) : 0;
      if (c & 1) a = 0;
      uint64_t sum = (signs->first != bool(c >> 12 & 1)) ? 0 - a : a;
      sum += (signs->second != bool(c >> 13 & 1)) ? 0 - b : b;
      put(out, i, width, sum);
    }
    return {out};
  }
  if (starts("vclr_")) return {Register(name == "vclr_cm" ? 128 : 64)};
  if (name == "vband" || name == "vbor") {
    Register out(64);
    for (size_t i = 0; i < 64; ++i)
      out[i] = name == "vband" ? in[0][i] & in[1][i] : in[0][i] | in[1][i];
    return {out};
  }
  if (name == "vshift" || name == "vshift_align") {
    bool aligned = name == "vshift_align";
    const Register &a = in[0], &b = in[aligned ? 2 : 1];
    auto n = static_cast<unsigned>(word(in.back()));
    unsigned step = aligned ? static_cast<unsigned>(word(in[1])) & 63 : 0;
    unsigned skip = step >= 1 && step <= 4 ? 2u << step : 0;
    Register out(64);
    for (unsigned i = 0; i < 64; ++i) {
      uint64_t at = uint64_t(i) + n; // in the sources side by side
      if (at >= 64)
        out[i] = at < 128 ? b[at - 64] : 0;
      else if (!skip)
        out[i] = a[at];
      else // a step moves the first source by itself
        out[i] = i + skip < 64 ? a[i + skip] : 0;
    }
    return {out};
  }
  if (name == "vshuffle") return {shuffle(in[0], in[1], static_cast<unsigned>(word(in[2])))};
  if (starts("vbcstshfl_")) {
    Register all = moves(parse("vbcst_" + after("vbcstshfl_")), control, {in[0]})[0];
    return {shuffle(all, Register(64), static_cast<unsigned>(word(in[1])))};
  }
  if (starts("vsrs_") || starts("vsrsm_")) {
    std::string kind = after(starts("vsrsm_") ? "vsrsm_" : "vsrs_");
    return {srs(kind, control, in[0], static_cast<unsigned>(word(in[1])))};
  }
  if (starts("vst_srs_"))
    return {srs(after("vst_srs_"), control, in[1], static_cast<unsigned>(word(in[2])))};
  if (starts("vups_"))
    return {ups(after("vups_"), control, in[0], static_cast<unsigned>(word(in[1])))};
  if (starts("vlda_ups_"))
    return {ups(after("vlda_ups_"), control, in[1], static_cast<unsigned>(word(in[0])))};
  if (starts("vpack_")) return {pack(after("vpack_"), control, in[0])};
  if (starts("vst_pack_")) return {pack(after("vst_pack_"), control, in[1])};
  if (starts("vunpack_")) return {unpack(after("vunpack_"), control, in[0])};
  if (starts("vldb_unpack_")) return {unpack(after("vldb_unpack_"), control, in[0])};
  if (name == "vconv_fp32_bf16" || name == "vlda_conv_fp32_bf16") {
    Register out(64);
    for (size_t i = 0; i < 16; ++i) put(out, i, 32, get(in[0], i, 16) << 16);
    return {out};
  }
  if (name == "vconv_bf16_fp32" || name == "vst_conv_bf16_fp32") {
    const Register &acc = in[starts("vst") ? 1 : 0];
    Register out(32);
    for (size_t i = 0; i < 16; ++i)
      put(out, i, 16, narrow(static_cast<uint32_t>(get(acc, i, 32)), control.rounding));
    return {out};
  }
  if (starts("vfloor_s32_bf16_")) {
    int shift = static_cast<int>(extend(static_cast<uint64_t>(word(in[1])), 6, true));
    Register out(64);
    for (size_t i = 0; i < 16; ++i) {
      uint64_t v = get(in[0], i, 16);
      int e = static_cast<int>(v >> 7 & 255);
      bool negative = v >> 15;
      int64_t result = 0;
      if (e == 255) {
        result = (v & 127) ? 0x7fffffff : negative ? INT32_MIN : INT32_MAX;
      } else {
        int64_t m = static_cast<int64_t>((v & 127) | (e ? 128 : 0));
        if (negative) m = -m;
        int by = std::max(e, 1) - 127 - 7 + shift; // m * 2^by
        if (by >= 0)
          result = by > 40 ? (m > 0 ? INT64_MAX : m < 0 ? INT64_MIN : 0) : m * (int64_t(1) << by);
        else
          result = m >> std::min(-by, 60);
        result = std::clamp<int64_t>(result, INT32_MIN, INT32_MAX);
      }
      put(out, i, 32, static_cast<uint64_t>(result));
    }
    return {out};
  }
  Name n = parse(name);
  if (n.bits && !in.empty())
    if (auto moved = moves(n, control, in); !moved.empty()) return moved;
  if (n.bits && !in.empty()) return lanes(n, control, in);
  return {};
}

} // namespace codegen_test
