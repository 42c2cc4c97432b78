// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The steps of linking, in order.
#include "link/link.h"

#include "link/program.h"

#include <fmt/format.h>

namespace ashlar::link {
namespace {

Status checkStack(const plan::Core &core, const Options &options, const StackNeed &need,
                  Diagnostics &warnings) {
  if (need.bytes <= core.stackSize) return Ok{};
  const uint32_t wanted = (need.bytes + 31) / 32 * 32;
  Diagnostic d =
      error("stack-overflow", core.place,
            fmt::format("core {} needs {} bytes of stack and has {}: {}", core.tile.str(),
                        need.bytes, core.stackSize, fmt::join(need.chain, " > ")),
            fmt::format("set stack_size = {} on aie.core, or make the frames smaller", wanted));
  if (options.stackOverflowIsError) return d;
  d.severity = Severity::Warning;
  warnings.push_back(std::move(d));
  return Ok{};
}

} // namespace

Result<Linked> link(const plan::Core &core, const std::vector<Input> &inputs,
                    const Options &options, Diagnostics &warnings) {
  Linked linked;
  Program program(core, options);
  ASHLAR_CHECK(resolveInputs(program, inputs));
  // From here on the symbol table does not change.
  ASHLAR_CHECK(markLive(program, warnings));
  checkArguments(program, warnings);
  ASHLAR_CHECK(place(program, linked));
  // From here on addresses do not change.
  linked.stack = stackNeed(program, warnings);
  ASHLAR_CHECK(checkStack(core, options, linked.stack, warnings));
  ASHLAR_CHECK(relocate(program, linked.programBytes));
  linked.elf = writeExecutable(program);
  return linked;
}

std::string mapText(const plan::Core &core, const Linked &linked) {
  std::string text = fmt::format("core {}\n", core.tile.str());
  text += fmt::format("program memory: {} of {} bytes\n", linked.programBytes,
                      device::kProgramMemoryBytes);
  text += fmt::format("data memory: stack {}, buffers to {:#x}, data {} bytes to {:#x} of {:#x}\n",
                      core.stackSize, core.dataStart, linked.dataBytes, linked.dataEnd,
                      device::kCoreMemoryBytes);
  text += fmt::format("stack need: {} bytes: {}\n", linked.stack.bytes,
                      fmt::join(linked.stack.chain, " > "));
  text += "\n address    size  what (from)\n";
  for (const MapEntry &e : linked.map)
    text += fmt::format("{:#08x} {:>7}  {} ({})\n", e.address, e.size, e.what, e.object);
  text += "\n   frame    need  function\n";
  for (const FunctionStack &f : linked.stack.functions)
    text += fmt::format("{:>8} {:>7}  {} ({})\n", f.frameKnown ? fmt::to_string(f.frame) : "?",
                        f.need, f.name, f.object);
  return text;
}

} // namespace ashlar::link
