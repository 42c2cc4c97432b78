// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/matrix_vector.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{{"matrix_vector",
                             {{64 * 64 * 2, false}, {64 * 2, false}, {64 * 4, true}},
                             {"matvec.cc"},
                             [](Buffers &b) {
                               for (int r = 0; r < 64; ++r) {
                                 uint32_t sum = 0;
                                 for (int k = 0; k < 64; ++k)
                                   sum += static_cast<uint32_t>(as<int16_t>(b[0])[r * 64 + k] *
                                                                as<int16_t>(b[1])[k]);
                                 as<uint32_t>(b[2])[r] = sum;
                               }
                             }}};
