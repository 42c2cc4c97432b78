// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rules of the amdxdna driver for BOs, with its error numbers.
#include "accel/buffers.h"

#include "accel/explain.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ashlar::accel {
namespace {

constexpr uint64_t kPage = 4096;
/// Between shared BOs in the device's address space.
constexpr uint64_t kGap = 1 << 20;
constexpr uint64_t kMostBytes = 1ull << 36;
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW;

constexpr uint64_t roundUp(uint64_t n, uint64_t to) { return (n + to - 1) / to * to; }

/// The real mmap: inside the preloaded library the name `mmap` is our own hook.
uint8_t *mapFd(int fd, uint64_t bytes) {
  const long p = syscall(SYS_mmap, nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L);
  return p < 0 && p > -4096 ? nullptr : reinterpret_cast<uint8_t *>(p);
}

} // namespace

std::shared_ptr<Memory> Memory::create(uint64_t bytes) {
  std::shared_ptr<Memory> m(new Memory);
  m->fd_ = memfd_create("ashlar-bo", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (m->fd_ < 0 || ftruncate(m->fd_, static_cast<off_t>(bytes)) != 0) return nullptr;
  // An exported buffer keeps its size whatever its receiver does, as a dma-buf does.
  if (fcntl(m->fd_, F_ADD_SEALS, kSeals) != 0) return nullptr;
  struct stat info{};
  if (fstat(m->fd_, &info) != 0) return nullptr;
  m->inode_ = info.st_ino;
  m->data_ = mapFd(m->fd_, bytes);
  m->bytes_ = bytes;
  return m->data_ ? m : nullptr;
}

std::shared_ptr<Memory> Memory::import(int fd) {
  struct stat info{};
  if (fstat(fd, &info) != 0 || info.st_size <= 0) return nullptr;
  // Only what some process exported; any other file may shrink under us.
  const int seals = fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals) return nullptr;
  std::shared_ptr<Memory> m(new Memory);
  m->fd_ = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (m->fd_ < 0) return nullptr;
  m->inode_ = info.st_ino;
  m->bytes_ = static_cast<uint64_t>(info.st_size);
  m->data_ = mapFd(m->fd_, m->bytes_);
  return m->data_ ? m : nullptr;
}

std::shared_ptr<Memory> Memory::borrow(uint8_t *data, uint64_t bytes) {
  std::shared_ptr<Memory> m(new Memory);
  m->data_ = data;
  m->bytes_ = bytes;
  return m;
}

Memory::~Memory() {
  if (fd_ < 0) return;
  if (data_) syscall(SYS_munmap, data_, bytes_);
  syscall(SYS_close, fd_);
}

uint64_t Memory::hash() const {
  uint64_t h = 0xCBF29CE484222325; // FNV-1a, eight bytes at a time
  size_t i = 0;
  for (; i + 8 <= bytes_; i += 8) h = (h ^ readU64(data_ + i)) * 0x100000001B3;
  for (; i < bytes_; ++i) h = (h ^ data_[i]) * 0x100000001B3;
  return h;
}

int Buffers::create(uapi::CreateBo &request, const uapi::VaTable &table) {
  Bo bo;
  bo.type = static_cast<uapi::BoType>(request.type);
  bo.size = request.size;
  int status = EINVAL;
  if (request.flags == 0 && request.size <= kMostBytes) {
    switch (request.type) {
    case uapi::kBoDevHeap: status = createHeap(bo); break;
    case uapi::kBoDev: status = createInHeap(bo); break;
    case uapi::kBoShare:
      status = request.vaddr ? createFromUser(bo, table) : createMapped(bo);
      break;
    case uapi::kBoCmd: status = createMapped(bo); break;
    default: break;
    }
  }
  if (status == EINVAL)
    explain(fmt::format("a buffer object of type {} and {} bytes is refused (EINVAL)", request.type,
                        request.size),
            "use XRT_BO_FLAGS_HOST_ONLY for data and XCL_BO_FLAGS_CACHEABLE for instructions");
  if (status != 0) return status;
  bo.handle = nextHandle_++;
  request.handle = bo.handle;
  if (bo.type == uapi::kBoDevHeap) heapHandle_ = bo.handle;
  bos_.emplace(bo.handle, std::move(bo));
  return 0;
}

int Buffers::createHeap(Bo &bo) {
  if (bo.size == 0 || bo.size % kHeapBytes) return EINVAL;
  if (heapHandle_ || bo.size > kHeapBytes) {
    explain("the device heap cannot grow beyond 64 MiB: too many or too large CACHEABLE buffers",
            "allocate data with XRT_BO_FLAGS_HOST_ONLY; only instructions need the heap");
    return ENOSPC;
  }
  if (const int status = createMapped(bo)) return status;
  bo.deviceAddress = kHeapBase;
  return 0;
}

int Buffers::createInHeap(Bo &bo) {
  Bo *heap = find(heapHandle_);
  if (!heap || bo.size == 0) return EINVAL;
  const uint64_t bytes = roundUp(bo.size, kDevAlign);
  uint64_t start = 0;
  for (const auto &[at, size] : heapPieces_) {
    if (at - start >= bytes) break;
    start = at + size;
  }
  if (bytes > kHeapBytes || start > kHeapBytes - bytes) {
    explain(fmt::format("{} bytes do not fit the device heap of 64 MiB, of which {} are in use",
                        bo.size, heapUsed()),
            "allocate data with XRT_BO_FLAGS_HOST_ONLY; only instructions need the heap");
    return ENOSPC;
  }
  heapPieces_[start] = bytes;
  bo.memory = heap->memory;
  bo.memoryOffset = start;
  bo.deviceAddress = kHeapBase + start;
  return 0;
}

int Buffers::createFromUser(Bo &bo, const uapi::VaTable &table) {
  const uapi::VaEntry &entry = table.entry[0];
  if (table.dmabufFd >= 0 || table.entries != 1 || !entry.address || !entry.length) return EINVAL;
  bo.size = entry.length;
  bo.userAddress = entry.address;
  if (bo.size > kMostBytes) return EINVAL;
  bo.memory = Memory::borrow(reinterpret_cast<uint8_t *>(bo.userAddress), bo.size);
  place(bo);
  return 0;
}

int Buffers::createMapped(Bo &bo) {
  if (bo.size == 0) return EINVAL;
  const uint64_t bytes = roundUp(bo.size, kPage);
  bo.memory = Memory::create(bytes);
  if (!bo.memory) return ENOMEM;
  bo.mapOffset = nextMap_;
  nextMap_ += bytes;
  if (bo.type == uapi::kBoShare) place(bo);
  return 0;
}

void Buffers::place(Bo &bo) {
  // A user's memory keeps its place within the page, as an IOMMU does.
  bo.deviceAddress = nextAddress_ + bo.userAddress % kPage;
  nextAddress_ += roundUp(bo.size + bo.userAddress % kPage, kPage) + kGap;
}

int Buffers::close(uint32_t handle) {
  const auto it = bos_.find(handle);
  if (it == bos_.end()) return EINVAL;
  if (it->second.type == uapi::kBoDev) heapPieces_.erase(it->second.memoryOffset);
  if (handle == heapHandle_) heapHandle_ = 0;
  bos_.erase(it);
  return 0;
}

int Buffers::exportFd(uint32_t handle, int &fd) {
  const Bo *bo = find(handle);
  if (!bo) return ENOENT;
  if (bo->memory->fd() < 0 || bo->type == uapi::kBoDev) return EINVAL;
  fd = fcntl(bo->memory->fd(), F_DUPFD_CLOEXEC, 3);
  return fd < 0 ? EMFILE : 0;
}

int Buffers::importFd(int fd, uint32_t &handle) {
  struct stat info{};
  if (fstat(fd, &info) != 0) return EBADF;
  for (const auto &[h, bo] : bos_)
    if (bo.memory->fd() >= 0 && bo.memory->inode() == info.st_ino && bo.type != uapi::kBoDev) {
      handle = h;
      return 0;
    }
  Bo bo;
  bo.memory = Memory::import(fd);
  if (!bo.memory) return EINVAL;
  bo.size = bo.memory->bytes();
  bo.mapOffset = nextMap_;
  nextMap_ += roundUp(bo.size, kPage);
  place(bo);
  bo.handle = handle = nextHandle_++;
  bos_.emplace(bo.handle, std::move(bo));
  return 0;
}

Bo *Buffers::find(uint32_t handle) {
  const auto it = bos_.find(handle);
  return it == bos_.end() ? nullptr : &it->second;
}

const Bo *Buffers::atMapOffset(uint64_t offset, uint64_t bytes) const {
  for (const auto &[h, bo] : bos_)
    if (bo.mapOffset != kNotMapped && offset >= bo.mapOffset &&
        offset - bo.mapOffset <= bo.memory->bytes() &&
        bytes <= roundUp(bo.memory->bytes(), kPage) - (offset - bo.mapOffset))
      return &bo;
  return nullptr;
}

const Bo *Buffers::atAddress(uint64_t address, uint64_t bytes) const {
  const Bo *heap = nullptr;
  for (const auto &[h, bo] : bos_) {
    if (bo.deviceAddress == uapi::kInvalid || address < bo.deviceAddress ||
        address - bo.deviceAddress > bo.size || bytes > bo.size - (address - bo.deviceAddress))
      continue;
    if (bo.type != uapi::kBoDevHeap) return &bo;
    heap = &bo; // a piece of the heap names the address better
  }
  return heap;
}

uint64_t Buffers::heapUsed() const {
  uint64_t used = 0;
  for (const auto &[at, bytes] : heapPieces_) used += bytes;
  return used;
}

} // namespace ashlar::accel
