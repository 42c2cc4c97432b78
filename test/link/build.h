// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small objects made by hand for the linker's tests.
#pragma once

#include "format/ar.h"
#include "format/elf.h"
#include "link/link.h"

namespace ashlar::link_test {

namespace elf = format::elf;

/// An object file piece by piece; sections and symbols are named by their index.
class ObjectBuilder {
public:
  uint32_t section(std::string name, uint32_t flags, Bytes data, uint32_t align = 16) {
    elf::Section s;
    s.name = std::move(name);
    s.flags = flags;
    s.align = align;
    s.size = static_cast<uint32_t>(data.size());
    s.data = std::move(data);
    file.sections.push_back(std::move(s));
    return static_cast<uint32_t>(file.sections.size()) - 1;
  }
  uint32_t zeros(std::string name, uint32_t size, uint32_t align = 4) {
    const uint32_t index = section(std::move(name), elf::kAlloc | elf::kWrite, {}, align);
    file.sections[index].type = elf::kNoBits;
    file.sections[index].size = size;
    return index;
  }
  uint32_t symbol(std::string name, int32_t in, uint32_t value = 0,
                  elf::Bind bind = elf::Bind::Global,
                  elf::SymbolType type = elf::SymbolType::Function, uint32_t size = 0) {
    elf::Symbol s;
    s.name = std::move(name);
    s.section = in;
    s.value = value;
    s.bind = bind;
    s.type = in == elf::kUndefined ? elf::SymbolType::None : type;
    s.size = size;
    file.symbols.push_back(std::move(s));
    return static_cast<uint32_t>(file.symbols.size()) - 1;
  }
  uint32_t undefined(std::string name, elf::Bind bind = elf::Bind::Global) {
    return symbol(std::move(name), elf::kUndefined, 0, bind);
  }
  uint32_t object(std::string name, int32_t in, uint32_t size, elf::Bind bind = elf::Bind::Global) {
    return symbol(std::move(name), in, 0, bind, elf::SymbolType::Object, size);
  }
  void reloc(uint32_t section, uint32_t offset, uint32_t type, uint32_t symbol,
             int32_t addend = 0) {
    file.sections[section].relocs.push_back({offset, type, symbol, addend});
  }
  /// A function in a section of its own: `size` bytes of 2-byte nops. Returns the section.
  uint32_t function(const std::string &name, uint32_t size = 32,
                    elf::Bind bind = elf::Bind::Global) {
    Bytes code(size, 0);
    for (uint32_t i = 0; i < size; i += 2) code[i] = 1;
    const uint32_t at = section(".text." + name, elf::kAlloc | elf::kExec, std::move(code));
    symbol(name, static_cast<int32_t>(at), 0, bind, elf::SymbolType::Function, size);
    return at;
  }
  /// Records the frame of the function at the start of `section`, as compilers do.
  void stackSize(uint32_t section, uint32_t functionSymbol, uint32_t bytes) {
    Bytes record(4, 0);
    do {
      const uint8_t low = bytes & 0x7F;
      bytes >>= 7;
      record.push_back(static_cast<uint8_t>(low | (bytes ? 0x80 : 0)));
    } while (bytes);
    const uint32_t at = this->section(".stack_sizes", elf::kLinkOrder, std::move(record), 1);
    file.sections[at].link = static_cast<int32_t>(section);
    reloc(at, 0, 50, functionSymbol);
  }
  link::Input input(std::string name) const { return {std::move(name), elf::write(file)}; }

  elf::File file;
};

constexpr uint32_t kJump6 = 1;     ///< 20-bit code address in a 6-byte bundle
constexpr uint32_t kMovxm6 = 42;   ///< 32-bit immediate in a 6-byte bundle
constexpr uint32_t kDataWord = 50; ///< 20-bit address in a data word

inline plan::Core core() {
  plan::Core c;
  c.tile = {0, 2};
  c.function = "core_0_2";
  c.stackSize = 1024;
  c.dataStart = 0x800;
  c.symbols = {{"buffer_a", 0x70400, 0x400}};
  c.place = Place::at("design.mlir", 7, 3);
  return c;
}

/// Start code that jumps to main.
inline link::Input startCode() {
  ObjectBuilder b;
  const uint32_t text = b.function("__start", 32);
  b.stackSize(text, 0, 0);
  b.reloc(text, 0, kJump6, b.undefined("main"));
  return b.input("crt0.o");
}
/// A core function that calls what `callees` says.
inline link::Input coreObject(const std::vector<std::string> &callees) {
  ObjectBuilder b;
  const uint32_t text = b.function("core_0_2", 64);
  uint32_t at = 0;
  for (const std::string &callee : callees) {
    b.reloc(text, at, kJump6, b.undefined(callee));
    at += 6;
  }
  return b.input("core.o");
}

inline Result<link::Linked> linkAll(const std::vector<link::Input> &inputs, Diagnostics &warnings,
                                    const plan::Core &c = core(), link::Options options = {}) {
  return link::link(c, inputs, options, warnings);
}
inline std::string text(const Diagnostics &diagnostics) {
  std::string all;
  for (const Diagnostic &d : diagnostics) all += d.str() + "\n";
  return all;
}

} // namespace ashlar::link_test
