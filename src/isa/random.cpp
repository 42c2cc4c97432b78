// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Address registers (p, m, dn, dj, dc, sp) get small known values and are only changed by the
// address arithmetic itself; they are set anew now and then, so addresses stay in the window
// however the program goes. Control flow is drawn only where nothing is in flight: a few empty
// bundles before and after it.
#include "isa/random.h"

#include "isa/encode.h"
#include "isa/print.h"

#include <algorithm>
#include <set>

namespace ashlar::isa {
namespace {

constexpr int kDrain = 13; ///< bundles after which nothing is in flight

uint64_t next(uint64_t &state) { // splitmix64
  uint64_t z = state += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

bool isKind(Reg reg, std::initializer_list<std::string_view> kinds) {
  std::string_view k = info(reg).kind;
  return std::find(kinds.begin(), kinds.end(), k) != kinds.end();
}
bool isAddress(Reg reg) {
  return reg == Reg::sp || isKind(reg, {"pointer", "modifier", "dim-size", "dim-stride",
                                        "dim-count", "modifier-2d", "modifier-3d"});
}

class Generator {
public:
  explicit Generator(const RandomOptions &o) : o_(o), state_(o.seed) {
    for (unsigned n = 1; n < kOpcodeCount; ++n)
      if (usable(static_cast<Opcode>(n)))
        bySlot_[static_cast<unsigned>(info(static_cast<Opcode>(n)).slot)].push_back(
            static_cast<Opcode>(n));
  }

  RandomProgram run() {
    setUp();
    unsigned left = o_.bundles;
    while (left) {
      unsigned block = std::min(left, 8 + below(40));
      for (unsigned i = 0; i < block; ++i) {
        if (i % 16 == 15) refreshAddresses();
        body();
      }
      left -= block;
      if (o_.branches && left) {
        if (below(2))
          branch();
        else
          loop();
      }
      refreshConstants();
    }
    drain();
    emit({{Opcode::DONE, {}}});
    drain();
    return std::move(out_);
  }

private:
  unsigned below(unsigned n) { return static_cast<unsigned>(next(state_) % n); }

  bool usable(Opcode opcode) const {
    const InstInfo &x = info(opcode);
    if (x.isNop || x.sideEffects || x.control != Control::None || x.slot == Slot::nop) return false;
    if (o_.allow && !o_.allow(opcode)) return false;
    std::string_view m = x.mnemonic;
    // Addresses from vectors, hidden decompression state, the tile's registers, time.
    for (std::string_view bad : {"vldb.4x", "vldb.sparse", "vldb.compr"})
      if (m.starts_with(bad)) return false;
    if (m.ends_with(".tm")) return false;
    bool memory = x.mayLoad || x.mayStore;
    if (memory && !o_.windowBytes) return false;
    for (const auto *list : {&x.defs, &x.uses})
      for (Reg r : *list)
        if (r == Reg::tile_cntr || r == Reg::crSCDEn || r == Reg::crMCDEn || r == Reg::lr ||
            r == Reg::dp)
          return false;
    // Without memory access, addresses would still move; sp forms move it far.
    for (Reg r : x.defs)
      if (r == Reg::sp) return false;
    return true;
  }

  /// Registers that random instructions may write.
  bool writable(Reg reg) const {
    if (isAddress(reg) || isKind(reg, {"control", "special"})) return false;
    for (Reg r : {Reg::r8, Reg::r9, Reg::r10, Reg::r11})
      if (overlap(reg, r)) return false;
    return true;
  }

  bool draw(Opcode opcode, Inst &inst) {
    const InstInfo &x = info(opcode);
    std::string_view syntax = x.syntax;
    inst = randomInst(opcode, state_);
    for (unsigned i = 0; i < x.operands.size(); ++i) {
      const OperandInfo &op = x.operands[i];
      if (op.derivedFrom >= 0 || op.fixed != Reg::None) continue;
      if (op.isReg && op.out) {
        bool moved = false; // an address that the instruction itself steps on
        for (const OperandInfo &other : x.operands) moved |= other.tiedTo == static_cast<int>(i);
        if (moved && isAddress(inst.reg(i))) continue;
        for (unsigned tries = 0; !writable(inst.reg(i)); ++tries) {
          if (tries == 30) return false;
          auto members = info(op.cls).members;
          inst.ops[i] = static_cast<int32_t>(members[below(static_cast<unsigned>(members.size()))]);
        }
      }
      if (op.isReg && std::string_view(op.name) == "c" && !o_.macConfigurations.empty() &&
          x.slot == Slot::vec)
        inst.ops[i] = static_cast<int32_t>(Reg::r8) + static_cast<int32_t>(below(4));
      if (op.isReg && inst.reg(i) == Reg::core_id) return false;
      // Stack forms reach far; keep them near.
      if (!op.isReg && syntax.find("[sp") != syntax.npos)
        inst.ops[i] = -static_cast<int32_t>(op.scale) *
                      (1 + static_cast<int32_t>(below(static_cast<unsigned>(1024 / op.scale))));
    }
    complete(inst);
    return encodeSlot(inst).ok();
  }

  /// No write clash and no unit clash with what is in flight or in this bundle.
  bool fits(const Inst &inst, const std::vector<Inst> &bundle) {
    Accesses mine = accesses(inst);
    auto clash = [&](const Inst &other, int distance) {
      if (unitsClash(other, inst, distance)) return true;
      for (const Access &a : accesses(other))
        for (const Access &b : mine)
          if (a.write && b.write && a.cycle == b.cycle + distance && overlap(a.reg, b.reg) &&
              std::string_view(info(a.reg).kind) != "status")
            return true;
      return false;
    };
    for (const Inst &other : bundle)
      if (clash(other, 0)) return false;
    for (int n = 1; n <= kDrain && n <= static_cast<int>(out_.bundles.size()); ++n)
      for (const Inst &other :
           out_.bundles[out_.bundles.size() - static_cast<size_t>(n)].bundle.all())
        if (clash(other, n)) return false;
    return true;
  }

  void body() {
    std::vector<Inst> insts;
    bool lng = below(12) == 0;
    for (Slot slot :
         {Slot::lda, Slot::ldb, Slot::st, lng ? Slot::lng : Slot::alu, Slot::mv, Slot::vec}) {
      if (lng && slot == Slot::mv) continue;
      const auto &choices = bySlot_[static_cast<unsigned>(slot)];
      if (choices.empty() || below(100) >= o_.fill) continue;
      for (unsigned tries = 0; tries < 8; ++tries) {
        Inst inst;
        if (!draw(choices[below(static_cast<unsigned>(choices.size()))], inst) ||
            !fits(inst, insts))
          continue;
        insts.push_back(inst);
        break;
      }
    }
    // Not every set of slots has a format of its own; all fit the longest.
    emit(insts, below(4) ? 0 : 16);
  }

  void emit(const std::vector<Inst> &insts, unsigned minBytes = 0) {
    auto bundle = makeBundle(insts, minBytes);
    ASHLAR_ASSERT(bundle.ok());
    auto bytes = encode(*bundle);
    ASHLAR_ASSERT(bytes.ok());
    out_.bundles.push_back({static_cast<uint32_t>(out_.code.size()), *bundle});
    out_.code.insert(out_.code.end(), bytes->view().begin(), bytes->view().end());
    print(out_.text, *bundle);
    out_.text += '\n';
  }
  uint32_t here() const { return static_cast<uint32_t>(out_.code.size()); }

  void drain() {
    for (int i = 0; i < kDrain; ++i) emit({});
  }
  void set(Reg reg, uint32_t value) {
    emit({{Opcode::MOVXM_lng_cg, {static_cast<int32_t>(reg), static_cast<int32_t>(value)}}});
  }

  void refreshAddresses() {
    // Between a quarter and three quarters of the window, so that steps stay inside.
    uint32_t middle = o_.windowBase + o_.windowBytes / 4;
    for (int i = 0; i < 2; ++i) {
      Reg p = static_cast<Reg>(static_cast<unsigned>(Reg::p0) + below(8));
      drain();
      set(p, middle + (o_.windowBytes ? below(o_.windowBytes / 2) & ~31u : 0));
    }
    drain();
  }

  void refreshConstants() {
    drain();
    static constexpr uint32_t rounding[] = {0, 1, 2, 3, 8, 9, 10, 11, 12, 13};
    set(Reg::crRnd, rounding[below(std::size(rounding))]);
    static constexpr uint32_t saturation[] = {0, 1, 3};
    set(Reg::crSat, saturation[below(std::size(saturation))]);
    for (Reg r :
         {Reg::crVaddSign, Reg::crPackSign, Reg::crUnpackSign, Reg::crSRSSign, Reg::crUPSSign})
      set(r, below(2));
    if (!o_.macConfigurations.empty())
      for (int i = 0; i < 4; ++i)
        set(static_cast<Reg>(static_cast<int>(Reg::r8) + i),
            o_.macConfigurations[below(static_cast<unsigned>(o_.macConfigurations.size()))]);
    drain();
  }

  void setUp() {
    for (unsigned n = 0; n < kRegUnitCount; ++n) {
      Reg r = unitReg(n);
      if (isKind(r, {"gpr"})) set(r, static_cast<uint32_t>(next(state_)));
      if (isKind(r, {"pointer"}))
        set(r, o_.windowBase + o_.windowBytes / 4 +
                   (o_.windowBytes ? below(o_.windowBytes / 2) & ~31u : 0));
      if (isKind(r, {"modifier", "dim-stride"})) set(r, (below(17) - 8) * 32);
      if (isKind(r, {"dim-size"})) set(r, below(6));
      if (isKind(r, {"dim-count"})) set(r, 0);
      if (isKind(r, {"shift"})) set(r, below(33));
    }
    set(Reg::sp, o_.windowBase + o_.windowBytes / 2);
    refreshConstants();
  }

  /// Jumps over some bundles, or not.
  void branch() {
    drain();
    static constexpr Opcode opcodes[] = {Opcode::JZ, Opcode::JNZ, Opcode::J_jump_imm};
    Opcode opcode = opcodes[below(3)];
    size_t at = out_.bundles.size();
    Inst jump{opcode, {}};
    bool conditional = info(opcode).conditional;
    if (conditional) jump.ops[0] = static_cast<int32_t>(Reg::r0) + static_cast<int32_t>(below(8));
    emit({jump});
    for (unsigned i = 0; i < kBranchDelaySlots; ++i) body();
    drain();
    for (unsigned i = below(12); i-- > 0;) body();
    drain();
    // The target is here.
    jump.ops[conditional ? 1 : 0] = static_cast<int32_t>(here());
    patch(at, jump);
    drain();
  }

  void patch(size_t at, const Inst &inst) {
    CodeBundle &c = out_.bundles[at];
    for (Inst &i : c.bundle.all())
      if (i.opcode == inst.opcode) i = inst;
    auto bytes = encode(c.bundle);
    ASHLAR_ASSERT(bytes.ok());
    std::copy(bytes->view().begin(), bytes->view().end(), out_.code.begin() + c.address);
  }

  void alignLoop() {
    while (here() % kLoopAlign) emit({});
  }

  void loop() {
    drain();
    size_t start = out_.bundles.size();
    Inst ls{Opcode::MOVXM_lng_cg, {static_cast<int32_t>(Reg::ls), 0}};
    Inst le{Opcode::MOVXM_lng_cg, {static_cast<int32_t>(Reg::le), 0}};
    emit({ls});
    emit({le});
    set(Reg::lc, below(6));
    for (unsigned i = 0; i < kLoopSetupBytes / kMaxBundleBytes; ++i) emit({}, kMaxBundleBytes);
    drain();
    alignLoop();
    ls.ops[1] = static_cast<int32_t>(here());
    for (unsigned i = 1 + below(8); i-- > 0;) body();
    drain();
    alignLoop();
    le.ops[1] = static_cast<int32_t>(here());
    emit({}, kLoopEndBytes);
    patch(start, ls);
    patch(start + 1, le);
    drain();
  }

  const RandomOptions &o_;
  uint64_t state_;
  RandomProgram out_;
  std::array<std::vector<Opcode>, kSlotCount> bySlot_;
};

} // namespace

Inst randomInst(Opcode opcode, uint64_t &state) {
  const InstInfo &x = info(opcode);
  Inst inst{opcode, {}};
  for (unsigned i = 0; i < x.operands.size(); ++i) {
    const OperandInfo &o = x.operands[i];
    if (o.derivedFrom >= 0 || o.fixed != Reg::None) continue;
    if (o.isReg) {
      auto members = info(o.cls).members;
      inst.ops[i] = static_cast<int32_t>(members[next(state) % members.size()]);
    } else {
      uint64_t steps = static_cast<uint64_t>((o.maximum() - o.minimum()) / o.scale) + 1;
      inst.ops[i] =
          static_cast<int32_t>(o.minimum() + static_cast<int64_t>(next(state) % steps) * o.scale);
    }
  }
  // Tied operands follow the one that is encoded.
  for (unsigned i = 0; i < x.operands.size(); ++i)
    if (x.operands[i].tiedTo >= 0) inst.ops[i] = inst.ops[x.operands[i].tiedTo];
  complete(inst);
  return inst;
}

RandomProgram randomProgram(const RandomOptions &options) {
  RandomProgram p = Generator(options).run();
  p.text.clear(); // jump targets were settled later
  for (const CodeBundle &c : p.bundles) {
    print(p.text, c.bundle);
    p.text += '\n';
  }
  return p;
}

} // namespace ashlar::isa
