// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory has banks of 16 KiB, each serving one access of 32 bytes, or two of 16 bytes in its two
// halves, a cycle; who comes second waits, and the core with it. Which bank an object lies in is
// the design's choice, but an object mostly lies in one. So accesses of 32 bytes keep apart from
// others of the same object: in one bundle they save nothing.
#pragma once

#include "codegen/schedule/region.h"

#include <algorithm>
#include <unordered_map>

namespace ashlar::codegen::schedule {

/// Which objects are accessed when.
class Banks {
public:
  /// `interval`: of a loop in which time goes round, else 0. `one`: take all objects for one.
  explicit Banks(int interval = 0, bool one = false) : interval_(interval), one_(one) {}

  bool free(const Item &item, const isa::Inst &form, int time) const {
    bool fine = true;
    each(item, form, time, [&](int row, Touch touch) {
      auto it = rows_.find(row);
      if (it == rows_.end()) return;
      for (const Touch &have : it->second) fine &= !meet(have, touch);
    });
    return fine;
  }
  void take(const Item &item, const isa::Inst &form, int time) {
    each(item, form, time, [&](int row, Touch touch) { rows_[row].push_back(touch); });
  }
  void drop(const Item &item, const isa::Inst &form, int time) {
    each(item, form, time, [&](int row, Touch touch) {
      auto &touches = rows_[row];
      touches.erase(std::ranges::find(touches, touch));
    });
  }
  /// Cycles that are lost in all.
  int lost() const {
    int sum = 0;
    for (const auto &[row, touches] : rows_)
      for (size_t i = 0; i < touches.size(); ++i) {
        bool waits = false;
        for (size_t j = 0; j < i; ++j) waits |= meet(touches[i], touches[j]);
        sum += waits;
      }
    return sum;
  }

private:
  struct Touch {
    uint16_t object;
    bool wide;
    bool operator==(const Touch &) const = default;
  };
  static bool meet(const Touch &a, const Touch &b) {
    return a.object == b.object && (a.wide || b.wide);
  }
  template <class F> void each(const Item &item, const isa::Inst &form, int time, F f) const {
    if (!item.object) return;
    const Touch touch{one_ ? uint16_t{1} : item.object, isa::info(form).memoryBytes >= 32};
    for (uint8_t cycle : isa::timing(form).memory) {
      int row = time + cycle;
      if (interval_) row = ((row % interval_) + interval_) % interval_;
      f(row, touch);
    }
  }
  int interval_;
  bool one_;
  std::unordered_map<int, std::vector<Touch>> rows_;
};

} // namespace ashlar::codegen::schedule
