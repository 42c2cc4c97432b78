// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The AIE2 stack grows upwards and sp moves by `padda [sp], #n` and `paddb [sp], #n` only: the
// frame is what stands above the caller's sp at the deepest point of the code read in order. What a
// return gives back in its delay slots does not count for the code after it, which belongs to
// another path. A `mov sp, pN` from another pointer than the frame's own, p7, makes room for an
// array of variable size.
#include "link/frame.h"

#include "isa/decode.h"

#include <algorithm>

namespace ashlar::link {

FrameFacts readFrame(ByteView code) {
  static const isa::Reg sp = isa::findReg("sp"), p7 = isa::findReg("p7");
  FrameFacts facts;
  int64_t depth = 0, deepest = 0;
  unsigned delaySlots = 0; // bundles left in the shadow of a return
  for (size_t at = 0; at < code.size();) {
    isa::Bundle bundle;
    if (isa::decode(code, at, bundle) != isa::DecodeError::None) return facts;
    at += bundle.size;
    const bool returning = delaySlots > 0;
    if (returning) --delaySlots;
    for (const isa::Inst &inst : bundle.all()) {
      const isa::InstInfo &info = isa::info(inst);
      if (inst.opcode == isa::Opcode::PADDA_sp_imm || inst.opcode == isa::Opcode::PADDB_sp_imm) {
        const int32_t step = inst.ops[0];
        if (step > 0 || !returning) depth = std::max<int64_t>(0, depth + step);
        deepest = std::max(deepest, depth);
      } else if (info.control == isa::Control::Return) {
        delaySlots = isa::kBranchDelaySlots;
      } else if (inst.opcode == isa::Opcode::JL_IND) {
        facts.indirectCall = true;
      } else if (inst.opcode == isa::Opcode::MOV_mv_scl && inst.reg(0) == sp && inst.reg(1) != p7) {
        facts.dynamic = true;
      }
    }
  }
  facts.decoded = true;
  facts.frame = static_cast<uint32_t>(deepest);
  return facts;
}

} // namespace ashlar::link
