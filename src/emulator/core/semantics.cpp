// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which kind each instruction is and which kernel it runs, found by mnemonic. The same mnemonic in
// other addressing modes, slots or operand classes means the same.
#include "emulator/core/semantics.h"

#include <algorithm>
#include <string>
#include <vector>

namespace ashlar::emulator {
namespace {

using isa::ClassId;
using isa::Opcode;
using isa::Reg;

/// "vlda.2d.ups.s32.d16" -> "vlda.ups.s32.d16"
std::string plainMnemonic(const isa::InstInfo &x) {
  std::string m = x.mnemonic;
  for (const char *dim : {".2d", ".3d"})
    if (const size_t at = m.find(dim); at != std::string::npos) m.erase(at, 3);
  return m;
}
bool startsWith(const std::string &text, const char *prefix) { return text.rfind(prefix, 0) == 0; }

/// Width of the first register operand that is not part of the address, or 0.
unsigned dataBits(const isa::InstInfo &x, const AddressOperands &address) {
  for (size_t i = 0; i < x.operands.size(); ++i)
    if ((address.mask >> i & 1) == 0 && x.operands[i].isReg)
      return isa::info(isa::info(x.operands[i].cls).members.front()).bits;
  return 0;
}

Kernel findKernel(const std::string &mnemonic, unsigned bits) {
  for (const auto rows : {scalarKernels(), vectorKernels(), moveKernels(), accumulatorKernels()})
    for (const KernelRow &row : rows)
      if (mnemonic == row.mnemonic && (row.bits == 0 || row.bits == bits)) return row.kernel;
  return nullptr;
}

struct KindRow {
  const char *mnemonic;
  Kind kind;
  uint8_t bytes;
};
constexpr KindRow kKinds[] = {
    {"acq", Kind::Acquire, 0},
    {"acq.cond", Kind::AcquireIf, 0},
    {"rel", Kind::Release, 0},
    {"rel.cond", Kind::ReleaseIf, 0},
    {"done", Kind::Done, 0},
    {"event", Kind::Event, 0},
    {"j", Kind::Jump, 0},
    {"jl", Kind::Call, 0},
    {"jz", Kind::JumpIfZero, 0},
    {"jnz", Kind::JumpIfNotZero, 0},
    {"jnzd", Kind::JumpDecrement, 0},
    {"ret", Kind::Return, 0},
    {"padda", Kind::Pointer, 0},
    {"paddb", Kind::Pointer, 0},
    {"padds", Kind::Pointer, 0},
    {"lda.s8", Kind::Load, 1},
    {"lda.u8", Kind::Load, 1},
    {"lda.s16", Kind::Load, 2},
    {"lda.u16", Kind::Load, 2},
    {"lda.tm", Kind::LoadTile, 4},
    {"st.s8", Kind::StoreSubWord, 1},
    {"st.s16", Kind::StoreSubWord, 2},
    {"st.tm", Kind::StoreTile, 4},
    {"vlda.128", Kind::Load, 16},
    {"vldb.128", Kind::Load, 16},
    {"vst.128", Kind::Store, 16},
};

Semantics streamSemantics(const isa::InstInfo &x, const std::string &mnemonic) {
  Semantics s;
  s.blocking = mnemonic.find(".nb") == std::string::npos;
  if (std::string(x.syntax).find(", SS") != std::string::npos) {
    s.kind = Kind::StreamRead;
    return s;
  }
  s.kind = Kind::StreamWrite;
  s.tlast = mnemonic.find(".tlast") != std::string::npos;
  s.tlastFromR28 = std::any_of(x.operands.begin(), x.operands.end(),
                               [](const auto &o) { return o.fixed == Reg::r28; });
  if (startsWith(mnemonic, "mov.ph")) s.word = StreamWord::PacketHeader;
  if (startsWith(mnemonic, "mov.cph")) s.word = StreamWord::ControlHeader;
  return s;
}

Semantics notSimulated(const char *reason) {
  Semantics s;
  s.reason = reason;
  return s;
}

Semantics describe(Opcode opcode) {
  const isa::InstInfo &x = isa::info(opcode);
  if (x.isNop) return {.kind = Kind::Nop};
  const std::string mnemonic = plainMnemonic(x), syntax = x.syntax;
  if (startsWith(mnemonic, "vldb.sparse") || startsWith(mnemonic, "vldb.compr"))
    return notSimulated("the format of compressed data in memory is not established");
  for (const auto &o : x.operands)
    if (o.isReg && o.cls == ClassId::mQQXw)
      return notSimulated("the routing of sparse products is not established");
  if (mnemonic == "vmov.hi" || mnemonic == "vmov.lo")
    return notSimulated("how a cascade word is spread over half an accumulator is not established");
  if (syntax.find("ms, ") != std::string::npos || syntax.find(", SS") != std::string::npos)
    return streamSemantics(x, mnemonic);
  if (syntax.find(", SCD") != std::string::npos) return {.kind = Kind::CascadeRead};
  if (syntax.find("MCD, ") != std::string::npos) return {.kind = Kind::CascadeWrite};
  if (syntax.find(", cntr") != std::string::npos) return {.kind = Kind::Counter};

  const AddressOperands address = addressOperands(opcode);
  const unsigned bits = dataBits(x, address);
  Semantics s;
  s.kernel = findKernel(mnemonic, bits);
  for (const KindRow &row : kKinds)
    if (mnemonic == row.mnemonic) {
      s.kind = row.kind;
      s.bytes = row.bytes;
      return s;
    }
  if (startsWith(mnemonic, "vldb.4x")) {
    s.kind = Kind::Gather;
    s.bytes = mnemonic.find("4x16") != std::string::npos   ? 4
              : mnemonic.find("4x32") != std::string::npos ? 8
                                                           : 16;
    s.highHalf = mnemonic.ends_with(".hi");
    return s;
  }
  if (s.kernel == nullptr) return notSimulated("no meaning is written down for it");
  if (x.mayLoad && address.mode != AddressMode::None) {
    s.kind = Kind::Load;
    s.bytes = static_cast<uint8_t>(mnemonic == "lda" ? (bits == 128 ? 16 : 4) : 32);
  } else if (x.mayStore && address.mode != AddressMode::None) {
    s.kind = Kind::Store;
    s.bytes = static_cast<uint8_t>(mnemonic == "st" ? (bits == 128 ? 16 : 4) : 32);
  } else {
    s.kind = Kind::Compute;
  }
  return s;
}

} // namespace

AddressOperands addressOperands(Opcode opcode) {
  const isa::InstInfo &x = isa::info(opcode);
  const auto use = [&](Reg r) {
    return std::find(x.uses.begin(), x.uses.end(), r) != x.uses.end();
  };
  AddressOperands a;
  int8_t immediate = -1;
  bool dimensions = false;
  for (size_t n = 0; n < x.operands.size(); ++n) {
    const isa::OperandInfo &o = x.operands[n];
    const auto i = static_cast<int8_t>(n);
    const std::string_view name = o.name;
    if (!o.isReg) {
      if (name == "imm") immediate = i;
      continue;
    }
    if (o.out && (name == "ptr_out" || name == "res"))
      a.pointerOut = i;
    else if (!o.out && name == "ptr")
      a.pointer = i;
    else if (name == "dj" || name == "mod")
      a.modifier = i;
    else if (name.substr(0, 5) == "count")
      dimensions = true;
    else
      continue;
    a.mask |= static_cast<uint8_t>(1U << n);
  }
  const bool stack = use(Reg::sp) && immediate >= 0;
  if (a.pointer < 0 && !stack) return {};
  if (immediate >= 0) {
    a.modifier = immediate;
    a.mask |= static_cast<uint8_t>(1U << immediate);
  }
  if (stack) {
    const bool adjusts = std::find(x.defs.begin(), x.defs.end(), Reg::sp) != x.defs.end();
    a.mode = adjusts ? AddressMode::StackAdjust : AddressMode::Stack;
  } else if (dimensions) {
    a.mode = x.operands[static_cast<size_t>(a.modifier)].cls == ClassId::eDS ? AddressMode::Post3D
                                                                             : AddressMode::Post2D;
  } else if (a.modifier < 0) {
    a.mode = AddressMode::Plain;
  } else if (a.pointerOut >= 0) {
    a.mode = immediate >= 0 ? AddressMode::PostImmediate : AddressMode::PostRegister;
  } else {
    a.mode = immediate >= 0 ? AddressMode::IndexImmediate : AddressMode::IndexRegister;
  }
  return a;
}

Step fusedStep(Kernel kernel) {
  for (const auto rows : {scalarKernels(), accumulatorKernels()})
    for (const KernelRow &row : rows)
      if (row.kernel == kernel) return row.fused;
  return nullptr;
}

Kernel kernelOf(const isa::Inst &inst) {
  if (inst.opcode == Opcode::VMOV_mv_w) {
    const bool toMask = isa::info(inst.reg(0)).bits == 128;
    const bool fromMask = isa::info(inst.reg(1)).bits == 128;
    if (toMask) return copy128Kernel();
    if (fromMask) return widenKernel();
  }
  return semanticsOf(inst.opcode).kernel;
}

const Semantics &semanticsOf(Opcode opcode) {
  static const std::vector<Semantics> all = [] {
    std::vector<Semantics> v(isa::kOpcodeCount);
    for (size_t i = 1; i < v.size(); ++i) v[i] = describe(static_cast<Opcode>(i));
    return v;
  }();
  return all[static_cast<size_t>(opcode)];
}

} // namespace ashlar::emulator
