// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The native types of the vector unit: lanes of 8 to 32 bits in vector registers of 128 to 1024
// bits, and accumulators of 256 to 1024 bits. Accumulators of different lanes are different types,
// so that overloads tell them apart; all live in the accumulator registers and are moved, never
// computed on, except by the functions of aie2_intrinsics.h. A cast between types of one size keeps
// the bits. Vectors are aligned to their size, to 32 bytes at most.
#ifndef AIE2_TYPES_H
#define AIE2_TYPES_H
#ifndef __clang__
#error "aie2_types.h needs Clang: `ashlar cc` for a core, clang++ for a host"
#endif

#define __AIE2_VECTOR(lane, name, n) typedef lane v##n##name __attribute__((ext_vector_type(n)));
#define __AIE2_BYTES(lane, name)                                                                   \
  __AIE2_VECTOR(lane, name, 16)                                                                    \
  __AIE2_VECTOR(lane, name, 32)                                                                    \
  __AIE2_VECTOR(lane, name, 64)                                                                    \
  __AIE2_VECTOR(lane, name, 128)
#define __AIE2_HALVES(lane, name)                                                                  \
  __AIE2_VECTOR(lane, name, 8)                                                                     \
  __AIE2_VECTOR(lane, name, 16)                                                                    \
  __AIE2_VECTOR(lane, name, 32)                                                                    \
  __AIE2_VECTOR(lane, name, 64)
#define __AIE2_WORDS(lane, name)                                                                   \
  __AIE2_VECTOR(lane, name, 4)                                                                     \
  __AIE2_VECTOR(lane, name, 8)                                                                     \
  __AIE2_VECTOR(lane, name, 16)                                                                    \
  __AIE2_VECTOR(lane, name, 32)
/// `words` is the number of 64-bit words, which is how memory and registers hold an accumulator.
#define __AIE2_ACCUMULATOR(word, name, lanes, words)                                               \
  typedef word v##lanes##name __attribute__((ext_vector_type(words)));

__AIE2_BYTES(signed char, int8)
__AIE2_BYTES(unsigned char, uint8)
__AIE2_HALVES(short, int16)
__AIE2_HALVES(unsigned short, uint16)
__AIE2_HALVES(__bf16, bfloat16)
__AIE2_WORDS(int, int32)
__AIE2_WORDS(unsigned int, uint32)
__AIE2_WORDS(float, float)

__AIE2_ACCUMULATOR(long long, acc64, 4, 4)
__AIE2_ACCUMULATOR(long long, acc64, 8, 8)
__AIE2_ACCUMULATOR(long long, acc64, 16, 16)
__AIE2_ACCUMULATOR(_BitInt(64), acc32, 8, 4)
__AIE2_ACCUMULATOR(_BitInt(64), acc32, 16, 8)
__AIE2_ACCUMULATOR(_BitInt(64), acc32, 32, 16)
__AIE2_ACCUMULATOR(unsigned _BitInt(64), accfloat, 8, 4)
__AIE2_ACCUMULATOR(unsigned _BitInt(64), accfloat, 16, 8)
__AIE2_ACCUMULATOR(unsigned _BitInt(64), accfloat, 32, 16)

#undef __AIE2_ACCUMULATOR
#undef __AIE2_WORDS
#undef __AIE2_HALVES
#undef __AIE2_BYTES
#undef __AIE2_VECTOR
#endif
