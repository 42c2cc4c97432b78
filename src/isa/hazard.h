// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The AIE2 pipeline is exposed: nothing waits for a register, a unit or a partial store, so some
// sequences of bundles do what nobody meant. This looks at finished code and names them.
//
// Reading a register before a value lands is legal (the old value is read, and modulo-scheduled
// code may rely on it), so it is a warning; two writes in one cycle, two uses of one unit, a jump
// in a delay slot or a malformed hardware loop are errors.
#pragma once

#include "isa/isa.h"

namespace ashlar::isa {

struct CodeBundle {
  uint32_t address = 0;
  Bundle bundle;
};

enum class HazardKind : uint8_t {
  EarlyRead,     ///< a read before the value lands: it sees the old value
  WriteClash,    ///< two writes of a register land in one cycle
  WriteOrder,    ///< the later write lands first, so the earlier value stays
  ResourceClash, ///< two uses of one unit or register port in one cycle
  DelaySlotJump, ///< a jump in the delay slots of another one
  DelaySlotEnd,  ///< the code ends inside delay slots
  LoopAlignment, ///< loop start or end is not at a multiple of 16
  LoopEndSize,   ///< the last bundle of a loop is not 16 bytes long
  LoopDistance,  ///< too little code between the write of lc and the loop's end
  LoopPartStore, ///< a sub-word store in the last bundle of a short loop may be lost
  LoopJump,      ///< a jump whose delay slots hold the loop's end
  PartStore,     ///< a memory access while a sub-word store is still changing its word
  LockDistance,  ///< a memory access too near to a lock operation that orders it
  JumpOutside,   ///< a jump to a place that is no bundle of this code
};
const char *hazardName(HazardKind kind); ///< "early-read"

struct Hazard {
  HazardKind kind;
  bool isError;
  uint32_t first, second;       ///< addresses of the two bundles (equal when there is one)
  Opcode firstOp, secondOp;     ///< Invalid when it is about the bundle
  Reg reg = Reg::None;          ///< of the first instruction
  int distance = 0, needed = 0; ///< bundles between issue; what there is and what there must be
  std::string text;             ///< one sentence with both instructions
};

struct HazardOptions {
  bool earlyReads = true;
  bool locks = true;
  size_t limit = 1000; ///< stop after so many
  /// Whether a jump may leave the code (to another section or function).
  bool open = true;
};

/// Looks at all pairs of instructions along all paths that are short enough to matter. `code` is in
/// address order, and may have gaps; loops are found from the constants that are written to ls and
/// le.
std::vector<Hazard> findHazards(std::span<const CodeBundle> code,
                                const HazardOptions &options = {});

/// Decodes code for findHazards. Errors as decodeBundle.
Result<std::vector<CodeBundle>> decodeAll(ByteView code, uint32_t address, const std::string &file);

/// The number of bundles by which the second instruction must be issued later so that their memory
/// accesses happen in that order (a store seen by a load, two stores of one place).
int memoryDistance(const Inst &first, const Inst &second);
/// The same for a lock operation and a memory access, either way round; 0 for other pairs.
int lockDistance(const Inst &first, const Inst &second);
bool isLock(const Inst &inst);
/// A store of less than a word: a load, and later a store, of the whole word.
bool isPartStore(const Inst &inst);
/// A status register in which bits add up: an instruction that writes it besides its result only
/// sets some, so the order of such writes says nothing.
bool isStickyFlag(Reg reg);
/// Whether two instructions issued `distance` bundles apart need one unit in one cycle.
bool unitsClash(const Inst &first, const Inst &second, int distance, Unit *unit = nullptr);

/// What the hardware loop asks of code (measured on compiled code; see aie2 notes in docs).
inline constexpr unsigned kLoopAlign = 16;
inline constexpr unsigned kLoopEndBytes = 16;
inline constexpr unsigned kLoopSetupBytes = 112;   ///< of code between the write of lc and le
inline constexpr unsigned kLoopPartStoreSpan = 96; ///< le - ls up to which a sub-word store is lost
inline constexpr int kCoreStallCycle = 2; ///< cycle in which a lock operation stops the core
inline constexpr int kCoreResumeCycle = 8;

} // namespace ashlar::isa
