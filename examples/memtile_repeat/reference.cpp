// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/memtile_repeat.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{
    {"memtile_repeat", {{512 * 4, false}, {2048 * 4, true}}, {}, [](Buffers &b) {
       for (int object = 0; object < 8; ++object)
         for (uint32_t round = 0; round < 4; ++round)
           for (int i = 0; i < 64; ++i)
             as<uint32_t>(b[1])[(object * 4 + round) * 64 + i] =
                 as<uint32_t>(b[0])[object * 64 + i] + round;
     }}};
