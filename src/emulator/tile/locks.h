// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The locks of one tile: 6-bit counters. Acquire v < 0 waits for at least |v| and subtracts it;
// v >= 0 waits for exactly v and subtracts it. Release adds. One grant a lock a cycle, waiters in
// turn. A release that would leave 0..63 changes nothing and is latched.
#pragma once

#include "device/geometry.h"
#include "emulator/tile/scheduler.h"

#include <deque>

namespace ashlar::emulator {

class LockUnit : public Component {
public:
  LockUnit(Scheduler &scheduler, int count)
      : scheduler_(scheduler), locks_(static_cast<size_t>(count)) {}

  int count() const { return static_cast<int>(locks_.size()); }
  int value(int id) const { return at(id).value; }
  /// A register write: also wakes waiters.
  void set(int id, int value);

  /// True: granted. Otherwise `waiter` (if any) is woken when it is worth asking again.
  bool acquire(int id, int value, Component *waiter);
  /// Takes effect `delay` cycles from now. False: it would leave 0..63 (latched).
  void release(int id, int value, int delay = 0);
  /// A request over the register interface: granted or refused at once.
  bool request(int id, int value, bool acquire);

  uint64_t overflow() const { return overflow_; }
  uint64_t underflow() const { return underflow_; }
  void clearLatches(uint64_t overflow, uint64_t underflow) {
    overflow_ &= ~overflow;
    underflow_ &= ~underflow;
  }
  /// Told of every granted operation: (id, acquire, equal, new value) and of every latched error.
  struct Listener {
    virtual ~Listener() = default;
    virtual void lockChanged(int id, bool acquire, bool equal, int value) = 0;
    virtual void lockError(int id, int value, int delta) = 0;
  };
  Listener *listener = nullptr;

  uint64_t step(uint64_t now) override; ///< delayed releases

private:
  struct Lock {
    int value = 0;
    uint64_t grantedAt = kNever;
    std::vector<Component *> waiters;
  };
  struct Pending {
    uint64_t cycle;
    int id, value;
  };
  Lock &at(int id) { return locks_[static_cast<size_t>(id)]; }
  const Lock &at(int id) const { return locks_[static_cast<size_t>(id)]; }
  void apply(int id, int delta);
  void wakeWaiters(Lock &lock);

  Scheduler &scheduler_;
  std::vector<Lock> locks_;
  std::deque<Pending> pending_; ///< by cycle
  uint64_t overflow_ = 0, underflow_ = 0;
};

} // namespace ashlar::emulator
