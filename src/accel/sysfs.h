// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The files below /sys and /dev by which XRT finds a Phoenix, as a small real tree of folders,
// links and texts; the preloaded library leads their paths there.
#pragma once

#include "base/base.h"

namespace ashlar::accel {

/// Makes the tree below `root`, which exists. Errors: `file-write`.
Status makeTree(const std::string &root);

} // namespace ashlar::accel
