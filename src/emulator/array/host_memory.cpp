// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Words about host addresses.
#include "emulator/array/host_memory.h"

#include <fmt/format.h>

namespace ashlar::emulator {

std::string HostMemory::describe(uint64_t address) const {
  const HostRegion *below = nullptr;
  for (const HostRegion &r : regions_)
    if (r.address <= address) below = &r;
  if (!below) return fmt::format("host address 0x{:X}, below every buffer", address);
  // Further away than transfers go: no mistake in a size, but a number that is no address.
  constexpr uint64_t kFar = 1ull << 30;
  if (address - below->address > below->size + kFar)
    return fmt::format("host address 0x{:X}, which lies in no buffer", address);
  return fmt::format("byte {} of {}, which has {} bytes", address - below->address, below->name,
                     below->size);
}

} // namespace ashlar::emulator
