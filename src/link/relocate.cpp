// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Copies the placed sections into the memory images and puts the symbols' addresses into them. An
// address that its field cannot hold is an error: the vendor's linker cuts immediate fields
// silently, and the core then works at a wrong place.
#include "isa/relocs.h"
#include "link/program.h"

#include <algorithm>
#include <fmt/format.h>

namespace ashlar::link {
namespace {

class Relocator {
public:
  explicit Relocator(Program &program, uint32_t programBytes) : program_(program) {
    // Gaps between functions hold nops, as the assembler pads.
    program.text.resize((programBytes + 1) / 2 * 2);
    for (size_t i = 0; i < program.text.size(); ++i) program.text[i] = i % 2 == 0 ? 1 : 0;
  }

  Status run() {
    for (size_t o = 0; o < program_.objects.size(); ++o)
      for (uint32_t i = 0; i < program_.objects[o].sections.size(); ++i) {
        const elf::Section &s = program_.objects[o].file.sections[i];
        const SectionState &state = program_.objects[o].sections[i];
        if (state.placed && s.type != elf::kNoBits && s.size > 0)
          apply(o, i, image(s, state));
        else if (!state.discarded && !(s.flags & elf::kAlloc) && s.name.starts_with(".debug"))
          apply(o, i, program_.objects[o].file.sections[i].data);
      }
    if (!errors_.empty()) return std::move(errors_);
    return Ok{};
  }

private:
  std::span<uint8_t> image(const elf::Section &s, const SectionState &state) {
    Bytes &memory = s.flags & elf::kExec ? program_.text : program_.data;
    const uint32_t start = s.flags & elf::kExec ? 0 : program_.dataStart;
    ASHLAR_ASSERT(state.address >= start && state.address - start + s.size <= memory.size());
    std::copy(s.data.begin(), s.data.end(),
              memory.begin() + static_cast<ptrdiff_t>(state.address - start));
    return std::span(memory).subspan(state.address - start, s.size);
  }

  void apply(size_t o, uint32_t section, std::span<uint8_t> bytes) {
    const elf::Section &s = program_.objects[o].file.sections[section];
    for (const elf::Reloc &r : s.relocs) {
      const auto kind = isa::relocation(r.type);
      if (!kind) {
        fail(o, section, r, "relocation-unknown",
             fmt::format("relocation R_AIE_{} is not one of AIE2's", r.type),
             "compile the object for aie2");
        continue;
      }
      if (r.offset > bytes.size() || bytes.size() - r.offset < kind->bundleBytes) {
        fail(o, section, r, "relocation-range",
             fmt::format("relocation R_AIE_{} reaches past the end of its section", r.type),
             "the object is damaged; build it again");
        continue;
      }
      const bool debug = !(s.flags & elf::kAlloc);
      const int64_t value =
          debug && dropped(o, r.symbol) ? nowhere(s.name) : address(o, r.symbol) + r.addend;
      const int64_t low = isa::relocationMin(kind->kind), high = isa::relocationMax(kind->kind);
      if (!debug && (value < low || value > high)) {
        fail(o, section, r, "relocation-range",
             fmt::format("the address of `{}` is {:#x} and must lie within {:#x}..{:#x} here",
                         program_.objects[o].file.symbols[r.symbol].name, value, low, high),
             kind->kind == isa::RelocKind::CodeAddress20 || kind->kind == isa::RelocKind::Imm32
                 ? "the object refers to a place outside the core's 20-bit address space"
                 : "load the address with movxm");
        continue;
      }
      isa::applyRelocation(*kind, bytes.subspan(r.offset, kind->bundleBytes),
                           static_cast<uint32_t>(value));
    }
  }

  /// Whether debug information speaks of code or data that the program does not have.
  bool dropped(size_t o, uint32_t symbol) const {
    const Target target = resolve(program_, o, symbol);
    if (target.kind == Target::None || target.kind == Target::Undefined) return true;
    if (target.kind != Target::Section) return false;
    const Object &object = program_.objects[static_cast<size_t>(target.object)];
    const auto section = static_cast<size_t>(target.section);
    return (object.file.sections[section].flags & elf::kAlloc) && !object.sections[section].placed;
  }

  /// An address where nothing can be, as debuggers know it. In lists of ranges the highest address
  /// has a meaning of its own.
  static int64_t nowhere(std::string_view section) {
    return section == ".debug_ranges" || section == ".debug_loc" ? 1 : 0xFFFFFFFF;
  }

  int64_t address(size_t o, uint32_t symbol) const {
    const Target target = resolve(program_, o, symbol);
    switch (target.kind) {
    case Target::None:
    case Target::Undefined: return 0; // a weak symbol nobody defines, or a dropped copy
    case Target::Value: return target.value;
    case Target::Section: break;
    }
    const SectionState &state = program_.objects[static_cast<size_t>(target.object)]
                                    .sections[static_cast<size_t>(target.section)];
    return static_cast<int64_t>(state.address) + target.value;
  }

  void fail(size_t o, uint32_t section, const elf::Reloc &r, const char *code, std::string message,
            std::string remedy) {
    const Object &object = program_.objects[o];
    message += ", in " + describePlace(object, section, r.offset);
    const uint64_t offset = object.file.sections[section].fileOffset + r.offset;
    errors_.push_back(
        error(code, Place::atOffset(object.name, offset), std::move(message), std::move(remedy)));
  }

  Program &program_;
  Diagnostics errors_;
};

} // namespace

Status relocate(Program &program, uint32_t programBytes) {
  return Relocator(program, programBytes).run();
}

} // namespace ashlar::link
