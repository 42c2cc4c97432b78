// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A core alone with plain surroundings, and programs for it as assembly text.
#pragma once

#include "emulator/core/core.h"
#include "isa/encode.h"
#include "isa/parse.h"

#include <deque>
#include <gtest/gtest.h>
#include <random>

namespace ashlar::emulator::test {

/// All four memories, sixteen locks a window, word queues. With `chaos` every request is refused
/// now and then, by a seed, so two cores that ask alike get alike answers.
class FakePort : public CorePort {
public:
  explicit FakePort(uint32_t seed = 0) : chaos_(seed != 0), rng_(seed) {
    for (auto &m : memory) m.assign(0x10000, 0);
  }
  std::array<uint8_t *, 4> dataWindows() override {
    return {memory[0].data(), memory[1].data(), memory[2].data(), memory[3].data()};
  }
  Answer acquire(int id, int value) override {
    if (refuse()) return Answer::Wait;
    if (chaos_) return Answer::Granted;
    if (value < 0 ? locks[id] < -value : locks[id] != value) return Answer::Wait;
    locks[id] += value < 0 ? value : -value;
    return Answer::Granted;
  }
  Answer release(int id, int value) override {
    if (refuse()) return Answer::Wait;
    locks[id] += value;
    return Answer::Granted;
  }
  Answer streamRead(uint32_t &word, bool &tlast) override {
    if (refuse()) return Answer::Wait;
    tlast = false;
    if (chaos_) {
      word = rng_();
      return Answer::Granted;
    }
    if (input.empty()) return Answer::Wait;
    word = input.front();
    input.pop_front();
    return Answer::Granted;
  }
  Answer streamWrite(uint32_t word, bool tlast) override {
    if (refuse()) return Answer::Wait;
    output.push_back({word, tlast});
    return Answer::Granted;
  }
  Answer cascadeRead(uint8_t (&data)[64]) override {
    if (refuse()) return Answer::Wait;
    for (uint8_t &b : data) b = static_cast<uint8_t>(chaos_ ? rng_() : 7);
    return Answer::Granted;
  }
  Answer cascadeWrite(const uint8_t (&data)[64]) override {
    if (refuse()) return Answer::Wait;
    for (uint8_t b : data) output.push_back({b, false});
    return Answer::Granted;
  }
  Answer busRead(uint32_t address, uint32_t &value) override {
    value = address * 3;
    return Answer::Granted;
  }
  Answer busWrite(uint32_t address, uint32_t value) override {
    output.push_back({address ^ value, false});
    return Answer::Granted;
  }
  void event(int number) override { events.push_back(number); }
  uint32_t requestBanks(uint32_t wanted) override {
    requests.push_back(wanted);
    return chaos_ && rng_() % 8 == 0 ? wanted & rng_() : wanted;
  }
  uint64_t timer() override { return timerValue; }
  uint32_t coreId() override { return 0x00010003; }

  Bytes memory[4];
  int locks[64] = {};
  std::deque<uint32_t> input;
  std::vector<std::pair<uint32_t, bool>> output;
  std::vector<int> events;
  std::vector<uint32_t> requests;
  uint64_t timerValue = 0x123456789;

private:
  bool refuse() { return chaos_ && rng_() % 4 == 0; }
  bool chaos_;
  std::mt19937 rng_;
};

/// Bundles, one a line, to bytes. `nop*5` stands for five empty bundles.
inline Bytes assembleLines(const std::vector<std::string> &lines) {
  Bytes out;
  for (const std::string &line : lines) {
    int repeat = 1;
    std::string text = line;
    if (line.rfind("nop*", 0) == 0) {
      repeat = std::stoi(line.substr(4));
      text = "nop";
    }
    const auto parsed = isa::parseBundle(text, Place::at("test"));
    EXPECT_TRUE(parsed.ok()) << text << ": " << (parsed ? "" : parsed.errors().front().str());
    if (!parsed) return out;
    const auto bundle = isa::makeBundle(parsed->insts);
    EXPECT_TRUE(bundle.ok()) << text;
    const auto bytes = isa::encode(*bundle);
    EXPECT_TRUE(bytes.ok()) << text;
    for (int i = 0; i < repeat; ++i)
      out.insert(out.end(), bytes->view().begin(), bytes->view().end());
  }
  return out;
}

struct Machine {
  FakePort port;
  Core core{port};

  explicit Machine(const std::vector<std::string> &lines) {
    EXPECT_TRUE(core.writeProgram(0, assembleLines(lines)).ok());
    core.setControl(true, false);
  }
  uint32_t get(const char *reg) const { return core.scalar(isa::findReg(reg)); }
  void set(const char *reg, uint32_t v) { core.setScalar(isa::findReg(reg), v); }
  void setVector(const char *reg, const Bytes &v) { core.writeRegister(isa::findReg(reg), v); }
  Bytes vector(const char *reg) const { return core.readRegister(isa::findReg(reg)); }
  uint32_t word(uint32_t address) const {
    return readU32(&port.memory[address >> 16 & 3][address & 0xFFFF]);
  }
  void setWord(uint32_t address, uint32_t v) {
    writeU32(&port.memory[address >> 16 & 3][address & 0xFFFF], v);
  }
  CoreState steps(int n) {
    CoreState s = core.state();
    for (int i = 0; i < n; ++i) s = core.cycle();
    return s;
  }
  CoreState finish(int limit = 10000) {
    for (int i = 0; i < limit; ++i)
      if (const CoreState s = core.cycle(); s == CoreState::Done || s == CoreState::Faulted) break;
    if (core.fault() != nullptr) ADD_FAILURE() << core.fault()->str();
    return core.state();
  }
};

} // namespace ashlar::emulator::test
