// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The matrix unit's instructions as kernels: products with accumulators, and sums of accumulators.
// Names carry the signs: vnegmsc is -acc1 + products, vsubmac acc1 - acc2 + products, and so on.
#include "emulator/core/kernel.h"
#include "emulator/core/steps.h"
#include "emulator/core/value/mac.h"

namespace ashlar::emulator {
namespace {

enum class Accs : uint8_t { None, One, Two };

/// in: acc1, acc2 as there are, X, Y, configuration.
template <Accs A, bool NegProduct, bool NegAcc1, bool NegAcc2>
const char *integerProduct(KernelIn in, KernelOut out) {
  constexpr int n = static_cast<int>(A);
  const MacConfig config{word(in[n + 2])};
  const bool ok = integerMac(out[0], n > 0 ? in[0] : nullptr, n > 1 ? in[1] : nullptr, in[n],
                             in[n + 1], config, {NegProduct, NegAcc1, NegAcc2});
  return ok ? nullptr : whyNotSimulated(config, false);
}

template <Accs A, bool NegProduct, bool NegAcc1, bool NegAcc2>
const char *bf16Mac(KernelIn in, KernelOut out) {
  constexpr int n = static_cast<int>(A);
  const MacConfig config{word(in[n + 2])};
  const bool ok = floatMac(out[0], n > 0 ? in[0] : nullptr, n > 1 ? in[1] : nullptr, in[n],
                           in[n + 1], config, {NegProduct, NegAcc1, NegAcc2});
  put(out[1], 0); // flag bits are not known; none is set
  return ok ? nullptr : whyNotSimulated(config, true);
}

template <Accs A, bool NegAcc1, bool NegAcc2>
const char *accumulatorSum(KernelIn in, KernelOut out) {
  constexpr int n = static_cast<int>(A);
  const MacConfig config{word(in[n])};
  integerSum(out[0], in[0], n > 1 ? in[1] : nullptr, config, {false, NegAcc1, NegAcc2});
  return nullptr;
}

template <bool NegA, bool NegB> const char *floatSum(KernelIn in, KernelOut out) {
  const MacConfig config{word(in[2])};
  const bool na = NegA != config.negateAcc1(), nb = NegB != config.negateAcc2();
  const auto *a = lanes<uint32_t>(in[0]), *b = lanes<uint32_t>(in[1]);
  auto *d = lanes<uint32_t>(out[0]);
  for (int i = 0; i < 16; ++i) d[i] = floatAdd(config.zeroAcc1() ? 0 : a[i], b[i], na, nb);
  put(out[1], 0);
  return nullptr;
}

const char *floatNeg(KernelIn in, KernelOut out) {
  const MacConfig config{word(in[1])};
  const auto *a = lanes<uint32_t>(in[0]);
  auto *d = lanes<uint32_t>(out[0]);
  for (int i = 0; i < 16; ++i) {
    const uint32_t v = config.zeroAcc1() ? 0 : a[i];
    d[i] = config.negateAcc1() ? floatAdd(v, 0, false, false) : floatNegate(v);
  }
  put(out[1], 0);
  return nullptr;
}

const char *clearInteger(KernelIn, KernelOut out) {
  std::memset(out[0], 0, 128);
  return nullptr;
}
const char *clearFloat(KernelIn, KernelOut out) {
  std::memset(out[0], 0, 64);
  put(out[1], 0);
  return nullptr;
}

/// As a step of the fast core, with the product in place of its call.
template <Kernel K> void fused(Pipeline &p, const StepHead *s) {
  if (const char *reason = K(s->in(), s->out()); reason != nullptr) [[unlikely]]
    step::refuse(p, *s, reason);
  ASHLAR_NEXT_STEP(p, s);
}

constexpr KernelRow kRows[] = {
    {"vmul", 0, integerProduct<Accs::None, false, false, false>,
     fused<integerProduct<Accs::None, false, false, false>>},
    {"vnegmul", 0, integerProduct<Accs::None, true, false, false>,
     fused<integerProduct<Accs::None, true, false, false>>},
    {"vmac", 0, integerProduct<Accs::One, false, false, false>,
     fused<integerProduct<Accs::One, false, false, false>>},
    {"vmsc", 0, integerProduct<Accs::One, true, false, false>,
     fused<integerProduct<Accs::One, true, false, false>>},
    {"vnegmac", 0, integerProduct<Accs::One, true, true, false>,
     fused<integerProduct<Accs::One, true, true, false>>},
    {"vnegmsc", 0, integerProduct<Accs::One, false, true, false>,
     fused<integerProduct<Accs::One, false, true, false>>},
    {"vaddmac", 0, integerProduct<Accs::Two, false, false, false>,
     fused<integerProduct<Accs::Two, false, false, false>>},
    {"vaddmsc", 0, integerProduct<Accs::Two, true, false, false>,
     fused<integerProduct<Accs::Two, true, false, false>>},
    {"vsubmac", 0, integerProduct<Accs::Two, false, false, true>,
     fused<integerProduct<Accs::Two, false, false, true>>},
    {"vsubmsc", 0, integerProduct<Accs::Two, true, false, true>,
     fused<integerProduct<Accs::Two, true, false, true>>},
    {"vmul.f", 0, bf16Mac<Accs::None, false, false, false>,
     fused<bf16Mac<Accs::None, false, false, false>>},
    {"vnegmul.f", 0, bf16Mac<Accs::None, true, false, false>,
     fused<bf16Mac<Accs::None, true, false, false>>},
    {"vmac.f", 0, bf16Mac<Accs::One, false, false, false>,
     fused<bf16Mac<Accs::One, false, false, false>>},
    {"vmsc.f", 0, bf16Mac<Accs::One, true, false, false>,
     fused<bf16Mac<Accs::One, true, false, false>>},
    {"vaddmac.f", 0, bf16Mac<Accs::Two, false, false, false>,
     fused<bf16Mac<Accs::Two, false, false, false>>},
    {"vaddmsc.f", 0, bf16Mac<Accs::Two, true, false, false>,
     fused<bf16Mac<Accs::Two, true, false, false>>},
    {"vadd", 0, accumulatorSum<Accs::Two, false, false>},
    {"vsub", 0, accumulatorSum<Accs::Two, false, true>},
    {"vnegadd", 0, accumulatorSum<Accs::Two, true, true>},
    {"vnegsub", 0, accumulatorSum<Accs::Two, true, false>},
    {"vneg", 0, accumulatorSum<Accs::One, true, false>},
    {"vadd.f", 0, floatSum<false, false>},
    {"vsub.f", 0, floatSum<false, true>},
    {"vnegadd.f", 0, floatSum<true, true>},
    {"vnegsub.f", 0, floatSum<true, false>},
    {"vneg.f", 0, floatNeg},
    {"vclr", 1024, clearInteger},
    {"vclr", 512, clearFloat},
};

} // namespace

std::span<const KernelRow> accumulatorKernels() { return kRows; }

} // namespace ashlar::emulator
