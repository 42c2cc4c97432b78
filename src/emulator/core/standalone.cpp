// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Locks and streams as plain counters and queues.
#include "emulator/core/standalone.h"

#include "device/geometry.h"

namespace ashlar::emulator {

void StandalonePort::addWindow(int window) {
  Bytes &m = memory_[static_cast<size_t>(window)];
  if (m.empty()) m.assign(device::kCoreWindowBytes, 0);
}

uint8_t *StandalonePort::at(uint32_t address, size_t bytes) {
  if (address < device::kCoreWindowSouth) return nullptr;
  const uint32_t window = (address - device::kCoreWindowSouth) / device::kCoreWindowBytes;
  const uint32_t offset = address % device::kCoreWindowBytes;
  if (window >= memory_.size() || memory_[window].empty() ||
      bytes > device::kCoreWindowBytes - offset)
    return nullptr;
  return &memory_[window][offset];
}

std::array<uint8_t *, 4> StandalonePort::dataWindows() {
  std::array<uint8_t *, 4> windows{};
  for (size_t i = 0; i < windows.size(); ++i)
    windows[i] = memory_[i].empty() ? nullptr : memory_[i].data();
  return windows;
}

Answer StandalonePort::acquire(int id, int value) {
  const auto lock = locks.find(id);
  if (lock == locks.end()) return Answer::Absent;
  // Negative: at least that much; positive or zero: exactly that much.
  if (value < 0 ? lock->second < -value : lock->second != value) return Answer::Wait;
  lock->second -= value < 0 ? -value : value;
  return Answer::Granted;
}

Answer StandalonePort::release(int id, int value) {
  const auto lock = locks.find(id);
  if (lock == locks.end()) return Answer::Absent;
  lock->second += value;
  return Answer::Granted;
}

Answer StandalonePort::streamRead(uint32_t &word, bool &tlast) {
  tlast = false;
  if (!hasInput) return Answer::Absent;
  if (input.empty()) return Answer::Wait;
  word = input.front();
  input.pop_front();
  return Answer::Granted;
}

Answer StandalonePort::streamWrite(uint32_t word, bool) {
  if (!hasOutput) return Answer::Absent;
  output.push_back(word);
  return Answer::Granted;
}

} // namespace ashlar::emulator
