// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Hints about loops, in the spellings of the vendor's two compilers. Every innermost counted loop
// is pipelined without being asked; what helps is a least number of rounds, which saves a check and
// the copy of the loop for fewer. `chess_*` stand between a loop's head and its body, `AIE_*` in
// front of the loop. A bound that the loop contradicts is an error.
#ifndef AIE_LOOP_HINTS_H
#define AIE_LOOP_HINTS_H

#ifdef __ASHLAR__
#ifdef __cplusplus
extern "C"
#endif
    void __aie2_loop_range(int line, int least, int most);
#define __AIE2_LOOP_RANGE(least, most, ...)                                                        \
  if (__aie2_loop_range(__LINE__, least + 0, most + 0), 0) {                                       \
  } else
#define __AIE2_PRAGMA(text) _Pragma(#text)
#else
#define __AIE2_LOOP_RANGE(least, most, ...)
#define __AIE2_PRAGMA(text)
#endif

#define chess_prepare_for_pipelining
#define chess_loop_range(...) __AIE2_LOOP_RANGE(__VA_ARGS__, , )
#define chess_loop_count(n) __AIE2_LOOP_RANGE(n, n, )
#define chess_no_hw_loop
// These come too late for Clang, whose unrolling hints stand in front of the loop.
#define chess_unroll_loop(...)
#define chess_flatten_loop

#define AIE_PREPARE_FOR_PIPELINING
// The number behind the mark is read by the code generator (kLeastRoundsMark).
#define AIE_LOOP_MIN_ITERATION_COUNT(n) __AIE2_PRAGMA(clang loop interleave_count(0x40000000 + (n)))
#define AIE_LOOP_MAX_ITERATION_COUNT(n)
#define AIE_LOOP_RANGE(least, ...) AIE_LOOP_MIN_ITERATION_COUNT(least)
#define AIE_LOOP_UNROLL(n) __AIE2_PRAGMA(clang loop unroll_count(n))
#define AIE_LOOP_UNROLL_FULL __AIE2_PRAGMA(clang loop unroll(full))
#define AIE_LOOP_NO_UNROLL __AIE2_PRAGMA(clang loop unroll(disable))
#define AIE_LOOP_FLATTEN AIE_LOOP_UNROLL_FULL

#endif
