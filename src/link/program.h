// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the steps of linking share: the objects taken in, the table of global symbols, and for each
// section whether it is live and where it was placed.
#pragma once

#include "format/elf.h"
#include "link/link.h"

#include <map>
#include <unordered_map>

namespace ashlar::link {

namespace elf = format::elf;

struct SectionState {
  bool discarded = false; ///< a later copy of a COMDAT group
  bool live = false;
  bool placed = false;
  uint32_t address = 0;
};

struct Object {
  std::string name; ///< "kernel.o" or "libaie2.a(sqrtf.o)"
  elf::File file;
  std::vector<SectionState> sections;
  std::vector<int32_t> globals; ///< per symbol: index into Program::symbols, -1 for local ones
};

/// A global symbol after resolution.
struct Symbol {
  std::string name;
  enum Kind : uint8_t { Undefined, Defined, Common, Absolute } kind = Undefined;
  bool weak = false;       ///< weak definition, or only weak references
  int32_t object = -1;     ///< Defined, Common: index into Program::objects
  uint32_t index = 0;      ///< its symbol there
  uint32_t value = 0;      ///< Absolute: address; Common after placing: address
  uint32_t size = 0;       ///< of a common symbol or a buffer
  uint32_t align = 1;      ///< of a common symbol
  std::string owner;       ///< Absolute: who defines it, for messages
  bool referenced = false; ///< by a live section
};

struct Program {
  const plan::Core &core;
  const Options &options;
  std::vector<Object> objects;
  std::vector<Symbol> symbols;
  std::unordered_map<std::string, uint32_t> byName;
  Bytes text;                          ///< program memory from address 0, filled by relocate
  Bytes data;                          ///< own data memory from dataStart, filled by relocate
  uint32_t dataStart = 0;              ///< core view
  uint32_t bssStart = 0, bssBytes = 0; ///< core view

  explicit Program(const plan::Core &c, const Options &o) : core(c), options(o) {}

  uint32_t intern(const std::string &name) {
    const auto [it, added] = byName.try_emplace(name, static_cast<uint32_t>(symbols.size()));
    if (added) {
      symbols.emplace_back();
      symbols.back().name = name;
    }
    return it->second;
  }
  Symbol *find(const std::string &name) {
    const auto it = byName.find(name);
    return it == byName.end() ? nullptr : &symbols[it->second];
  }
  const elf::Symbol &definition(const Symbol &s) const {
    return objects[static_cast<size_t>(s.object)].file.symbols[s.index];
  }
};

/// A place in a section of an object: what a symbol reference leads to.
struct Target {
  enum Kind : uint8_t { None, Section, Value, Undefined } kind = None;
  int32_t object = -1;
  int32_t section = -1;
  uint32_t value = 0; ///< Section: offset in it; Value: the address
  uint32_t global = 0;
};
/// Where symbol `index` of object `object` leads (COMDAT copies lead to the one kept).
Target resolve(const Program &program, size_t object, uint32_t index);

/// Reads the inputs, takes archive members on demand, merges symbols, drops COMDAT copies.
Status resolveInputs(Program &program, const std::vector<Input> &inputs);
/// Marks what the entry reaches; reports symbols that live code wants and nobody defines.
Status markLive(Program &program, Diagnostics &warnings);
/// Gives every live section and common symbol its address; checks that all fits.
Status place(Program &program, Linked &linked);
/// Fills `text` and `data` and applies relocations there and in the debug sections.
Status relocate(Program &program, uint32_t programBytes);
/// Frames and call graph of what is live.
/// Warns of calls whose arguments differ in number or kind from the definition's.
void checkArguments(const Program &program, Diagnostics &warnings);
StackNeed stackNeed(const Program &program, Diagnostics &warnings);
/// Symbols that bound parts of the layout; place() gives them their values.
inline constexpr const char *kArrayStarts[] = {"__init_array_start", "_init_array_start",
                                               "_ctors_start"};
inline constexpr const char *kArrayEnds[] = {"__init_array_end", "_init_array_end", "_ctors_end"};
inline constexpr const char *kFiniBounds[] = {"__fini_array_start", "__fini_array_end",
                                              "_dtors_start", "_dtors_end"};
bool isConstructorArray(const elf::Section &section);

/// The output file.
Bytes writeExecutable(const Program &program);

/// "function `f` in kernel.o" or "section .data in kernel.o": who holds that offset.
std::string describePlace(const Object &object, uint32_t section, uint32_t offset);
/// Function symbol of the section that covers the offset; nothing when there is none.
const elf::Symbol *functionAt(const elf::File &file, uint32_t section, uint32_t offset);

} // namespace ashlar::link
