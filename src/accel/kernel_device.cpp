// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The ioctls. Numbers that a Phoenix reports are from its public descriptions; error numbers are
// the driver's.
#include "accel/kernel_device.h"

#include "accel/explain.h"
#include "accel/user_copy.h"
#include "accel/user_memory.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace ashlar::accel {
namespace {

using device::TileKind;

constexpr size_t kMostContexts = 6, kMostUnits = 32, kMostArguments = 4095;
constexpr int kCoreRows = device::kRows - device::kFirstCoreRow;
constexpr uint32_t kColumnBytes = 1u << 25;
constexpr uint32_t kControllerMhz = 847, kArrayMhz = 1600;
constexpr uint16_t kEventRegisters = 128;
constexpr uapi::FirmwareVersion kFirmware = {1, 5, 5, 391};

uapi::TileMetadata tileMetadata(TileKind kind, int rows, int first) {
  uapi::TileMetadata m{};
  m.rows = static_cast<uint16_t>(rows);
  m.firstRow = static_cast<uint16_t>(first);
  m.dmaChannels = static_cast<uint16_t>(device::dmaChannels(kind));
  m.locks = static_cast<uint16_t>(device::lockCount(kind));
  m.eventRegisters = kEventRegisters;
  return m;
}

/// A point of CLOCK_MONOTONIC, which is what libstdc++'s steady_clock counts.
std::optional<std::chrono::steady_clock::time_point> deadlineAt(int64_t ns) {
  if (ns == INT64_MAX || ns < 0) return std::nullopt;
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(ns));
}

} // namespace

KernelDevice::~KernelDevice() { reset(); }

void KernelDevice::reset() {
  const std::lock_guard lock(mutex_);
  for (auto &[handle, c] : contexts_) c->stop();
  contexts_.clear();
  syncobjs_.clear();
  buffers_ = Buffers();
  driverSync_ = false;
}

bool KernelDevice::busy() {
  const std::lock_guard lock(mutex_);
  return std::any_of(contexts_.begin(), contexts_.end(),
                     [](const auto &c) { return c.second->busy(); });
}

template <class T> int KernelDevice::with(void *argument, int (KernelDevice::*handler)(T &)) {
  T value{};
  if (!copyIn(&value, argument, sizeof value)) return EFAULT;
  if (const int status = (this->*handler)(value)) return status;
  return copyOut(argument, &value, sizeof value) ? 0 : EFAULT;
}

int KernelDevice::ioctl(uint32_t number, void *argument) {
  const int status = dispatch(number, argument);
  if (status != 0 && status != ETIME && inherited_.exchange(false))
    explain("this process was forked from one that had the device open, and the device of a child "
            "is new: buffers and contexts of the parent are unknown here",
            "open the device after the fork, or start workers as programs of their own (Python: "
            "multiprocessing.set_start_method('spawn'))");
  return status;
}

int KernelDevice::dispatch(uint32_t number, void *argument) {
  switch (number) {
  case uapi::kCreateBo: return with(argument, &KernelDevice::createBo);
  case uapi::kGetBoInfo: return with(argument, &KernelDevice::boInfo);
  case uapi::kSyncBo: return with(argument, &KernelDevice::syncBo);
  case uapi::kGemClose: return with(argument, &KernelDevice::gemClose);
  case uapi::kPrimeHandleToFd: return with(argument, &KernelDevice::exportBo);
  case uapi::kPrimeFdToHandle: return with(argument, &KernelDevice::importBo);
  case uapi::kCreateHwctx: return with(argument, &KernelDevice::createContext);
  case uapi::kDestroyHwctx: return with(argument, &KernelDevice::destroyContext);
  case uapi::kConfigHwctx: return with(argument, &KernelDevice::configContext);
  case uapi::kExecCmd: return with(argument, &KernelDevice::exec);
  case uapi::kWaitCmd: return with(argument, &KernelDevice::waitCommand);
  case uapi::kSyncobjTimelineWait: return with(argument, &KernelDevice::timelineWait);
  case uapi::kSyncobjCreate: return with(argument, &KernelDevice::syncobjCreate);
  case uapi::kSyncobjDestroy: return with(argument, &KernelDevice::syncobjDestroy);
  case uapi::kGetInfo: return with(argument, &KernelDevice::getInfo);
  case uapi::kSetState: return with(argument, &KernelDevice::setState);
  case uapi::kGetArray: return with(argument, &KernelDevice::getArray);
  default: return ENOTTY;
  }
}

std::optional<KernelDevice::Mapping> KernelDevice::mapping(uint64_t offset, uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const Bo *bo = buffers_.atMapOffset(offset, bytes);
  if (!bo || bo->memory->fd() < 0) return std::nullopt;
  return Mapping{bo->memory, offset - bo->mapOffset};
}

// --- buffers
// --------------------------------------------------------------------------------------

int KernelDevice::createBo(uapi::CreateBo &request) {
  uapi::VaTable table{};
  if (request.vaddr) {
    uint8_t first;
    if (!copyIn(&table, reinterpret_cast<void *>(request.vaddr), sizeof table)) return EFAULT;
    const uapi::VaEntry &e = table.entry[0];
    if (!copyIn(&first, reinterpret_cast<void *>(e.address), 1)) return EFAULT;
    if (e.length > 1 && (e.address + e.length < e.address ||
                         !copyIn(&first, reinterpret_cast<void *>(e.address + e.length - 1), 1)))
      return EFAULT;
  }
  const std::lock_guard lock(mutex_);
  return buffers_.create(request, table);
}

int KernelDevice::boInfo(uapi::BoInfo &request) {
  const std::lock_guard lock(mutex_);
  const Bo *bo = buffers_.find(request.handle);
  if (!bo) return ENOENT;
  request.mapOffset = bo->mapOffset;
  request.vaddr = bo->userAddress;
  request.deviceAddress = bo->deviceAddress;
  return 0;
}

int KernelDevice::syncBo(uapi::SyncBo &request) {
  const std::lock_guard lock(mutex_);
  Bo *bo = buffers_.find(request.handle);
  if (!bo) return ENOENT;
  if (request.direction > 1 || request.offset > bo->size ||
      request.size > bo->size - request.offset)
    return EINVAL;
  driverSync_ = true;
  if (request.direction == 0 && bo->type == uapi::kBoShare) bo->memory->known = contentsHash(*bo);
  return 0;
}

int KernelDevice::gemClose(uapi::GemClose &request) {
  const std::lock_guard lock(mutex_);
  return buffers_.close(request.handle);
}

int KernelDevice::exportBo(uapi::Prime &request) {
  const std::lock_guard lock(mutex_);
  return buffers_.exportFd(request.handle, request.fd);
}

int KernelDevice::importBo(uapi::Prime &request) {
  const std::lock_guard lock(mutex_);
  return buffers_.importFd(request.fd, request.handle);
}

// --- contexts
// -------------------------------------------------------------------------------------

int KernelDevice::createContext(uapi::CreateHwctx &request) {
  uapi::QosInfo qos{};
  if (request.qos && !copyIn(&qos, reinterpret_cast<void *>(request.qos), sizeof qos))
    return EFAULT;
  const std::lock_guard lock(mutex_);
  if (contexts_.size() >= kMostContexts) {
    explain(
        fmt::format("a Phoenix has {} hardware contexts; all are in use (EINVAL)", kMostContexts),
        "close a context first, or run several kernels in one");
    return EINVAL;
  }
  const uint32_t columns = request.numTiles / kCoreRows;
  if (request.ext || request.numTiles == 0 || columns > device::kMaxColumns || columns == 0) {
    explain(fmt::format("a context of {} core tiles is refused (EINVAL): a Phoenix has {} columns "
                        "of {}",
                        request.numTiles, device::kMaxColumns, kCoreRows),
            "correct column_width in the XCLBIN's AIE_PARTITION");
    return EINVAL;
  }
  const uint32_t handle = nextContext_++;
  auto c = std::make_shared<HwContext>(handle, static_cast<int>(columns), qos);
  c->syncobj = nextSyncobj_++;
  syncobjs_[c->syncobj] = c;
  request.handle = handle;
  request.syncobj = c->syncobj;
  request.umqDoorbell = ~0u;
  contexts_[handle] = std::move(c);
  return 0;
}

std::shared_ptr<HwContext> KernelDevice::context(uint32_t handle) {
  const auto it = contexts_.find(handle);
  return it == contexts_.end() ? nullptr : it->second;
}

int KernelDevice::destroyContext(uapi::DestroyHwctx &request) {
  const std::lock_guard lock(mutex_);
  const auto it = contexts_.find(request.handle);
  if (it == contexts_.end()) return EINVAL;
  it->second->stop();
  contexts_.erase(it);
  return 0;
}

int KernelDevice::configContext(uapi::ConfigHwctx &request) {
  const std::lock_guard lock(mutex_);
  const std::shared_ptr<HwContext> c = context(request.handle);
  if (!c) return EINVAL;
  if (request.param != uapi::kConfigCu) return EOPNOTSUPP;
  if (request.valueSize > 4096) return E2BIG;
  if (request.valueSize < 8) return EINVAL;
  std::vector<uint8_t> value(request.valueSize);
  if (!copyIn(value.data(), reinterpret_cast<void *>(request.value), value.size())) return EFAULT;
  const size_t count = readU16(value.data());
  if (count == 0 || count > kMostUnits || 8 + count * sizeof(uapi::CuConfig) > value.size())
    return EINVAL;
  std::vector<Bytes> pdis;
  for (size_t i = 0; i < count; ++i) {
    uapi::CuConfig unit;
    std::memcpy(&unit, &value[8 + i * sizeof unit], sizeof unit);
    const Bo *bo = buffers_.find(unit.bo);
    if (!bo || bo->type != uapi::kBoDev) return EINVAL;
    pdis.emplace_back(bo->data(), bo->data() + bo->size);
  }
  return c->configure(pdis);
}

int KernelDevice::exec(uapi::ExecCmd &request) {
  if (request.ext || request.type != 0 || request.commandCount != 1 ||
      request.argumentCount > kMostArguments)
    return EINVAL;
  std::vector<uint32_t> handles(request.argumentCount);
  if (!handles.empty() &&
      !copyIn(handles.data(), reinterpret_cast<void *>(request.arguments), 4 * handles.size()))
    return EFAULT;
  std::shared_ptr<HwContext> c;
  Job job;
  {
    const std::lock_guard lock(mutex_);
    c = context(request.hwctx);
    const Bo *packet = request.commands > UINT32_MAX
                           ? nullptr
                           : buffers_.find(static_cast<uint32_t>(request.commands));
    if (!c || !packet || packet->type != uapi::kBoCmd) return EINVAL;
    for (const uint32_t h : handles)
      if (!buffers_.find(h)) return EINVAL;
    job.packet = *packet;
    const Result<Command> command = readCommand({packet->data(), packet->size});
    if (command.ok() && command->kind == Command::Kind::Chain)
      for (const uint32_t h : command->chain.handles) {
        const Bo *sub = buffers_.find(h);
        if (!sub || sub->type != uapi::kBoCmd) return EINVAL;
        job.chained.push_back(*sub);
      }
    for (const auto &[h, bo] : buffers_.all())
      if (bo.deviceAddress != uapi::kInvalid) job.buffers.push_back(bo);
    job.driverSync = driverSync_;
    job.arguments = std::move(handles);
  }
  request.sequence = c->submit(std::move(job));
  return 0;
}

int KernelDevice::waitCommand(uapi::WaitCmd &request) {
  std::shared_ptr<HwContext> c;
  {
    const std::lock_guard lock(mutex_);
    c = context(request.hwctx);
  }
  if (!c) return EINVAL;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  if (request.timeoutMs)
    deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(request.timeoutMs);
  // A command that nobody submitted is an error here, and waited for on the timeline.
  if (!c->submitted(request.sequence)) return EINVAL;
  return c->wait(request.sequence, deadline);
}

int KernelDevice::timelineWait(uapi::TimelineWait &request) {
  if (request.count != 1) return EINVAL;
  uint32_t handle = 0;
  uint64_t point = 0;
  if (!copyIn(&handle, reinterpret_cast<void *>(request.handles), sizeof handle) ||
      !copyIn(&point, reinterpret_cast<void *>(request.points), sizeof point))
    return EFAULT;
  std::shared_ptr<HwContext> c;
  {
    const std::lock_guard lock(mutex_);
    const auto it = syncobjs_.find(handle);
    if (it == syncobjs_.end()) return ENOENT;
    c = it->second.lock();
  }
  request.firstSignaled = 0;
  return c ? c->wait(point, deadlineAt(request.deadlineNs)) : 0;
}

int KernelDevice::syncobjCreate(uapi::Syncobj &request) {
  const std::lock_guard lock(mutex_);
  request.handle = nextSyncobj_++;
  syncobjs_[request.handle] = {};
  return 0;
}

int KernelDevice::syncobjDestroy(uapi::Syncobj &request) {
  const std::lock_guard lock(mutex_);
  return syncobjs_.erase(request.handle) ? 0 : EINVAL;
}

// --- questions
// ------------------------------------------------------------------------------------

int KernelDevice::answer(uapi::GetInfo &request, const void *data, size_t bytes) {
  const size_t size = std::min<size_t>(bytes, request.bufferSize);
  if (!copyOut(reinterpret_cast<void *>(request.buffer), data, size)) return EFAULT;
  request.bufferSize = static_cast<uint32_t>(bytes);
  return 0;
}

int KernelDevice::getInfo(uapi::GetInfo &request) {
  switch (request.param) {
  case uapi::kAieMetadata: {
    uapi::AieMetadata m{};
    m.columnBytes = kColumnBytes;
    m.columns = device::kMaxColumns;
    m.rows = device::kRows;
    m.versionMajor = 2;
    m.core = tileMetadata(TileKind::Core, kCoreRows, device::kFirstCoreRow);
    m.mem = tileMetadata(TileKind::Mem, 1, 1);
    m.shim = tileMetadata(TileKind::Shim, 1, 0);
    return answer(request, &m, sizeof m);
  }
  case uapi::kAieVersion: {
    const uint32_t version[2] = {2, 0};
    return answer(request, version, sizeof version);
  }
  case uapi::kClockMetadata: {
    const uapi::Clock clocks[2] = {{"MP-NPU Clock", kControllerMhz, 0}, {"H Clock", kArrayMhz, 0}};
    return answer(request, clocks, sizeof clocks);
  }
  case uapi::kFirmwareVersion: return answer(request, &kFirmware, sizeof kFirmware);
  case uapi::kPowerMode: {
    const std::lock_guard lock(mutex_);
    const uint8_t mode[8] = {powerMode_};
    return answer(request, mode, sizeof mode);
  }
  case uapi::kResourceInfo: {
    const std::lock_guard lock(mutex_);
    const uapi::ResourceInfo info = {kArrayMhz, 10, kMostContexts, 10, contexts_.size()};
    return answer(request, &info, sizeof info);
  }
  case uapi::kForcePreempt:
  case uapi::kFrameBoundaryPreempt: {
    const uint8_t off[8] = {};
    return answer(request, off, sizeof off);
  }
  default: return EOPNOTSUPP;
  }
}

int KernelDevice::setState(uapi::GetInfo &request) {
  if (request.param != 0) return EOPNOTSUPP; // only the power mode
  uint8_t mode = 0;
  if (request.bufferSize < 1) return EINVAL;
  if (!copyIn(&mode, reinterpret_cast<void *>(request.buffer), 1)) return EFAULT;
  if (mode > 4) return EINVAL;
  const std::lock_guard lock(mutex_);
  powerMode_ = mode;
  return 0;
}

int KernelDevice::getArray(uapi::GetArray &request) {
  if (request.param == uapi::kLastAsyncError) {
    request.elements = 0;
    return 0;
  }
  if (request.param != uapi::kHwContextAll) return EOPNOTSUPP;
  const std::lock_guard lock(mutex_);
  const uint32_t count = static_cast<uint32_t>(contexts_.size());
  if (count > request.elements) {
    request.elements = count;
    return ENOSPC;
  }
  const size_t size = std::min<size_t>(request.elementSize, sizeof(uapi::HwctxEntry));
  uint64_t at = request.buffer;
  for (auto &[handle, c] : contexts_) {
    const uapi::HwctxEntry entry = c->entry();
    if (!copyOut(reinterpret_cast<void *>(at), &entry, size)) return EFAULT;
    at += request.elementSize;
  }
  request.elements = count;
  request.elementSize = static_cast<uint32_t>(size);
  return 0;
}

} // namespace ashlar::accel
