// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Event numbers of each tile module. Source: AM025; the table is events.txt.
#pragma once

#include "device/registers.h"

namespace ashlar::device {

/// "LOCK_STALL", or "" where the module has no such event.
std::string_view eventName(Module module, int number);
std::optional<int> eventNumber(Module module, std::string_view name);
constexpr int eventCount(Module m) { return m == Module::MemTile ? 161 : 128; }

namespace ev {
inline constexpr int kTrue = 1, kTimerSync = 3, kTimerValueReached = 4, kPerfCnt0 = 5;
// Core module
inline constexpr int kCoreMemoryStall = 23, kCoreStreamStall = 24, kCoreCascadeStall = 25,
                     kCoreLockStall = 26, kCoreDebugHalted = 27, kCoreActive = 28,
                     kCoreDisabled = 29, kCoreInstrEvent0 = 33, kCoreLockAcquire = 44,
                     kCoreLockRelease = 45;
/// First of PORT_IDLE, RUNNING, STALLED, TLAST, four a selected port.
constexpr int portIdle0(Module m) {
  return m == Module::Core ? 74 : m == Module::MemTile ? 79 : 77;
}
constexpr int broadcast0(Module m) {
  return m == Module::MemTile ? 142 : m == Module::Shim ? 110 : 107;
}
constexpr int userEvent0(Module m) {
  return m == Module::MemTile ? 159 : m == Module::Shim ? 126 : 124;
}
constexpr int lockError(Module m) {
  return m == Module::MemTile ? 139 : m == Module::Shim ? 74 : 101;
}
/// DMA activity events, `kind` 0 start task, 1 finished BD, 2 finished task, 3 stalled on a lock,
/// 4 stream starvation/backpressure, 5 memory. Memtiles: `channel` is the selector 0 or 1.
constexpr int dmaEvent(Module m, int kind, DmaDirection d, int channel) {
  const int base = m == Module::MemTile ? 21 : m == Module::Shim ? 14 : 19;
  return base + 4 * kind + (d == DmaDirection::MM2S ? 2 : 0) + channel;
}
inline constexpr int kMemoryDmaError0 = 97, kMemTileDmaError0 = 133, kShimDmaError0 = 72;
/// First of ACQ_EQ, ACQ_GE, REL, EQUAL_TO_VALUE, four a selected lock.
constexpr int lockSelect0(Module m) {
  return m == Module::MemTile ? 46 : m == Module::Shim ? 39 : 44;
}
constexpr int conflictBank0(Module m) { return m == Module::MemTile ? 112 : 77; }
} // namespace ev

} // namespace ashlar::device
