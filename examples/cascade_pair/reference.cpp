// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/cascade_pair.
#include "example.h"

#include <algorithm>

using namespace ashlar::examples;

static const Register entry{
    {"cascade_pair", {{4096, false}, {4096, false}, {4096, true}}, {"kernels.cc"}, [](Buffers &b) {
       const int16_t *x = as<int16_t>(b[0]), *y = as<int16_t>(b[1]);
       for (int i = 0; i < 2048; ++i) {
         const int sum = 3 * x[i] + 5 * y[i];
         int quarter = sum >> 2;
         const int rest = sum & 3; // nearest, a half to the even neighbour
         if (rest == 3 || (rest == 2 && (quarter & 1))) ++quarter;
         as<int16_t>(b[2])[i] = static_cast<int16_t>(std::clamp(quarter, -32768, 32767));
       }
     }}};
