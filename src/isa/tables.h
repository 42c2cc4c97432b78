// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The generated tables behind isa.h: not for other stages.
#pragma once

#include "isa/isa.h"

namespace ashlar::isa::tables {

/// A node of a decision tree over a word: the bits [shift, shift + bits) select a child. A child is
/// a node's index, or kLeaf + the number of what was found, or kNone.
struct TreeNode {
  uint8_t shift, bits;
  uint16_t children; ///< index in the children array
};
inline constexpr uint16_t kLeaf = 0x8000;
inline constexpr uint16_t kNone = 0xFFFF;

struct Variant {
  ItineraryId base, itinerary;
  uint8_t count;
  uint8_t operand[2];
  ClassId cls[2];
};
struct VariantRange {
  uint16_t first, count;
};
struct RelocationField {
  uint8_t valueLo, width, bit;
};
struct Relocation {
  const char *kind;
  uint8_t bytes;
  uint8_t numFields;
  RelocationField fields[2];
};

extern const InstInfo insts[];
extern const SlotInfo slots[];
extern const FormatInfo formats[];
extern const RegInfo regs[];
extern const uint16_t unitRegs[];
extern const ClassInfo classes[];
extern const ItineraryInfo itineraries[];
extern const Variant variants[];
extern const VariantRange variantRanges[]; ///< by ItineraryId
extern const uint8_t bytesByLowBits[16];
extern const TreeNode nodes[];
extern const uint16_t children[];
extern const uint16_t slotRoots[];      ///< by Slot: child value
extern const uint16_t formatRoots[];    ///< by bytes / 2
extern const uint8_t formatChoice[][9]; ///< [slot mask][minBytes / 2]: FormatId
extern const Relocation relocations[];
extern const char *const shuffleNames[64];
extern const char *const unitNames[];

struct MnemonicRow {
  const char *mnemonic;
  uint16_t first, count;
};
extern const MnemonicRow mnemonics[]; ///< sorted
extern const unsigned mnemonicCount;
extern const Opcode byMnemonic[];
struct NameRow {
  const char *name;
  uint16_t number;
};
extern const NameRow regNames[]; ///< names and assembly spellings, sorted
extern const unsigned regNameCount;

} // namespace ashlar::isa::tables
