// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which of LLVM's generic rewrites run before and after legalization.
include "llvm/Target/GlobalISel/Combine.td"

// Without hoist_logic_op_with_same_opcode_hands: it moves truncations out of logic, the narrowing
// rules move them in, and together they never stop.
def AIE2PreLegalizerCombiner
    : GICombiner<"AIE2PreLegalizerCombinerImpl",
                 [integer_reassoc_combines, trivial_combines, freeze_combines, cast_combines,
                  combines_for_extload, undef_combines, identity_combines, phi_combines,
                  simplify_add_to_sub, shifts_too_big, reassocs, ptr_add_immed_chain, cmp_combines,
                  shl_ashr_to_sext_inreg, neg_and_one_to_sext_inreg, sext_inreg_of_load,
                  select_combines, known_bits_simplifications, trunc_shift, not_cmp_fold,
                  opt_brcond_by_inverting_cond, const_combines, xor_of_and_with_same_reg,
                  ptr_add_with_zero, shift_immed_chain, shift_of_shifted_logic_chain,
                  bitreverse_shift, commute_shift, constant_fold_binops, constant_fold_cast_op,
                  redundant_neg_operands, and_or_disjoint_mask, fold_binop_into_select,
                  intrem_combines, sub_add_reg, select_to_minmax, commute_constant_to_rhs,
                  match_ands, match_ors, simplify_neg_minmax, sext_trunc, zext_trunc,
                  merge_combines, overflow_combines, lshr_of_trunc_of_lshr]> {
  let CombineAllMethodName = "tryCombineAllImpl";
}
def AIE2PostLegalizerCombiner
    : GICombiner<"AIE2PostLegalizerCombinerImpl",
                 [redundant_and, redundant_or, identity_combines, ptr_add_immed_chain, copy_prop,
                  hoist_logic_op_with_same_opcode_hands, shift_immed_chain,
                  overlapping_and, not_cmp_fold, icmp_to_true_false_known_bits,
                  select_to_minmax]> {
  let CombineAllMethodName = "tryCombineAllImpl";
}
