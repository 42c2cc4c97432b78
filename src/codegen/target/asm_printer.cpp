// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The last step: bundles of machine instructions become MCInsts. A BUNDLE carries its size as its
// first operand, chosen when the function was laid out.
#include "codegen/target/isa_join.h"
#include "codegen/target/target.h"

#include "llvm/BinaryFormat/ELF.h"
#include "llvm/CodeGen/Analysis.h"
#include "llvm/CodeGen/AsmPrinter.h"
#include "llvm/CodeGen/MachineJumpTableInfo.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCExpr.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCSectionELF.h"
#include "llvm/MC/MCStreamer.h"
#include "llvm/MC/MCSymbol.h"

using namespace llvm;

namespace {
class Printer : public AsmPrinter {
public:
  static char ID;
  Printer(TargetMachine &tm, std::unique_ptr<MCStreamer> streamer)
      : AsmPrinter(tm, std::move(streamer), ID) {}
  StringRef getPassName() const override { return "AIE2 printer"; }

  void emitInstruction(const MachineInstr *mi) override {
    MCInst bundle;
    bundle.setOpcode(TargetOpcode::BUNDLE);
    if (!mi->isBundle()) {
      OutContext.reportError(SMLoc(), "an instruction outside a bundle");
      return;
    }
    bundle.addOperand(MCOperand::createImm(mi->getOperand(0).getImm()));
    for (auto it = std::next(mi->getIterator());
         it != mi->getParent()->instr_end() && it->isInsideBundle(); ++it) {
      if (it->isMetaInstruction()) continue;
      MCInst *slot = OutContext.createMCInst();
      lower(*it, *slot);
      // The streamer does not look into the slots of a bundle.
      for (const MCOperand &op : *slot)
        if (op.isExpr()) OutStreamer->visitUsedExpr(*op.getExpr());
      bundle.addOperand(MCOperand::createInst(slot));
    }
    EmitToStreamer(*OutStreamer, bundle);
  }

  // `.ashlar.results`: a line `NAME WORDS POINTERS` for each function, the registers that its
  // result takes. Arguments get the registers behind them, so whoever calls a function of an object
  // without its declaration (ashlar core) has to know.
  void emitEndOfAsmFile(Module &module) override {
    std::string lines;
    for (const Function &f : module) {
      if (f.isDeclaration()) continue;
      unsigned words = 0, pointers = 0;
      SmallVector<Type *, 4> members;
      if (!f.getReturnType()->isVoidTy())
        ComputeValueTypes(module.getDataLayout(), f.getReturnType(), members);
      for (Type *type : members) {
        if (type->isPointerTy())
          ++pointers;
        else if (type->isIntegerTy() || type->isFloatingPointTy())
          words += (static_cast<unsigned>(type->getPrimitiveSizeInBits()) + 31) / 32;
      }
      if (words > 8 || pointers > 6) { // then it is returned in memory, behind p0
        words = 0;
        pointers = 0;
      }
      lines += (f.getName() + " " + Twine(words) + " " + Twine(pointers) + "\n").str();
    }
    if (!lines.empty()) {
      OutStreamer->switchSection(OutContext.getELFSection(".ashlar.results", ELF::SHT_PROGBITS, 0));
      OutStreamer->emitBytes(lines);
    }
    emitArguments(module);
  }

private:
  /// `.ashlar.arguments`: a line `d NAME KINDS` for each function defined here for others and
  /// `u NAME KINDS` for each that is called and not defined here. One letter an argument: pointer,
  /// int, float; `-` without any. Left out: functions with other arguments. The linker compares.
  void emitArguments(const Module &module) {
    std::string lines;
    for (const Function &f : module) {
      if (f.hasLocalLinkage() || f.isVarArg() || f.isIntrinsic() ||
          (f.isDeclaration() && f.use_empty()))
        continue;
      std::string kinds;
      for (const Argument &a : f.args()) {
        const Type *type = a.getType();
        if (a.hasStructRetAttr() || a.hasByValAttr())
          kinds += '?';
        else
          kinds += type->isPointerTy()                                       ? 'p'
                   : type->isIntegerTy() && type->getIntegerBitWidth() <= 32 ? 'i'
                   : type->isFloatTy()                                       ? 'f'
                                                                             : '?';
      }
      if (kinds.find('?') != std::string::npos) continue;
      lines += f.isDeclaration() ? "u " : "d ";
      lines += f.getName().str() + ' ' + (kinds.empty() ? "-" : kinds) + '\n';
    }
    if (lines.empty()) return;
    OutStreamer->switchSection(OutContext.getELFSection(".ashlar.arguments", ELF::SHT_PROGBITS, 0));
    OutStreamer->emitBytes(lines);
  }

  MCOperand symbol(MCSymbol *s, int64_t offset) {
    const MCExpr *e = MCSymbolRefExpr::create(s, OutContext);
    if (offset)
      e = MCBinaryExpr::createAdd(e, MCConstantExpr::create(offset, OutContext), OutContext);
    return MCOperand::createExpr(e);
  }

  void lower(const MachineInstr &mi, MCInst &out) {
    out.setOpcode(mi.getOpcode());
    size_t expected = ashlar::isa::info(isaOpcode(mi.getOpcode())).operands.size();
    for (const MachineOperand &op : mi.operands()) {
      if (out.getNumOperands() == expected) break;
      switch (op.getType()) {
      case MachineOperand::MO_Register:
        if (!op.isImplicit()) out.addOperand(MCOperand::createReg(op.getReg().asMCReg()));
        break;
      case MachineOperand::MO_Immediate: out.addOperand(MCOperand::createImm(op.getImm())); break;
      case MachineOperand::MO_MachineBasicBlock:
        out.addOperand(symbol(op.getMBB()->getSymbol(), 0));
        break;
      case MachineOperand::MO_GlobalAddress:
        out.addOperand(symbol(getSymbol(op.getGlobal()), op.getOffset()));
        break;
      case MachineOperand::MO_ExternalSymbol:
        out.addOperand(symbol(GetExternalSymbolSymbol(op.getSymbolName()), 0));
        break;
      case MachineOperand::MO_MCSymbol:
        out.addOperand(symbol(op.getMCSymbol(), op.getOffset()));
        break;
      case MachineOperand::MO_BlockAddress:
        out.addOperand(symbol(GetBlockAddressSymbol(op.getBlockAddress()), op.getOffset()));
        break;
      case MachineOperand::MO_JumpTableIndex:
        out.addOperand(symbol(GetJTISymbol(op.getIndex()), 0));
        break;
      case MachineOperand::MO_ConstantPoolIndex:
        out.addOperand(symbol(GetCPISymbol(op.getIndex()), op.getOffset()));
        break;
      default: break;
      }
    }
  }
};
char Printer::ID = 0;
} // namespace

void llvm::registerAIE2AsmPrinter() {
  TargetRegistry::RegisterAsmPrinter(
      theAIE2Target(),
      [](TargetMachine &tm, std::unique_ptr<MCStreamer> &&streamer) -> AsmPrinter * {
        return new Printer(tm, std::move(streamer));
      });
}
