// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names of registers, from the table that registers.txt is compiled into.
#include "device/registers.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace ashlar::device {
namespace {
#include "device/registers_table.inc"
} // namespace

const char *moduleName(Module m) {
  switch (m) {
  case Module::Core: return "core";
  case Module::Memory: return "memory";
  case Module::MemTile: return "memtile";
  case Module::Shim: return "shim";
  }
  return "?";
}

std::span<const RegisterInfo> registers() { return kRegisters; }

const RegisterInfo *findRegister(TileKind kind, uint32_t offset) {
  const Module module = moduleOf(kind, offset);
  const auto *it = std::lower_bound(std::begin(kRegisters), std::end(kRegisters), offset,
                                    [&](const RegisterInfo &r, uint32_t o) {
                                      return std::tie(r.module, r.offset) < std::tie(module, o);
                                    });
  return it != std::end(kRegisters) && it->module == module && it->offset == offset ? it : nullptr;
}

const RegisterInfo *findRegister(Module module, std::string_view name) {
  for (const RegisterInfo &r : kRegisters)
    if (r.module == module && name == r.name) return &r;
  return nullptr;
}

std::string describeRegister(TileKind kind, uint32_t offset, uint32_t value) {
  const RegisterInfo *r = findRegister(kind, offset);
  if (!r) return fmt::format("0x{:05X} = 0x{:08X}", offset, value);
  std::string out = r->name;
  if (r->fields.size() == 1 && r->fields[0].low == 0) return fmt::format("{}[0x{:X}]", out, value);
  out += '[';
  bool first = true;
  for (auto f = r->fields.rbegin(); f != r->fields.rend(); ++f) {
    if (f->low > 31) continue;
    const int width = std::min(f->high, 31) - f->low + 1;
    const uint32_t v = value >> f->low & (width == 32 ? ~0u : (1u << width) - 1);
    if (v == 0) continue;
    out += fmt::format("{}{}={}", first ? "" : " ", f->name, v);
    first = false;
  }
  return out + ']';
}

} // namespace ashlar::device
