// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Wall time of pipeline steps, for `--time`. Times never enter a product: outputs stay
// deterministic.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace ashlar {

struct StepTime {
  std::string step;
  double milliseconds = 0;
};

/// Collects one row a step; `measure("link", f)` times f and returns its value.
class StepTimes {
public:
  template <class F> auto measure(std::string step, F &&f) {
    const Stop stop{this, std::move(step), std::chrono::steady_clock::now()};
    return f();
  }
  const std::vector<StepTime> &rows() const { return rows_; }

private:
  struct Stop {
    StepTimes *times;
    std::string step;
    std::chrono::steady_clock::time_point start;
    ~Stop() {
      const std::chrono::duration<double, std::milli> d = std::chrono::steady_clock::now() - start;
      times->rows_.push_back({step, d.count()});
    }
  };
  std::vector<StepTime> rows_;
};

} // namespace ashlar
