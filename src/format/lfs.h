// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a clone of a repository holds in place of a large file that Git LFS has not fetched.
#pragma once

#include "base/base.h"

#include <string_view>

namespace ashlar::format {

inline bool looksLikeLfsPointer(ByteView data) {
  constexpr std::string_view kMark = "version https://git-lfs.github.com/spec/";
  return data.size() >= kMark.size() && std::equal(kMark.begin(), kMark.end(), data.begin());
}

inline Diagnostic lfsPointer(const std::string &name) {
  return error("foreign", Place::at(name),
               "this file is a Git LFS pointer: the file that it stands for was not fetched",
               "run `git lfs pull` in the repository that it comes from");
}

} // namespace ashlar::format
