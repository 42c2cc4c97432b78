// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One DMA channel: a queue of tasks, each a chain of buffer descriptors that is run repeat + 1
// times. A BD waits for its lock, moves its words between memory and stream, releases its lock.
// Memory is touched once every four words where they are consecutive (128-bit accesses), so a
// channel acts every fourth cycle, or more rarely where no core is near, and still moves one word a
// cycle.
#pragma once

#include "device/bd.h"
#include "emulator/tile/address.h"
#include "emulator/tile/stream.h"

#include <deque>

namespace ashlar::emulator {

class Tile;

enum class DmaState : uint8_t {
  Idle,
  Loading,   ///< fetching the BD
  Acquiring, ///< waits for its acquire lock
  Selecting, ///< out-of-order mode: waits for a header that names the BD
  Moving,
  Token, ///< task over, token not yet sent
  Failed ///< an error is latched; only a reset helps
};

enum class DmaWait : uint8_t { None, Lock, Stream, Bank, NoStream, Paused };

struct DmaStats {
  uint64_t words = 0, bds = 0, tasks = 0;
  uint64_t lockStall = 0, streamStall = 0, bankStall = 0; ///< cycles
};

class DmaChannel : public Component {
public:
  DmaChannel(Tile &tile, device::DmaDirection direction, int channel);

  device::DmaDirection direction() const { return direction_; }
  int channel() const { return channel_; }

  void writeControl(uint32_t value);
  uint32_t control() const { return control_; }
  /// A write to the start queue. A fifth waiting task is lost and the overflow bit latched.
  void push(uint32_t value);
  bool queueFull() const { return queue_.size() >= device::kDmaQueueDepth; }
  uint32_t status() const;
  void clearStatus(uint32_t bits) { errors_ &= ~bits; }
  uint32_t writeCount() const { return moved_; }
  uint32_t popFotCount();

  uint64_t step(uint64_t now) override;

  // What it is doing, for reports.
  DmaState state() const { return state_; }
  DmaWait wait() const { return wait_; }
  int currentBd() const { return bdId_; }
  const device::Bd &bd() const { return bd_; }
  uint32_t remaining() const { return remaining_; }
  uint32_t queued() const { return static_cast<uint32_t>(queue_.size()); }
  /// Whether the running BD's words lie in [address, address + bytes) of this tile's memory, taking
  /// the BD as one piece.
  bool touches(uint32_t address, uint32_t bytes) const;
  bool idle() const { return state_ == DmaState::Idle && queue_.empty(); }
  const DmaStats &stats() const { return stats_; }
  /// A new run: the next task of a shim channel meets cold DDR again.
  void coolDown() { tasksStarted_ = 0; }
  /// `Locks` the run of stall cycles into the statistics up to now.
  void settle(uint64_t now);

  static constexpr uint32_t kQueueOverflow = 1u << 18, kBdInvalid = 1u << 11,
                            kBdUnavailable = 1u << 10, kMemoryUnavailable = 1u << 9,
                            kLockUnavailable = 1u << 8, kFotLength = 1u << 12,
                            kDecodeError = 1u << 16;

private:
  struct Task {
    int firstBd;
    int repeat;
    bool token;
  };
  uint64_t startTask(uint64_t now);
  bool loadBd(uint64_t now);
  uint64_t acquire(uint64_t now);
  uint64_t select(uint64_t now);
  uint64_t beginMove(uint64_t now);
  uint64_t moveIn(uint64_t now);
  uint64_t moveOut(uint64_t now);
  uint64_t finishBd(uint64_t now, uint64_t cost);
  uint64_t finishTask(uint64_t now);
  uint64_t fail(uint32_t error);
  void resume(uint64_t now); ///< the stall is over
  uint64_t stall(DmaWait why, uint64_t now, uint64_t until);
  /// The next n words as one piece of memory, where they are one; null: word by word. `n` 0: the
  /// bank was lost.
  uint8_t *direct(uint64_t now, size_t &n);
  /// Words that are moved in one go: as long as no core is near whose accesses could collide, more
  /// than the four of a memory access.
  size_t chunk() const;
  /// Pointers to the next n words in memory; 0 bank loss, -1 failure, else words (<= n).
  int resolve(uint64_t now, int n, uint8_t *(&where)[4]);
  void event(int kind, bool on = true);
  void show(uint64_t now);                   ///< on the timeline
  void tell(uint64_t address, size_t bytes); ///< the sanitizer

  // In the order of use, what every step needs first: it fills two lines of the host's cache.
  Tile &tile_;
  OutPort *out_ = nullptr;
  Link **in_ = nullptr;
  uint64_t busyUntil_ = 0;
  uint32_t control_ = 0;
  uint32_t remaining_ = 0, moved_ = 0;
  device::DmaDirection direction_;
  DmaState state_ = DmaState::Idle;
  DmaWait wait_ = DmaWait::None;
  bool headerDue_ = false;
  uint64_t base_ = 0, stalledSince_ = 0;
  DmaStats stats_;
  AddressGenerator addresses_;
  device::Bd bd_;
  int channel_;
  uint32_t errors_ = 0;
  std::deque<Task> queue_;
  Task task_{};
  int round_ = 0;
  int bdId_ = 0;
  uint64_t memoryUntil_ = 0; ///< when host memory has answered a task's first request
  int tasksStarted_ = 0;
  std::deque<uint32_t> fotCounts_;
};

} // namespace ashlar::emulator
