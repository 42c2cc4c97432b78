// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lock grants, delayed releases and the error latches.
#include "emulator/tile/locks.h"

#include <algorithm>

namespace ashlar::emulator {

void LockUnit::wakeWaiters(Lock &lock) {
  // The first waiter asks first; who loses registers again behind the others.
  for (Component *c : lock.waiters) scheduler_.wake(*c, scheduler_.now() + 1);
  lock.waiters.clear();
}

void LockUnit::set(int id, int value) {
  at(id).value = value & device::kMaxLockValue;
  wakeWaiters(at(id));
  if (listener) listener->lockChanged(id, false, false, at(id).value);
}

bool LockUnit::acquire(int id, int value, Component *waiter) {
  Lock &lock = at(id);
  const uint64_t now = scheduler_.now();
  const bool equal = value >= 0;
  const int need = equal ? value : -value;
  if (equal ? lock.value != need : lock.value < need) {
    if (waiter && std::find(lock.waiters.begin(), lock.waiters.end(), waiter) == lock.waiters.end())
      lock.waiters.push_back(waiter);
    return false;
  }
  if (lock.grantedAt == now) { // the arbiter has served somebody else in this cycle
    if (waiter) scheduler_.wake(*waiter, now + 1);
    return false;
  }
  lock.grantedAt = now;
  lock.value -= need;
  if (need) wakeWaiters(lock);
  if (listener) listener->lockChanged(id, true, equal, lock.value);
  return true;
}

void LockUnit::apply(int id, int delta) {
  Lock &lock = at(id);
  const int next = lock.value + delta;
  if (next < 0 || next > device::kMaxLockValue) {
    (next < 0 ? underflow_ : overflow_) |= uint64_t{1} << id;
    if (listener) listener->lockError(id, lock.value, delta);
    return;
  }
  lock.value = next;
  wakeWaiters(lock);
  if (listener) listener->lockChanged(id, false, false, next);
}

void LockUnit::release(int id, int value, int delay) {
  if (delay <= 0) {
    apply(id, value);
    return;
  }
  const uint64_t cycle = scheduler_.now() + static_cast<uint64_t>(delay);
  auto it = pending_.end();
  while (it != pending_.begin() && std::prev(it)->cycle > cycle) --it;
  pending_.insert(it, {cycle, id, value});
  scheduler_.wake(*this, cycle);
}

bool LockUnit::request(int id, int value, bool acquireIt) {
  if (acquireIt) return acquire(id, value, nullptr);
  const int next = at(id).value + value;
  apply(id, value);
  return next >= 0 && next <= device::kMaxLockValue;
}

uint64_t LockUnit::step(uint64_t now) {
  while (!pending_.empty() && pending_.front().cycle <= now) {
    const Pending p = pending_.front();
    pending_.pop_front();
    apply(p.id, p.value);
  }
  return pending_.empty() ? kNever : pending_.front().cycle;
}

} // namespace ashlar::emulator
