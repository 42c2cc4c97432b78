// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Hints about loops, in the spellings of the vendor's two compilers. Every innermost counted loop
// is pipelined without being asked; what helps is a least number of rounds by `AIE_*`, which saves
// a check and the copy of the loop for fewer. `chess_*` stand between a loop's head and its body
// and are checked, not relied on; `AIE_*` stand in front of the loop. A bound that the loop
// contradicts is an error.
#ifndef AIE_LOOP_HINTS_H
#define AIE_LOOP_HINTS_H

#ifdef __ASHLAR__
#ifdef __cplusplus
extern "C" {
#endif
void __aie2_loop_range(int line, int least, int most);
void __aie2_loop_unroll(int count);
#ifdef __cplusplus
}
#endif
#define __AIE2_LOOP_MARK(call)                                                                     \
  if (call, 0) {                                                                                   \
  } else
#define __AIE2_LOOP_RANGE(least, most, ...)                                                        \
  __AIE2_LOOP_MARK(__aie2_loop_range(__LINE__, least + 0, most + 0))
#define __AIE2_LOOP_UNROLL(n, ...) __AIE2_LOOP_MARK(__aie2_loop_unroll(n + 0))
#define __AIE2_PRAGMA(text) _Pragma(#text)
#else
#define __AIE2_LOOP_RANGE(least, most, ...)
#define __AIE2_LOOP_UNROLL(n, ...)
#define __AIE2_PRAGMA(text)
#endif

#define chess_prepare_for_pipelining
#define chess_loop_range(...) __AIE2_LOOP_RANGE(__VA_ARGS__, , )
#define chess_loop_count(n) __AIE2_LOOP_RANGE(n, n, )
#define chess_unroll_loop(...) __AIE2_LOOP_UNROLL(__VA_ARGS__, )
#define chess_flatten_loop __AIE2_LOOP_UNROLL(0, )
#define chess_no_hw_loop

#define AIE_PREPARE_FOR_PIPELINING
#define AIE_LOOP_MIN_ITERATION_COUNT(n) __AIE2_PRAGMA(clang loop min_iteration_count(n))
#define AIE_LOOP_MAX_ITERATION_COUNT(n) __AIE2_PRAGMA(clang loop max_iteration_count(n))
#define __AIE2_LOOP_RANGE_1(least, ...) AIE_LOOP_MIN_ITERATION_COUNT(least)
#define __AIE2_LOOP_RANGE_2(least, most, ...)                                                      \
  AIE_LOOP_MIN_ITERATION_COUNT(least) AIE_LOOP_MAX_ITERATION_COUNT(most)
#define __AIE2_LOOP_RANGE_OF(least, most, which, ...) which
#define AIE_LOOP_RANGE(...)                                                                        \
  __AIE2_LOOP_RANGE_OF(__VA_ARGS__, __AIE2_LOOP_RANGE_2, __AIE2_LOOP_RANGE_1, )(__VA_ARGS__)
#define AIE_LOOP_UNROLL(n) __AIE2_PRAGMA(clang loop unroll_count(n))
#define AIE_LOOP_UNROLL_FULL __AIE2_PRAGMA(clang loop unroll(full))
#define AIE_LOOP_NO_UNROLL __AIE2_PRAGMA(clang loop unroll(disable))
#define AIE_LOOP_FLATTEN AIE_LOOP_UNROLL_FULL

#endif
