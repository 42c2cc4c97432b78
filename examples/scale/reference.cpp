// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/scale.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{
    {"scale", {{4096 * 4, false}, {4, false}, {4096 * 4, true}}, {"scale.cc"}, [](Buffers &b) {
       for (int i = 0; i < 4096; ++i)
         as<uint32_t>(b[2])[i] = as<uint32_t>(b[0])[i] * as<uint32_t>(b[1])[0];
     }}};
