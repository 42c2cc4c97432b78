// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// span, optional, tuple, string_view, variant, bit, numeric, functional, ranges. At -O0 it
// does not fit.
// levels: 123
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
static uint32_t h;
static void say(long long x) { h = h * 31 + (uint32_t)x; }
struct P {
  int k, v;
};
template <class... F> struct Over : F... {
  using F::operator()...;
};
template <class... F> Over(F...) -> Over<F...>;
extern "C" int run(int seed) {
  h = (uint32_t)seed;
  std::array<int, 11> a{3, 1, seed, 4, 1, 5, 9, 2, 6, 5, 3};
  std::span<int> s(a);
  say((long long)s.subspan(2, 4).size() + s.first(3)[2] + s.back());
  std::optional<int> o;
  if (seed & 1) o = seed;
  say(o.value_or(-5));
  auto t = std::make_tuple(1, (short)2, 3LL);
  say(std::get<2>(t) + std::apply([](auto... x) { return (x + ...); }, t));
  std::string_view v = "ashlar";
  say((long long)v.find('l') + (v.starts_with("ash") ? 7 : 0) + (long long)v.substr(2).size() +
      (v < "b"));
  say(std::gcd(seed & 255, 36) + std::lcm(4, 6) + std::midpoint(3, 9));
  say(std::popcount((unsigned)seed) + std::countl_zero((unsigned)seed | 1) +
      std::rotl((unsigned)seed, 5) + (int)std::bit_ceil(37u) + std::bit_width(77u) +
      std::has_single_bit(64u));
  say(std::bit_cast<int>(1.5f) + std::numeric_limits<short>::max() +
      std::numeric_limits<long long>::digits + std::numeric_limits<float>::max_exponent);
  P ps[4] = {{3, 1}, {1, 2}, {2, seed}, {0, 4}};
  std::ranges::sort(ps, {}, &P::k);
  say(ps[2].v);
  static_assert(std::is_trivially_copyable_v<std::variant<int, float>>);
  std::variant<int, float, char> w;
  if (seed & 1)
    w = 2.5f;
  else if (seed & 2)
    w = 'c';
  else
    w = seed;
  h = h * 31 +
      (uint32_t)std::visit(Over{[](int i) { return i; }, [](float f) { return (int)(f * 4); },
                                [](char c) { return c + 1; }},
                           w);
  h += (uint32_t)std::invoke(std::plus<>{}, seed, 3) + (uint32_t)std::less<int>{}(seed, 4);
  const auto bound = std::bind_front([](int a, int b) { return a * 10 + b; }, 3);
  h += (uint32_t)bound(seed & 7);
  return (int)h;
}
