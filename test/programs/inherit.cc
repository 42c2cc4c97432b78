// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// C++ objects: multiple and virtual inheritance with thunks, order of construction, guards of
// statics, placement new, pointers to members.
#include <cstddef>
#include <cstdint>
#include <new>
static uint32_t trace = 1;
static void say(int x) { trace = trace * 31 + (uint32_t)x; }
struct A {
  int a;
  A(int x) : a(x) { say(1); }
  virtual ~A() { say(2); }
  virtual int f(int k) { return a + k; }
  virtual A *self() { return this; }
};
struct B {
  int b;
  B(int x) : b(x) { say(3); }
  virtual ~B() { say(4); }
  virtual int g(int k) { return b * k; }
  virtual B *me() { return this; }
};
struct C : A, B {
  int c;
  C(int x) : A(x), B(x + 1), c(x + 2) { say(5); }
  ~C() override { say(6); }
  int f(int k) override { return A::f(k) + c; }
  int g(int k) override { return B::g(k) - c; }
  C *self() override { return this; }
  C *me() override { return this; }
};
struct V {
  int v = 7;
  V() { say(7); }
  virtual ~V() { say(8); }
  virtual int h() { return v; }
};
struct D1 : virtual V {
  int d1 = 1;
  int h() override { return v + d1; }
  ~D1() { say(9); }
};
struct D2 : virtual V {
  int d2 = 2;
  virtual int k() { return v * d2; }
};
struct E : D1, D2 {
  int e;
  E(int x) : e(x) {
    v = x;
    say(10);
  }
  int h() override { return D1::h() * 100 + e; }
  int k() override { return D2::k() + e; }
  ~E() { say(11); }
};
struct Local {
  int x;
  Local(int v) : x(v) { say(12); }
  ~Local() { say(13); }
};
__attribute__((noinline)) static int once(int s) {
  static Local l(s & 0);
  static int n = [&] {
    say(14);
    return 3;
  }();
  return l.x + n;
}
static A *gp;
static struct Init {
  Init() { say(15); }
} g1;
static struct Init2 {
  int k;
  Init2() : k(trace & 0xff) { say(16); }
} g2;
__attribute__((init_priority(200))) static struct Init3 {
  int k;
  Init3() : k(5) {}
} g3;
__attribute__((constructor)) static void early() { say(17); }
struct M {
  int x, y;
  int f(int k) const { return x * k + y; }
  int g(int k) const { return y * k - x; }
  virtual int v(int k) const { return k; }
};
struct N : M {
  int v(int k) const override { return k * 2 + x; }
};
__attribute__((noinline)) static int useA(A *a, int k) { return a->f(k) + a->self()->a; }
__attribute__((noinline)) static int useB(B *b, int k) { return b->g(k) + b->me()->b; }
__attribute__((noinline)) static int useV(V *v) { return v->h(); }
__attribute__((noinline)) static int useD2(D2 *d) { return d->k() + d->h(); }
__attribute__((noinline)) static int mp(const M &m, int (M::*f)(int) const, int M::*d, int k) {
  return (m.*f)(k) + m.*d;
}
extern "C" int run(int seed) {
  trace = 1;
  {
    C c(seed & 1023);
    say(useA(&c, 3));
    say(useB(&c, 4));
    E e(seed & 511);
    say(useV(&e));
    say(useD2(&e));
    D1 d;
    say(useV(&d));
  }
  once(seed); // on the host the statics are made once for all seeds
  trace = 5;
  say(once(seed));
  say(g3.k);
  alignas(C) unsigned char mem[sizeof(C)];
  {
    C *c = new (mem) C(9);
    gp = c;
    say(useA(gp, 1));
    gp->~A();
  }
  alignas(Local) unsigned char arr[sizeof(Local) * 4];
  {
    auto *l = reinterpret_cast<Local *>(arr);
    for (int i = 0; i < 4; i++) new (l + i) Local(i + seed);
    for (int i = 3; i >= 0; i--) {
      say(l[i].x);
      l[i].~Local();
    }
  }
  N n;
  n.x = seed & 77;
  n.y = 5;
  say(mp(n, &M::f, &M::y, 3));
  say(mp(n, &M::g, &M::x, 3));
  say(mp(n, &M::v, &M::x, 11));
  int (M::*nul)(int) const = nullptr;
  say(nul == nullptr);
  return (int)trace;
}
