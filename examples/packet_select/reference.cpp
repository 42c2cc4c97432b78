// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/packet_select.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{
    {"packet_select", {{128 * 4, false}, {128 * 4, true}}, {}, [](Buffers &b) {
       for (int i = 0; i < 64; ++i) {
         as<uint32_t>(b[1])[i] = as<uint32_t>(b[0])[i] + 10;
         as<uint32_t>(b[1])[64 + i] = as<uint32_t>(b[0])[64 + i] * 3;
       }
     }}};
