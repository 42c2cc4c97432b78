// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What happens in a cycle follows from what is in flight and from the bundle that issues: which
// accesses are made, which operands are read late, what computes, what is written where. None of it
// depends on data, so it is worked out once for each pair of (in flight, address), as a plan: a
// chain of steps with every pointer resolved. A loop soon runs on as many plans as it has bundles.
#pragma once

#include "emulator/core/steps.h"

#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

namespace ashlar::emulator {

/// Bundles in flight: one issues each cycle and none lasts longer than 12.
inline constexpr unsigned kFrames = 16;

/// Something that an instruction still has to do.
struct Pending {
  enum class Type : uint8_t { Ask, Load, Late, Store, Write };
  const MicroOp *op;
  const Output *output; ///< Write
  uint8_t *from;        ///< Write: the value
  Type type;
  uint8_t due; ///< cycles from now
  uint8_t frame;
  uint8_t cycle = 0;  ///< Late: inputs of this cycle are kept; the last one runs the kernel
  uint8_t needed = 0; ///< Write: only when the request got this answer
  bool shown = false; ///< Write: the forwarded copy holds the value already
  /// Of what runs a kernel: bit i says that input i, though read already, still stands in its
  /// register. It is kept in the frame before somebody writes there.
  uint8_t standing = 0;
  uint8_t unused = 0;
};

struct CyclePlan;
/// All that is pending at the start of a cycle, in the order in which it was entered.
struct InFlight {
  std::vector<Pending> pending;
  struct Frame {
    uint16_t number, bytes;
  };
  std::vector<Frame> frames; ///< in use
  /// The plans that begin with it, by address.
  std::vector<std::pair<uint32_t, CyclePlan *>> plans;
};

/// A request to the tile.
struct AskPlan {
  const MicroOp *op;
  Request *request;
  uint8_t *data; ///< of a cascade write
  uint8_t *results[kMaxOutputs];
};
struct AccessPlan {
  const MicroOp *op;
  Request *request;
  uint32_t width; ///< physical banks side by side as ones: 1 or 3; 0 for the tile's registers
  bool gathers;   ///< the addresses are in Request::gather

  /// Four windows of four logical banks of two interleaved 128-bit banks.
  static uint32_t bankOf(uint32_t a) { return (a >> 13 & 0x1E) | (a >> 4 & 1); }
  /// The banks that the access wants, but for those of a gather.
  uint32_t banks() const { return width << (bankOf(request->address) & ~(width >> 1)); }
};

struct CyclePlan {
  const PreparedBundle *bundle = nullptr; ///< none: nothing can be fetched from there
  InFlight *after = nullptr;
  const StepHead *front = nullptr; ///< memory and late register reads; null when there are none
  const StepHead *main = nullptr;  ///< the bundle, memory writes, register writes
  const AskPlan *asks = nullptr;
  const AccessPlan *accesses = nullptr; ///< loads, then stores
  uint8_t askCount = 0, accessCount = 0, loadCount = 0;
  bool settles = false;  ///< something may have to wait
  bool observes = false; ///< something looks at or changes what lies around the core
  bool gathers = false;  ///< some access has several addresses
  uint8_t size = 0;
  uint32_t instructions = 0, loads = 0, stores = 0;
  /// Where the last cycles went on, and the plans there.
  uint32_t followerPc[2] = {~0U, ~0U};
  CyclePlan *follower[2] = {};
  std::unique_ptr<uint8_t[]> code;
};

/// Pretended address of cycles in which nothing issues: what is in flight completes.
inline constexpr uint32_t kNoIssue = ~0U - 1;

/// The plans of one core.
class PlanStore {
public:
  PlanStore(uint8_t *frames, const RegisterFile &registers);

  /// Nothing in flight.
  InFlight *empty() { return empty_; }
  CyclePlan *find(InFlight *now, uint32_t pc) const {
    for (const auto &[at, plan] : now->plans)
      if (at == pc) return plan;
    return nullptr;
  }
  CyclePlan *make(InFlight *now, uint32_t pc, const PreparedBundle *bundle, uint32_t returnAddress);
  /// Drops all plans. Answers what stands for `now` afterwards.
  InFlight *forget(const InFlight *now);
  bool none() const { return plans_.empty(); }
  bool full() const { return plans_.size() >= kMostPlans; }

private:
  static constexpr size_t kMostPlans = 16384;
  InFlight *intern(std::vector<Pending> pending);

  uint8_t *frames_;
  const RegisterFile &registers_;
  std::vector<std::unique_ptr<CyclePlan>> plans_;
  std::unordered_multimap<size_t, std::unique_ptr<InFlight>> inFlight_;
  InFlight *empty_;
};

} // namespace ashlar::emulator
