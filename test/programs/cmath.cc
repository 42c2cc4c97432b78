// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The overloads of <cmath> for float.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <type_traits>
static uint32_t h;
static void say(float x) {
  uint32_t u = 0x7fc00000;
  if (x == x) std::memcpy(&u, &x, 4);
  h = h * 31 + u;
}
extern "C" int run(int seed) {
  h = (uint32_t)seed;
  float x = (float)(seed & 1023) * 0.25f + 0.5f, y = -1.75f;
  say(std::lerp(x, y, 0.5f));
  say(std::fmin(x, y));
  say(std::fmax(x, y));
  say(std::abs(y));
  say(std::floor(x));
  say(std::ceil(y));
  say(std::trunc(y));
  say(std::round(x));
  say(std::copysign(x, y));
  say(std::sqrt(4.0f * 4.0f));
  say(std::ldexp(x, 2));
  say(std::fabs(y));
  say(std::nearbyint(x));
  say(std::fdim(x, y));
  h += (uint32_t)std::isnan(x) + (uint32_t)std::isinf(x / 0.0f) * 2 +
       (uint32_t)std::signbit(y) * 4 + (uint32_t)std::isfinite(y) * 8 + (uint32_t)std::lround(x) +
       (uint32_t)std::abs(-5) + (uint32_t)std::div(17, 5).rem;
  static_assert(std::is_same_v<decltype(std::sqrt(1.0f)), float> &&
                std::is_same_v<decltype(std::pow(1.0f, 2)), double>);
  return (int)h;
}
