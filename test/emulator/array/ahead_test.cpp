// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cores that run ahead are where they have to be whenever somebody looks: random designs - cores
// that compute, touch their neighbours' memory and locks, clash in banks; DMA rings through the
// same memories; a host that writes and reads in between - are equal in every register, byte, count
// and event to the same designs in lockstep. ASHLAR_SEED and ASHLAR_ROUNDS repeat or lengthen it.
#include "rig.h"

#include "emulator/core/machine.h"
#include "emulator/tile/core_slot.h"

#include <cstdlib>

namespace ashlar::emulator {
namespace {

using enum DmaDirection;

class Design {
public:
  Design(uint32_t seed, bool lockstep) : rng_(seed), rig_(2) {
    rig_.array.lockstep = lockstep;
    restless_ = below(4);
    for (int col = 0; col < 2; ++col) {
      for (int row = 2; row < 6; ++row) {
        const TileId t{col, row};
        for (uint32_t a = 0; a < 0x10000; a += 4)
          rig_.array.tile(t)->memory.setWord(a, static_cast<uint32_t>(rng_()));
        for (int id = 0; id < 4; ++id) rig_.lock(t, id, static_cast<int>(below(3)));
        if (below(2) == 0) ring(t);
        if (below(6) == 0) // somebody listens for memory stalls
          rig_.write(t, reg::perfBase(device::Module::Core), device::ev::kCoreMemoryStall);
      }
      for (int row = 2; row < 6; ++row)
        if (below(5) != 0) program({col, row});
    }
    rig_.array.releaseCores();
  }

  /// Lets time pass; now and then the host looks or writes.
  void pass() {
    rig_.array.idle(1 + below(below(3) == 0 ? 20 : 900));
    const TileId t{static_cast<int>(below(2)), 2 + static_cast<int>(below(4))};
    const uint32_t offset = below(0x4000) * 4;
    const uint32_t what = below(8), value = static_cast<uint32_t>(rng_());
    if (what == 0) rig_.write(t, offset, value);
    if (what == 1) seen_.push_back(*rig_.array.read32(device::tileAddress(t, offset)));
    if (what == 2) seen_.push_back(*rig_.array.read32(device::tileAddress(t, reg::kCoreStatus)));
    if (what == 3) rig_.lock(t, static_cast<int>(below(4)), 2);
    if (what == 4 && below(8) == 0) rig_.write(t, reg::kCoreControl, 0);
    if (what == 5) rig_.write(t, reg::kCoreControl, 1);
  }

  std::string state() {
    std::string s = std::to_string(rig_.array.scheduler.now());
    for (Tile *t : rig_.array.tiles()) {
      if (t->core() == nullptr) continue;
      const Core &c = t->core()->core();
      const CoreStats &x = c.stats();
      s += fmt::format("\n{} pc {:#x} {} {} {} {} {} {} {}", t->name(), c.pc(),
                       coreStateName(c.state()), x.cycles, x.bundles, x.memoryStalls, x.lockStalls,
                       x.loads, x.stores);
      for (unsigned u = 0; u < isa::kRegUnitCount; ++u)
        for (uint8_t b : c.readRegister(isa::unitReg(u))) hash(b);
      s += fmt::format(" registers {:x}", std::exchange(hash_, 0));
      for (uint32_t i = 0; i < t->memory.size(); ++i) hash(t->memory.data()[i]);
      s += fmt::format(" memory {:x}", std::exchange(hash_, 0));
      for (uint64_t n : t->memory.conflicts) s += fmt::format(" {}", n);
      for (auto *list : {&t->s2mm, &t->mm2s})
        for (const auto &ch : *list)
          s += fmt::format(" {}/{}/{}", ch->stats().words, ch->stats().bankStall,
                           ch->stats().lockStall);
      for (int id = 0; id < 4; ++id) s += fmt::format(" {}", t->locks.value(id));
      for (uint32_t i = 0; i < 4; ++i) {
        const uint32_t at = reg::eventBase(device::Module::Core);
        s += fmt::format(" {:x}", t->read32(at + reg::kEventStatus + 4 * i));
      }
      s += fmt::format(" {:x}", t->read32(reg::kCoreStatus));
    }
    for (uint32_t v : seen_) s += fmt::format(" {:x}", v);
    return s;
  }
  uint64_t bundles() {
    uint64_t n = 0;
    for (Tile *t : rig_.array.tiles())
      if (t->core()) n += t->core()->core().stats().bundles;
    return n;
  }

private:
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(rng_() % n); }
  void hash(uint8_t b) { hash_ = (hash_ ^ b) * 0x100000001B3; }

  /// Words go round from the tile's memory to the tile's memory; some rings wait for the core.
  void ring(TileId t) {
    rig_.connect(t, {PortBundle::Dma, 0}, {PortBundle::Dma, 0});
    const bool waits = below(2) == 0;
    for (int i = 0; i < 2; ++i) {
      Bd b;
      b.address = below(0x3000) * 4;
      b.length = 1 + below(200);
      b.next = static_cast<uint8_t>(i);
      if (waits) {
        b.acquire = {{static_cast<uint16_t>(i), -1}};
        b.release = {{static_cast<uint16_t>(1 - i), 1}};
      }
      rig_.bd(t, i, b);
    }
    rig_.start(t, S2MM, 0, 0);
    rig_.start(t, MM2S, 0, 1);
  }

  std::string anyBundle() {
    const uint32_t k = 4 * below(16), v = 32 * below(4);
    const uint32_t foreign = below(30) < restless_;
    switch (below(14)) {
    case 0: return fmt::format("lda r1, [p0, #{}]; add r2, r2, r1", k);
    case 1: return fmt::format("st r2, [p1, #{}]; add r3, r3, #1", k);
    case 2: return fmt::format("vlda wl0, [p0, #{}]; vldb wl2, [p1, #{}]", v, v);
    case 3: return fmt::format("vlda wh0, [p1, #{}]; vldb wh2, [p1, #{}]", v, v);
    case 4: return "vmac cm0, cm0, x0, x2, r8";
    case 5: return fmt::format("vst wl0, [p1, #{}]", v);
    case 6: return fmt::format("st.s8 r3, [p1, #{}]", below(4));
    case 7: return "lda r4, [p2], #4";
    case 8: return foreign ? fmt::format("lda r5, [p3, #{}]", k) : "mul r5, r4, r1";
    case 9: return foreign ? fmt::format("st r3, [p3, #{}]", k) : "xor r5, r5, r3";
    case 10: return foreign ? "rel #49, r6" : "nop";
    case 11: return foreign && below(3) == 0 ? "acq #48, r7" : "sub r3, r3, r4";
    case 12: return foreign ? "event #1" : "lshl r5, r5, r6";
    default: return "mov r9, r3";
    }
  }
  void program(TileId t) {
    std::vector<std::string> lines = {
        fmt::format("movxm p0, #{:#x}", 0x70000 + below(0x3C00) * 4 / 32 * 32),
        fmt::format("movxm p1, #{:#x}", 0x70000 + below(0x3C00) * 4 / 32 * 32),
        "movxm p2, #0x70000",
        // South, west or north, where there is one.
        fmt::format("movxm p3, #{:#x}", (t.row > 2   ? 0x40000
                                         : t.col > 0 ? 0x50000
                                                     : 0x60000) +
                                            below(0x3C00) * 4),
        "movx r6, #1", "movx r7, #-1", "movxm r8, #776"};
    const size_t setup = lines.size();
    const uint32_t length = 4 + below(60);
    for (uint32_t i = 0; i < length; ++i) lines.push_back(anyBundle());
    // Pointers that walk start over.
    lines.push_back("movxm p2, #0x70000");
    const std::vector<std::string> before(lines.begin(),
                                          lines.begin() + static_cast<std::ptrdiff_t>(setup));
    const uint32_t loop =
        static_cast<uint32_t>((test::assembleLines(before).size() + 15) / 16 * 16);
    Bytes code = test::assembleLines(before);
    while (code.size() < loop) {
      const Bytes nop = test::assembleLines({"nop"});
      code.insert(code.end(), nop.begin(), nop.end());
    }
    std::vector<std::string> rest(lines.begin() + static_cast<std::ptrdiff_t>(setup), lines.end());
    rest.push_back(fmt::format("j #{}", loop));
    rest.push_back("nop*5");
    const Bytes tail = test::assembleLines(rest);
    code.insert(code.end(), tail.begin(), tail.end());
    ASSERT_TRUE(rig_.array.tile(t)->core()->core().writeProgram(0, code).ok());
    rig_.write(t, reg::kCoreControl, 1);
  }

  std::mt19937 rng_;
  Rig rig_;
  uint32_t restless_ = 0; ///< how often the cores do what concerns others
  uint64_t hash_ = 0;
  std::vector<uint32_t> seen_;
};

TEST(RunningAhead, NobodyCanTell) {
  const char *seed = std::getenv("ASHLAR_SEED"), *rounds = std::getenv("ASHLAR_ROUNDS");
  const auto first = static_cast<uint32_t>(seed != nullptr ? std::atoi(seed) : 1);
  const int count = rounds != nullptr ? std::atoi(rounds) : seed != nullptr ? 1 : 25;
  uint64_t bundles = 0;
  for (int i = 0; i < count && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("ASHLAR_SEED=" + std::to_string(first + static_cast<uint32_t>(i)));
    Design ahead(first + static_cast<uint32_t>(i), false);
    Design lockstep(first + static_cast<uint32_t>(i), true);
    for (int step = 0; step < 12 && !testing::Test::HasFailure(); ++step) {
      ahead.pass();
      lockstep.pass();
      EXPECT_EQ(ahead.state(), lockstep.state()) << "step " << step;
    }
    bundles += ahead.bundles();
  }
  EXPECT_GT(bundles, 1000u * static_cast<uint32_t>(count));
}

} // namespace
} // namespace ashlar::emulator
