// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/matrix_array.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{{"matrix_array",
                             {{512 * 256, false}, {256 * 256, false}, {512 * 256 * 4, true}},
                             {"multiply.cc"},
                             [](Buffers &b) {
                               for (int i = 0; i < 512; ++i)
                                 for (int j = 0; j < 256; ++j) {
                                   int32_t sum = 0;
                                   for (int k = 0; k < 256; ++k)
                                     sum += as<int8_t>(b[0])[i * 256 + k] *
                                            as<int8_t>(b[1])[k * 256 + j];
                                   as<int32_t>(b[2])[i * 256 + j] = sum;
                                 }
                             }}};
