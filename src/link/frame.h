// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a function's code says about its use of the stack, for objects without .stack_sizes.
#pragma once

#include "base/base.h"

namespace ashlar::link {

struct FrameFacts {
  bool decoded = false;      ///< every bundle could be read
  uint32_t frame = 0;        ///< sum of what it adds to sp before it gives it back, at most
  bool indirectCall = false; ///< has `jl pN`
  bool dynamic = false;      ///< sp also moves by what is known only at run time (VLA, alloca)
};
FrameFacts readFrame(ByteView code);

} // namespace ashlar::link
