// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// PDI: the container in which the firmware receives a CDO: four bus-width words, an image header
// table, one image header, one partition header, the CDO padded to 16 bytes. Written as bootgen
// writes it for a "partial" image; word for word the same in every public design.
#pragma once

#include "base/base.h"

namespace ashlar::format::pdi {

inline constexpr size_t kDataOffset = 0x150;

struct File {
  uint32_t idCode = 0, imageId = 0;
  std::string imageName;
  /// Made by `xclbinutil --transform-pdi` (AMD's overlays): compacted; lengths and the partition
  /// header's checksum do not describe the file.
  bool transformed = false;
  ByteView cdo;         ///< into the bytes given to read()
  size_t cdoOffset = 0; ///< in the file
  size_t bytes = 0;     ///< of the whole image; more may follow when the PDI is embedded
};

bool looksLikePdi(ByteView data);
/// What leaves the contents readable (checksums, trailing bytes) goes to `problems`.
/// Errors: `pdi-truncated`, `pdi-corrupt`.
Result<File> read(ByteView data, const std::string &name, Diagnostics &problems);
Bytes write(ByteView cdo);

} // namespace ashlar::format::pdi
