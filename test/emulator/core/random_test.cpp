// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random programs on the fast core and on the plain one: after each the whole state, the cycle
// counts, the memories and everything sent out must be equal. The surroundings refuse requests at
// random, so stalls fall everywhere. ASHLAR_SEED and ASHLAR_ROUNDS repeat or lengthen a run.
#include "emulator/core/machine.h"
#include "emulator/core/reference.h"
#include "emulator/core/semantics.h"

#include "isa/print.h"
#include "isa/random.h"

#include <cstdlib>

namespace ashlar::emulator {
namespace {

using isa::Reg;
using test::FakePort;

bool isControl(Kind k) {
  return k == Kind::Jump || k == Kind::Call || k == Kind::Return || k == Kind::JumpIfZero ||
         k == Kind::JumpIfNotZero || k == Kind::JumpDecrement || k == Kind::Done;
}

class Generator {
public:
  explicit Generator(uint32_t seed) : rng_(seed) {
    for (unsigned i = 1; i < isa::kOpcodeCount; ++i) {
      const auto opcode = static_cast<isa::Opcode>(i);
      const Kind k = semanticsOf(opcode).kind;
      if (k == Kind::Nop || k == Kind::NotSimulated || isControl(k)) continue;
      bySlot_[static_cast<size_t>(isa::info(opcode).slot)].push_back(opcode);
    }
  }

  /// Code that ends in `done`, with forward branches strewn in.
  Bytes program(int bundles) {
    std::vector<isa::Bundle> code;
    std::vector<std::pair<size_t, size_t>> branches; ///< bundle with the branch, target bundle
    int sinceBranch = 100;
    for (int i = 0; i < bundles; ++i) {
      if (++sinceBranch > 8 && rng_() % 12 == 0 && i + 20 < bundles) {
        isa::Inst j;
        j.opcode = rng_() % 2 != 0 ? isa::Opcode::JNZ : isa::Opcode::JZ;
        j.ops[0] = static_cast<int32_t>(isa::findReg("r" + std::to_string(rng_() % 32)));
        const isa::Inst list[] = {j};
        branches.push_back({code.size(), code.size() + 6 + rng_() % 8});
        code.push_back(*isa::makeBundle(list));
        sinceBranch = 0;
        continue;
      }
      code.push_back(bundle());
    }
    const isa::Inst done[] = {{isa::Opcode::DONE, {}}};
    code.push_back(*isa::makeBundle(done));
    for (int i = 0; i < 6; ++i) code.push_back(isa::nopBundle(2));
    std::vector<uint32_t> at;
    uint32_t pc = 0;
    for (const isa::Bundle &b : code) {
      at.push_back(pc);
      pc += b.size;
    }
    for (const auto &[from, to] : branches)
      for (isa::Inst &inst : code[from].all())
        if (isControl(semanticsOf(inst.opcode).kind)) inst.ops[1] = static_cast<int32_t>(at[to]);
    Bytes out;
    for (const isa::Bundle &b : code) {
      const auto bytes = isa::encode(b);
      EXPECT_TRUE(bytes.ok()) << isa::print(b);
      if (bytes) out.insert(out.end(), bytes->view().begin(), bytes->view().end());
    }
    return out;
  }

private:
  isa::Bundle bundle() {
    for (;;) {
      std::vector<isa::Inst> insts;
      for (size_t slot = 0; slot < bySlot_.size(); ++slot)
        if (!bySlot_[slot].empty() && rng_() % 3 == 0) insts.push_back(inst(slot));
      const auto b = isa::makeBundle(insts);
      if (b) return *b;
    }
  }

  /// r8..r11 hold configurations of integer products, r12 and r13 of float ones, x11 addresses.
  static bool isKept(Reg r) {
    for (const char *name : {"r8", "r9", "r10", "r11", "r12", "r13", "x11"})
      if (isa::overlap(r, isa::findReg(name))) return true;
    return false;
  }

  /// Registers whose random contents would end the program: pointers stay near their start.
  static bool isFragile(Reg r) {
    const std::string kind = isa::info(r).kind;
    return kind == "pointer" || kind == "modifier" || kind == "special" || kind == "dim-stride" ||
           std::string(isa::info(r).name).substr(0, 2) == "dj" || r == Reg::sp || r == Reg::lc ||
           r == Reg::ls || r == Reg::le || r == Reg::lr || r == Reg::core_id || r == Reg::dp ||
           isKept(r);
  }

  isa::Inst inst(size_t slot) {
    for (;;) {
      isa::Inst i;
      i.opcode = bySlot_[slot][rng_() % bySlot_[slot].size()];
      const isa::InstInfo &x = isa::info(i);
      const AddressOperands address = addressOperands(i.opcode);
      bool good = true;
      for (unsigned n = 0; n < x.operands.size(); ++n) {
        const isa::OperandInfo &o = x.operands[n];
        const bool ofAddress = (address.mask >> n & 1) != 0;
        if (!o.isReg) {
          const int64_t span = o.maximum() - o.minimum() + 1;
          int64_t v = o.minimum() + static_cast<int64_t>(rng_() % static_cast<uint64_t>(span));
          v -= (v - o.minimum()) % o.scale;
          if (ofAddress && (v > 256 || v < -256)) v = o.scale <= 128 ? -int64_t{o.scale} : v;
          good &= v >= o.minimum() && v <= o.maximum() && !(ofAddress && (v > 256 || v < -8192));
          i.ops[n] = static_cast<int32_t>(v);
          continue;
        }
        const auto members = isa::info(o.cls).members;
        i.ops[n] = static_cast<int32_t>(members[rng_() % members.size()]);
        if (x.slot == isa::Slot::vec && std::string_view(o.name) == "c")
          i.ops[n] = static_cast<int32_t>(
              isa::findReg(std::string(x.mnemonic).find(".f") != std::string::npos
                               ? "r" + std::to_string(12 + rng_() % 2)
                               : "r" + std::to_string(8 + rng_() % 4)));
        if (semanticsOf(i.opcode).kind == Kind::Gather && !o.out)
          i.ops[n] = static_cast<int32_t>(isa::findReg(rng_() % 2 != 0 ? "wl11" : "wh11"));
        if (o.out && !ofAddress && isFragile(i.reg(n))) good = false;
      }
      if (!good) continue;
      isa::Inst whole = i;
      for (unsigned n = 0; n < x.operands.size(); ++n) // tied: one register, named by the output
        if (x.operands[n].tiedTo >= 0)
          whole.ops[n] = whole.ops[static_cast<size_t>(x.operands[n].tiedTo)];
      isa::complete(whole);
      return whole;
    }
  }

  std::mt19937 rng_;
  std::array<std::vector<isa::Opcode>, 8> bySlot_;
};

/// Dense shapes of the matrix unit with random signs, zeroing and shifting.
uint32_t randomConfig(std::mt19937 &rng, bool isFloat) {
  static constexpr uint32_t shapes[][3] = {{0, 0, 0}, {0, 1, 0}, {0, 1, 1}, {0, 1, 2}, {0, 1, 3},
                                           {0, 1, 4}, {0, 2, 0}, {0, 2, 1}, {0, 3, 0}, {0, 3, 1},
                                           {1, 2, 0}, {1, 2, 1}, {1, 3, 0}, {1, 3, 1}, {1, 3, 2},
                                           {1, 3, 3}, {1, 3, 4}, {1, 0, 0}, {1, 0, 1}};
  const uint32_t flags = (rng() & 0x3F00) | (rng() % 4 == 0 ? 1 : 0);
  if (isFloat) return 4 | 3 << 3 | (rng() % 2) << 5 | flags;
  const auto &s = shapes[rng() % std::size(shapes)];
  const bool complex = s[0] == 1 && ((s[1] == 3 && s[2] == 4) || (s[1] == 0 && s[2] == 1));
  return s[0] << 1 | s[1] << 3 | s[2] << 5 | flags | (complex ? 0x0A0000U : 0U);
}

void compare(uint32_t seed) {
  Generator generator(seed);
  const Bytes code = generator.program(200);
  ASSERT_LE(code.size(), 16384U);
  FakePort portA(seed), portB(seed);
  std::mt19937 rng(seed * 77 + 1);
  for (int w = 0; w < 4; ++w) {
    for (uint8_t &b : portA.memory[w]) b = static_cast<uint8_t>(rng());
    portB.memory[w] = portA.memory[w];
  }
  Core fast(portA);
  ASSERT_TRUE(fast.writeProgram(0, code).ok());
  fast.countPcs(seed % 2 != 0);
  ReferenceCore plain(portB, code);
  for (unsigned u = 0; u < isa::kRegUnitCount; ++u) {
    const Reg reg = isa::unitReg(u);
    const std::string name = isa::info(reg).name, kind = isa::info(reg).kind;
    Bytes v = fast.readRegister(reg);
    for (uint8_t &b : v) b = static_cast<uint8_t>(rng());
    if (v.size() == 4) {
      uint32_t x = readU32(v.data());
      if (name[0] == 'p' && name.size() == 2)
        x = 0x48000 + (x % 4 << 16) + (x >> 8) % 64 * 32;
      else if (name == "sp")
        x = 0x7C000;
      else if (name[0] == 'm' || name.substr(0, 2) == "dj")
        x = (x % 9 - 4) * 16;
      else if (name.substr(0, 2) == "dn" || name.substr(0, 2) == "dc")
        x %= 4;
      else if (name == "lc" || name == "core_id")
        continue;
      else if (name == "r12" || name == "r13")
        x = randomConfig(rng, true);
      else if (name == "r8" || name == "r9" || name == "r10" || name == "r11")
        x = randomConfig(rng, false);
      else if (name[0] == 'r' || name[0] == 's')
        x = x % 3 == 0 ? x : x % 64;
      writeU32(v.data(), x);
    }
    if (name == "wl11" || name == "wh11")
      for (unsigned i = 0; i < 8; ++i)
        writeU32(&v[4 * i], 0x40000 | (readU32(&v[4 * i]) & 0x3FFFF));
    fast.writeRegister(reg, v);
    plain.setRegister(reg, v);
  }
  fast.setControl(true, false);
  fast.setPc(0);
  plain.start(0);
  for (int i = 0; i < 5000; ++i) {
    const CoreState s = fast.cycle();
    const bool goesOn = plain.cycle();
    if (s >= CoreState::Done || !goesOn) break;
  }
  if (std::getenv("ASHLAR_VERBOSE") != nullptr)
    std::printf("%u: %s, %llu bundles, %llu cycles%s\n", seed, coreStateName(fast.state()),
                static_cast<unsigned long long>(fast.stats().bundles),
                static_cast<unsigned long long>(fast.cycles()),
                fast.fault() != nullptr ? (" " + fast.fault()->message).c_str() : "");
  const std::string repeat = "ASHLAR_SEED=" + std::to_string(seed);
  EXPECT_EQ(fast.fault() != nullptr ? fast.fault()->code : "", plain.fault()) << repeat;
  if (fast.fault() == nullptr) {
    EXPECT_EQ(fast.state() == CoreState::Done, plain.done()) << repeat;
    EXPECT_EQ(fast.cycles(), plain.cycles()) << repeat;
    EXPECT_EQ(fast.stats().bundles, plain.bundles()) << repeat;
    EXPECT_EQ(fast.pc(), plain.pc()) << repeat;
    for (unsigned u = 0; u < isa::kRegUnitCount; ++u) {
      const Reg reg = isa::unitReg(u);
      EXPECT_EQ(fast.readRegister(reg), plain.getRegister(reg))
          << repeat << " " << isa::info(reg).name;
    }
    for (int w = 0; w < 4; ++w)
      EXPECT_TRUE(portA.memory[w] == portB.memory[w]) << repeat << " window " << w;
    EXPECT_EQ(portA.output, portB.output) << repeat;
    EXPECT_EQ(portA.events, portB.events) << repeat;
    EXPECT_EQ(portA.requests, portB.requests) << repeat;
  }
  if (seed % 2 == 0) return;
  PcCounts sum; // what is counted by address is all there is
  for (const PcCounts &c : fast.pcCounts()) {
    sum.cycles += c.cycles;
    sum.issued += c.issued;
    sum.memoryStalls += c.memoryStalls;
    sum.lockStalls += c.lockStalls;
    sum.streamStalls += c.streamStalls;
    sum.cascadeStalls += c.cascadeStalls;
  }
  const CoreStats &s = fast.stats();
  EXPECT_EQ(sum.cycles, s.cycles) << repeat;
  EXPECT_EQ(sum.issued, s.bundles) << repeat;
  EXPECT_EQ(sum.memoryStalls, s.memoryStalls) << repeat;
  EXPECT_EQ(sum.lockStalls, s.lockStalls) << repeat;
  EXPECT_EQ(sum.streamStalls, s.streamStalls) << repeat;
  EXPECT_EQ(sum.cascadeStalls, s.cascadeStalls) << repeat;
}

TEST(RandomPrograms, FastAndPlainCoreAgree) {
  const char *seed = std::getenv("ASHLAR_SEED"), *rounds = std::getenv("ASHLAR_ROUNDS");
  const auto first = static_cast<uint32_t>(seed != nullptr ? std::atoi(seed) : 1);
  const int count = rounds != nullptr ? std::atoi(rounds) : seed != nullptr ? 1 : 100;
  for (int i = 0; i < count && !testing::Test::HasFailure(); ++i)
    compare(first + static_cast<uint32_t>(i));
}

/// The instruction set's own generator: legal programs with hardware loops.
TEST(RandomPrograms, LegalProgramsWithLoopsAgree) {
  const char *rounds = std::getenv("ASHLAR_ROUNDS");
  const uint64_t count = rounds != nullptr ? std::strtoull(rounds, nullptr, 10) : 60;
  for (uint64_t seed = 1; seed <= count && !testing::Test::HasFailure(); ++seed) {
    isa::RandomOptions options;
    options.seed = seed;
    options.windowBase = 0x70000;
    options.windowBytes = 0x10000;
    options.macConfigurations = {776, 840, 858, 826};
    // Float products would need another configuration than the integer ones in the same registers.
    options.allow = [](isa::Opcode opcode) {
      const isa::InstInfo &x = isa::info(opcode);
      return semanticsOf(opcode).kind != Kind::NotSimulated &&
             !(x.slot == isa::Slot::vec && std::string_view(x.mnemonic).ends_with(".f"));
    };
    const isa::RandomProgram program = isa::randomProgram(options);
    FakePort portA, portB;
    std::mt19937 rng(static_cast<uint32_t>(seed));
    for (uint8_t &b : portA.memory[3]) b = static_cast<uint8_t>(rng());
    portB.memory[3] = portA.memory[3];
    Core fast(portA);
    ASSERT_TRUE(fast.writeProgram(0, program.code).ok());
    fast.setControl(true, false);
    ReferenceCore plain(portB, program.code);
    for (int i = 0; i < 20000 && fast.cycle() < CoreState::Done; ++i) plain.cycle();
    plain.cycle();
    const std::string where = "seed " + std::to_string(seed) + "\n" + program.text;
    ASSERT_EQ(fast.fault() != nullptr ? fast.fault()->code : "", plain.fault()) << where;
    ASSERT_EQ(fast.state() == CoreState::Done, plain.done()) << where;
    for (unsigned u = 0; u < isa::kRegUnitCount && fast.fault() == nullptr; ++u)
      ASSERT_EQ(fast.readRegister(isa::unitReg(u)), plain.getRegister(isa::unitReg(u)))
          << isa::info(isa::unitReg(u)).name << " " << where;
    ASSERT_TRUE(portA.memory[3] == portB.memory[3]) << where;
    if (std::getenv("ASHLAR_VERBOSE") != nullptr)
      std::printf("legal %llu: %s %llu bundles\n", static_cast<unsigned long long>(seed),
                  coreStateName(fast.state()),
                  static_cast<unsigned long long>(fast.stats().bundles));
  }
}

} // namespace
} // namespace ashlar::emulator
