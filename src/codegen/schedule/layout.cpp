// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program fetch has 16 bytes. Loops and return points begin at a multiple of it, made by larger
// forms of the bundles in front. The hardware loop asks for more: its last bundle has 16 bytes and
// lies at a multiple of 16, and 112 bytes lie between the write of lc and it.
#include "codegen/schedule/layout.h"

#include "isa/hazard.h"

#include <algorithm>
#include <map>

namespace ashlar::codegen::schedule {
namespace {
constexpr unsigned kFetchBytes = 16;

unsigned bytesOf(const Issue &issue, unsigned least) {
  if (issue.slots.empty()) return std::max(2u, least);
  uint8_t mask = 0;
  for (const Issue::Slot &slot : issue.slots) mask |= isa::slotBit(isa::info(slot.form).slot);
  isa::FormatId format = isa::chooseFormat(mask, least);
  return format == isa::FormatId::Invalid ? 0u : static_cast<unsigned>(isa::info(format).bytes);
}

/// Makes the last of these bundles larger until their sum, `offset` before them included, is a
/// multiple of a fetch. Returns the sum.
unsigned align(std::vector<Issue *> &all, size_t window, unsigned offset) {
  size_t last = all.size() > window ? all.size() - window : 0;
  for (size_t i = all.size(); i-- > last && offset % kFetchBytes;) {
    unsigned need = kFetchBytes - offset % kFetchBytes;
    for (unsigned size = std::min(16u, all[i]->bytes + need); size > all[i]->bytes; size -= 2)
      if (bytesOf(*all[i], size) == size) {
        offset += size - all[i]->bytes;
        all[i]->bytes = size;
        break;
      }
  }
  return offset;
}

bool writesCount(const Issue &issue) {
  return std::ranges::any_of(issue.slots, [](const Issue::Slot &slot) {
    return std::ranges::any_of(isa::accesses(slot.form), [](const isa::Access &a) {
      return a.write && a.reg == isa::Reg::lc;
    });
  });
}

/// One try. Returns the first block of a loop that lies wrong, and what it lacks.
struct Wrong {
  size_t block;
  unsigned lacks; ///< bytes between the write of lc and the end, or 0: the alignment
};
std::optional<Wrong> tryLayOut(std::vector<Block> &blocks) {
  unsigned offset = 0;
  std::vector<Issue *> all;
  size_t firstOfLoop = 0;
  unsigned count = 0; // where lc was written last
  for (size_t b = 0; b < blocks.size(); ++b) {
    Block &block = blocks[b];
    bool kernel = block.part == Block::Part::Kernel;
    if (kernel || (block.part == Block::Part::Plain && block.loopHeader))
      offset = align(all, kernel ? 64 : 8, offset);
    if (block.loop && (!b || blocks[b - 1].loop != block.loop)) firstOfLoop = b;
    if (kernel && offset % kFetchBytes) return Wrong{firstOfLoop, 0};
    std::vector<Issue *> body;
    unsigned start = offset;
    for (Issue &issue : block.issues) {
      unsigned bytes = bytesOf(issue, issue.least);
      issue.bytes = bytes ? bytes : bytesOf(issue, 2);
      if (writesCount(issue)) count = offset;
      offset += issue.bytes;
      all.push_back(&issue);
      body.push_back(&issue);
      if (issue.endsCall) offset = align(all, 6, offset);
    }
    // The end of a hardware loop: its last bundle alone in a fetch of its own.
    bool ends = block.loop && block.loop->kernelEnd == block.block;
    if (kernel || ends) {
      if (ends) {
        Issue &last = *body.back();
        offset -= last.bytes;
        last.bytes = kFetchBytes;
        body.pop_back();
      }
      offset = start + align(body, body.size(), offset - start);
      if (offset % kFetchBytes) {
        for (Issue *issue : body) issue->least = kFetchBytes;
        return Wrong{firstOfLoop, ~0u};
      }
      if (ends) {
        if (offset - count < isa::kLoopSetupBytes)
          return Wrong{firstOfLoop, isa::kLoopSetupBytes - (offset - count)};
        offset += kFetchBytes;
        all.clear(); // what is aligned now stays so
      }
      if (kernel) all.clear(); // what is aligned now stays so
    }
  }
  return std::nullopt;
}

/// Makes bundles between the write of lc and the loop's end larger. False when all are.
bool widen(std::vector<Block> &blocks, size_t first) {
  auto grow = [](Issue &issue) {
    if (issue.least == kFetchBytes || bytesOf(issue, kFetchBytes) != kFetchBytes) return false;
    issue.least = kFetchBytes;
    return true;
  };
  bool grown = false;
  for (size_t b = first; b < blocks.size() && blocks[b].loop == blocks[first].loop; ++b)
    if (blocks[b].part != Block::Part::Epilogue)
      for (Issue &issue : blocks[b].issues) grown |= grow(issue);
  bool behind = false;
  if (first)
    for (Issue &issue : blocks[first - 1].issues) {
      if (behind) grown |= grow(issue);
      behind |= writesCount(issue);
    }
  return grown;
}
} // namespace

void delay(std::vector<Block> &blocks, size_t index, unsigned bundles) {
  if (blocks[index].part == Block::Part::Prologue) {
    auto &issues = blocks[index].issues;
    issues.insert(issues.begin(), bundles, Issue());
    return;
  }
  Block &setup = blocks[index - 1];
  setup.issues.resize(setup.issues.size() + bundles);
  setup.regions.back().cycles += bundles;
}

void layOut(std::vector<Block> &blocks) {
  for (unsigned tries = 0; tries < 1000; ++tries) {
    auto wrong = tryLayOut(blocks);
    if (!wrong) return;
    if (wrong->lacks == ~0u) continue; // the kernel's bundles were made larger
    if (wrong->lacks && widen(blocks, wrong->block)) continue;
    delay(blocks, wrong->block, 1);
    auto &issues = blocks[wrong->block].part == Block::Part::Prologue
                       ? blocks[wrong->block].issues
                       : blocks[wrong->block - 1].issues;
    bool front = blocks[wrong->block].part == Block::Part::Prologue;
    if (wrong->lacks) (front ? issues.front() : issues.back()).least = kFetchBytes;
  }
}

} // namespace ashlar::codegen::schedule
