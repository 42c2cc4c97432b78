// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the files that Ashlar ships with are: crt0.o, libaie2.a and include/ for the cores.
#pragma once

#include <string>

namespace ashlar::cli {

/// `<folder of the executable>/../lib/ashlar/aie2`, or what ASHLAR_RESOURCE_DIR says.
std::string resourceDir();
/// Where an internal error of the compiler leaves the module that shows it.
std::string reproducerPath(const std::string &source);

} // namespace ashlar::cli
