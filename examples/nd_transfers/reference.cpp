// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host reference of examples/nd_transfers.
#include "example.h"

using namespace ashlar::examples;

static const Register entry{{"nd_transfers",
                             {{256 * 4, false}, {256 * 4, false}, {512 * 4, true}},
                             {"concat.cc"},
                             [](Buffers &b) {
                               // The order in which each pattern visits its input, tile by tile of
                               // 32 words.
                               int ia = 0, ib = 0;
                               uint32_t a[256], c[256];
                               for (int w = 0; w < 4; ++w)
                                 for (int z = 0; z < 2; ++z)
                                   for (int y = 0; y < 4; ++y)
                                     for (int x = 0; x < 8; ++x)
                                       a[ia++] = as<uint32_t>(b[0])[64 * w + 8 * z + 16 * y + x];
                               for (int w = 0; w < 2; ++w)
                                 for (int z = 0; z < 2; ++z)
                                   for (int y = 0; y < 4; ++y)
                                     for (int x = 0; x < 16; ++x)
                                       c[ib++] = as<uint32_t>(b[1])[2 * w + z + 4 * y + 16 * x];
                               for (int tile = 0; tile < 8; ++tile) {
                                 std::memcpy(as<uint32_t>(b[2]) + 64 * tile, a + 32 * tile, 128);
                                 std::memcpy(as<uint32_t>(b[2]) + 64 * tile + 32, c + 32 * tile,
                                             128);
                               }
                             }}};
