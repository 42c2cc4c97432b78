// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/line_copy.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{
    {"line_copy", {{16384, false}, {16384, true}}, {"kernel.cc"}, [](Buffers &b) { b[1] = b[0]; }}};
