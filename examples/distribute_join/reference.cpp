// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/distribute_join.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{
    {"distribute_join", {{256 * 4, false}, {512 * 4, true}}, {}, [](Buffers &b) {
       for (int object = 0; object < 4; ++object)
         for (int round = 0; round < 2; ++round)
           for (int i = 0; i < 64; ++i)
             as<uint32_t>(b[1])[(object * 2 + round) * 64 + i] =
                 as<uint32_t>(b[0])[object * 64 + i] + (i < 32 ? 1u : ~0u);
     }}};
