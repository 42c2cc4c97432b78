// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which of LLVM's generic rewrites run before and after legalization.
include "llvm/Target/GlobalISel/Combine.td"
def AIE2PreLegalizerCombiner
    : GICombiner<"AIE2PreLegalizerCombinerImpl", [all_combines]> {
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
