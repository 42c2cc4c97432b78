// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The order in which the register allocator sees instructions. An inner loop is scheduled after
// allocation, with its values in registers of their own; in front of it only the number of
// registers counts. There the source's order stays, in which loads stand beside what they are for:
// LLVM's heuristic would put all loads of an unrolled body first and spill most of them.
#include "codegen/target/target.h"

#include "llvm/CodeGen/MachineScheduler.h"

using namespace llvm;

namespace {
class Strategy final : public GenericScheduler {
public:
  using GenericScheduler::GenericScheduler;
  void initPolicy(MachineBasicBlock::iterator begin, MachineBasicBlock::iterator end,
                  unsigned count) override {
    GenericScheduler::initPolicy(begin, end, count);
    const MachineBasicBlock *block = begin->getParent();
    keeps_ = block->isSuccessor(block);
    next_ = 0;
  }
  SUnit *pickNode(bool &fromTop) override {
    if (!keeps_) return GenericScheduler::pickNode(fromTop);
    fromTop = true;
    while (next_ < DAG->SUnits.size() && DAG->SUnits[next_].isScheduled) ++next_;
    return next_ < DAG->SUnits.size() ? &DAG->SUnits[next_] : nullptr;
  }
  void schedNode(SUnit *unit, bool fromTop) override {
    if (!keeps_) GenericScheduler::schedNode(unit, fromTop);
  }
  void releaseTopNode(SUnit *unit) override {
    if (!keeps_) GenericScheduler::releaseTopNode(unit);
  }
  void releaseBottomNode(SUnit *unit) override {
    if (!keeps_) GenericScheduler::releaseBottomNode(unit);
  }

private:
  bool keeps_ = false;
  size_t next_ = 0;
};
} // namespace

ScheduleDAGInstrs *llvm::createAIE2MachineScheduler(MachineSchedContext *context) {
  return createSchedLive<Strategy>(context);
}
