// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values are what registers and memory hold now. A result still on its way through the pipeline has
// not landed, so debug information places a variable only behind it.
#if defined(ASHLAR_HAS_LINK) && defined(ASHLAR_HAS_ASSEMBLER) && defined(ASHLAR_HAS_EMULATOR)
#include "cli/core_source.h"

#include "format/dwarf_lines.h"
#include "format/dwarf_variables.h"

#include <bit>
#include <fmt/format.h>

namespace ashlar::cli {
namespace {

using format::dwarf::Variable;

/// The value as its type writes it, or nothing when it is not to be had.
std::optional<std::string> valueOf(const Variable &v, const CoreView &core) {
  uint64_t bits = 0;
  switch (v.where) {
  case Variable::Where::Lost: return std::nullopt;
  case Variable::Where::Constant: bits = static_cast<uint64_t>(v.offset); break;
  case Variable::Where::Register:
    if (v.bytes == 0 || v.bytes > 4) return std::nullopt; // not one scalar register
    bits = core.reg(v.reg);
    break;
  case Variable::Where::Memory: {
    const uint32_t base = v.reg < 0 ? 0 : core.reg(v.reg);
    const uint32_t address = base + static_cast<uint32_t>(v.offset);
    if (v.bytes == 0) return fmt::format("at {:#x}", address);
    const uint8_t *from = core.memory(address, v.bytes);
    if (!from) return std::nullopt;
    for (uint32_t i = 0; i < v.bytes; ++i) bits |= uint64_t{from[i]} << (8 * i);
    break;
  }
  }
  if (v.isFloat && v.bytes == 4)
    return fmt::format("{}", std::bit_cast<float>(static_cast<uint32_t>(bits)));
  if (v.isFloat && v.bytes == 8) return fmt::format("{}", std::bit_cast<double>(bits));
  const unsigned width = v.bytes ? 8 * v.bytes : 32;
  if (width < 64) bits &= (uint64_t{1} << width) - 1;
  if (v.isSigned)
    return fmt::format("{}", static_cast<int64_t>(bits << (64 - width)) >> (64 - width));
  return fmt::format("{:#x}", bits);
}

} // namespace

std::vector<std::string> sourceNotes(const format::elf::File &program, uint32_t pc,
                                     const CoreView &core) {
  std::vector<std::string> notes;
  if (auto lines = format::dwarf::readLines(program, ""); lines.ok())
    if (const auto line = lines->find(-1, pc); line && line->file)
      notes.push_back(fmt::format("at {}:{}:{}", *line->file, line->line, line->column));
  std::string function;
  for (const Variable &v : format::dwarf::VariableTable(program).at(pc)) {
    const auto value = valueOf(v, core);
    if (v.function != function) notes.push_back("variables of " + (function = v.function) + ":");
    notes.push_back(fmt::format("  {} = {}", v.name, value ? *value : "not kept here"));
  }
  return notes;
}

} // namespace ashlar::cli
#endif
