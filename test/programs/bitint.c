// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integers of odd widths, below a register and far above one: arithmetic and shifts (division is
// large at -O0).
typedef signed _BitInt(7) I7;
typedef unsigned _BitInt(33) U33;
typedef signed _BitInt(48) I48;
typedef unsigned _BitInt(100) U100;
static unsigned mix(unsigned h, unsigned v) { return (h ^ v) * 2654435761u + 12345; }
int run(int seed) {
  unsigned h = (unsigned)seed;
  I7 a = (I7)(seed & 15);
  a = (I7)(a * 3 - 20);
  h = mix(h, (unsigned)a);
  U33 b = (U33)((U33)seed * 77777u);
  b <<= 3;
  h = mix(h, (unsigned)(b >> 5));
  I48 c = (I48)((I48)seed * 12345);
  c /= 77;
  h = mix(h, (unsigned)c);
  h = mix(h, (unsigned)(c >> 32));
  U100 d = (U100)(unsigned)seed;
  d = d * d * d + 7;
  h = mix(h, (unsigned)(d >> 60));
  h = mix(h, d > (U100)1 << 64);
  return (int)h;
}
