// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The AIE2 instruction set: what an instruction is, its encoding, timing and registers. All facts
// come from the description (src/isa/*.isa) through tables made at build time; nothing here names
// an encoding. decode.h, encode.h, print.h and asm.h work on the types of this file.
#pragma once

#include "base/base.h"
#include "isa/generated/enums.h"

#include <array>
#include <span>

namespace ashlar::isa {

inline constexpr unsigned kMaxOperands = 7;
inline constexpr unsigned kMaxSlots = 7; ///< a bundle fills at most 6 of the 8 slots
inline constexpr unsigned kMaxBundleBytes = 16;
inline constexpr unsigned kBranchDelaySlots = 5;

/// An instruction with its operands in the order outputs, inputs: a register operand is its Reg
/// number, an immediate its real (scaled) value. Operands that are derived from another one, tied
/// to one or fixed are filled in by decode and by `complete`.
struct Inst {
  Opcode opcode = Opcode::Invalid;
  std::array<int32_t, kMaxOperands> ops{};

  Reg reg(unsigned i) const { return static_cast<Reg>(ops[i]); }
  bool operator==(const Inst &) const = default;
};

/// One issue: `count` instructions in the order of the format's fields, most significant first,
/// including those without effect.
struct Bundle {
  uint8_t size = 0; ///< bytes
  FormatId format = FormatId::Invalid;
  uint8_t count = 0;
  std::array<Inst, kMaxSlots> insts{};

  std::span<const Inst> all() const { return {insts.data(), count}; }
  std::span<Inst> all() { return {insts.data(), count}; }
};

// ---- instructions ------------------------------------------------------------------------------

enum class Sign : uint8_t { Unsigned, Signed, Negative };
/// Which part of another operand's register a derived operand is.
enum class Part : uint8_t { None, Dc, DcLo, DcHi };
enum class Control : uint8_t { None, Call, Jump, Branch, Return };

/// Bits [width] of the slot word from `lo` are bits from `opLo` of the operand's encoded value.
struct EncodedField {
  uint8_t lo, width, opLo;
};

struct OperandInfo {
  const char *name;
  bool out;
  bool isReg;
  ClassId cls; ///< registers
  Sign sign;   ///< immediates
  uint8_t bits;
  int16_t scale;      ///< immediates: value = field * scale
  int8_t tiedTo;      ///< operand that must be the same register, or -1
  int8_t derivedFrom; ///< operand of which this is `part`, or -1
  Part part;
  Reg fixed; ///< the only register of its class, or None
  uint8_t numFields;
  EncodedField fields[2];

  /// The programmer chooses it: neither derived nor fixed nor tied.
  bool isFree() const { return derivedFrom < 0 && fixed == Reg::None && tiedTo < 0; }
  int64_t minimum() const;
  int64_t maximum() const;
};

struct InstInfo {
  const char *name;
  const char *mnemonic;
  const char *syntax; ///< as in the description: "add $d, $a, $b"
  const char *layout; ///< the operand text: literal characters and \x01+i for operand i
  const char *source;
  const char *means; ///< "" when not described
  Slot slot;
  ItineraryId itinerary; ///< before variants, see itinerary(Inst)
  Control control;
  bool conditional;
  bool mayLoad, mayStore, sideEffects, isNop;
  uint8_t memoryBytes;
  uint64_t mask, value; ///< constant bits of the slot word
  std::span<const OperandInfo> operands;
  std::span<const Reg> defs, uses; ///< implicit
  unsigned numOuts;
};

const InstInfo &info(Opcode opcode);
inline const InstInfo &info(const Inst &inst) { return info(inst.opcode); }
/// Opcode::Invalid when there is none of that name.
Opcode findOpcode(std::string_view name);
/// All instructions with that mnemonic.
std::span<const Opcode> opcodesOf(std::string_view mnemonic);
/// Fills in the tied, fixed and derived operands from the free ones.
void complete(Inst &inst);
/// The instruction without effect of a slot.
Opcode nopOf(Slot slot);

// ---- slots and formats -------------------------------------------------------------------------

struct SlotInfo {
  const char *name;
  uint8_t bits;
  Opcode nop;
};
const SlotInfo &info(Slot slot);

struct FormatSlot {
  Slot slot;
  uint8_t lo; ///< lowest bit in the bundle
};
struct FormatInfo {
  const char *name;
  uint8_t bytes;
  uint8_t slotMask;                  ///< bit i = Slot(i)
  uint64_t mask, value;              ///< bits that the hardware looks at (all in the low 64)
  std::span<const FormatSlot> slots; ///< most significant first
};
const FormatInfo &info(FormatId format);
inline uint8_t slotBit(Slot slot) {
  return static_cast<uint8_t>(1u << static_cast<unsigned>(slot));
}
/// The smallest format of at least `minBytes` that holds these slots; Invalid when none does.
FormatId chooseFormat(uint8_t slotMask, unsigned minBytes = 0);

// ---- registers ---------------------------------------------------------------------------------

struct RegPart {
  Reg reg;
  uint16_t bit;
};
struct RegInfo {
  const char *name;
  const char *asmName;
  const char *kind;
  uint16_t bits;
  int16_t hw;
  int16_t dwarf;
  bool saved;
  std::span<const RegPart> parts; ///< direct parts; empty for storage of its own
  std::span<const uint8_t> units; ///< storage units in ascending bit order
};
const RegInfo &info(Reg reg);
Reg findReg(std::string_view name);
/// The register that is storage unit `unit` (0 .. kRegUnitCount-1).
Reg unitReg(unsigned unit);
bool overlap(Reg a, Reg b);
/// `dc` of a 2D modifier d, or of the low or high half of a 3D one; other parts likewise.
Reg derivedReg(Reg from, Part part);

struct ClassInfo {
  const char *name;
  uint8_t bits;
  bool encodable;
  std::span<const Reg> members;      ///< in the order of their encoded values
  std::span<const uint16_t> byValue; ///< Reg for each encoded value, 0 = invalid
};
const ClassInfo &info(ClassId cls);
/// The encoded value of `reg` in `cls`, or -1.
int encodedValue(ClassId cls, Reg reg);
inline bool contains(ClassId cls, Reg reg) { return encodedValue(cls, reg) >= 0; }

// ---- timing ------------------------------------------------------------------------------------

struct Stage {
  Unit unit;
  uint8_t cycle, length; ///< busy in [cycle, cycle + length), cycle 1 = issue
  bool reserved;         ///< clashes only with a use that is not reserved
};
struct ItineraryInfo {
  const char *name;
  std::span<const Stage> stages;
  std::span<const uint8_t> cycles; ///< outs, ins, implicit defs, implicit uses
  std::span<const Bypass> bypass;  ///< may be shorter
  std::span<const uint8_t> memory; ///< cycles that touch memory
};
const ItineraryInfo &info(ItineraryId itinerary);
const char *unitName(Unit unit);
/// The itinerary of an instruction with these operands (variants depend on register classes).
ItineraryId itineraryOf(const Inst &inst);
inline const ItineraryInfo &timing(const Inst &inst) { return info(itineraryOf(inst)); }

/// One register that an instruction reads or writes, and when.
struct Access {
  Reg reg;
  bool write;
  uint8_t cycle;
  Bypass bypass;
  int8_t operand; ///< index, or -1 when implicit
};
struct Accesses {
  uint8_t count = 0;
  std::array<Access, 14> items;
  const Access *begin() const { return items.data(); }
  const Access *end() const { return items.data() + count; }
};
Accesses accesses(const Inst &inst);
/// Bundles that must lie between issue of the writer and issue of the reader: the reader issued
/// n bundles later sees the value when n >= this (may be zero or negative).
inline int latency(const Access &write, const Access &read) {
  bool bypassed = write.bypass != Bypass::None && write.bypass == read.bypass;
  return write.cycle - read.cycle + (bypassed ? 0 : 1);
}

// ---- shuffles ----------------------------------------------------------------------------------

inline constexpr unsigned kShuffleModes = 64;
/// Byte i of the result is input byte [i] (0..63 first source, 64..127 second, 255 zero).
std::array<uint8_t, 64> shuffleBytes(unsigned mode);
/// "" for modes without a name.
const char *shuffleName(unsigned mode);

} // namespace ashlar::isa
