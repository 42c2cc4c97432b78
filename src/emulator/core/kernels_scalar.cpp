// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scalar instructions as kernels. A result register narrower than 32 bits takes the low bits.
#include "emulator/core/kernel.h"
#include "emulator/core/value/scalar.h"

namespace ashlar::emulator {
namespace {

#define KERNEL(name, body)                                                                         \
  const char *name([[maybe_unused]] KernelIn in, [[maybe_unused]] KernelOut out) {                 \
    body;                                                                                          \
    return nullptr;                                                                                \
  }

void putSum(KernelOut out, Sum s) {
  put(out[0], s.value);
  put(out[1], s.carry);
}

KERNEL(add, putSum(out, addWithCarry(word(in[0]), word(in[1]), 0)))
KERNEL(adc, putSum(out, addWithCarry(word(in[0]), word(in[1]), word(in[2]))))
KERNEL(sub, putSum(out, subWithCarry(word(in[0]), word(in[1]), 1)))
KERNEL(sbc, putSum(out, subWithCarry(word(in[0]), word(in[1]), word(in[2]))))
KERNEL(addNoCarry, put(out[0], word(in[0]) + word(in[1])))
KERNEL(absolute, {
  const uint32_t a = word(in[0]);
  put(out[0], (a >> 31) != 0 ? 0U - a : a);
  put(out[1], a >> 31);
})
KERNEL(bitAnd, put(out[0], word(in[0]) & word(in[1])))
KERNEL(bitOr, put(out[0], word(in[0]) | word(in[1])))
KERNEL(bitXor, put(out[0], word(in[0]) ^ word(in[1])))
KERNEL(lshl, put(out[0], shiftLogical(word(in[0]), word(in[1]))))
KERNEL(ashl, put(out[0], shiftArithmetic(word(in[0]), word(in[1]))))
KERNEL(multiply, put(out[0], word(in[0]) * word(in[1])))
KERNEL(clz, put(out[0], countLeadingZeros(word(in[0]))))
KERNEL(clb, put(out[0], countLeadingSignBits(word(in[0]))))
KERNEL(eq, put(out[0], word(in[0]) == word(in[1]) ? 1 : 0))
KERNEL(ne, put(out[0], word(in[0]) != word(in[1]) ? 1 : 0))
KERNEL(lt, put(out[0], signedWord(in[0]) < signedWord(in[1]) ? 1 : 0))
KERNEL(ltu, put(out[0], word(in[0]) < word(in[1]) ? 1 : 0))
KERNEL(ge, put(out[0], signedWord(in[0]) >= signedWord(in[1]) ? 1 : 0))
KERNEL(geu, put(out[0], word(in[0]) >= word(in[1]) ? 1 : 0))
KERNEL(eqz, put(out[0], word(in[0]) == 0 ? 1 : 0))
KERNEL(nez, put(out[0], word(in[0]) != 0 ? 1 : 0))
KERNEL(extendS8, put(out[0], static_cast<uint32_t>(signExtend(word(in[0]), 8))))
KERNEL(extendS16, put(out[0], static_cast<uint32_t>(signExtend(word(in[0]), 16))))
KERNEL(extendU8, put(out[0], word(in[0]) & 0xFF))
KERNEL(extendU16, put(out[0], word(in[0]) & 0xFFFF))
KERNEL(selEqz, put(out[0], word(in[2]) == 0 ? word(in[0]) : word(in[1])))
KERNEL(selNez, put(out[0], word(in[2]) != 0 ? word(in[0]) : word(in[1])))
KERNEL(copy, put(out[0], word(in[0])))
/// in: r31, remainder, divisor; out: remainder, r31
KERNEL(divs, {
  const DivideStep d = divideStep(word(in[1]), word(in[0]), word(in[2]));
  put(out[0], d.remainder);
  put(out[1], d.quotient);
})

// Loads: in[0] is the memory.
KERNEL(loadS8, put(out[0], static_cast<uint32_t>(*lanes<int8_t>(in[0]))))
KERNEL(loadU8, put(out[0], *lanes<uint8_t>(in[0])))
KERNEL(loadS16, put(out[0], static_cast<uint32_t>(*lanes<int16_t>(in[0]))))
KERNEL(loadU16, put(out[0], *lanes<uint16_t>(in[0])))

constexpr KernelRow kRows[] = {
    {"add", 0, add},
    {"adc", 0, adc},
    {"sub", 0, sub},
    {"sbc", 0, sbc},
    {"add.nc", 0, addNoCarry},
    {"abs", 0, absolute},
    {"and", 0, bitAnd},
    {"or", 0, bitOr},
    {"xor", 0, bitXor},
    {"lshl", 0, lshl},
    {"ashl", 0, ashl},
    {"mul", 0, multiply},
    {"clz", 0, clz},
    {"clb", 0, clb},
    {"eq", 0, eq},
    {"ne", 0, ne},
    {"lt", 0, lt},
    {"ltu", 0, ltu},
    {"ge", 0, ge},
    {"geu", 0, geu},
    {"eqz", 0, eqz},
    {"nez", 0, nez},
    {"extend.s8", 0, extendS8},
    {"extend.s16", 0, extendS16},
    {"extend.u8", 0, extendU8},
    {"extend.u16", 0, extendU16},
    {"sel.eqz", 0, selEqz},
    {"sel.nez", 0, selNez},
    {"divs", 0, divs},
    {"mov", 0, copy},
    {"mova", 0, copy},
    {"movx", 0, copy},
    {"movxm", 0, copy},
    {"mov.d1", 0, copy},
    {"mov.d2", 0, copy},
    {"mov.d3", 0, copy},
    {"mov.d4", 0, copy},
    {"mov.d5", 0, copy},
    {"mov.d6", 0, copy},
    {"lda", 32, copy},
    {"st", 32, copy},
    {"lda.s8", 0, loadS8},
    {"lda.u8", 0, loadU8},
    {"lda.s16", 0, loadS16},
    {"lda.u16", 0, loadU16},
    {"st.s8", 0, copy},
    {"st.s16", 0, copy},
    {"lda.tm", 0, copy},
    {"st.tm", 0, copy},
};

} // namespace

std::span<const KernelRow> scalarKernels() { return kRows; }

} // namespace ashlar::emulator
