// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs compiled functions on the emulated core: a small loader puts the sections of one object at
// fixed addresses and calls a function with arguments in r0.. and p0...
#pragma once

#include "base/base.h"
#include "emulator/core/core.h"

#include <map>
#include <memory>

namespace codegen_test {

struct Call {
  uint32_t result = 0;     ///< r0
  uint32_t resultHigh = 0; ///< r1
  uint64_t cycles = 0;
};

class Machine : public ashlar::emulator::CorePort {
public:
  /// Compiles the IR text and loads it. Fails the current test on an error.
  Machine(const std::string &ir, unsigned optLevel);
  bool ok() const { return ok_; }
  /// Whether its code fits in program memory; what does not can only be compiled, not called.
  bool fits() const { return fits_; }

  /// Calls a function; words in r registers, pointers in p registers, behind those of its result.
  Call call(const std::string &function, const std::vector<uint32_t> &words = {},
            const std::vector<uint32_t> &pointers = {});
  uint32_t address(const std::string &symbol) const;
  uint32_t load(uint32_t address) const;
  void store(uint32_t address, uint32_t value);
  uint8_t *memory(uint32_t address) { return &memory_[address & 0xffff]; }

  std::vector<std::pair<int, int>> locks; ///< operations seen: id, value (releases as they are)

  std::array<uint8_t *, 4> dataWindows() override {
    return {nullptr, nullptr, nullptr, memory_.data()};
  }
  ashlar::emulator::Answer acquire(int id, int value) override;
  ashlar::emulator::Answer release(int id, int value) override;
  ashlar::emulator::Answer streamRead(uint32_t &, bool &) override { return absent(); }
  ashlar::emulator::Answer streamWrite(uint32_t, bool) override { return absent(); }
  ashlar::emulator::Answer cascadeRead(uint8_t (&)[64]) override { return absent(); }
  ashlar::emulator::Answer cascadeWrite(const uint8_t (&)[64]) override { return absent(); }
  ashlar::emulator::Answer busRead(uint32_t, uint32_t &) override { return absent(); }
  ashlar::emulator::Answer busWrite(uint32_t, uint32_t) override { return absent(); }
  void event(int) override {}
  uint64_t timer() override { return 0; }
  uint32_t coreId() override { return 0x20; }

private:
  static ashlar::emulator::Answer absent() { return ashlar::emulator::Answer::Absent; }
  ashlar::Status loadObject(ashlar::ByteView object);
  std::vector<uint8_t> memory_ = std::vector<uint8_t>(0x10000);
  std::vector<uint8_t> program_;
  std::map<std::string, uint32_t> symbols_;
  std::string ir_;
  bool ok_ = false, fits_ = true;
};

} // namespace codegen_test
