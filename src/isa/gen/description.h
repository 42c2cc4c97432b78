// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The AIE2 description (src/isa/*.isa) as data. Everything that knows an encoding, a latency or a
// register comes from it: the tables of ashlar_isa, and the .td files of the code generator. This
// reader needs only base, so that build-time tools stay small. README.md explains the text form.
#pragma once

#include "base/base.h"

#include <map>

namespace ashlar::isa::description {

struct Register {
  std::string name;
  unsigned bits = 0;
  std::string kind;
  int hw = -1;
  int dwarf = -1;
  std::string asmName; ///< spelling in assembly; the name unless given
  bool saved = false;  ///< a called function must keep it
  struct Part {
    std::string reg;
    unsigned bit = 0;
  };
  std::vector<Part> parts; ///< empty: storage of its own
};

struct OperandClass {
  std::string name;
  unsigned bits = 0;
  bool encodable = true; ///< false for `set`
  std::vector<std::pair<unsigned, std::string>> values;
  bool fixed() const { return encodable && bits == 0; }
};

struct Slot {
  std::string name;
  unsigned bits = 0;
  std::string nop;
};

struct FormatField {
  std::string slot; ///< empty: constant bits
  std::string pattern;
  unsigned lo = 0;
  unsigned bits = 0;
};
struct Format {
  std::string name;
  unsigned bytes = 0;
  std::vector<FormatField> fields; ///< most significant first
};
struct Length {
  std::string lowBits;
  unsigned bytes = 0;
};

struct Stage {
  std::string unit;
  unsigned cycle = 1;
  unsigned length = 1;
  bool reserved = false;
};
struct Itinerary {
  std::string name;
  std::vector<Stage> stages;
  std::vector<unsigned> cycles;
  std::vector<std::string> bypass; ///< "-" = none; may be shorter than cycles
  std::vector<unsigned> memory;
};
struct Variant {
  std::string base;
  std::string itinerary;
  std::vector<std::pair<unsigned, std::string>> when; ///< operand number, class
};

struct RelocationField {
  unsigned valueHi = 0, valueLo = 0, bit = 0;
};
struct Relocation {
  unsigned number = 0;
  std::string kind;
  unsigned bytes = 0;
  std::vector<RelocationField> fields;
};
struct Shuffle {
  unsigned mode = 0;
  std::string name;
};

struct Operand {
  std::string name;
  bool out = false;
  bool reg = true;
  std::string cls;         ///< register operands
  char sign = 'u';         ///< immediates: u, s, or n (always negative: field - 2^bits)
  unsigned bits = 0;       ///< immediates
  unsigned scale = 1;      ///< immediates: value = field * scale
  std::string tiedTo;      ///< the same register as that operand, encoded there
  std::string derivedFrom; ///< a part of that operand's register ...
  std::string part;        ///< ... dc, dc.lo or dc.hi
};
struct EncodingField {
  std::string operand; ///< empty: constant bits
  unsigned opHi = 0, opLo = 0;
  std::string bits; ///< constant: 0, 1, x (ignored, written 0)
  unsigned lo = 0, width = 0;
};
struct Instruction {
  std::string name;
  std::string slot;
  std::string itinerary;
  std::string syntax; ///< mnemonic and operands as $name
  std::string mnemonic;
  std::vector<EncodingField> encoding; ///< most significant first
  std::vector<Operand> operands;       ///< outputs, then inputs
  std::vector<std::string> defs, uses; ///< implicit registers
  bool load = false, store = false, effects = false;
  unsigned memoryBytes = 0;
  std::string control; ///< "", call, jump, branch, return
  bool conditional = false;
  std::string source;
  std::string means;
  Place place;

  uint64_t matchMask() const;
  uint64_t matchValue() const;
  int operandIndex(std::string_view operand) const;
};

struct Description {
  std::vector<Register> registers;
  std::vector<OperandClass> classes;
  std::vector<Slot> slots;
  std::vector<Length> lengths;
  std::vector<Format> formats;
  std::vector<std::string> units;
  std::vector<Itinerary> itineraries;
  std::vector<Variant> variants;
  std::vector<Relocation> relocations;
  std::vector<Shuffle> shuffles;
  std::vector<Instruction> instructions; ///< sorted by name

  const Register *findRegister(std::string_view name) const;
  const OperandClass *findClass(std::string_view name) const;
  const Slot *findSlot(std::string_view name) const;
  const Itinerary *findItinerary(std::string_view name) const;
  const Instruction *findInstruction(std::string_view name) const;
};

/// Reads and checks one description made of several files (name, text). Errors: `isa-syntax`,
/// `isa-unknown-name`, `isa-bad-row` with file and line.
Result<Description> parse(const std::vector<std::pair<std::string, std::string>> &files);
/// The same from paths.
Result<Description> read(const std::vector<std::string> &paths);

} // namespace ashlar::isa::description
