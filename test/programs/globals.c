// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Initialised globals of all kinds: tables of pointers, nested structs, bit-fields, strings,
// zeroes.
#include <stdint.h>
struct B {
  unsigned a : 3;
  int b : 7;
  unsigned c : 17;
  int64_t d : 40;
  uint8_t e;
};
struct N {
  const char *name;
  int (*f)(int);
  struct {
    short s;
    int64_t l;
  } in;
  const int *next;
};
static int f1(int v) { return v + 3; }
static int f2(int v) { return v * v; }
static const int numbers[] = {5, -6, 7, 1 << 30};
static int zeroes[50];
static struct B fields = {5, -33, 99999, -5000000000ll, 200};
static struct N nodes[] = {{"first", f1, {-2, 1ll << 45}, numbers + 1},
                           {"second", f2, {3, -9}, &numbers[3]}};
static const uint8_t bytes[] = {1, 2, 3, 250};
static int counter = 41;
static int *where = &zeroes[7];
extern const int16_t late[];
const int16_t late[] = {-1, 300};
int run(int seed) {
  uint32_t h = (uint32_t)seed;
  struct B *p = &fields;
  p->a = 5;
  p->b = -33;
  p->c = 99999;
  p->d = -5000000000ll;
  where = &zeroes[7];
  for (int i = 0; i < 50; ++i) zeroes[i] = 0;
  for (int i = 0; i < 8; ++i) {
    p->a += (unsigned)i;
    p->b = (int)(p->b * 3);
    p->c ^= h;
    p->d += seed;
    *where++ += i;
    h = h * 31 + p->a + (uint32_t)p->b + p->c + (uint32_t)p->d + p->e;
    h += (uint32_t)(p->d >> 20);
  }
  for (int i = 0; i < 2; ++i) {
    struct N *n = &nodes[(i + seed) & 1];
    const char *c = n->name;
    while (*c) h = h * 33 + (uint32_t)*c++;
    h += (uint32_t)n->f(seed & 1023) + (uint32_t)n->in.s + (uint32_t)(n->in.l >> 13) +
         (uint32_t)*n->next;
  }
  for (int i = 0; i < 50; ++i) h = h * 3 + (uint32_t)zeroes[i];
  counter = 41;
  h += (uint32_t)counter++ + bytes[seed & 3] + (uint32_t)late[seed & 1];
  return (int)h;
}
