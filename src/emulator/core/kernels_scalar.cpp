// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scalar instructions as kernels. A result register narrower than 32 bits takes the low bits.
#include "emulator/core/kernel.h"
#include "emulator/core/steps.h"
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

/// As a step of the fast core: the compiler puts the kernel in place of its call.
template <Kernel K> void fused(Pipeline &p, const StepHead *s) {
  K(s->in(), s->out());
  ASHLAR_NEXT_STEP(p, s);
}

constexpr KernelRow kRows[] = {
    {"add", 0, add, fused<add>},
    {"adc", 0, adc, fused<adc>},
    {"sub", 0, sub, fused<sub>},
    {"sbc", 0, sbc, fused<sbc>},
    {"add.nc", 0, addNoCarry, fused<addNoCarry>},
    {"abs", 0, absolute, fused<absolute>},
    {"and", 0, bitAnd, fused<bitAnd>},
    {"or", 0, bitOr, fused<bitOr>},
    {"xor", 0, bitXor, fused<bitXor>},
    {"lshl", 0, lshl, fused<lshl>},
    {"ashl", 0, ashl, fused<ashl>},
    {"mul", 0, multiply, fused<multiply>},
    {"clz", 0, clz, fused<clz>},
    {"clb", 0, clb, fused<clb>},
    {"eq", 0, eq, fused<eq>},
    {"ne", 0, ne, fused<ne>},
    {"lt", 0, lt, fused<lt>},
    {"ltu", 0, ltu, fused<ltu>},
    {"ge", 0, ge, fused<ge>},
    {"geu", 0, geu, fused<geu>},
    {"eqz", 0, eqz, fused<eqz>},
    {"nez", 0, nez, fused<nez>},
    {"extend.s8", 0, extendS8, fused<extendS8>},
    {"extend.s16", 0, extendS16, fused<extendS16>},
    {"extend.u8", 0, extendU8, fused<extendU8>},
    {"extend.u16", 0, extendU16, fused<extendU16>},
    {"sel.eqz", 0, selEqz, fused<selEqz>},
    {"sel.nez", 0, selNez, fused<selNez>},
    {"divs", 0, divs, fused<divs>},
    {"mov", 0, copy, fused<copy>},
    {"mova", 0, copy, fused<copy>},
    {"movx", 0, copy, fused<copy>},
    {"movxm", 0, copy, fused<copy>},
    {"mov.d1", 0, copy, fused<copy>},
    {"mov.d2", 0, copy, fused<copy>},
    {"mov.d3", 0, copy, fused<copy>},
    {"mov.d4", 0, copy, fused<copy>},
    {"mov.d5", 0, copy, fused<copy>},
    {"mov.d6", 0, copy, fused<copy>},
    {"lda", 32, copy, fused<copy>},
    {"st", 32, copy, fused<copy>},
    {"lda.s8", 0, loadS8, fused<loadS8>},
    {"lda.u8", 0, loadU8, fused<loadU8>},
    {"lda.s16", 0, loadS16, fused<loadS16>},
    {"lda.u16", 0, loadU16, fused<loadU16>},
    {"st.s8", 0, copy, fused<copy>},
    {"st.s16", 0, copy, fused<copy>},
    {"lda.tm", 0, copy, fused<copy>},
    {"st.tm", 0, copy, fused<copy>},
};

} // namespace

std::span<const KernelRow> scalarKernels() { return kRows; }

} // namespace ashlar::emulator
