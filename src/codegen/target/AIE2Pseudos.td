// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instructions that exist only inside the compiler. The ones with a frame index or an offset that
// no single instruction may be able to hold are expanded when the frame is laid out.
class AIE2Pseudo<dag outs, dag ins> : AIE2Inst<outs, ins> {
  let isPseudo = 1;
  let isCodeGenOnly = 1;
}

// Address of a stack object, and whole-word access to one.
let isReMaterializable = 1 in
def LEA_FI : AIE2Pseudo<(outs eP:$d), (ins i32imm:$fi, i32imm:$off)>;
let mayLoad = 1 in def LDA_FI : AIE2Pseudo<(outs mLdaScl:$d), (ins i32imm:$fi, i32imm:$off)>;
let mayStore = 1 in def ST_FI : AIE2Pseudo<(outs), (ins mLdaScl:$s, i32imm:$fi, i32imm:$off)>;

// The same for registers that go to memory in pieces or through another register.
multiclass StackAccess<RegisterClass rc> {
  let mayLoad = 1 in def _LOAD_FI : AIE2Pseudo<(outs rc:$d), (ins i32imm:$fi, i32imm:$off)>;
  let mayStore = 1 in def _STORE_FI : AIE2Pseudo<(outs), (ins rc:$s, i32imm:$fi, i32imm:$off)>;
}
defm W : StackAccess<eW>;
defm X : StackAccess<eX>;
defm Y : StackAccess<eYs>;
defm AM : StackAccess<eAM>;
defm BM : StackAccess<eBM>;
defm CM : StackAccess<eCM>;
defm Q : StackAccess<eQ>;
defm QX : StackAccess<eQX>;
defm L : StackAccess<eL>;
defm S : StackAccess<eS>;
defm D : StackAccess<eD>;
defm DS : StackAccess<eDS>;

// Constants and addresses: the scheduler picks mova, movx, mov or movxm.
let isReMaterializable = 1, isAsCheapAsAMove = 1, isMoveImm = 1 in {
  def MOV_IMM : AIE2Pseudo<(outs eR:$d), (ins i32imm:$i)>;
  def MOV_IMM_P : AIE2Pseudo<(outs eP:$d), (ins i32imm:$i)>;
  def MOV_IMM_M : AIE2Pseudo<(outs eM:$d), (ins i32imm:$i)>;
  def MOV_IMM_DJ : AIE2Pseudo<(outs eDJ:$d), (ins i32imm:$i)>;
  def MOV_IMM_S : AIE2Pseudo<(outs eS:$d), (ins i32imm:$i)>; // 10 bits: there is only mov
}

// d = c ? a : b. The condition of sel.nez is r27, which is kept out of allocation: several selects
// at once would otherwise compete for it without a way out.
let Defs = [r27] in
def SELECT : AIE2Pseudo<(outs eR:$d), (ins eR:$a, eR:$b, eR:$c)>;

let Constraints = "$d = $p" in {
  def PADD_IMM : AIE2Pseudo<(outs eP:$d), (ins eP:$p, i32imm:$i)>;
  def PADD_MOD : AIE2Pseudo<(outs eP:$d), (ins eP:$p, eM:$m)>;
}

// Steps of a walk: expanded after allocation, when the count's register is known.
let Constraints = "$p = $from, $d = $mod" in {
  def PADD_2D : AIE2Pseudo<(outs eP:$p, eD:$d), (ins eP:$from, eD:$mod)>;
  def PADD_3D : AIE2Pseudo<(outs eP:$p, eDS:$d), (ins eP:$from, eDS:$mod)>;
}

let Defs = [sp], Uses = [sp] in {
  def ADJCALLSTACKDOWN : AIE2Pseudo<(outs), (ins i32imm:$a, i32imm:$b)>;
  def ADJCALLSTACKUP : AIE2Pseudo<(outs), (ins i32imm:$a, i32imm:$b)>;
}
let hasSideEffects = 1 in def TRAP : AIE2Pseudo<(outs), (ins)>;

// Branch through a table of block addresses; a copy of J_jump_ind that knows the table.
let isBranch = 1, isIndirectBranch = 1, isTerminator = 1, isBarrier = 1 in
def JUMP_TABLE : AIE2Pseudo<(outs), (ins eP:$p)>;

defm : RemapAllTargetPseudoPointerOperands<eP>;
