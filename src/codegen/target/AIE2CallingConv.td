// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The AIE2 calling convention for what travels in one piece: 32-bit values in r0..r7, pointers in
// p0..p5, vectors in w/x/y. Stack slots are counted from the caller's sp downwards.
def CC_AIE2_Common : CallingConv<[
  CCIfType<[i1, i8, i16], CCPromoteToType<i32>>,
  CCIfType<[f32], CCBitConvertToType<i32>>,
  CCIfType<[v32i8, v16i16, v8i32, v16bf16, v8f32],
           CCAssignToReg<[wl0, wl2, wl4, wl6, wl8, wl10, wl1, wl3, wl5, wl7, wl9, wl11,
                          wh0, wh2, wh4, wh6, wh8, wh10, wh1, wh3, wh5, wh7, wh9, wh11]>>,
  CCIfType<[v64i8, v32i16, v16i32, v32bf16, v16f32],
           CCAssignToReg<[x0, x2, x4, x6, x8, x10, x1, x3, x5, x7, x9, x11]>>,
  CCIfType<[v128i8, v64i16, v32i32, v64bf16, v32f32], CCAssignToReg<[y2, y3, y4, y5]>>,
  CCIfType<[v4i64], CCAssignToReg<[amll0, amll1, amll2, amll3, amll4, amll5, amll6, amll7, amll8,
                                   amhl0, amhl1, amhl2, amhl3, amhl4, amhl5, amhl6, amhl7, amhl8,
                                   amlh0, amlh1, amlh2, amlh3, amlh4, amlh5, amlh6, amlh7, amlh8,
                                   amhh0, amhh1, amhh2, amhh3, amhh4, amhh5, amhh6, amhh7, amhh8]>>,
  CCIfType<[v8i64], CCAssignToReg<[bml0, bml1, bml2, bml3, bml4, bml5, bml6, bml7, bml8,
                                   bmh0, bmh1, bmh2, bmh3, bmh4, bmh5, bmh6, bmh7, bmh8]>>,
  CCIfType<[v16i64], CCAssignToReg<[cm0, cm1, cm2, cm3, cm4, cm5, cm6, cm7, cm8]>>,
  CCIfType<[i128], CCAssignToReg<[q0, q2, q1, q3]>>
]>;
def CC_AIE2_Stack : CallingConv<[
  CCIfType<[i1, i8, i16], CCPromoteToType<i32>>,
  CCIfType<[f32], CCBitConvertToType<i32>>,
  CCIfType<[i32], CCCustom<"assignSplitPiecesOnStack">>,
  CCIfType<[i32], CCAssignToStack<4, 4>>,
  CCIfType<[i64, v2i32], CCAssignToStack<8, 4>>,
  CCIfType<[i128], CCAssignToStack<16, 16>>,
  CCIfType<[v32i8, v16i16, v8i32, v16bf16, v8f32, v4i64], CCAssignToStack<32, 32>>,
  CCIfType<[v64i8, v32i16, v16i32, v32bf16, v16f32, v8i64], CCAssignToStack<64, 32>>,
  CCIfType<[v128i8, v64i16, v32i32, v64bf16, v32f32, v16i64], CCAssignToStack<128, 32>>
]>;
def CC_AIE2 : CallingConv<[
  CCDelegateTo<CC_AIE2_Common>,
  CCIfPtr<CCIfType<[i32], CCAssignToReg<[p0, p1, p2, p3, p4, p5]>>>,
  // The pieces of a split value are all in registers or all on the stack.
  CCIfType<[i32], CCCustom<"assignSplitPieces">>,
  CCIf<"!ArgFlags.isPointer()", CCIfType<[i32], CCAssignToReg<[r0, r1, r2, r3, r4, r5, r6, r7]>>>,
  CCDelegateTo<CC_AIE2_Stack>
]>;
def RetCC_AIE2 : CallingConv<[
  CCDelegateTo<CC_AIE2_Common>,
  CCIfPtr<CCIfType<[i32], CCAssignToReg<[p0, p1, p2, p3, p4, p5]>>>,
  CCIfType<[i32], CCAssignToReg<[r0, r1, r2, r3, r4, r5, r6, r7]>>
]>;
def CSR_AIE2 : CalleeSavedRegs<(add lr, (sequence "r%u", 16, 23), p6, p7)>;
