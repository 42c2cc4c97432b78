// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a core does beside computing, by the vendor's names and in C as in C++: events, locks, the
// stream ports, its own tile's registers. On a host events and locks do nothing and the rest is
// not declared, because a host has no other cores.
#ifndef AIE2_CORE_H
#define AIE2_CORE_H

#include <stdbool.h>
#include <stdint.h>

#define __AIE2_INLINE static inline __attribute__((always_inline, unused))

#ifdef __ASHLAR__
#ifdef __cplusplus
extern "C" {
#endif
struct __aie2_stream_word {
  int data, tlast;
};
void __aie2_event(int number);
void __aie2_acquire(int lock, int value);
void __aie2_release(int lock, int value);
int __aie2_get_coreid(void);
long long __aie2_get_cntr(void);
/// A pointer's step through two or three dimensions; the counts are of steps already made.
struct __aie2_walk_2d {
  void *pointer;
  int count;
};
struct __aie2_walk_3d {
  void *pointer;
  int count1, count2;
};
__attribute__((const)) struct __aie2_walk_2d __aie2_add_2d(void *p, int last, int number1, int by1,
                                                           int count1);
__attribute__((const)) struct __aie2_walk_3d __aie2_add_3d(void *p, int last, int number1, int by1,
                                                           int number2, int by2, int count1,
                                                           int count2);
void __aie2_sched_barrier(void);
struct __aie2_stream_word __aie2_get_ss(void);
void __aie2_put_ms(int word, int tlast);
int __aie2_read_tm(const volatile void *address);
void __aie2_write_tm(int value, volatile void *address);
#ifdef __cplusplus
}
#endif
__AIE2_INLINE void event0(void) { __aie2_event(0); }
__AIE2_INLINE void event1(void) { __aie2_event(1); }
__AIE2_INLINE void event2(void) { __aie2_event(2); }
__AIE2_INLINE void event3(void) { __aie2_event(3); }
__AIE2_INLINE void acquire_equal(unsigned lock, unsigned value) {
  __aie2_acquire((int)lock, (int)value);
}
__AIE2_INLINE void acquire_greater_equal(unsigned lock, unsigned value) {
  __aie2_acquire((int)lock, -(int)value);
}
__AIE2_INLINE void release(unsigned lock, int value) { __aie2_release((int)lock, value); }
__AIE2_INLINE int get_coreid(void) { return __aie2_get_coreid(); }
/// Cycles since the tile began.
__AIE2_INLINE unsigned long long get_cycles(void) { return (unsigned long long)__aie2_get_cntr(); }

/// The core's stream input and output: wait for a word, or for room.
__AIE2_INLINE int get_ss(void) { return __aie2_get_ss().data; }
__AIE2_INLINE void put_ms(int word) { __aie2_put_ms(word, 0); }
#ifdef __cplusplus
__AIE2_INLINE int get_ss(bool &tlast) {
  const __aie2_stream_word w = __aie2_get_ss();
  tlast = w.tlast != 0;
  return w.data;
}
__AIE2_INLINE void put_ms(int word, int tlast) { __aie2_put_ms(word, tlast); }
#endif

/// Registers of the own tile by their offset (0x1D000 ...), over the processor bus: the sequence
/// has to enable it first (Core_Processor_Bus, 0x32038, bit 0), else the core stops.
#define AIE2_TILE_REGISTERS 0x80000u // where a core sees them: AM020, "processor bus"
__AIE2_INLINE uint32_t read_tm(uint32_t offset) {
  return (uint32_t)__aie2_read_tm((const volatile void *)(uintptr_t)(AIE2_TILE_REGISTERS + offset));
}
__AIE2_INLINE void write_tm(uint32_t value, uint32_t offset) {
  __aie2_write_tm((int)value, (volatile void *)(uintptr_t)(AIE2_TILE_REGISTERS + offset));
}
/// Nothing is moved across.
#define __builtin_aiev2_sched_barrier() __aie2_sched_barrier()
#else
__AIE2_INLINE void event0(void) {}
__AIE2_INLINE void event1(void) {}
__AIE2_INLINE void event2(void) {}
__AIE2_INLINE void event3(void) {}
__AIE2_INLINE void acquire_equal(unsigned lock, unsigned value) { (void)lock, (void)value; }
__AIE2_INLINE void acquire_greater_equal(unsigned lock, unsigned value) { (void)lock, (void)value; }
__AIE2_INLINE void release(unsigned lock, int value) { (void)lock, (void)value; }
__AIE2_INLINE int get_coreid(void) { return 0; }
__AIE2_INLINE unsigned long long get_cycles(void) { return 0; }
#endif

#undef __AIE2_INLINE
#endif
