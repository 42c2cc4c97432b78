// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/four_columns.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{
    {"four_columns", {{4096 * 4, false}, {4096 * 4, true}}, {}, [](Buffers &b) {
       for (int i = 0; i < 4096; ++i) as<int32_t>(b[1])[i] = as<int32_t>(b[0])[i] >> (i / 1024 + 1);
     }}};
