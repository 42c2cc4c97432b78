// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Error texts of XRT, the amdxdna driver and design tools as people paste them, with what they mean
// on a Phoenix and what to do. One table (known_errors.def); a pasted text is matched by its words,
// so numbers, addresses, file names and typing mistakes do not matter.
#pragma once

#include "base/base.h"

#include <span>
#include <string_view>

namespace ashlar::report {

struct KnownError {
  const char *name;                ///< stable, short: `load-xclbin`
  std::vector<const char *> texts; ///< as they are printed
  const char *meaning, *remedy;
};
std::span<const KnownError> knownErrors();

struct Explanation {
  const KnownError *error = nullptr;
  double score = 0; ///< 1: all words of one of its texts are there
};
/// The errors that `text` is about, best first, three at most; empty when none is.
std::vector<Explanation> explainError(std::string_view text);

/// The whole table as a page of Markdown.
std::string knownErrorsPage();

} // namespace ashlar::report
