// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One process's amdxdna device: what the kernel driver answers to each ioctl, with the emulator as
// the hardware. Knows nothing of files and preloading (preload/), so that tests drive it directly.
#pragma once

#include "accel/hw_context.h"

#include <atomic>

namespace ashlar::accel {

class KernelDevice {
public:
  ~KernelDevice();
  /// Answers ioctl `number` with its argument struct at `argument`: 0 or an errno. Every pointer is
  /// checked as the kernel checks it.
  int ioctl(uint32_t number, void *argument);
  struct Mapping {
    std::shared_ptr<Memory> memory;
    uint64_t offset = 0;
  };
  /// What lies at `offset` of the device file, for mmap.
  std::optional<Mapping> mapping(uint64_t offset, uint64_t bytes);
  /// Ends contexts and buffers, as the last close of the device does.
  void reset();
  /// This process was forked from one that had the device open: what XRT believes to have here was
  /// its parent's.
  void inherited() { inherited_ = true; }
  /// True while some context emulates.
  bool busy();

private:
  int dispatch(uint32_t number, void *argument);
  template <class T> int with(void *argument, int (KernelDevice::*handler)(T &));
  int createBo(uapi::CreateBo &);
  int boInfo(uapi::BoInfo &);
  int syncBo(uapi::SyncBo &);
  int gemClose(uapi::GemClose &);
  int exportBo(uapi::Prime &);
  int importBo(uapi::Prime &);
  int createContext(uapi::CreateHwctx &);
  int destroyContext(uapi::DestroyHwctx &);
  int configContext(uapi::ConfigHwctx &);
  int exec(uapi::ExecCmd &);
  int waitCommand(uapi::WaitCmd &);
  int timelineWait(uapi::TimelineWait &);
  int syncobjCreate(uapi::Syncobj &);
  int syncobjDestroy(uapi::Syncobj &);
  int getInfo(uapi::GetInfo &);
  int setState(uapi::GetInfo &);
  int getArray(uapi::GetArray &);
  int answer(uapi::GetInfo &request, const void *data, size_t bytes);
  std::shared_ptr<HwContext> context(uint32_t handle);

  std::mutex mutex_;
  Buffers buffers_;
  std::map<uint32_t, std::shared_ptr<HwContext>> contexts_;
  std::map<uint32_t, std::weak_ptr<HwContext>> syncobjs_;
  uint32_t nextContext_ = 1, nextSyncobj_ = 1;
  uint8_t powerMode_ = 0;
  bool driverSync_ = false;
  std::atomic<bool> inherited_{false};
};

} // namespace ashlar::accel
