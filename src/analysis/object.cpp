// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects and archives before they are linked: a kernel bought, copied or compiled elsewhere says
// here what it will want of the core that calls it.
#include "analysis/analysis.h"
#include "base/demangle.h"
#include "format/ar.h"
#include "format/elf.h"
#include "isa/decode.h"

#include <algorithm>
#include <fmt/format.h>

namespace ashlar::analysis {
namespace {

void checkCode(ByteView data, const std::string &name, Diagnostics &findings) {
  const auto file = format::elf::read(data, name);
  if (!file.ok()) {
    findings.insert(findings.end(), file.errors().begin(), file.errors().end());
    return;
  }
  for (const format::elf::Section &s : file->sections) {
    if (!(s.flags & format::elf::kExec)) continue;
    for (size_t at = 0; at < s.data.size();) {
      isa::Bundle bundle;
      if (isa::decode(s.data, at, bundle) != isa::DecodeError::None) {
        findings.push_back(error("illegal-instruction", Place::atOffset(name, s.fileOffset + at),
                                 fmt::format("{} + {:#x} is no instruction", s.name, at),
                                 "compile the object for aie2"));
        break;
      }
      at += bundle.size;
    }
  }
}

/// "`f`, `g` and 3 more".
std::string list(const std::vector<std::string> &names) {
  constexpr size_t kShown = 4;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i)
    text += fmt::format("{}`{}`", i ? ", " : "", demangle(names[i]));
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

void checkStacks(const std::vector<link::FunctionStack> &functions, const std::string &name,
                 Diagnostics &findings) {
  std::vector<std::string> recursive, pointers, dynamic, callers, outside;
  for (const link::FunctionStack &f : functions) {
    if (f.recursive) recursive.push_back(f.name);
    if (f.callsPointers) pointers.push_back(f.name);
    if (f.dynamic) dynamic.push_back(f.name);
    if (!f.outside.empty()) callers.push_back(f.name);
    for (const std::string &o : f.outside)
      if (std::find(outside.begin(), outside.end(), o) == outside.end()) outside.push_back(o);
    if (f.called || f.need <= device::kDefaultStackBytes) continue;
    std::string chain;
    for (const std::string &c : f.chain) chain += (chain.empty() ? "" : " > ") + c;
    findings.push_back(warning(
        "stack-overflow", Place::at(f.object),
        fmt::format("`{}` needs {} bytes of stack{}, an aie.core without stack_size has {}: {}",
                    demangle(f.name), f.need, f.lowerBound ? " or more" : "",
                    device::kDefaultStackBytes, chain),
        fmt::format("set stack_size = {} or more on each aie.core that calls it, or make its "
                    "arrays static or smaller",
                    (f.need + 31) / 32 * 32)));
  }
  const auto unknown = [&](Severity severity, const std::string &what) {
    Diagnostic d = warning("stack-unknown", Place::at(name), what,
                           "make sure that stack_size suffices; `ashlar run --stats` shows what "
                           "is used");
    d.severity = severity;
    findings.push_back(std::move(d));
  };
  if (!recursive.empty())
    unknown(Severity::Warning,
            fmt::format("calls of themselves are counted once in the stack need of {}",
                        list(recursive)));
  if (!pointers.empty())
    unknown(Severity::Warning,
            fmt::format("calls through pointers are not counted in the stack need of {}",
                        list(pointers)));
  if (!dynamic.empty())
    unknown(Severity::Warning,
            fmt::format("arrays of variable size are not counted in the stack need of {}",
                        list(dynamic)));
  // Usual for a kernel, and known once it is linked.
  if (!callers.empty())
    unknown(Severity::Note, fmt::format("calls of {} are not counted in the stack need of {}: they "
                                        "stand elsewhere",
                                        list(outside), list(callers)));
}

} // namespace

Diagnostics checkObject(ByteView data, const std::string &name,
                        std::vector<link::FunctionStack> *functions) {
  Diagnostics findings;
  if (format::ar::looksLikeArchive(data)) {
    const auto members = format::ar::read(data, name);
    if (!members.ok()) return members.errors();
    for (const format::ar::Member &m : *members)
      if (format::elf::looksLikeElf(m.data)) checkCode(m.data, name + "(" + m.name + ")", findings);
  } else {
    checkCode(data, name, findings);
  }
  if (hasErrors(findings)) return findings;
  auto stacks = link::objectStacks({name, Bytes(data.begin(), data.end())});
  if (!stacks.ok()) {
    findings.insert(findings.end(), stacks.errors().begin(), stacks.errors().end());
    return findings;
  }
  checkStacks(*stacks, name, findings);
  if (functions) *functions = std::move(*stacks);
  return findings;
}

} // namespace ashlar::analysis
