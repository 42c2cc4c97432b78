// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The amdxdna kernel driver's interface as XRT's user-space driver uses it: numbers and layouts of
// the ioctls (public Linux uapi, drm/amdxdna_accel.h and drm.h), written down here because the
// headers of Debian 12 and 13 do not have them yet. Only the number of an ioctl counts, never its
// direction or size bits: versions differ in those and the kernel ignores them too.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ashlar::accel::uapi {

inline constexpr char kIoctlType = 'd';

enum Ioctl : uint32_t {
  kGemClose = 0x09,
  kPrimeHandleToFd = 0x2D,
  kPrimeFdToHandle = 0x2E,
  kCreateHwctx = 0x40,
  kDestroyHwctx = 0x41,
  kConfigHwctx = 0x42,
  kCreateBo = 0x43,
  kGetBoInfo = 0x44,
  kSyncBo = 0x45,
  kExecCmd = 0x46,
  kGetInfo = 0x47,
  kSetState = 0x48,
  kWaitCmd = 0x49,
  kGetArray = 0x4A,
  kSyncobjCreate = 0xBF,
  kSyncobjDestroy = 0xC0,
  kSyncobjTimelineWait = 0xCA,
};

inline constexpr uint64_t kInvalid = ~uint64_t{0};

struct QosInfo {
  uint32_t gops, fps, dmaBandwidth, latency, frameExecTime, priority;
};
struct CreateHwctx {
  uint64_t ext, extFlags, qos;
  uint32_t umqBo, logBo, maxOpc, numTiles, memSize, umqDoorbell, handle, syncobj;
};
static_assert(sizeof(CreateHwctx) == 56);
struct DestroyHwctx {
  uint32_t handle, pad;
};
enum ConfigParam : uint32_t { kConfigCu = 0 };
struct CuConfig {
  uint32_t bo;
  uint8_t function, pad[3];
};
struct ConfigHwctx {
  uint32_t handle, param;
  uint64_t value;
  uint32_t valueSize, pad;
};
static_assert(sizeof(ConfigHwctx) == 24);

enum BoType : uint32_t { kBoShare = 1, kBoDevHeap = 2, kBoDev = 3, kBoCmd = 4 };
struct CreateBo {
  uint64_t flags, vaddr, size;
  uint32_t type, handle;
};
static_assert(sizeof(CreateBo) == 32);
struct VaEntry {
  uint64_t address, length;
};
/// What CreateBo::vaddr points to: memory of the user that becomes a BO.
struct VaTable {
  int32_t dmabufFd;
  uint32_t entries;
  VaEntry entry[1];
};
struct BoInfo {
  uint64_t ext, extFlags;
  uint32_t handle, pad;
  uint64_t mapOffset, vaddr, deviceAddress;
};
static_assert(sizeof(BoInfo) == 48);
struct SyncBo {
  uint32_t handle, direction; ///< 0 = to the device
  uint64_t offset, size;
};
struct ExecCmd {
  uint64_t ext, extFlags;
  uint32_t hwctx, type;
  uint64_t commands; ///< the command BO's handle itself when there is one
  uint64_t arguments;
  uint32_t commandCount, argumentCount;
  uint64_t sequence;
};
static_assert(sizeof(ExecCmd) == 56);
struct WaitCmd {
  uint32_t hwctx, timeoutMs; ///< 0 = for ever
  uint64_t sequence;
};
enum InfoParam : uint32_t {
  kAieMetadata = 1,
  kAieVersion = 2,
  kClockMetadata = 3,
  kSensors = 4,
  kFirmwareVersion = 8,
  kPowerMode = 9,
  kForcePreempt = 11,
  kResourceInfo = 12,
  kFrameBoundaryPreempt = 13,
};
struct GetInfo { ///< also SetState
  uint32_t param, bufferSize;
  uint64_t buffer;
};
struct TileMetadata {
  uint16_t rows, firstRow, dmaChannels, locks, eventRegisters, pad[3];
};
struct AieMetadata {
  uint32_t columnBytes;
  uint16_t columns, rows;
  uint32_t versionMajor, versionMinor;
  TileMetadata core, mem, shim;
};
static_assert(sizeof(AieMetadata) == 64);
struct Clock {
  char name[16];
  uint32_t mhz, pad;
};
struct FirmwareVersion {
  uint32_t major, minor, patch, build;
};
struct ResourceInfo {
  uint64_t clockMax, topsMax, tasksMax, topsNow, tasksNow;
};
enum ArrayParam : uint32_t { kHwContextAll = 0, kLastAsyncError = 2 };
struct GetArray {
  uint32_t param, elementSize, elements, pad;
  uint64_t buffer;
};
struct HwctxEntry {
  uint32_t contextId, startColumn, columns, hwctxId;
  int64_t pid;
  uint64_t submissions, completions, migrations, preemptions, errors, priority, heapUsage,
      suspensions;
  uint32_t state, pasid, gops, fps, dmaBandwidth, latency, frameExecTime;
  uint32_t txnOp, contextPc, fatalError, fatalException, fatalPc, fatalModule, pad;
};
static_assert(sizeof(HwctxEntry) == 144);

struct GemClose {
  uint32_t handle, pad;
};
struct Prime {
  uint32_t handle, flags;
  int32_t fd;
};
struct Syncobj { ///< create (handle out) and destroy (handle in)
  uint32_t handle, flags;
};
struct TimelineWait {
  uint64_t handles, points;
  int64_t deadlineNs; ///< CLOCK_MONOTONIC; INT64_MAX = for ever
  uint32_t count, flags, firstSignaled, pad;
  uint64_t hintNs;
};
static_assert(sizeof(TimelineWait) == 48);

// --- command BOs (ERT packets)
// --------------------------------------------------------------------
enum CommandState : uint32_t {
  kNew = 1,
  kCompleted = 4,
  kError = 5,
  kAbort = 6,
  kSubmitted = 7,
  kTimeout = 8,
};
enum CommandOpcode : uint32_t { kStartCu = 0, kChain = 19, kStartNpu = 20 };

} // namespace ashlar::accel::uapi
