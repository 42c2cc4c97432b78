// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whole files in and out. Outputs are written beside their final name and renamed, so a failed
// command leaves nothing half-written.
#pragma once

#include "base/bytes.h"

namespace ashlar {

/// Errors: `file-missing` (with the system's reason).
Result<Bytes> readFile(const std::string &path);
Result<std::string> readTextFile(const std::string &path);
/// Writes `path.tmpPID` and renames it to `path`, or to what `path` links to; devices and pipes
/// are written to in place. Errors: `file-write`.
Status writeFile(const std::string &path, ByteView data);
Status writeTextFile(const std::string &path, std::string_view text);

} // namespace ashlar
