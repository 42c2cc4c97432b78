// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lays the register file out from the description: widest groups first, each register's storage
// units in ascending order.
#include "emulator/core/register_file.h"

#include <cstring>
#include <vector>

namespace ashlar::emulator {
namespace {

using isa::Reg;

struct Layout {
  std::vector<RegisterPlace> places{isa::kRegCount};
  std::vector<uint16_t> unitAt = std::vector<uint16_t>(isa::kRegUnitCount, kNoOffset);
  uint16_t used = 64; ///< offset 0 means "none" for forwarded copies

  static uint16_t unitBytes(unsigned unit) {
    const unsigned bits = isa::info(isa::unitReg(unit)).bits;
    return static_cast<uint16_t>(bits <= 32 ? 4 : (bits + 7) / 8);
  }
  void place(Reg reg) {
    for (uint8_t unit : isa::info(reg).units) {
      if (unitAt[unit] != kNoOffset) continue;
      unitAt[unit] = used;
      used = static_cast<uint16_t>(used + unitBytes(unit));
    }
  }
  void placeFile(const char *prefix, int count) {
    for (int i = 0; i < count; ++i) {
      const Reg reg = isa::findReg(prefix + std::to_string(i));
      ASHLAR_ASSERT(reg != Reg::None);
      place(reg);
    }
  }

  Layout() {
    const uint16_t vectors = used;
    placeFile("x", 12);
    const uint16_t accumulators = used;
    placeFile("cm", 9);
    const uint16_t masks = used;
    placeFile("q", 4);
    placeFile("r", 32);
    for (unsigned unit = 0; unit < isa::kRegUnitCount; ++unit) place(isa::unitReg(unit));
    used = static_cast<uint16_t>((used + 63) / 64 * 64);
    const auto shift = static_cast<uint16_t>(used - vectors);
    ASHLAR_ASSERT(used + (masks - vectors) <= static_cast<int>(kRegisterBytes));

    for (unsigned i = 1; i < isa::kRegCount; ++i) {
      const isa::RegInfo &r = isa::info(static_cast<Reg>(i));
      RegisterPlace &p = places[i];
      if (r.units.empty()) continue;
      uint16_t at = unitAt[r.units.front()];
      const uint16_t first = at;
      bool contiguous = true;
      for (uint8_t unit : r.units) {
        contiguous &= unitAt[unit] == at;
        at = static_cast<uint16_t>(at + unitBytes(unit));
      }
      if (!contiguous) continue;
      p.offset = first;
      p.bytes = static_cast<uint16_t>(at - first);
      if (r.bits < 32) p.mask = (1U << r.bits) - 1;
      if (first < masks) {
        p.forwarded = static_cast<uint16_t>(first + shift);
        p.network = first < accumulators ? isa::Bypass::MOV : isa::Bypass::VEC;
      }
    }
  }
};

const Layout &layout() {
  static const Layout l;
  return l;
}

} // namespace

const RegisterPlace &placeOf(Reg reg) { return layout().places[static_cast<size_t>(reg)]; }

uint32_t RegisterFile::scalar(Reg reg) const {
  uint32_t v;
  std::memcpy(&v, bytes + placeOf(reg).offset, sizeof v);
  return v;
}
void RegisterFile::setScalar(Reg reg, uint32_t value) {
  const RegisterPlace &p = placeOf(reg);
  value &= p.mask;
  std::memcpy(bytes + p.offset, &value, sizeof value);
}
void RegisterFile::write(const RegisterPlace &p, const void *value) {
  std::memcpy(bytes + p.offset, value, p.bytes);
  if (p.forwarded != 0) std::memcpy(bytes + p.forwarded, value, p.bytes);
}

} // namespace ashlar::emulator
