// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The AIE2 target for LLVM's TableGen. Registers and instructions come from the ISA description
// (AIE2GenRegs.td and AIE2GenInsts.td are written at build time by codegen/gen); by hand stand
// only the things the description does not know: pseudos, the calling convention and the banks.
include "llvm/Target/Target.td"

class AIE2Reg<string n> : Register<n> { let Namespace = "AIE2"; }
include "AIE2GenRegs.td"

def AIE2Model : SchedMachineModel {
  let IssueWidth = 6;
  let MicroOpBufferSize = 0; // in order
  let LoadLatency = 7;
  let MispredictPenalty = 5;
  let CompleteModel = 0;
}

class AIE2Inst<dag outs, dag ins> : Instruction {
  let Namespace = "AIE2";
  let OutOperandList = outs;
  let InOperandList = ins;
  let AsmString = "";
  let Size = 16; // an upper bound; real sizes are known when bundles are formed
  let hasSideEffects = 0;
  let mayLoad = 0;
  let mayStore = 0;
}
def aie2_target : Operand<OtherVT> { let OperandType = "OPERAND_PCREL"; }
include "AIE2GenInsts.td"
include "AIE2Pseudos.td"

def AIE2InstrInfo : InstrInfo;
include "AIE2CallingConv.td"

def GPRB : RegisterBank<"GPRB", [eR]>;
def PTRB : RegisterBank<"PTRB", [eP]>;
def VECB : RegisterBank<"VECB", [eW, eX, eYs]>;
def ACCB : RegisterBank<"ACCB", [eAM, eBM, eCM]>;
def MASKB : RegisterBank<"MASKB", [eQ]>;

include "AIE2Combine.td"

def : ProcessorModel<"aie2", AIE2Model, []>;
def AIE2 : Target { let InstructionSet = AIE2InstrInfo; }
