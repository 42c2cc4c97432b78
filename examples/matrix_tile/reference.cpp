// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/matrix_tile.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{
    {"matrix_tile", {{32 * 64 * 4, false}, {32 * 64 * 4, true}}, {}, [](Buffers &b) {
       for (int row = 8; row < 16; ++row)
         for (int col = 32; col < 48; ++col)
           as<uint32_t>(b[1])[row * 64 + col] = as<uint32_t>(b[0])[row * 64 + col] + 1000;
     }}};
