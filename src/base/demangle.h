// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// C++ names as people write them. The C++ library's demangler takes any string for a type ("f" is
// "float" to it) and, in Debian 12, reads the letters of __bf16 as "bool _Accum".
#pragma once

#include <string>

namespace ashlar {

/// `f(float*, int)` for `_Z1fPfi`; a name that is not mangled as it stands.
std::string demangle(const std::string &symbol);

} // namespace ashlar
