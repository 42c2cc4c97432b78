// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// <algorithm> and <numeric>, with those that ask for a buffer and get none. At -O0 it does not fit.
// levels: 123
#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <utility>
static uint32_t h;
static void say(long long x) { h = h * 31 + (uint32_t)x; }
extern "C" int run(int seed) {
  h = (uint32_t)seed;
  std::array<int, 11> a{};
  std::iota(a.begin(), a.end(), seed & 15);
  for (auto &x : a) x = (int)((unsigned)x * 2654435761u >> 20);
  auto b = a;
  std::sort(b.begin(), b.end(), [](int x, int y) { return x > y; });
  for (int x : b) say(x);
  std::stable_sort(b.begin(), b.begin() + 5);
  say(std::is_sorted(b.begin(), b.begin() + 5));
  say(*std::min_element(a.begin(), a.end()) + std::max({1, seed & 7, 3}) +
      std::clamp(seed, 0, 100));
  std::reverse(a.begin(), a.end());
  say(std::accumulate(a.begin(), a.end(), 0) +
      std::inner_product(a.begin(), a.end(), b.begin(), 0));
  say(std::count_if(a.begin(), a.end(), [](int x) { return x & 1; }));
  say(std::find(a.begin(), a.end(), a[7]) - a.begin());
  say(std::lower_bound(b.begin(), b.begin() + 5, b[2]) - b.begin());
  say(b[10]);
  std::transform(a.begin(), a.end(), b.begin(), [&](int x) { return x ^ seed; });
  say(b[4]);
  say(std::unique(b.begin(), b.end()) - b.begin());
  int x = 3, y = 4;
  std::swap(x, y);
  say(x * 10 + std::exchange(y, 9));
  std::fill_n(a.begin(), 3, 7);
  for (int q : a) say(q);
  return (int)h;
}
