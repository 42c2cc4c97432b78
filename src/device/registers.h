// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The array's registers: offsets that code needs by name, and the whole table (registers.txt) for
// naming any register and its fields. Sources: AM025; encodings proven by byte-identical PDIs.
#pragma once

#include "device/geometry.h"

#include <span>

namespace ashlar::device {

/// A core tile has two modules, the others one.
enum class Module : uint8_t { Core, Memory, MemTile, Shim };
const char *moduleName(Module m);
/// The module that answers at `offset` of a tile.
constexpr Module moduleOf(TileKind kind, uint32_t offset) {
  if (kind == TileKind::Mem) return Module::MemTile;
  if (kind == TileKind::Shim) return Module::Shim;
  return offset < 0x20000 || (offset >= 0x40000 && offset < 0x60000) ? Module::Memory
                                                                     : Module::Core;
}

struct RegisterField {
  const char *name;
  int high, low;
};
struct RegisterInfo {
  Module module;
  uint32_t offset;
  const char *name;
  const char *access; ///< rw, ro, wo, wtc, mixed
  int width;          ///< bits
  uint32_t reset;
  std::span<const RegisterField> fields;
};
/// The register at exactly this tile offset, or null.
const RegisterInfo *findRegister(TileKind kind, uint32_t offset);
const RegisterInfo *findRegister(Module module, std::string_view name);
/// All registers, sorted by module and offset.
std::span<const RegisterInfo> registers();
/// "Core_Control[Enable=1 Reset=0]", or the plain offset and value when nothing has that offset.
std::string describeRegister(TileKind kind, uint32_t offset, uint32_t value);

// --- offsets that code needs --------------------------------------------------------------------
namespace reg {
// Core module
inline constexpr uint32_t kProgramMemory = 0x20000;
inline constexpr uint32_t kCoreRegisters = 0x30000, kCoreRegistersEnd = 0x31500;
inline constexpr uint32_t kCorePc = 0x31100, kCoreSp = 0x31120, kCoreLr = 0x31130;
inline constexpr uint32_t kCoreControl = 0x32000;               ///< [0] enable [1] reset
inline constexpr uint32_t kCoreReset = 2, kDmaChannelReset = 2; ///< bits of the control registers
inline constexpr uint32_t kCoreStatus = 0x32004;
inline constexpr uint32_t kCoreProcessorBus = 0x32038; ///< [0] enable
inline constexpr uint32_t kEnableEvents = 0x32008, kResetEvent = 0x3200C;
inline constexpr uint32_t kPcEvent0 = 0x32020;           ///< 4, [31] valid [13:0] pc
inline constexpr uint32_t kAccumulatorControl = 0x36060; ///< cascade: [0] input W, [1] output E
inline constexpr uint32_t kCoreStatusDone = 1u << 20;

/// Registers with the same layout in every module: offsets from eventBase().
constexpr uint32_t eventBase(Module m) {
  return m == Module::Memory ? 0x14000 : m == Module::MemTile ? 0x94000 : 0x34000;
}
inline constexpr uint32_t kTimerControl = 0x00, kEventGenerate = 0x08, kEventBroadcast = 0x10;
inline constexpr uint32_t kBroadcastBlock = 0x50; ///< S W N E, 0x10 apart; set, clear, value
inline constexpr uint32_t kTraceControl0 = 0xD0, kTraceControl1 = 0xD4, kTraceStatus = 0xD8;
inline constexpr uint32_t kTraceEvent0 = 0xE0;
inline constexpr uint32_t kTimerTrigLow = 0xF0, kTimerTrigHigh = 0xF4;
inline constexpr uint32_t kTimerLow = 0xF8, kTimerHigh = 0xFC;
inline constexpr uint32_t kEventStatus = 0x200;
inline constexpr uint32_t kComboInputs = 0x400, kComboControl = 0x404, kEdgeDetection = 0x408;
inline constexpr uint32_t kGroupEnable = 0x500;
/// Performance counters: control, counter and event value registers of a module.
constexpr uint32_t perfBase(Module m) {
  return m == Module::Core      ? 0x31500
         : m == Module::Memory  ? 0x11000
         : m == Module::MemTile ? 0x91000
                                : 0x31000;
}
constexpr int perfCounters(Module m) { return m == Module::Core || m == Module::MemTile ? 4 : 2; }
inline constexpr uint32_t kPerfCounter = 0x20, kPerfValue = 0x80, kPerfReset = 0x08;

// Locks
constexpr uint32_t lockBase(TileKind k) {
  return k == TileKind::Mem ? 0xC0000 : k == TileKind::Shim ? 0x14000 : 0x1F000;
}
inline constexpr uint32_t kLockStride = 0x10;
constexpr uint32_t lockRequestBase(TileKind k) { return k == TileKind::Mem ? 0xD0000 : 0x40000; }
constexpr uint32_t lockEventSelection(TileKind k) {
  return lockBase(k) + (k == TileKind::Mem ? 0x400 : 0x100);
}
constexpr uint32_t lockOverflow(TileKind k) {
  return lockBase(k) + (k == TileKind::Mem ? 0x420 : 0x120);
}
constexpr uint32_t lockUnderflow(TileKind k) {
  return lockBase(k) + (k == TileKind::Mem ? 0x428 : 0x128);
}
inline constexpr int lockRequestStride = 0x400, lockRequestAcquire = 0x200;

// DMA
constexpr uint32_t bdBase(TileKind k) { return k == TileKind::Mem ? 0xA0000 : 0x1D000; }
inline constexpr uint32_t kBdStride = 0x20;
/// Channel control; the start queue is the next word.
constexpr uint32_t dmaControl(TileKind k, DmaDirection d, int channel) {
  const uint32_t base = k == TileKind::Mem ? 0xA0600 : k == TileKind::Shim ? 0x1D200 : 0x1DE00;
  const uint32_t mm2s = k == TileKind::Mem ? 0x30 : 0x10;
  return base + (d == DmaDirection::MM2S ? mm2s : 0) + 8 * static_cast<uint32_t>(channel);
}
constexpr uint32_t dmaQueue(TileKind k, DmaDirection d, int channel) {
  return dmaControl(k, d, channel) + 4;
}
constexpr uint32_t dmaStatus(TileKind k, DmaDirection d, int channel) {
  const uint32_t base = k == TileKind::Mem ? 0xA0660 : k == TileKind::Shim ? 0x1D220 : 0x1DF00;
  const uint32_t mm2s = k == TileKind::Mem ? 0x20 : k == TileKind::Shim ? 0x08 : 0x10;
  return base + (d == DmaDirection::MM2S ? mm2s : 0) + 4 * static_cast<uint32_t>(channel);
}
/// S2MM words written by the running BD.
constexpr uint32_t dmaWriteCount(TileKind k, int channel) {
  const uint32_t base = k == TileKind::Mem ? 0xA06B0 : k == TileKind::Shim ? 0x1D230 : 0x1DF18;
  return base + 4 * static_cast<uint32_t>(channel);
}
/// Lengths of transfers that TLAST ended, oldest first.
constexpr uint32_t dmaFotCount(TileKind k, int channel) {
  const uint32_t base = k == TileKind::Mem ? 0xA06C8 : k == TileKind::Shim ? 0x1D238 : 0x1DF20;
  return base + 4 * static_cast<uint32_t>(channel);
}
inline constexpr uint32_t kDmaEventChannels = 0xA06A0; ///< memtile: channels that raise SEL events

// Stream switch
constexpr uint32_t switchBase(TileKind k) { return k == TileKind::Mem ? 0xB0000 : 0x3F000; }
constexpr uint32_t switchMaster(TileKind k, int index) {
  return switchBase(k) + 4 * static_cast<uint32_t>(index);
}
constexpr uint32_t switchSlave(TileKind k, int index) {
  return switchBase(k) + 0x100 + 4 * static_cast<uint32_t>(index);
}
constexpr uint32_t switchSlot(TileKind k, int index, int slot) {
  return switchBase(k) + 0x200 + 16 * static_cast<uint32_t>(index) +
         4 * static_cast<uint32_t>(slot);
}
inline constexpr uint32_t kSwitchMerge = 0x800, kSwitchMergeStride = 0x10, kSwitchMergeControl = 8;
inline constexpr uint32_t kSwitchEventPorts = 0xF00;
inline constexpr uint32_t kControlPacketStatus = 0xF30;
inline constexpr uint32_t kSwitchEnable = 1u << 31, kSwitchPacket = 1u << 30;
inline constexpr uint32_t kMuxConfig = 0x1F000, kDemuxConfig = 0x1F004;

constexpr uint32_t memoryControl(TileKind k) { return k == TileKind::Mem ? 0x96048 : 0x16010; }
constexpr uint32_t tileControl(TileKind k) { return k == TileKind::Mem ? 0x96030 : 0x36030; }
} // namespace reg

} // namespace ashlar::device
