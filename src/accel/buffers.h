// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Buffer objects of one process's device. Each has its memory in a memfd of its own (so that it can
// be mapped, exported and shared) or is memory of the user; device BOs are pieces of the 64 MiB
// heap. Shared BOs get device addresses far apart, so that running past the end of one is seen.
#pragma once

#include "accel/uapi.h"
#include "base/base.h"

#include <atomic>
#include <map>
#include <memory>

namespace ashlar::accel {

inline constexpr uint64_t kHeapBase = 0x4000000, kHeapBytes = 64ull << 20;
inline constexpr uint64_t kDevAlign = 32 * 1024; ///< of BOs in the heap
inline constexpr uint64_t kNotMapped = uapi::kInvalid;

/// Memory that lives as long as somebody uses it: a BO that is closed while a command runs stays.
class Memory {
public:
  /// A new memfd of `bytes`, mapped here; null when the system refuses.
  static std::shared_ptr<Memory> create(uint64_t bytes);
  /// Somebody's memfd.
  static std::shared_ptr<Memory> import(int fd);
  /// Memory of the user, not owned.
  static std::shared_ptr<Memory> borrow(uint8_t *data, uint64_t bytes);
  ~Memory();
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;

  uint8_t *data() const { return data_; }
  uint64_t bytes() const { return bytes_; }
  int fd() const { return fd_; } ///< -1 when borrowed
  /// A hash of the contents now, and of what the device was last told of (a sync, or its own
  /// writes): when they differ the program wrote without a sync.
  uint64_t hash() const;
  std::atomic<uint64_t> known{0};
  uint64_t inode() const { return inode_; }

private:
  Memory() = default;
  uint8_t *data_ = nullptr;
  uint64_t bytes_ = 0, inode_ = 0;
  int fd_ = -1;
};

struct Bo {
  uint32_t handle = 0;
  uapi::BoType type = uapi::kBoShare;
  uint64_t size = 0; ///< as asked for
  std::shared_ptr<Memory> memory;
  uint64_t memoryOffset = 0; ///< device BOs: in the heap
  uint64_t mapOffset = kNotMapped;
  uint64_t deviceAddress = uapi::kInvalid;
  uint64_t userAddress = 0;
  uint8_t *data() const { return memory->data() + memoryOffset; }
};

class Buffers {
public:
  /// 0, or the errno that the driver gives. `table`: what request.vaddr points to, copied.
  int create(uapi::CreateBo &request, const uapi::VaTable &table);
  int close(uint32_t handle);
  int exportFd(uint32_t handle, int &fd);
  int importFd(int fd, uint32_t &handle);

  Bo *find(uint32_t handle);
  /// The BO mapped at this offset of the device file for `bytes`.
  const Bo *atMapOffset(uint64_t offset, uint64_t bytes) const;
  /// The BO that has [address, address + bytes) of the device's address space.
  const Bo *atAddress(uint64_t address, uint64_t bytes) const;
  const std::map<uint32_t, Bo> &all() const { return bos_; }
  uint64_t heapUsed() const;

private:
  int createHeap(Bo &bo);
  int createInHeap(Bo &bo);
  int createFromUser(Bo &bo, const uapi::VaTable &table);
  int createMapped(Bo &bo);
  void place(Bo &bo); ///< gives a shared BO its device address

  std::map<uint32_t, Bo> bos_;
  std::map<uint64_t, uint64_t> heapPieces_; ///< start -> bytes, both multiples of kDevAlign
  uint32_t heapHandle_ = 0, nextHandle_ = 1;
  uint64_t nextMap_ = 1ull << 20, nextAddress_ = 0x1'0000'0000;
};

} // namespace ashlar::accel
