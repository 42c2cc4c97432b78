// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Archives (`ar`): libraries, and what the vendor's flow calls `kernel.o`. GNU long names and BSD
// `#1/` names are read; symbol indexes are skipped, because a linker that looks at every member
// does not need them. Thin archives hold no contents and are refused.
#pragma once

#include "base/base.h"

namespace ashlar::format::ar {

struct Member {
  std::string name;
  Bytes data;
  uint64_t fileOffset = 0; ///< of the data
};

bool looksLikeArchive(ByteView data);
/// Errors: `ar-corrupt`, `ar-truncated`, `ar-thin`.
Result<std::vector<Member>> read(ByteView data, const std::string &name);
/// A GNU archive with zero times and owners and without a symbol index.
Bytes write(const std::vector<Member> &members);

} // namespace ashlar::format::ar
