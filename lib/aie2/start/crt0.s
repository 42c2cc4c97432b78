// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Start code, at program address 0: stack pointer, constructors, main, done. Configuration has
// written data memory already, so nothing is copied or cleared. main gets no arguments. `done` tells
// the host; a core that is resumed stays here.
	.section .text.__start,"ax",@progbits
	.globl	__start
	.type	__start,@function
	.balign	16
__start:
	jl	#__ashlar_init
	movxm	sp, #_sp_start_value_DM_stack	// in a delay slot
	nop
	nop
	nop
	nop
	jl	#main
	mova	p0, #0 ; movx r1, #0
	movx	r0, #0
	nop
	nop
	nop
	j	#__ashlar_halt
	nop
	nop
	nop
	nop
	nop
	.size	__start, .-__start

// A section of its own: abort and exit need it in programs that have no main.
	.section .text.__ashlar_halt,"ax",@progbits
	.globl	__ashlar_halt
	.type	__ashlar_halt,@function
	.balign	16
__ashlar_halt:
.Lhalted:
	done
	nop
	nop
	nop
	nop
	nop
	j	#.Lhalted
	nop
	nop
	nop
	nop
	nop
	.size	__ashlar_halt, .-__ashlar_halt
