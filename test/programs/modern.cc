// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// C++17 and 20: fold expressions, tuples, constexpr, lambdas, structured bindings, comparisons,
// alignas, designated initialisers.
#include <array>
#include <compare>
#include <cstdint>
#include <tuple>
#include <utility>
static uint32_t trace = 1;
static void say(int x) { trace = trace * 31 + (uint32_t)x; }
constinit int ci = 42;
constexpr int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
static_assert(fib(10) == 55);
template <class... T> static auto fold(T... t) { return (t + ...) * sizeof...(T); }
template <class T, std::size_t... I> static int dot(const T &t, std::index_sequence<I...>) {
  return ((std::get<I>(t) * (int)(I + 1)) + ...);
}
template <int N> struct Fact {
  static constexpr int v = N * Fact<N - 1>::v;
};
template <> struct Fact<0> {
  static constexpr int v = 1;
};
template <class F> __attribute__((noinline)) static int twice(F &&f, int x) { return f(f(x)); }
struct alignas(32) Al {
  int x[3];
};
struct Big {
  int v[12];
  Big operator+(const Big &o) const {
    Big r;
    for (int i = 0; i < 12; i++) r.v[i] = v[i] + o.v[i];
    return r;
  }
  Big &operator<<=(int k) {
    for (int &i : v) i = (int)((unsigned)i << k);
    return *this;
  }
  friend bool operator==(const Big &, const Big &) = default;
  auto operator<=>(const Big &o) const { return v[0] <=> o.v[0]; }
};
enum class Color : unsigned char { Red = 3, Green = 200 };
extern "C" int run(int seed) {
  trace = 1;
  say(ci);
  say(fold(seed, 2, 3));
  say(dot(std::tuple{seed & 3, 4, 5}, std::make_index_sequence<3>{}));
  say(Fact<7>::v);
  int cap = seed;
  auto add = [cap, k = 3](int x) mutable {
    k++;
    return x + cap + k;
  };
  say(twice(add, 1));
  say(twice(
      [&](int x) {
        cap += x;
        return cap;
      },
      4));
  auto gen = [](auto x, auto y) { return x * y; };
  say(gen(3, seed & 15));
  say((int)gen(1.5f, 4.0f));
  int (*fp)(int) = [](int x) { return x ^ 0x55; };
  say(fp(seed));
  auto [p, q] = std::pair{seed & 7, 9};
  say(p * q);
  int raw[3] = {1, 2, seed};
  auto &[r0, r1, r2] = raw;
  r1 = 8;
  say(raw[1] + r2);
  Al al[2];
  say((int)(reinterpret_cast<uintptr_t>(&al[1]) & 31));
  say(sizeof al);
  Big b{};
  b.v[3] = seed;
  Big c2 = (b + b) + b;
  c2 <<= 2;
  say(c2.v[3]);
  say(c2 == b);
  say(c2 < b);
  Color col = seed & 1 ? Color::Red : Color::Green;
  switch (col) {
  case Color::Red: say(20); break;
  case Color::Green: say(21); break;
  }
  if (int t = seed & 12; t > 3) say(t);
  if constexpr (sizeof(void *) >= 4) say(23);
  struct Agg {
    int x = 1, y = 2;
    int z[2] = {3, 4};
  };
  Agg ag{.y = seed, .z = {7}};
  say(ag.x + ag.y + ag.z[0] + ag.z[1]);
  static volatile int vi; // in front of its first store a local one holds what was there before
  vi = seed;
  vi = vi + 1;
  say(vi);
  return (int)trace;
}
