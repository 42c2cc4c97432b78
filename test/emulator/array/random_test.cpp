// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whatever is written where, the array ends its run in one of its states and can say why.
#include "rig.h"

#include "emulator/array/sanitizer.h"
#include "emulator/array/timeline.h"

namespace ashlar::emulator {
namespace {

using enum DmaDirection;

class Chaos {
public:
  explicit Chaos(uint32_t seed) : rng_(seed) {}

  uint32_t below(uint32_t n) { return static_cast<uint32_t>(rng_() % n); }
  /// A value that often means something: few bits, small numbers, or anything.
  uint32_t value() {
    switch (below(4)) {
    case 0: return below(64);
    case 1: return 1u << below(32) | 1u << below(32);
    case 2: return 0x80000000u | below(32) | (below(2) ? 1u << 30 : 0) | below(64) << 3;
    default: return static_cast<uint32_t>(rng_());
    }
  }
  uint32_t address(int columns) {
    const TileId t{static_cast<int>(below(static_cast<uint32_t>(columns))),
                   static_cast<int>(below(device::kRows))};
    const auto kind = device::tileKind(t);
    const auto all = device::registers();
    for (;;) {
      const device::RegisterInfo &r = all[below(static_cast<uint32_t>(all.size()))];
      if (device::moduleOf(kind, r.offset) != r.module) continue;
      if (r.width == 32) return device::tileAddress(t, r.offset);
    }
  }

private:
  std::mt19937 rng_;
};

TEST(Random, AnyRegisterWritesEndInAState) {
  std::array<int, 4> states{};
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chaos chaos(seed);
    Rig r(2);
    Sanitizer sanitizer(r.array);
    Timeline timeline;
    if (seed % 3 == 0) r.array.sanitizer = &sanitizer;
    if (seed % 5 == 0) r.array.timeline = &timeline;
    r.buffer(0, 4096);
    r.buffer(1, 4096);
    for (int i = 0; i < 400; ++i) {
      const uint32_t a = chaos.address(2);
      (void)r.array.write32(a, chaos.value());
      if (chaos.below(8) == 0) (void)r.array.read32(a);
      if (chaos.below(50) == 0) r.array.idle(chaos.below(100));
    }
    for (int i = 0; i < 60; ++i) {
      const uint32_t a = chaos.address(2);
      switch (chaos.below(7)) {
      case 0: r.ops.push_back({MaskWriteOp{a, chaos.value(), chaos.value()}, 0}); break;
      case 1: r.ops.push_back({PatchOp{a, chaos.below(2), chaos.below(64) * 4}, 0}); break;
      case 2:
        r.ops.push_back({BlockWriteOp{a, {chaos.value(), chaos.value(), chaos.value()}}, 0});
        break;
      case 3:
        if (chaos.below(6) == 0)
          r.ops.push_back(
              {SyncOp{chaos.below(2) ? S2MM : MM2S, static_cast<int>(chaos.below(6)),
                      static_cast<int>(chaos.below(3)), static_cast<int>(chaos.below(7)), 1, 1},
               0});
        break;
      default: r.ops.push_back({WriteOp{a, chaos.value()}, 0}); break;
      }
    }
    RunOptions options;
    options.maxCycles = 200000;
    const RunResult result = r.run(options);
    ++states[static_cast<size_t>(result.state)];
    if (result.state != RunState::Completed) {
      ASSERT_FALSE(result.diagnostics.empty());
      EXPECT_EQ(result.diagnostics.back().severity, Severity::Error);
    }
    (void)explainWaiting(r.array);
  }
  EXPECT_GT(states[0], 0);
  EXPECT_GT(states[1] + states[2] + states[3], 0);
}

} // namespace
} // namespace ashlar::emulator
