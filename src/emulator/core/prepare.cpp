// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bundles to micro-operations: operands from the description's accesses, with their cycles and
// forwarding networks, split into the address and the kernel's inputs and outputs.
#include "emulator/core/microop.h"

#include "isa/hazard.h"

#include <algorithm>

namespace ashlar::emulator {

using isa::Reg;

bool isUnreadMask(Reg reg) {
  return reg == Reg::crFPMask || reg == Reg::crF2FMask || reg == Reg::crF2IMask;
}

namespace {

class Preparer {
public:
  Preparer(MicroOp &op, const RegisterFile &registers)
      : op_(op), registers_(registers), inst_(op.inst), info_(isa::info(op.inst)),
        timing_(isa::timing(op.inst)), semantics_(semanticsOf(op.inst.opcode)),
        address_(addressOperands(op.inst.opcode)) {}

  void run() {
    op_.semantics = &semantics_;
    op_.kernel = kernelOf(inst_);
    op_.bytes = semantics_.bytes;
    if (!timing_.memory.empty()) op_.memoryCycle = timing_.memory.front();
    if (timing_.memory.size() > 1) op_.writeBackCycle = timing_.memory.back();
    if (address_.mode != AddressMode::None) prepareAddress();
    if (semantics_.kind == Kind::Load || semantics_.kind == Kind::LoadTile ||
        semantics_.kind == Kind::Gather) {
      op_.inputs[0] = {op_.memoryCycle, 0};
      op_.inputCount = 1;
      op_.lastUse = op_.memoryCycle;
    }
    unsigned position = 0;
    for (unsigned i = 0; i < info_.operands.size(); ++i, ++position) {
      if ((address_.mask >> i & 1) != 0) continue;
      const isa::OperandInfo &o = info_.operands[i];
      if (o.out)
        addOutput(inst_.reg(i), position);
      else if (o.isReg)
        addInput(inst_.reg(i), position);
      else
        addImmediate(inst_.ops[i]);
    }
    for (Reg r : info_.defs) {
      if (r != Reg::sp) addOutput(r, position);
      ++position;
    }
    for (Reg r : info_.uses) {
      if (!(r == Reg::sp && address_.mode != AddressMode::None) && r != Reg::tile_cntr)
        addInput(r, position);
      ++position;
    }
    for (unsigned i = 0; i < op_.inputCount; ++i)
      if (op_.inputs[i].cycle > 1 && op_.in[i] != nullptr)
        op_.lateCycles = static_cast<uint16_t>(op_.lateCycles | 1U << op_.inputs[i].cycle);
    op_.plainLoad = semantics_.kind == Kind::Load && op_.inputCount == 1;
  }

private:
  uint8_t cycle(unsigned position) const {
    return position < timing_.cycles.size() ? timing_.cycles[position] : 1;
  }
  isa::Bypass bypass(unsigned position) const {
    return position < timing_.bypass.size() ? timing_.bypass[position] : isa::Bypass::None;
  }
  const uint32_t *scalarAt(Reg reg) const {
    return reinterpret_cast<const uint32_t *>(registers_.bytes + placeOf(reg).offset);
  }
  Output output(Reg reg, unsigned position) const {
    const RegisterPlace &p = placeOf(reg);
    Output o;
    o.offset = p.offset;
    o.bytes = p.bytes;
    o.forwarded = p.forwarded;
    o.cycle = cycle(position);
    o.mask = p.mask;
    o.early = p.forwarded != 0 && bypass(position) == p.network;
    o.sticky = isa::isStickyFlag(reg) &&
               (std::find(info_.defs.begin(), info_.defs.end(), reg) != info_.defs.end());
    return o;
  }
  void addOutput(Reg reg, unsigned position) {
    ASHLAR_ASSERT(op_.outputCount < kMaxOutputs);
    op_.outputs[op_.outputCount++] = output(reg, position);
  }
  void addInput(Reg reg, unsigned position) {
    ASHLAR_ASSERT(op_.inputCount < kMaxInputs);
    const RegisterPlace &p = placeOf(reg);
    Input &in = op_.inputs[op_.inputCount];
    in.cycle = isUnreadMask(reg) ? 1 : cycle(position);
    in.bytes = static_cast<uint8_t>(std::min<unsigned>(p.bytes, 128));
    const bool forwarded = p.forwarded != 0 && bypass(position) == p.network;
    op_.in[op_.inputCount++] =
        p.offset == kNoOffset ? nullptr : registers_.bytes + (forwarded ? p.forwarded : p.offset);
    op_.lastUse = std::max(op_.lastUse, in.cycle);
  }
  void addImmediate(int32_t value) {
    op_.immediates[op_.inputCount] = value;
    op_.inputs[op_.inputCount] = {0, 4}; // cycle 0: never changes
    op_.in[op_.inputCount] = &op_.immediates[op_.inputCount];
    ++op_.inputCount;
  }

  void prepareAddress() {
    op_.mode = address_.mode;
    const auto at = [&](int8_t i) { return inst_.reg(static_cast<unsigned>(i)); };
    const bool stack = op_.mode == AddressMode::Stack || op_.mode == AddressMode::StackAdjust;
    op_.pointer = scalarAt(stack ? Reg::sp : at(address_.pointer));
    if (address_.pointerOut >= 0)
      op_.pointerOut = output(at(address_.pointerOut), static_cast<unsigned>(address_.pointerOut));
    if (op_.mode == AddressMode::StackAdjust) {
      op_.pointerOut = output(Reg::sp, 0);
      op_.pointerOut.cycle = 1;
    }
    if (address_.modifier >= 0) {
      const auto m = static_cast<unsigned>(address_.modifier);
      if (!info_.operands[m].isReg)
        op_.offset = inst_.ops[m];
      else if (op_.mode == AddressMode::Post2D)
        dimension(op_.low, inst_.reg(m));
      else if (op_.mode == AddressMode::Post3D) {
        const auto parts = isa::info(inst_.reg(m)).parts;
        dimension(op_.low, parts[0].reg);
        dimension(op_.high, parts[1].reg);
      } else
        op_.modifier = scalarAt(inst_.reg(m));
    }
    unsigned counts = 0;
    for (unsigned i = 0; i < info_.operands.size(); ++i)
      if (info_.operands[i].derivedFrom >= 0)
        (counts++ == 0 ? op_.countOut : op_.countHighOut) = output(inst_.reg(i), i);
  }
  void dimension(const uint32_t *(&d)[4], Reg modifier) const {
    const auto parts = isa::info(modifier).parts;
    for (size_t i = 0; i < 4; ++i) d[i] = scalarAt(parts[i].reg);
  }

  MicroOp &op_;
  const RegisterFile &registers_;
  const isa::Inst &inst_;
  const isa::InstInfo &info_;
  const isa::ItineraryInfo &timing_;
  const Semantics &semantics_;
  const AddressOperands address_;
};

/// Gives what an operation holds while it is in flight a place in its bundle's frame.
void layOut(MicroOp &op, unsigned &used) {
  const auto take = [&used](unsigned bytes) {
    const unsigned align = bytes >= 64 ? 64 : bytes >= 32 ? 32 : 8;
    used = (used + align - 1) / align * align;
    const auto at = static_cast<uint16_t>(used);
    used += (bytes + 7) / 8 * 8;
    return at;
  };
  if (const Kind k = op.semantics->kind; k != Kind::Compute && k != Kind::Pointer) {
    op.request = take(sizeof(Request));
    op.data = take(64);
  }
  for (unsigned i = 0; i < op.inputCount; ++i)
    if (op.inputs[i].cycle != 0 && op.inputs[i].cycle < op.lastUse && op.in[i] != nullptr)
      op.kept[i] = take(op.inputs[i].bytes);
  for (unsigned i = 0; i < op.outputCount; ++i) op.result[i] = take(op.outputs[i].bytes);
  for (uint16_t &r : op.pointerResult) r = take(8);
}

} // namespace

std::unique_ptr<PreparedBundle> prepare(const isa::Bundle &bundle, uint32_t pc,
                                        const RegisterFile &registers) {
  auto out = std::make_unique<PreparedBundle>();
  out->size = bundle.size;
  for (const isa::Inst &inst : bundle.all())
    if (semanticsOf(inst.opcode).kind != Kind::Nop) ++out->instructions;
  out->ops.reserve(out->instructions); // operations point into themselves
  for (const isa::Inst &inst : bundle.all()) {
    if (semanticsOf(inst.opcode).kind == Kind::Nop) continue;
    MicroOp &op = out->ops.emplace_back();
    op.inst = inst;
    op.pc = pc;
    Preparer(op, registers).run();
  }
  unsigned used = 8; // offset 0 means none
  for (MicroOp &op : out->ops) layOut(op, used);
  ASHLAR_ASSERT(used <= kFrameBytes);
  for (MicroOp &op : out->ops) op.frameBytes = static_cast<uint16_t>(used);
  return out;
}

} // namespace ashlar::emulator
