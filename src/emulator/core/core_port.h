// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What one AIE2 core sees of the tile around it. The core owns its registers, pipeline and program
// memory; everything else (data memories, locks, streams, cascade, timer, the tile's registers) is
// behind this port, so the same core runs in an array, alone in `ashlar core`, and in tests.
// Every request is repeatable: a core that is told to wait asks again in a later cycle and has
// changed nothing meanwhile.
#pragma once

#include <array>
#include <cstdint>

namespace ashlar::emulator {

enum class Answer : uint8_t {
  Granted, ///< done
  Wait,    ///< not now: the core stalls and asks again
  Absent   ///< there is no such thing here (no neighbour, no connection): the core faults
};

class CorePort {
public:
  virtual ~CorePort() = default;

  /// The four 64 KiB data windows in address order: 0 south (0x40000), 1 west, 2 north, 3 own
  /// (0x70000). Null where there is no memory. Asked for when the core leaves reset.
  virtual std::array<uint8_t *, 4> dataWindows() = 0;

  /// Lock `id` as the core names it (0..15 south, 16.. west, 32.. north, 48..63 own), value signed.
  virtual Answer acquire(int id, int value) = 0;
  virtual Answer release(int id, int value) = 0;

  /// The core's stream input and output.
  virtual Answer streamRead(uint32_t &word, bool &tlast) = 0;
  virtual Answer streamWrite(uint32_t word, bool tlast) = 0;

  /// 512-bit cascade link.
  virtual Answer cascadeRead(uint8_t (&data)[64]) = 0;
  virtual Answer cascadeWrite(const uint8_t (&data)[64]) = 0;

  /// The tile's memory-mapped registers over the processor bus; the address is the core's
  /// (0x80000..0xBFFFF). Absent: bus disabled or no such register.
  virtual Answer busRead(uint32_t address, uint32_t &value) = 0;
  virtual Answer busWrite(uint32_t address, uint32_t value) = 0;

  /// The `event` instruction, 0..3.
  virtual void event(int number) = 0;

  /// Arbitration for this cycle: bit 8*window+bank is set for each 128-bit physical bank that the
  /// core wants to touch. Returns the banks granted; for the others the core stalls a cycle and
  /// asks again.
  virtual uint32_t requestBanks(uint32_t wanted) { return wanted; }

  /// Whether access() is to be told of each access to data memory; asked for when the core leaves
  /// reset.
  virtual bool watchesMemory() { return false; }
  virtual void access(uint32_t /*address*/, uint32_t /*bytes*/, bool /*write*/, uint32_t /*pc*/) {}

  /// The tile's free-running 64-bit cycle counter (`mov l, cntr`).
  virtual uint64_t timer() = 0;
  /// What `mov r, core_id` reads.
  virtual uint32_t coreId() = 0;
};

} // namespace ashlar::emulator
