// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sliding multiplications: out[l] = sum over p of
//   coeff[coeff_start + p * CoeffStep] * data[data_start + p * DataStepX + l * DataStepY],
// data taken as a ring. The unit convolves 8-bit data in 32 lanes of 8 points and 16-bit data in 16
// lanes of 4 points with steps of one; other forms are a product with a broadcast for each point.
#pragma once

#include "aie_api/mul.hpp"
#include "aie_api/reduce.hpp"

namespace aie {
namespace detail {
inline constexpr int kConv32x8 = 1 << 3 | 4 << 5;            ///< 8 x 8 bits, 32 lanes, 8 points
inline constexpr int kConv16x4 = 1 << 1 | 3 << 3 | 3 << 5;   ///< 16 x 16 bits, 16 lanes, 4 points

/// Lanes start, start + step, ... of a ring.
template <unsigned Lanes, unsigned step, class T, unsigned M>
ASHLAR_INLINE vector<T, Lanes> ringLanes(const vector<T, M> &v, unsigned start) {
  static_assert(Lanes <= M, "sliding_mul: the data vector has at least Lanes lanes");
  const vector<T, M> turned = window(v, v, start % M);
  if constexpr (step == 1) {
    return turned.template extract<Lanes>(0);
  } else if constexpr (step == 2 && 2 * Lanes <= M) {
    return filter_even(turned.template extract<2 * Lanes>(0));
  } else {
    vector<T, Lanes> out;
    for (unsigned i = 0; i < Lanes; ++i) out.set(turned.get(i * step % M), i);
    return out;
  }
}
} // namespace detail

template <unsigned Lanes, unsigned Points, int CoeffStep, int DataStepX, int DataStepY,
          class CoeffType, class DataType, class AccumTag = accauto>
struct sliding_mul_ops {
  using coeff_type = CoeffType;
  using data_type = DataType;
  using accum_tag = detail::AccFor<AccumTag, CoeffType, DataType>;
  using accum_type = accum<accum_tag, Lanes>;
  static constexpr unsigned lanes = Lanes, points = Points;
  static_assert(CoeffStep > 0 && DataStepX > 0 && DataStepY > 0,
                "sliding_mul: steps are positive");

  template <unsigned C, unsigned D>
  ASHLAR_INLINE static accum_type mul(const vector<CoeffType, C> &coeff, unsigned coeff_start,
                                      const vector<DataType, D> &data, unsigned data_start) {
    return run<detail::Op::Mul>(accum_type(), coeff, coeff_start, data, data_start);
  }
  template <unsigned C, unsigned D>
  ASHLAR_INLINE static accum_type negmul(const vector<CoeffType, C> &coeff, unsigned coeff_start,
                                         const vector<DataType, D> &data, unsigned data_start) {
    return run<detail::Op::NegMul>(accum_type(), coeff, coeff_start, data, data_start);
  }
  template <unsigned C, unsigned D>
  ASHLAR_INLINE static accum_type mac(const accum_type &acc, const vector<CoeffType, C> &coeff,
                                      unsigned coeff_start, const vector<DataType, D> &data,
                                      unsigned data_start) {
    return run<detail::Op::Mac>(acc, coeff, coeff_start, data, data_start);
  }
  template <unsigned C, unsigned D>
  ASHLAR_INLINE static accum_type msc(const accum_type &acc, const vector<CoeffType, C> &coeff,
                                      unsigned coeff_start, const vector<DataType, D> &data,
                                      unsigned data_start) {
    return run<detail::Op::Msc>(acc, coeff, coeff_start, data, data_start);
  }

private:
  static constexpr bool steps = CoeffStep == 1 && DataStepX == 1 && DataStepY == 1;
  static constexpr bool bytes = steps && Lanes == 32 && Points % 8 == 0 && sizeof(CoeffType) == 1 &&
                                sizeof(DataType) == 1 && std::is_same_v<accum_tag, acc32>;
  static constexpr bool halves = steps && Lanes == 16 && Points % 4 == 0 &&
                                 std::is_integral_v<CoeffType> && sizeof(CoeffType) == 2 &&
                                 sizeof(DataType) == 2 && std::is_same_v<accum_tag, acc64>;
  /// The operation after the first: what a sum of products goes on with.
  static constexpr detail::Op next(detail::Op op) {
    return detail::negates(op) ? detail::Op::Msc : detail::Op::Mac;
  }

  template <detail::Op op, unsigned C, unsigned D>
  ASHLAR_INLINE static accum_type run(accum_type acc, const vector<CoeffType, C> &coeff,
                                      unsigned coeff_start, const vector<DataType, D> &data,
                                      unsigned data_start) {
    if constexpr ((bytes && D == 64) || (halves && D == 32)) {
      constexpr unsigned group = bytes ? 8 : 4;
      constexpr int config =
          (bytes ? detail::kConv32x8 : detail::kConv16x4) | detail::kSigns<DataType, CoeffType>;
      detail::repeat<Points / group>([&](auto g) ASHLAR_LAMBDA {
        constexpr detail::Op now = g == 0 ? op : next(op);
        const auto x = detail::window(data, data, (data_start + g * group) % D);
        const auto wide = detail::toRegister<CoeffType>(coeff.part(0));
        const auto y = __aie2_vshift((v64int8)wide, (v64int8)wide,
                                     static_cast<int>((coeff_start + g * group) * sizeof(CoeffType)));
        acc.part(0) = (typename accum_type::native_part)detail::multiply<now>(
            (v16acc64)acc.part(0), (v64int8)x.part(0), y, config);
      });
    } else {
      detail::repeat<Points>([&](auto p) ASHLAR_LAMBDA {
        constexpr detail::Op now = p == 0 ? op : next(op);
        acc = detail::multiplyVectors<accum_tag, now>(
            acc, detail::ringLanes<Lanes, DataStepY>(data, data_start + p * DataStepX),
            detail::spreadTo<Lanes>(coeff, coeff_start + p * CoeffStep));
      });
    }
    return acc;
  }
};
template <unsigned Lanes, unsigned Points, int CoeffStep, int DataStepX, class CoeffType,
          class DataType, class AccumTag = accauto>
using sliding_mul_x_ops =
    sliding_mul_ops<Lanes, Points, CoeffStep, DataStepX, 1, CoeffType, DataType, AccumTag>;
template <unsigned Lanes, unsigned Points, int CoeffStep, int DataStepY, class CoeffType,
          class DataType, class AccumTag = accauto>
using sliding_mul_y_ops =
    sliding_mul_ops<Lanes, Points, CoeffStep, 1, DataStepY, CoeffType, DataType, AccumTag>;
template <unsigned Lanes, unsigned Points, int CoeffStep, int DataStepXY, class CoeffType,
          class DataType, class AccumTag = accauto>
using sliding_mul_xy_ops =
    sliding_mul_ops<Lanes, Points, CoeffStep, DataStepXY, DataStepXY, CoeffType, DataType, AccumTag>;

template <unsigned Lanes, unsigned Points, int CoeffStep = 1, int DataStepX = 1,
          int DataStepY = DataStepX, class AccumTag = accauto, class C, unsigned CN, class D,
          unsigned DN>
ASHLAR_INLINE auto sliding_mul(const vector<C, CN> &coeff, unsigned coeff_start,
                               const vector<D, DN> &data, unsigned data_start) {
  return sliding_mul_ops<Lanes, Points, CoeffStep, DataStepX, DataStepY, C, D, AccumTag>::mul(
      coeff, coeff_start, data, data_start);
}
template <unsigned Lanes, unsigned Points, int CoeffStep = 1, int DataStepX = 1,
          int DataStepY = DataStepX, class Tag, class C, unsigned CN, class D, unsigned DN>
ASHLAR_INLINE auto sliding_mac(const accum<Tag, Lanes> &acc, const vector<C, CN> &coeff,
                               unsigned coeff_start, const vector<D, DN> &data,
                               unsigned data_start) {
  return sliding_mul_ops<Lanes, Points, CoeffStep, DataStepX, DataStepY, C, D, Tag>::mac(
      acc, coeff, coeff_start, data, data_start);
}

} // namespace aie
