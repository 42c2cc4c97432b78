// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// XCLBIN (axlf): the file that XRT loads. A fixed header, a table of sections, the sections, and
// the "mirror", a JSON copy of the header that xclbinutil leaves behind the last section. The
// sections' own layouts are in xclbin_sections.h.
#pragma once

#include "base/base.h"

#include <array>

namespace ashlar::format::xclbin {

using Uuid = std::array<uint8_t, 16>;
std::string uuidText(const Uuid &uuid); ///< "58467ef3-c0b8-350e-c738-106a5c88706c"

enum SectionKind : uint32_t {
  kEmbeddedMetadata = 2,
  kMemTopology = 6,
  kConnectivity = 7,
  kIpLayout = 8,
  kGroupTopology = 26,
  kGroupConnectivity = 27,
  kAiePartition = 32,
};
/// "AIE_PARTITION"; "" for a kind that the format does not define.
const char *sectionKindName(uint32_t kind);

struct Section {
  uint32_t kind = 0;
  std::string name; ///< at most 15 characters
  Bytes data;
  uint64_t offset = 0; ///< in the file
};

struct File {
  uint64_t uniqueId = 0;  ///< the flow puts the time here
  uint64_t timeStamp = 0; ///< seconds since 1970
  uint64_t featureRomTimeStamp = 0;
  uint16_t versionPatch = 0;
  uint8_t versionMajor = 2, versionMinor = 25; ///< of the XRT whose xclbinutil wrote it
  uint16_t mode = 0, actionMask = 0;
  Uuid interfaceUuid{};
  std::string platform; ///< VBNV
  Uuid uuid{};
  Uuid debugBin{};
  std::vector<Section> sections;
  bool hasMirror = false; ///< read() only

  const Section *find(uint32_t kind) const;
};

bool looksLikeXclbin(ByteView data);
/// What leaves the contents readable goes to `problems`.
/// Errors: `xclbin-truncated`, `xclbin-corrupt`.
Result<File> read(ByteView data, const std::string &name, Diagnostics &problems);
/// Sections in the order given, each 8-byte aligned, then the mirror. Sets the sections'
/// offsets and cuts their names to what fits.
Bytes write(File &file);

/// The mirror's text, with its start and end marks (xclbin_mirror.cpp).
std::string mirrorText(const File &file);

} // namespace ashlar::format::xclbin
