// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Complex arithmetic, and the cases in which the school's formulas give NaN.
typedef float _Complex C;
static unsigned bits(float x) {
  union {
    float f;
    unsigned u;
  } v = {x};
  return x != x ? 0x7fc00000u : v.u;
}
static unsigned mix(unsigned h, C z) {
  h = (h ^ bits(__real__ z)) * 2654435761u;
  return (h ^ bits(__imag__ z)) * 2654435761u + 1;
}
static C make(float re, float im) {
  C z;
  __real__ z = re;
  __imag__ z = im;
  return z;
}
int run(int seed) {
  const float inf = __builtin_inff();
  C values[] = {make(seed, 2), make(-1.5f, 0.25f), make(inf, 1), make(0, -inf), make(3, 4)};
  unsigned h = 0;
  for (unsigned i = 0; i < sizeof values / sizeof values[0]; ++i)
    for (unsigned j = 0; j < sizeof values / sizeof values[0]; ++j) {
      h = mix(h, values[i] * values[j]);
      h = mix(h, values[i] + ~values[j]);
      h += values[i] == values[j];
    }
  h = mix(h, make(3, 4) / make(1, 2));
  h = mix(h, make(8, -4) / make(0, 2));
  h = mix(h, make(1, 1) / make(inf, 0));
  return (int)h;
}
