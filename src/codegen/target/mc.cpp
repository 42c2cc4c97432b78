// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM's machine-code layer on top of isa: a bundle travels as one MCInst whose operands are the
// instructions of its slots, and isa encodes or prints it. All relocations are absolute and are
// chosen by bundle size and field position.
#include "codegen/target/mc.h"
#include "codegen/target/isa_join.h"

#include "isa/encode.h"
#include "isa/parse.h"
#include "isa/print.h"

#include "llvm/CodeGen/TargetOpcodes.h"
#include "llvm/MC/MCAsmBackend.h"
#include "llvm/MC/MCAsmInfoELF.h"
#include "llvm/MC/MCCodeEmitter.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCELFObjectWriter.h"
#include "llvm/MC/MCExpr.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCObjectWriter.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/MCValue.h"
#include "llvm/Support/raw_ostream.h"

#define GET_INSTRINFO_MC_DESC
#include "AIE2GenInstrInfo.inc"
#define GET_SUBTARGETINFO_MC_DESC
#include "AIE2GenSubtargetInfo.inc"
#define GET_REGINFO_MC_DESC
#include "AIE2GenRegisterInfo.inc"

using namespace llvm;
namespace isa = ashlar::isa;

namespace {
constexpr unsigned kMachine = 264;
constexpr unsigned kDataWord = 51; // relocation of a 32-bit data word

struct AsmInfo : MCAsmInfoELF {
  AsmInfo() {
    CodePointerSize = 4;
    CalleeSaveStackSlotSize = 4;
    StackGrowsUp = true;
    CommentString = "//";
    MinInstAlignment = 2;
    MaxInstLength = 16;
    SupportsDebugInformation = true;
    UsesELFSectionDirectiveForBSS = true;
    Data64bitsDirective = nullptr;
  }
};

/// The isa form of a bundle, and the operand that is an expression if there is one.
struct Converted {
  isa::Bundle bundle;
  const MCExpr *symbol = nullptr;
  unsigned instruction = 0, operand = 0; ///< where the symbol stands, in the bundle's order
};

Converted convert(const MCInst &mi, MCContext *context) {
  auto fail = [&](const Twine &what) {
    if (context) context->reportError(SMLoc(), what);
    return Converted{isa::nopBundle(2), nullptr, 0, 0};
  };
  std::array<isa::Inst, isa::kMaxSlots> insts;
  size_t count = 0;
  const MCExpr *symbol = nullptr;
  isa::Opcode symbolOf = isa::Opcode::Invalid;
  unsigned operand = 0;
  unsigned minBytes = static_cast<unsigned>(mi.getOperand(0).getImm());
  for (unsigned n = 1; n < mi.getNumOperands(); ++n) {
    const MCInst &slot = *mi.getOperand(n).getInst();
    isa::Inst &inst = insts[count++];
    inst.opcode = isaOpcode(slot.getOpcode());
    for (unsigned i = 0; i < slot.getNumOperands(); ++i) {
      const MCOperand &op = slot.getOperand(i);
      if (op.isReg()) {
        inst.ops[i] = static_cast<int32_t>(isaReg(op.getReg()));
      } else if (op.isImm()) {
        inst.ops[i] = static_cast<int32_t>(op.getImm());
      } else if (op.isExpr()) {
        symbol = op.getExpr();
        symbolOf = inst.opcode;
        operand = i;
      }
    }
  }
  if (count == 0) return {isa::nopBundle(minBytes), nullptr, 0, 0};
  auto bundle = isa::makeBundle({insts.data(), count}, minBytes);
  if (!bundle) return fail(bundle.errors().front().message);
  Converted out{*bundle, symbol, 0, operand};
  for (unsigned i = 0; symbol && i < bundle->count; ++i)
    if (bundle->insts[i].opcode == symbolOf) out.instruction = i;
  return out;
}

struct InstPrinter : MCInstPrinter {
  using MCInstPrinter::MCInstPrinter;
  std::pair<const char *, uint64_t> getMnemonic(const MCInst &mi) const override {
    return {isa::info(isaOpcode(mi.getOpcode())).mnemonic, 1};
  }
  void printRegName(raw_ostream &os, MCRegister reg) override {
    os << isa::info(isaReg(reg)).asmName;
  }
  void printInst(const MCInst *mi, uint64_t, StringRef annotation, const MCSubtargetInfo &,
                 raw_ostream &os) override {
    Converted c = convert(*mi, nullptr);
    if (c.symbol) {
      std::string text;
      raw_string_ostream stream(text);
      MAI.printExpr(stream, *c.symbol);
      isa::OperandText replace[] = {{c.instruction, c.operand, stream.str()}};
      os << '\t' << isa::print(c.bundle, replace);
    } else {
      os << '\t' << isa::print(c.bundle);
    }
    printAnnotation(os, annotation);
  }
};

struct CodeEmitter : MCCodeEmitter {
  MCContext &context;
  explicit CodeEmitter(MCContext &c) : context(c) {}
  void encodeInstruction(const MCInst &mi, SmallVectorImpl<char> &code,
                         SmallVectorImpl<MCFixup> &fixups, const MCSubtargetInfo &) const override {
    Converted c = convert(mi, &context);
    auto bytes = isa::encode(c.bundle);
    if (!bytes) {
      context.reportError(SMLoc(), bytes.errors().front().message);
      return;
    }
    for (uint8_t b : bytes->view()) code.push_back(static_cast<char>(b));
    if (!c.symbol) return;
    auto relocation =
        isa::relocationOf(c.bundle.format, c.bundle.insts[c.instruction].opcode, c.operand);
    if (!relocation)
      context.reportError(SMLoc(), Twine("no relocation for a symbol in ") + isa::print(c.bundle));
    else
      fixups.push_back(MCFixup::create(0, c.symbol, static_cast<MCFixupKind>(*relocation), false));
  }
};

struct ObjectWriter : MCELFObjectTargetWriter {
  ObjectWriter() : MCELFObjectTargetWriter(false, 0, kMachine, true) {}
  unsigned getRelocType(const MCFixup &fixup, const MCValue &, bool pcRelative) const override {
    unsigned kind = fixup.getKind();
    if (kind < FirstLiteralRelocationKind) return kind;
    if (kind == FK_Data_4 && !pcRelative) return kDataWord;
    reportError(fixup.getLoc(), "the object format has no relocation for this");
    return kDataWord;
  }
};

struct AsmBackend : MCAsmBackend {
  AsmBackend() : MCAsmBackend(llvm::endianness::little) {}
  std::unique_ptr<MCObjectTargetWriter> createObjectTargetWriter() const override {
    return std::make_unique<ObjectWriter>();
  }
  MCFixupKindInfo getFixupKindInfo(MCFixupKind kind) const override {
    if (kind < FirstLiteralRelocationKind) return {"slot", 0, 0, 0};
    return MCAsmBackend::getFixupKindInfo(kind);
  }
  void applyFixup(const MCFragment &fragment, const MCFixup &fixup, const MCValue &target,
                  uint8_t *data, uint64_t value, bool isResolved) override {
    maybeAddReloc(fragment, fixup, target, value, isResolved);
    if (mc::isRelocation(fixup.getKind()) || !isResolved) return;
    unsigned bytes = (getFixupKindInfo(fixup.getKind()).TargetSize + 7) / 8;
    for (unsigned i = 0; i < bytes; ++i) data[i] |= static_cast<uint8_t>(value >> (8 * i));
  }
  unsigned getMinimumNopSize() const override { return 2; }
  bool writeNopData(raw_ostream &os, uint64_t count, const MCSubtargetInfo *) const override {
    for (; count >= 2; count -= std::min<uint64_t>(count, 16) & ~1ull) {
      auto bytes =
          isa::encode(isa::nopBundle(static_cast<unsigned>(std::min<uint64_t>(count, 16)) & ~1u));
      if (!bytes) return false;
      for (uint8_t b : bytes->view()) os << static_cast<char>(b);
    }
    return count == 0;
  }
};
} // namespace

namespace llvm {
Target &theAIE2Target() {
  static Target target;
  return target;
}

void registerAIE2MC() {
  Target &t = theAIE2Target();
  // "aie2" parses to an unknown architecture; that is what matches.
  TargetRegistry::RegisterTarget(t, "aie2", "AMD AIE2", "AIE2",
                                 [](Triple::ArchType arch) { return arch == Triple::UnknownArch; });
  TargetRegistry::RegisterMCAsmInfo(
      t, [](const MCRegisterInfo &, const Triple &, const MCTargetOptions &) -> MCAsmInfo * {
        return new AsmInfo();
      });
  TargetRegistry::RegisterMCInstrInfo(t, [] {
    auto *info = new MCInstrInfo();
    InitAIE2MCInstrInfo(info);
    return info;
  });
  TargetRegistry::RegisterMCRegInfo(t, [](const Triple &) {
    auto *info = new MCRegisterInfo();
    InitAIE2MCRegisterInfo(info, AIE2::lr);
    return info;
  });
  TargetRegistry::RegisterMCSubtargetInfo(t, [](const Triple &triple, StringRef, StringRef fs) {
    return createAIE2MCSubtargetInfoImpl(triple, "aie2", "aie2", fs);
  });
  TargetRegistry::RegisterMCInstPrinter(t,
                                        [](const Triple &, unsigned, const MCAsmInfo &info,
                                           const MCInstrInfo &instructions,
                                           const MCRegisterInfo &registers) -> MCInstPrinter * {
                                          return new InstPrinter(info, instructions, registers);
                                        });
  TargetRegistry::RegisterMCCodeEmitter(
      t, [](const MCInstrInfo &, MCContext &c) -> MCCodeEmitter * { return new CodeEmitter(c); });
  TargetRegistry::RegisterMCAsmBackend(
      t,
      [](const Target &, const MCSubtargetInfo &, const MCRegisterInfo &,
         const MCTargetOptions &) -> MCAsmBackend * { return new AsmBackend(); });
}
} // namespace llvm
