// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Hints on loops by the vendor's names. Those that Clang knows become its pragmas; trip counts and
// pipelining are found by the compiler itself, so the others say nothing.
#ifndef ASHLAR_AIE_KERNEL_UTILS_H
#define ASHLAR_AIE_KERNEL_UTILS_H

#define ASHLAR_PRAGMA(text) _Pragma(#text)
#define AIE_LOOP_UNROLL(n) ASHLAR_PRAGMA(clang loop unroll_count(n))
#define AIE_LOOP_UNROLL_FULL _Pragma("clang loop unroll(full)")
#define AIE_LOOP_NO_UNROLL _Pragma("clang loop unroll(disable)")
#define AIE_PREPARE_FOR_POSTPIPELINING
#define AIE_LOOP_MIN_ITERATION_COUNT(n)
#define AIE_LOOP_MAX_ITERATION_COUNT(n)
#define AIE_LOOP_RANGE(...)
#define AIE_PREPARE_FOR_PIPELINING
#define AIE_NO_PREPARE_FOR_PIPELINING
#define AIE_MODULO_SCHEDULING_BUDGET_RATIO(n)
#define AIE_KEEP_SW_LOOP
#define AIE_PEEL_PIPELINED_LOOP(n)
#define AIE_KEEP_FREE_FOR_PIPELINING(n)
#define AIE_ALLOCATE(n)
#define AIE_NO_HW_LOOP
#define AIE_TRY_INITIATION_INTERVAL(n)
#define AIE_LOOP_FLATTEN

#endif
