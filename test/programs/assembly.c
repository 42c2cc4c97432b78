// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Inline assembly with each kind of operand, between code that the scheduler would like to move.
// The host computes the same in C.
#ifdef __AIENGINE__
#define CORE(assembly, c) assembly
#else
#define CORE(assembly, c) c
#endif
static int table[4] = {10, 20, 30, 40};
__attribute__((noinline)) static int sum(int a, int b) {
  int r;
  CORE(asm("add %0, %1, %2" : "=r"(r) : "r"(a), "r"(b)), r = a + b);
  return r;
}
__attribute__((noinline)) static int tied(int a) {
  CORE(asm("add %0, %0, #3" : "+r"(a)), a += 3);
  return a;
}
__attribute__((noinline)) static int constant(int a) {
  int r;
  CORE(asm("movx %0, %1" : "=r"(r) : "i"(42)), r = 42);
  return r + a;
}
__attribute__((noinline)) static int load(int *p) {
  int r;
  CORE(asm volatile("lda %0, %1" : "=r"(r) : "m"(*p)), r = *p);
  return r + 1;
}
__attribute__((noinline)) static void store(int *p, int v) {
  CORE(asm volatile("st %1, %0" : "=m"(*p) : "r"(v)), *p = v);
}
__attribute__((noinline)) static int address(int i) {
  int *p;
  CORE(asm("movxm %0, #%1" : "=p"(p) : "i"(&table[1])), p = &table[1]);
  return p[i];
}
__attribute__((noinline)) static int bundle(int a, int b) {
  int x, y;
  CORE(asm("add %0, %2, %3 ; mov r12, %2 // two at once\n\tmov %1, r12" : "=&r"(x),
           "=r"(y) : "r"(a), "r"(b) : "r12"),
       (x = a + b, y = a));
  return x * 100 + y;
}
__attribute__((noinline)) static int walk(int *p) {
  int r;
  CORE(asm("lda %0, [%1], #4\nlda r13, [%1, #0]\nnop\nnop\nnop\nnop\nnop\nnop\nadd %0, %0, r13" : "=&r"(
               r),
           "+p"(p) : : "r13", "memory"),
       (r = p[0] + p[1], ++p));
  return r - *p;
}
__attribute__((noinline)) static int narrow(signed char *p, int v) {
  CORE(asm volatile("st.s8 %1, [%0, #0]" : : "p"(p), "r"(v) : "memory"), *p = (signed char)v);
  return p[0] * 3 + p[1];
}
__attribute__((noinline)) static int fixed(int a, int b) {
#ifdef __AIENGINE__
  register int condition __asm__("r27") = a;
  int r;
  asm("sel.nez %0, %1, %2, r27" : "=r"(r) : "r"(b), "r"(7), "r"(condition));
  return r;
#else
  return a ? b : 7;
#endif
}
__attribute__((noinline)) static int loop(int n) {
  int t = 0;
  for (int i = 0; i < n; ++i) {
    asm volatile("" ::: "memory");
    CORE(asm volatile("mul %0, %1, %1" : "=r"(i) : "r"(i), "0"(i)), i = i * i);
    t += i;
    if (i > 1000) break;
    i += table[i & 3];
  }
  return t;
}
int run(int seed) {
  int v[3] = {5, 6, seed};
  signed char bytes[4] = {1, 2, 3, 4};
  unsigned t = 0;
#define ADD(x) t = t * 31 + (unsigned)(x)
  ADD(sum(seed, 3));
  ADD(tied(seed));
  ADD(constant(seed));
  ADD(load(v));
  ADD(load(v + 2));
  store(&v[1], seed + 9);
  ADD(v[1]);
  ADD(address(1));
  ADD(bundle(seed, 7));
  ADD(walk(v));
  ADD(narrow(bytes, seed & 63));
  ADD(bytes[0] + bytes[3]);
  ADD(fixed(seed, 11));
  ADD(loop(50 + (seed & 3)));
  asm volatile("" : "+r"(t));
  return (int)t;
}
