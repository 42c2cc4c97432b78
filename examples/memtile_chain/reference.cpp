// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/memtile_chain.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{
    {"memtile_chain", {{512 * 4, false}, {512 * 4, true}}, {}, [](Buffers &b) {
       for (int i = 0; i < 512; ++i) as<uint32_t>(b[1])[i] = as<uint32_t>(b[0])[i ^ 64];
     }}};
