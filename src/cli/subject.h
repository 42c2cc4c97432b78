// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads what `diff` and the pictures of `inspect` are about: a build folder, an XCLBIN or a PDI,
// with the plan and the instruction streams that lie beside it.
#pragma once

#include "report/diff.h"

namespace ashlar::cli {

/// `streams`: files given by hand, instead of those beside the package.
Result<report::Subject> readSubject(const std::string &path,
                                    const std::vector<std::string> &streams, Diagnostics &warnings);

} // namespace ashlar::cli
