// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The memory that shim DMAs see: the buffers of a run at their device addresses, nothing between
// them. An access outside every buffer is what the IOMMU would refuse.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace ashlar::emulator {

struct HostRegion {
  uint64_t address = 0;
  uint64_t size = 0;
  uint8_t *data = nullptr;
  std::string name; ///< "argument 0"
  bool contains(uint64_t a, uint64_t n) const {
    return a >= address && a - address <= size && size - (a - address) >= n;
  }
};

class HostMemory {
public:
  void clear() {
    regions_.clear();
    last_ = 0;
  }
  void add(HostRegion r) {
    regions_.push_back(std::move(r));
    std::sort(regions_.begin(), regions_.end(),
              [](const HostRegion &a, const HostRegion &b) { return a.address < b.address; });
    last_ = 0;
  }
  /// The bytes [address, address + n), or null when they are not all in one region.
  uint8_t *find(uint64_t address, uint64_t n) {
    if (last_ < regions_.size() && regions_[last_].contains(address, n))
      return regions_[last_].data + (address - regions_[last_].address);
    for (size_t i = 0; i < regions_.size(); ++i)
      if (regions_[i].contains(address, n)) {
        last_ = i;
        return regions_[i].data + (address - regions_[i].address);
      }
    return nullptr;
  }
  /// For messages: "argument 0 (1024 bytes at 0x100000000)" nearest below the address.
  std::string describe(uint64_t address) const;
  const std::vector<HostRegion> &regions() const { return regions_; }

private:
  std::vector<HostRegion> regions_;
  size_t last_ = 0;
};

} // namespace ashlar::emulator
