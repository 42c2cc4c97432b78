// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/two_columns.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{
    {"two_columns", {{4096, false}, {4096, true}}, {"threshold.cc"}, [](Buffers &b) {
       for (int i = 0; i < 4096; ++i) {
         const int core = i / 2048 * 2 + i % 512 / 256;
         b[1][i] = b[0][i] > 40 + 50 * core ? static_cast<uint8_t>(255 - core) : 0;
       }
     }}};
