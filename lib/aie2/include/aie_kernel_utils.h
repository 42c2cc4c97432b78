// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Hints on loops by the names of the vendor's open compiler: what says something to ours stands in
// <aie_loop_hints.h>, the others say nothing.
#ifndef ASHLAR_AIE_KERNEL_UTILS_H
#define ASHLAR_AIE_KERNEL_UTILS_H

#include <aie_loop_hints.h>

#define AIE_PREPARE_FOR_POSTPIPELINING
#define AIE_NO_PREPARE_FOR_PIPELINING
#define AIE_MODULO_SCHEDULING_BUDGET_RATIO(n)
#define AIE_KEEP_SW_LOOP
#define AIE_PEEL_PIPELINED_LOOP(n)
#define AIE_KEEP_FREE_FOR_PIPELINING(n)
#define AIE_ALLOCATE(n)
#define AIE_NO_HW_LOOP
#define AIE_TRY_INITIATION_INTERVAL(n)
// Unrolled whole, an inner loop often does not fit into program memory.
#undef AIE_LOOP_FLATTEN
#define AIE_LOOP_FLATTEN

#endif
