// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// C++: virtual calls, templates, lambdas, static construction, operators, arrays of objects.
#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <type_traits>
#include <utility>
struct Shape {
  virtual int area(int k) const = 0;
  virtual ~Shape() = default;
  int id = 3;
};
struct Square final : Shape {
  int s;
  explicit Square(int v) : s(v) {}
  int area(int k) const override { return s * s + k; }
};
struct Box : Shape {
  int w, h;
  Box(int a, int b) : w(a), h(b) { id = 9; }
  int area(int k) const override { return w * h - k; }
};
template <class T, int N> struct Ring {
  std::array<T, N> data{};
  unsigned at = 0;
  void push(T v) { data[at++ % N] = v; }
  T sum() const { return std::accumulate(data.begin(), data.end(), T{}); }
};
struct Counted {
  int v;
  static int alive;
  explicit Counted(int x) : v(x) { ++alive; }
  Counted(const Counted &o) : v(o.v + 1) { ++alive; }
  ~Counted() { --alive; }
};
int Counted::alive = 0;
static Ring<int, 5> early = [] {
  Ring<int, 5> r;
  for (int i = 0; i < 7; ++i) r.push(i * i);
  return r;
}();
template <class F> __attribute__((noinline)) static int apply(F f, int n) {
  int t = 0;
  for (int i = 0; i < n; ++i) t += f(i);
  return t;
}
__attribute__((noinline)) static int total(Shape *const *list, int n, int k) {
  int t = 0;
  for (int i = 0; i < n; ++i) t += list[i]->area(k) * list[i]->id;
  return t;
}
extern "C" int run(int seed) {
  uint32_t h = (uint32_t)seed;
  Square a(seed & 15);
  Box b(seed & 7, 4);
  Shape *list[] = {&a, &b, &a};
  h += (uint32_t)total(list, 3, seed & 3);
  h ^= (uint32_t)early.sum();
  int captured = seed & 255;
  h += (uint32_t)apply(
      [&](int i) {
        captured ^= i;
        return captured * i;
      },
      6);
  std::array<int, 12> v{};
  for (unsigned i = 0; i < v.size(); ++i) v[i] = (int)(h >> i) % 100;
  std::sort(v.begin(), v.end());
  for (int x : v) h = h * 31 + (uint32_t)x;
  h += (uint32_t)*std::max_element(v.begin(), v.end());
  {
    Counted c(5);
    Counted d = c;
    auto e = std::pair<Counted, int>(d, 4);
    h += (uint32_t)(e.first.v * 10 + Counted::alive);
  }
  h += (uint32_t)Counted::alive;
  if constexpr (std::is_same_v<decltype(v)::value_type, int>) h ^= 0x1234;
  return (int)h;
}
