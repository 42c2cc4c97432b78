// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The checks of a configuration in order, the list of all checks, and core programs from ELF.
#include "analysis/model.h"
#include "format/elf.h"

#include <algorithm>
#include <fmt/format.h>

namespace ashlar::analysis {

std::span<const CheckInfo> checks() {
  static constexpr CheckInfo kChecks[] = {
      {"acquire-beyond-depth", "a core waits for more than a FIFO ever holds"},
      {"argument-missing", "a transfer uses a buffer that the sequence does not have"},
      {"bd-exhausted", "a tile's DMA needs more descriptors than there are"},
      {"bd-invalid", "a channel runs into a buffer descriptor that was never written"},
      {"bd-range", "a transfer leaves the tile's memory"},
      {"bd-reused", "a descriptor is rewritten while its transfer may still run"},
      {"bo-too-small", "a transfer moves more than its host buffer holds"},
      {"buffer-overlap", "two things lie at the same place in data memory"},
      {"core-without-program", "a core is switched on and has no program"},
      {"fifo-deadlock", "the design comes to a standstill"},
      {"illegal-instruction", "a core program reaches bytes that are no instruction"},
      {"lock-imbalance", "a core's loop gives a FIFO more or less than it takes"},
      {"lock-never-acquired", "a lock only ever grows"},
      {"lock-never-released", "a lock is waited for and nobody gives it"},
      {"lock-range", "a lock that does not exist, or a value it cannot hold"},
      {"packet-dropped", "a packet's id matches no rule on its way"},
      {"pdi-checksum", "a checksum of the PDI is wrong"},
      {"program-hazard", "two instructions of a core program get into each other's way"},
      {"program-memory", "a program is larger than program memory"},
      {"queue-overflow", "more tasks are started than a channel's queue holds"},
      {"route-dead-end", "a stream ends before it reaches anybody"},
      {"sequence-empty", "an instruction stream that does nothing"},
      {"stack-overflow", "the call graph needs more stack than there is"},
      {"stack-unknown", "recursion or calls through pointers hide the stack need"},
      {"stream-without-source", "a receiving channel that nobody sends to"},
      {"token-never-issued", "a wait for a task that was never started"},
      {"token-unrouted", "a task's token cannot reach the controller"},
      {"transfer-partial", "a transfer that does not fill the receiver's last buffer"},
      {"xclbin-arguments", "kernel arguments that XRT cannot place"},
      {"xclbin-columns", "a partition that Phoenix cannot give"},
      {"xclbin-kernel-id", "a kernel that no PDI serves"},
      {"xclbin-no-kernel", "no kernel that a driver would find"},
      {"xclbin-sections", "a section that XRT needs is missing"},
      {"xclbin-uuid", "no UUID: XRT would mix it up with others"},
  };
  return kChecks;
}

namespace {

void checkPrograms(const Model &model, const Names &names, Diagnostics &findings,
                   std::map<TileId, ProgramFacts> &programs) {
  for (const auto &[id, tile] : model.tiles) {
    if (tile.kind != TileKind::Core) continue;
    if (tile.hasProgram) {
      programs[id] = checkProgram(tile, names, findings);
    } else if (tile.enabled()) {
      findings.push_back(error("core-without-program", names.core(id),
                               fmt::format("{} is switched on and has no program", tileText(id)),
                               "give the core a body, or leave it out"));
    }
  }
}

/// Initial data of one tile that is written twice at the same place.
void checkImages(const Model &model, const Names &names, Diagnostics &findings) {
  for (const auto &[id, tile] : model.tiles) {
    std::vector<TileModel::Extent> sorted = tile.data;
    std::sort(sorted.begin(), sorted.end(),
              [](const auto &a, const auto &b) { return a.start < b.start; });
    for (size_t i = 1; i < sorted.size(); ++i)
      if (sorted[i].start < sorted[i - 1].end)
        findings.push_back(error(
            "buffer-overlap", names.core(id),
            fmt::format("the initial data at {:#x} to {:#x} and at {:#x} to {:#x} of {} overlap",
                        sorted[i - 1].start, sorted[i - 1].end, sorted[i].start, sorted[i].end,
                        tileText(id)),
            "move one of the two"));
    if (tile.kind != TileKind::Core) continue;
    const uint32_t stack = names.stackSize(id);
    for (const TileModel::Extent &e : sorted)
      if (stack && e.start < stack)
        findings.push_back(error("buffer-overlap", names.core(id),
                                 fmt::format("data at {:#x} of {} lies in the stack, which takes "
                                             "the first {} bytes",
                                             e.start, tileText(id), stack),
                                 "move it above the stack"));
  }
}

} // namespace

Diagnostics checkConfiguration(const load::Configuration &configuration, const std::string &name,
                               const plan::Plan *plan, std::span<const load::Stream> streams) {
  Diagnostics findings;
  const Names names(plan, name);
  const Model model = modelOf(configuration);
  std::map<TileId, ProgramFacts> programs;
  checkPrograms(model, names, findings, programs);
  checkImages(model, names, findings);
  checkDma(model, programs, streams, names, findings);
  checkLockBalance(model, names, findings);
  checkRoutes(model, names, findings);
  return findings;
}

Diagnostics checkElf(ByteView data, const std::string &name, uint32_t stackSize) {
  const auto file = format::elf::read(data, name);
  if (!file.ok()) return file.errors();
  TileModel tile;
  tile.id = {0, device::kFirstCoreRow};
  for (const format::elf::Segment &s : file->segments) {
    if (s.type != format::elf::kLoad) continue;
    if (s.physicalAddress < device::kCoreWindowSouth) {
      tile.hasProgram = true;
      const uint32_t end = s.physicalAddress + s.memorySize;
      tile.programEnd = std::max(tile.programEnd, end);
      const size_t kept =
          std::min<size_t>(s.physicalAddress + s.data.size(), device::kProgramMemoryBytes);
      if (tile.program.size() < kept) tile.program.resize(kept);
      for (size_t i = s.physicalAddress; i < kept; ++i)
        tile.program[i] = s.data[i - s.physicalAddress];
    } else if (s.physicalAddress >= device::kCoreWindowOwn) {
      const uint32_t start = s.physicalAddress - device::kCoreWindowOwn;
      tile.data.push_back({start, start + s.memorySize});
    }
  }
  plan::Plan plan;
  plan::Core core;
  core.tile = tile.id;
  core.stackSize = stackSize;
  if (stackSize) plan.cores.push_back(core);
  Diagnostics findings;
  if (tile.hasProgram) checkProgram(tile, Names(&plan, name), findings);
  return findings;
}

} // namespace ashlar::analysis
