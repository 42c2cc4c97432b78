// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// After register allocation the text of an asm statement gets its operands, is parsed by isa like a
// line of an assembly file, and becomes BUNDLE instructions. Whoever writes assembly for an exposed
// pipeline decides when things issue, so nothing is moved; but what is certainly a mistake (a
// result read before it has landed, a register changed that the statement does not name) is said
// here, where the line is known.
#include "codegen/target/inline_asm.h"
#include "assembler/line.h"
#include "codegen/target/isa_join.h"

#include "isa/encode.h"
#include "isa/hazard.h"
#include "isa/parse.h"

#include "llvm/CodeGen/GlobalISel/MachineIRBuilder.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/MachineModuleInfo.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCContext.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;
namespace isa = ashlar::isa;

namespace {

void say(const Function &f, const DebugLoc &line, const Twine &message,
         DiagnosticSeverity severity = DS_Error) {
  f.getContext().diagnose(DiagnosticInfoGenericWithLoc(message, f, line, severity));
}

class CheckAsm : public FunctionPass {
public:
  static char ID;
  CheckAsm() : FunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 checks of inline assembly"; }
  bool runOnFunction(Function &f) override {
    bool changed = false;
    for (BasicBlock &block : f)
      for (Instruction &i : make_early_inc_range(block)) {
        auto *call = dyn_cast<CallBase>(&i);
        if (!call || !call->isInlineAsm() || good(f, *call)) continue;
        // One message is enough: nothing is left to select.
        if (auto *jump = dyn_cast<CallBrInst>(call)) {
          for (BasicBlock *other : jump->getIndirectDests()) other->removePredecessor(&block);
          BranchInst::Create(jump->getDefaultDest(), call->getIterator());
        }
        call->replaceAllUsesWith(PoisonValue::get(call->getType()));
        call->eraseFromParent();
        changed = true;
      }
    return changed;
  }

private:
  static bool good(const Function &f, const CallBase &call) {
    if (dyn_cast<CallBrInst>(&call)) {
      say(f, call.getDebugLoc(), "asm goto is not supported on AIE2");
      return false;
    }
    const auto *statement = cast<InlineAsm>(call.getCalledOperand());
    const DataLayout &layout = f.getParent()->getDataLayout();
    auto *results = dyn_cast<StructType>(call.getType());
    unsigned argument = 0, result = 0;
    const InlineAsm::ConstraintInfoVector constraints = statement->ParseConstraints();
    for (const InlineAsm::ConstraintInfo &info : constraints) {
      if (info.Type == InlineAsm::isClobber || info.Type == InlineAsm::isLabel) continue;
      Type *type = nullptr;
      if (info.Type == InlineAsm::isOutput && !info.isIndirect)
        type = results ? results->getElementType(result++) : call.getType();
      else
        type = call.getArgOperand(argument++)->getType();
      const std::string code = info.Codes.empty() ? "" : info.Codes.front();
      const bool word = code == "r" || code == "p" || code == "e";
      if (word && !info.isIndirect && layout.getTypeSizeInBits(type) > 32) {
        say(f, call.getDebugLoc(),
            Twine("a value of ") + Twine(layout.getTypeSizeInBits(type).getFixedValue()) +
                " bits does not fit into the 32-bit register of constraint '" + code +
                "': pass its halves");
        return false;
      }
    }
    return true;
  }
};
char CheckAsm::ID = 0;

/// A global's address with a constant offset.
const GlobalValue *addressOf(const Value *value, const DataLayout &layout, int64_t &offset) {
  APInt sum(layout.getIndexTypeSizeInBits(value->getType()), 0);
  const Value *base = value->stripAndAccumulateConstantOffsets(layout, sum, true);
  offset = sum.getSExtValue();
  return dyn_cast<GlobalValue>(base);
}

class ExpandAsm : public MachineFunctionPass {
public:
  static char ID;
  ExpandAsm() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 inline assembly"; }
  bool runOnMachineFunction(MachineFunction &mf) override {
    bool any = false;
    mf_ = &mf;
    for (MachineBasicBlock &block : mf)
      for (MachineInstr &mi : make_early_inc_range(block))
        if (mi.isInlineAsm()) {
          // An empty statement still orders memory: the bundler takes it out.
          if (!expand(mi)) continue;
          mi.eraseFromParent();
          any = true;
        }
    return any;
  }

private:
  struct Operand {
    InlineAsm::Flag flag;
    unsigned first; ///< index of its first machine operand
  };

  void fail(const Twine &message, DiagnosticSeverity severity = DS_Error) const {
    say(mf_->getFunction(), statement_->getDebugLoc(), "inline assembly: " + message, severity);
  }

  void readOperands() {
    operands_.clear();
    changed_.reset();
    changed_.resize(isa::kRegUnitCount);
    for (unsigned i = InlineAsm::MIOp_FirstOperand; i < statement_->getNumOperands();) {
      const MachineOperand &op = statement_->getOperand(i);
      if (!op.isImm()) {
        ++i;
        continue;
      }
      const InlineAsm::Flag flag(static_cast<uint32_t>(op.getImm()));
      operands_.push_back({flag, i + 1});
      i += 1 + flag.getNumOperandRegisters();
    }
    for (const MachineOperand &op : statement_->operands())
      if (op.isReg() && op.isDef() && op.getReg())
        for (uint8_t unit : isa::info(isaReg(op.getReg().asMCReg())).units) changed_.set(unit);
  }

  /// The text of `$N`; empty when there is no such operand.
  std::string operandText(unsigned number, char modifier, bool afterHash) const {
    if (number >= operands_.size()) return "";
    const Operand &operand = operands_[number];
    const MachineOperand &op = statement_->getOperand(operand.first);
    const std::string hash = afterHash || modifier == 'c' ? "" : "#";
    if (op.isReg()) {
      const std::string name = isa::info(isaReg(op.getReg().asMCReg())).asmName;
      return operand.flag.isMemKind() ? "[" + name + ", #0]" : name;
    }
    if (op.isImm()) return hash + std::to_string(op.getImm());
    if (op.isGlobal()) {
      const std::string name = mf_->getTarget().getSymbol(op.getGlobal())->getName().str();
      const int64_t offset = op.getOffset();
      return hash + name + (offset > 0 ? "+" : "") + (offset ? std::to_string(offset) : "");
    }
    return "";
  }

  /// The statement with its operands in place; false after an error.
  bool substitute(StringRef text, std::string &out) const {
    while (!text.empty()) {
      const size_t at = text.find('$');
      out += text.substr(0, at);
      if (at == StringRef::npos) return true;
      text = text.drop_front(at + 1);
      if (text.consume_front("$")) {
        out += '$';
        continue;
      }
      char modifier = 0;
      unsigned number = 0;
      const bool braces = text.consume_front("{");
      if (braces && text.consume_front(":uid}")) {
        out += std::to_string(mf_->getFunctionNumber()) + "_" + std::to_string(unique_);
        continue;
      }
      if (text.consumeInteger(10, number)) {
        fail("cannot read '$" + text.take_front(8) + "'");
        return false;
      }
      if (braces) {
        if (text.consume_front(":") && !text.empty()) {
          modifier = text.front();
          text = text.drop_front();
        }
        if (!text.consume_front("}") || (modifier && modifier != 'c')) {
          fail(Twine("the operand modifier '") + Twine(modifier) + "' is not supported");
          return false;
        }
      }
      const std::string operand = operandText(number, modifier, !out.empty() && out.back() == '#');
      if (operand.empty()) {
        fail("operand " + Twine(number) + " cannot be written in assembly");
        return false;
      }
      out += operand;
    }
    return true;
  }

  /// False when the statement has no instructions.
  bool expand(MachineInstr &mi) {
    statement_ = &mi;
    ++unique_;
    readOperands();
    std::string text;
    if (!substitute(mi.getOperand(InlineAsm::MIOp_AsmString).getSymbolName(), text)) return false;
    std::vector<isa::ParsedBundle> bundles;
    bool inComment = false;
    SmallVector<StringRef, 8> lines;
    StringRef(text).split(lines, '\n');
    for (StringRef raw : lines) {
      const std::string clean = ashlar::assembler::withoutComments(raw, inComment);
      const StringRef line = StringRef(clean).trim();
      if (line.empty()) continue;
      if (line.starts_with(".") || line.ends_with(":")) {
        fail((line.ends_with(":") ? "labels are" : "directives are") + Twine(" not supported ('") +
             line + "'): use an assembly file");
        return false;
      }
      auto parsed = isa::parseBundle(std::string_view(line.data(), line.size()), {});
      if (!parsed) {
        fail("'" + line + "': " + parsed.errors().front().message);
        return false;
      }
      for (const isa::Inst &inst : parsed->insts)
        if (!allowed(inst, line)) return false;
      bundles.push_back(std::move(*parsed));
    }
    if (!inspect(bundles)) return false;
    for (const isa::ParsedBundle &bundle : bundles) emit(bundle);
    return !bundles.empty();
  }

  bool allowed(const isa::Inst &inst, StringRef line) const {
    if (isa::info(inst).control != isa::Control::None) {
      fail("'" + line + "' jumps, and a statement must end where it begins: use an assembly file");
      return false;
    }
    for (const isa::Access &access : isa::accesses(inst)) {
      const StringRef name = isa::info(access.reg).name;
      // Status bits are live across no statement, and modes are the business of who sets them.
      if (!access.write || name.starts_with("sr") || name.starts_with("cr")) continue;
      for (uint8_t unit : isa::info(access.reg).units)
        if (!changed_.test(unit)) {
          fail("'" + line + "' changes " + name + ", which is neither an output nor a clobber");
          return false;
        }
    }
    return true;
  }

  /// Encodes the statement and looks for what cannot be meant.
  bool inspect(const std::vector<isa::ParsedBundle> &bundles) {
    std::vector<isa::CodeBundle> code;
    uint32_t address = 0;
    least_.clear();
    for (const isa::ParsedBundle &bundle : bundles) {
      auto made = isa::makeBundle({bundle.insts.data(), bundle.insts.size()}, 2);
      if (!made) {
        fail(made.errors().front().message);
        return false;
      }
      code.push_back({address, *made});
      address += made->size;
      least_.push_back(made->size);
    }
    next_ = 0;
    isa::HazardOptions options;
    for (const isa::Hazard &hazard : isa::findHazards(code, options)) {
      fail(hazard.text, hazard.isError ? DS_Error : DS_Warning);
      if (hazard.isError) return false;
    }
    return true;
  }

  void emit(const isa::ParsedBundle &bundle) {
    MachineBasicBlock &block = *statement_->getParent();
    const TargetInstrInfo &tii = *mf_->getSubtarget().getInstrInfo();
    const DebugLoc &line = statement_->getDebugLoc();
    MachineInstr *head =
        BuildMI(block, statement_, line, tii.get(TargetOpcode::BUNDLE)).addImm(least_[next_++]);
    MachineInstr *last = head;
    for (unsigned n = 0; n < bundle.insts.size(); ++n) {
      const isa::Inst &inst = bundle.insts[n];
      if (isa::info(inst).isNop) continue;
      auto built = BuildMI(*mf_, line, tii.get(llvmOpcode(inst.opcode)));
      const isa::InstInfo &info = isa::info(inst);
      for (unsigned o = 0; o < info.operands.size(); ++o) {
        const isa::Expression *symbol = nullptr;
        for (const isa::Fixup &fixup : bundle.fixups)
          if (fixup.instruction == n && fixup.operand == o) symbol = &fixup.value;
        if (info.operands[o].isReg)
          built.addReg(llvmReg(inst.reg(o)), getDefRegState(info.operands[o].out));
        else if (symbol && !symbol->isConstant())
          built.addSym(symbolOf(*symbol)), built->getOperand(o).setOffset(symbol->constant);
        else
          built.addImm(symbol ? symbol->constant : inst.ops[o]);
      }
      block.insertAfterBundle(last->getIterator(), built);
      built->bundleWithPred();
      last = built;
    }
  }

  MCSymbol *symbolOf(const isa::Expression &value) {
    if (value.terms.size() != 1 || value.terms[0].second != 1)
      fail("an address must be a symbol and a constant");
    return mf_->getContext().getOrCreateSymbol(value.terms[0].first);
  }

  MachineFunction *mf_ = nullptr;
  MachineInstr *statement_ = nullptr;
  std::vector<Operand> operands_;
  BitVector changed_;
  std::vector<unsigned> least_; ///< bytes of each bundle as written
  size_t next_ = 0;
  unsigned unique_ = 0;
};
char ExpandAsm::ID = 0;
} // namespace

bool AIE2InlineAsmLowering::lowerAsmOperandForConstraint(Value *value, StringRef constraint,
                                                         std::vector<MachineOperand> &operands,
                                                         MachineIRBuilder &b) const {
  if (constraint == "i" || constraint == "s" || constraint == "n") {
    int64_t offset = 0;
    if (value->getType()->isPointerTy())
      if (const GlobalValue *global = addressOf(value, b.getDataLayout(), offset)) {
        operands.push_back(MachineOperand::CreateGA(global, offset));
        return true;
      }
  }
  return InlineAsmLowering::lowerAsmOperandForConstraint(value, constraint, operands, b);
}

FunctionPass *llvm::createAIE2CheckAsm() { return new CheckAsm(); }
FunctionPass *llvm::createAIE2ExpandAsm() { return new ExpandAsm(); }
