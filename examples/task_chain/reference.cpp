// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/task_chain.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{{"task_chain", {{256 * 4, false}, {256 * 4, true}}, {}, [](Buffers &b) {
                               for (int i = 0; i < 256; ++i)
                                 as<uint32_t>(b[1])[i ^ 128] = as<uint32_t>(b[0])[i] ^ 0x55555555u;
                             }}};
