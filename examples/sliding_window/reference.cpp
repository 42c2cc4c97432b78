// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/sliding_window.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{
    {"sliding_window", {{512 * 4, false}, {512 * 4, true}}, {"blur.cc"}, [](Buffers &b) {
       for (int line = 0; line < 16; ++line)
         for (int i = 0; i < 32; ++i) {
           const uint32_t *x = as<uint32_t>(b[0]);
           const int above = line == 0 ? 0 : line - 1, below = line == 15 ? 15 : line + 1;
           as<uint32_t>(b[1])[line * 32 + i] =
               x[above * 32 + i] + 2 * x[line * 32 + i] + x[below * 32 + i];
         }
     }}};
