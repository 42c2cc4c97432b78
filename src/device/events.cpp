// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names of events, from the table that events.txt is compiled into.
#include "device/events.h"

namespace ashlar::device {
namespace {
#include "device/events_table.inc"

std::span<const char *const> table(Module m) {
  switch (m) {
  case Module::Core: return kEvents0;
  case Module::Memory: return kEvents1;
  case Module::MemTile: return kEvents2;
  case Module::Shim: return kEvents3;
  }
  return {};
}
} // namespace

std::string_view eventName(Module module, int number) {
  const auto names = table(module);
  if (number < 0 || static_cast<size_t>(number) >= names.size()) return {};
  return names[static_cast<size_t>(number)];
}

std::optional<int> eventNumber(Module module, std::string_view name) {
  const auto names = table(module);
  for (size_t i = 0; i < names.size(); ++i)
    if (name == names[i]) return static_cast<int>(i);
  return std::nullopt;
}

} // namespace ashlar::device
