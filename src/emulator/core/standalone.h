// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Surroundings for a core without an array: its own data memory, the neighbours' where a program
// brings contents for them, and locks and streams only where the user asks for them. What was not
// asked for is absent, so a program that needs it stops with a message instead of waiting for ever.
#pragma once

#include "emulator/core/core_port.h"

#include "base/bytes.h"

#include <deque>
#include <map>

namespace ashlar::emulator {

class StandalonePort : public CorePort {
public:
  StandalonePort() { addWindow(kOwn); }

  static constexpr int kOwn = 3;
  /// Gives window 0..3 a memory of zeros. The core has to be (re)started to see it.
  void addWindow(int window);
  /// Bytes at a core address 0x40000..0x7FFFF; null when they are not all in one present memory.
  uint8_t *at(uint32_t address, size_t bytes);

  std::map<int, int> locks; ///< by the core's lock number; others are absent
  bool hasInput = false, hasOutput = false;
  std::deque<uint32_t> input;
  std::vector<uint32_t> output;
  std::vector<int> events;
  uint64_t cycles = 0; ///< what `mov l, cntr` reads; kept by the caller

  std::array<uint8_t *, 4> dataWindows() override;
  Answer acquire(int id, int value) override;
  Answer release(int id, int value) override;
  Answer streamRead(uint32_t &word, bool &tlast) override;
  Answer streamWrite(uint32_t word, bool tlast) override;
  Answer cascadeRead(uint8_t (&)[64]) override { return Answer::Absent; }
  Answer cascadeWrite(const uint8_t (&)[64]) override { return Answer::Absent; }
  Answer busRead(uint32_t, uint32_t &) override { return Answer::Absent; }
  Answer busWrite(uint32_t, uint32_t) override { return Answer::Absent; }
  void event(int number) override { events.push_back(number); }
  uint64_t timer() override { return cycles; }
  uint32_t coreId() override { return 2; } // column 0, row 2: the first core of a partition

private:
  std::array<Bytes, 4> memory_;
};

} // namespace ashlar::emulator
