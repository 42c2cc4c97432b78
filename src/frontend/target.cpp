// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Clang's view of the AIE2 core. Sizes and alignments are those of the vendor's open compiler, so
// that objects of both link: 64-bit scalars are 4-byte aligned, vectors at most 32-byte aligned,
// zero-length bit-fields align. bf16 is a storage type: expressions on it are evaluated in float
// and rounded once when stored, as Clang does on hosts without bf16 arithmetic.
#include "frontend/target.h"

#include "frontend/frontend.h"

#include "clang/Basic/Builtins.h"
#include "clang/Basic/MacroBuilder.h"
#include "clang/Basic/TargetOptions.h"

using namespace clang;

namespace {

// Scalar registers that inline assembly may name; the order is of no importance to Clang.
const char *const kRegisterNames[] = {
    "r0",    "r1",    "r2",    "r3",    "r4",    "r5",    "r6",    "r7",    "r8",    "r9",
    "r10",   "r11",   "r12",   "r13",   "r14",   "r15",   "r16",   "r17",   "r18",   "r19",
    "r20",   "r21",   "r22",   "r23",   "r24",   "r25",   "r26",   "r27",   "r28",   "r29",
    "r30",   "r31",   "p0",    "p1",    "p2",    "p3",    "p4",    "p5",    "p6",    "p7",
    "m0",    "m1",    "m2",    "m3",    "m4",    "m5",    "m6",    "m7",    "dn0",   "dn1",
    "dn2",   "dn3",   "dn4",   "dn5",   "dn6",   "dn7",   "dj0",   "dj1",   "dj2",   "dj3",
    "dj4",   "dj5",   "dj6",   "dj7",   "dc0",   "dc1",   "dc2",   "dc3",   "dc4",   "dc5",
    "dc6",   "dc7",   "s0",    "s1",    "s2",    "s3",    "sp",    "lr",    "ls",    "le",
    "lc",    "dp",    "wl0",   "wl1",   "wl2",   "wl3",   "wl4",   "wl5",   "wl6",   "wl7",
    "wl8",   "wl9",   "wl10",  "wl11",  "wh0",   "wh1",   "wh2",   "wh3",   "wh4",   "wh5",
    "wh6",   "wh7",   "wh8",   "wh9",   "wh10",  "wh11",  "x0",    "x1",    "x2",    "x3",
    "x4",    "x5",    "x6",    "x7",    "x8",    "x9",    "x10",   "x11",   "y2",    "y3",
    "y4",    "y5",    "amll0", "amll1", "amll2", "amll3", "amll4", "amll5", "amll6", "amll7",
    "amll8", "amlh0", "amlh1", "amlh2", "amlh3", "amlh4", "amlh5", "amlh6", "amlh7", "amlh8",
    "amhl0", "amhl1", "amhl2", "amhl3", "amhl4", "amhl5", "amhl6", "amhl7", "amhl8", "amhh0",
    "amhh1", "amhh2", "amhh3", "amhh4", "amhh5", "amhh6", "amhh7", "amhh8", "bml0",  "bml1",
    "bml2",  "bml3",  "bml4",  "bml5",  "bml6",  "bml7",  "bml8",  "bmh0",  "bmh1",  "bmh2",
    "bmh3",  "bmh4",  "bmh5",  "bmh6",  "bmh7",  "bmh8",  "cm0",   "cm1",   "cm2",   "cm3",
    "cm4",   "cm5",   "cm6",   "cm7",   "cm8",   "q0",    "q1",    "q2",    "q3",    "l0",
    "l1",    "l2",    "l3",    "l4",    "l5",    "l6",    "l7"};

class Aie2Target : public TargetInfo {
public:
  explicit Aie2Target(const llvm::Triple &triple) : TargetInfo(triple) {
    BigEndian = false;
    NoAsmVariants = true;
    TLSSupported = false;
    HasBFloat16 = true;
    BFloat16Width = BFloat16Align = 16;
    BFloat16Format = &llvm::APFloat::BFloat();
    PointerWidth = PointerAlign = 32;
    LongWidth = LongAlign = 32;
    LongLongAlign = DoubleAlign = LongDoubleAlign = 32;
    SuitableAlign = 32;
    SizeType = UnsignedInt;
    PtrDiffType = SignedInt;
    IntPtrType = SignedInt;
    UseZeroLengthBitfieldAlignment = true;
    MaxVectorAlign = 256;
    // A core runs one thread without interrupts: atomics are plain accesses (compile() lowers
    // them), never calls.
    MaxAtomicPromoteWidth = MaxAtomicInlineWidth = 64;
    resetDataLayout(ashlar::frontend::kDataLayout);
  }

  void getTargetDefines(const LangOptions &, MacroBuilder &macros) const override {
    macros.defineMacro("__aie__");
    macros.defineMacro("__aie2__");
    macros.defineMacro("__AIENGINE__");
    macros.defineMacro("__AIEARCH__", "20");
    macros.defineMacro("__ASHLAR__");
    macros.defineMacro("__ELF__");
    // The vendor's open compiler: public headers choose their hints on loops by it.
    macros.defineMacro("__AIECC__");
    // Its options of `#pragma clang loop`, in which Clang expands macros, as options that Clang has
    // (codegen/loop_hints.h). What is not positive reaches Clang, which refuses it.
    macros.defineMacro("min_iteration_count(n)",
                       "interleave_count((n) < 0 ? (n) : 0x40000000 + (n))");
    macros.defineMacro("max_iteration_count(n)",
                       "pipeline_initiation_interval((n) < 1 ? (n) : 0x40000000 + (n))");
  }
  llvm::SmallVector<Builtin::InfosShard> getTargetBuiltins() const override { return {}; }
  BuiltinVaListKind getBuiltinVaListKind() const override { return VoidPtrBuiltinVaList; }
  std::string_view getClobbers() const override { return ""; }
  ArrayRef<const char *> getGCCRegNames() const override { return kRegisterNames; }
  ArrayRef<GCCRegAlias> getGCCRegAliases() const override { return {}; }
  bool validateAsmConstraint(const char *&name, ConstraintInfo &info) const override {
    switch (*name) {
    case 'p': // pointer register
    case 'e': // the same
    case 'w': // 256-bit vector register
    case 'x': // 512-bit vector register
    case 'y': // 1024-bit vector register
    case 'c': // accumulator
      info.setAllowsRegister();
      return true;
    default: return false;
    }
  }
  std::string convertConstraint(const char *&constraint) const override {
    return {*constraint}; // Clang would make an "r" of "p"
  }
  bool hasBitIntType() const override { return true; }
  bool isCLZForZeroUndef() const override { return false; }
};

// TargetInfo::TargetOpts is private and set only by Clang's own createTarget, which knows no AIE2.
// An explicit instantiation may name a private member, so this one hands out the pointer to it.
template <class Tag, typename Tag::Type Member> struct Reach {
  friend typename Tag::Type reach(Tag) { return Member; }
};
struct TargetOptsTag {
  using Type = TargetOptions *TargetInfo::*;
  friend Type reach(TargetOptsTag);
};
template struct Reach<TargetOptsTag, &TargetInfo::TargetOpts>;

} // namespace

void ashlar::frontend::setTarget(CompilerInstance &instance) {
  TargetOptions &options = instance.getTargetOpts();
  options.Triple = kTriple;
  llvm::IntrusiveRefCntPtr<TargetInfo> target(new Aie2Target(llvm::Triple(kTriple)));
  target.get()->*reach(TargetOptsTag()) = &options;
  instance.setTarget(target.get());
  instance.getTarget().adjust(instance.getDiagnostics(), instance.getLangOpts(), nullptr);
}
