// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors, accumulators and block multiplication under the names of the vendor's C++ vector API, so
// that existing kernels compile unchanged. Written lane by lane in plain C++: the same header
// serves a core and the host, where a kernel is then its own reference. Rounding and saturation
// follow the mode that set_rounding and set_saturation choose; a fresh core truncates (rounds
// towards minus infinity), as the hardware does after reset.
#ifndef ASHLAR_AIE_API_AIE_HPP
#define ASHLAR_AIE_API_AIE_HPP

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <type_traits>
#include <utility>

#ifndef restrict
#define restrict __restrict
#endif
// Hints of the vendor's compilers: accepted and ignored.
#define chess_prepare_for_pipelining
#define chess_loop_range(...)
#define chess_loop_count(...)
#define chess_unroll_loop(...)
#define chess_flatten_loop
#define chess_no_hw_loop
#define chess_protect_access
#define chess_separator_scheduler(...)
#define chess_storage(...)

// Loops over lanes stay loops: unrolled ones would fill program memory.
#define ASHLAR_ROLLED _Pragma("clang loop unroll(disable)")

using int8 = int8_t;
using uint8 = uint8_t;
using int16 = int16_t;
using uint16 = uint16_t;
using int32 = int32_t;
using uint32 = uint32_t;
using int64 = int64_t;
using uint64 = uint64_t;
using bfloat16 = __bf16;
/// Kinds of accumulator lanes.
struct acc32 {};
struct acc64 {};
struct accfloat {};
using acc48 = acc64;

#ifdef __aie2__
extern "C" void __aie2_event(int);
static inline void event0() { __aie2_event(0); }
static inline void event1() { __aie2_event(1); }
#else
static inline void event0() {}
static inline void event1() {}
#endif

namespace aie {

enum class rounding_mode : int {
  floor = 0,
  ceil = 1,
  symmetric_floor = 2,
  symmetric_ceil = 3,
  negative_inf = 8,
  positive_inf = 9,
  symmetric_zero = 10,
  symmetric_inf = 11,
  conv_even = 12,
  conv_odd = 13
};
enum class saturation_mode : int { none = 0, truncate = 0, saturate = 1, symmetric = 3 };

namespace detail {
inline int rounding = 0;
inline int saturation = 0;

template <class T>
inline constexpr bool isFloat =
    std::is_same_v<T, float> || std::is_same_v<T, bfloat16> || std::is_same_v<T, accfloat>;

/// What one accumulator lane holds.
template <class Tag> struct Lane {
  using type = int64_t;
  static constexpr int bits = 64;
};
template <> struct Lane<acc32> {
  using type = int32_t;
  static constexpr int bits = 32;
};
template <> struct Lane<accfloat> {
  using type = float;
  static constexpr int bits = 32;
};

/// Does the mode round the magnitude... one unit up, given what is cut off?
inline bool roundsUp(bool guard, bool sticky, bool odd, bool negative) {
  switch (rounding) {
  case 0: return false;
  case 1: return guard || sticky;
  case 2: return (guard || sticky) && negative;
  case 3: return (guard || sticky) && !negative;
  case 8: return guard && sticky;
  case 9: return guard;
  case 10: return guard && (negative || sticky);
  case 11: return guard && (!negative || sticky);
  case 13: return guard && (!odd || sticky);
  default: return guard && (odd || sticky);
  }
}
template <class T> T toInteger(int64_t value, int shift) {
  if (shift > 0) {
    const bool guard = value >> (shift - 1) & 1;
    const bool sticky = (value & ((int64_t(1) << (shift - 1)) - 1)) != 0;
    const int64_t cut = value >> shift;
    value = cut + roundsUp(guard, sticky, cut & 1, value < 0);
  } else if (shift < 0) {
    value = static_cast<int64_t>(static_cast<uint64_t>(value) << -shift);
  }
  if (saturation & 1) {
    const int64_t most = std::numeric_limits<T>::max();
    int64_t least = std::numeric_limits<T>::min();
    if (saturation == 3 && least) least = -most;
    if (value > most) value = most;
    if (value < least) value = least;
  }
  return static_cast<T>(value);
}
inline bfloat16 toBfloat(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7f800000) != 0x7f800000) {
    const bool guard = bits >> 15 & 1, sticky = (bits & 0x7fff) != 0, odd = bits >> 16 & 1;
    const bool negative = bits >> 31;
    bool up; // of the magnitude
    switch (rounding) {
    case 0: up = (guard || sticky) && negative; break;
    case 1: up = (guard || sticky) && !negative; break;
    case 2: up = false; break;
    case 3: up = guard || sticky; break;
    case 8: up = guard && (sticky || negative); break;
    case 9: up = guard && (sticky || !negative); break;
    case 10: up = guard && sticky; break;
    case 11: up = guard; break;
    case 13: up = guard && (sticky || !odd); break;
    default: up = guard && (sticky || odd);
    }
    bits = (bits & 0xffff0000) + (up ? 0x10000 : 0);
  } else if ((bits & 0x7fffff) && !(bits & 0x7f0000)) {
    bits |= 0x10000;
  }
  return std::bit_cast<bfloat16>(static_cast<uint16_t>(bits >> 16));
}
inline float toFloat(bfloat16 value) {
  return std::bit_cast<float>(static_cast<uint32_t>(std::bit_cast<uint16_t>(value)) << 16);
}
/// A lane's value for arithmetic: bf16 as float, integers as they are.
template <class T> auto wide(T value) {
  if constexpr (std::is_same_v<T, bfloat16>)
    return toFloat(value);
  else
    return value;
}
/// Back to an element of a vector after lane-wise arithmetic, which wraps around.
template <class T, class V> T narrow(V value) {
  if constexpr (std::is_same_v<T, bfloat16>)
    return toBfloat(value);
  else
    return static_cast<T>(value);
}
template <class Tag, class T, class U> auto product(T a, U b) {
  using L = typename Lane<Tag>::type;
  if constexpr (std::is_same_v<Tag, accfloat>)
    return static_cast<L>(wide(a)) * static_cast<L>(wide(b));
  else
    return static_cast<L>(static_cast<int64_t>(a) * static_cast<int64_t>(b));
}
template <class L> L plus(L a, L b) {
  if constexpr (std::is_same_v<L, float>)
    return a + b;
  else
    return static_cast<L>(static_cast<std::make_unsigned_t<L>>(a) +
                          static_cast<std::make_unsigned_t<L>>(b));
}
template <class L> L minus(L a, L b) {
  if constexpr (std::is_same_v<L, float>)
    return a - b;
  else
    return static_cast<L>(static_cast<std::make_unsigned_t<L>>(a) -
                          static_cast<std::make_unsigned_t<L>>(b));
}
/// The accumulator that a product of two element types goes to.
template <class T, class U> struct AccOf {
  using type = std::conditional_t<isFloat<T> || isFloat<U>, accfloat,
                                  std::conditional_t<(sizeof(T) + sizeof(U) > 4), acc64, acc32>>;
};
template <class T, class U> using acc_of = typename AccOf<T, U>::type;
} // namespace detail

inline void set_rounding(rounding_mode mode) { detail::rounding = static_cast<int>(mode); }
inline void set_saturation(saturation_mode mode) { detail::saturation = static_cast<int>(mode); }
inline rounding_mode get_rounding() { return static_cast<rounding_mode>(detail::rounding); }

inline constexpr unsigned vector_decl_align = 32;
inline constexpr unsigned vector_ldst_align_v = 32;

template <class T, unsigned N> class alignas(sizeof(T) * N < 32 ? sizeof(T) * N : 32) vector {
public:
  using value_type = T;
  static constexpr unsigned size() { return N; }
  static constexpr unsigned bits() { return sizeof(T) * 8 * N; }
  vector() = default;
  template <class... U>
    requires(sizeof...(U) == N && N > 1 && (std::is_convertible_v<U, T> && ...))
  vector(U... values) : lanes_{static_cast<T>(values)...} {}

  T get(unsigned i) const { return lanes_[i]; }
  void set(T value, unsigned i) { lanes_[i] = value; }
  T operator[](unsigned i) const { return lanes_[i]; }
  T &operator[](unsigned i) { return lanes_[i]; }
  const T *data() const { return lanes_; }
  T *data() { return lanes_; }
  template <unsigned M> vector<T, M> extract(unsigned part) const {
    vector<T, M> result;
    ASHLAR_ROLLED for (unsigned i = 0; i < M; ++i) result[i] = lanes_[part * M + i];
    return result;
  }
  template <unsigned M> vector &insert(unsigned part, const vector<T, M> &v) {
    ASHLAR_ROLLED for (unsigned i = 0; i < M; ++i) lanes_[part * M + i] = v[i];
    return *this;
  }
  template <class U> vector<U, sizeof(T) * N / sizeof(U)> cast_to() const {
    vector<U, sizeof(T) * N / sizeof(U)> result;
    std::memcpy(result.data(), lanes_, sizeof lanes_);
    return result;
  }
  template <unsigned M> vector<T, M> grow(unsigned part = 0) const {
    vector<T, M> result{};
    result.template insert<N>(part, *this);
    return result;
  }
  void push(T value) {
    ASHLAR_ROLLED for (unsigned i = N - 1; i > 0; --i) lanes_[i] = lanes_[i - 1];
    lanes_[0] = value;
  }
  void load(const T *p) { std::memcpy(lanes_, p, sizeof lanes_); }
  void store(T *p) const { std::memcpy(p, lanes_, sizeof lanes_); }

private:
  T lanes_[N];
};

template <class Tag, unsigned N> class accum {
public:
  using value_type = Tag;
  using lane = typename detail::Lane<Tag>::type;
  static constexpr unsigned size() { return N; }
  accum() = default;
  template <class T> explicit accum(const vector<T, N> &v, int shift = 0) { from_vector(v, shift); }
  template <class T>
    requires(detail::isFloat<T> && std::is_same_v<Tag, accfloat>)
  accum(const vector<T, N> &v) {
    from_vector(v, 0);
  }
  template <class T> void from_vector(const vector<T, N> &v, int shift = 0) {
    ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) {
      if constexpr (std::is_same_v<Tag, accfloat>)
        lanes_[i] = static_cast<float>(detail::wide(v.get(i)));
      else
        lanes_[i] =
            static_cast<lane>(static_cast<uint64_t>(static_cast<int64_t>(v.get(i))) << shift);
    }
  }
  template <class T> vector<T, N> to_vector(int shift = 0) const {
    vector<T, N> result;
    ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) {
      if constexpr (std::is_same_v<T, bfloat16>)
        result[i] = detail::toBfloat(lanes_[i]);
      else if constexpr (std::is_same_v<Tag, accfloat>)
        result[i] = static_cast<T>(lanes_[i]);
      else
        result[i] = detail::toInteger<T>(lanes_[i], shift);
    }
    return result;
  }
  template <class T>
    requires std::is_same_v<Tag, accfloat>
  operator vector<T, N>() const {
    return to_vector<T>();
  }
  lane get(unsigned i) const { return lanes_[i]; }
  lane operator[](unsigned i) const { return lanes_[i]; }
  lane &operator[](unsigned i) { return lanes_[i]; }
  template <unsigned M> accum<Tag, M> extract(unsigned part) const {
    accum<Tag, M> result;
    ASHLAR_ROLLED for (unsigned i = 0; i < M; ++i) result[i] = lanes_[part * M + i];
    return result;
  }
  template <unsigned M> accum &insert(unsigned part, const accum<Tag, M> &a) {
    ASHLAR_ROLLED for (unsigned i = 0; i < M; ++i) lanes_[part * M + i] = a[i];
    return *this;
  }

private:
  alignas(32) lane lanes_[N];
};

template <unsigned N> class mask {
public:
  bool test(unsigned i) const { return bits_[i]; }
  void set(unsigned i, bool value = true) { bits_[i] = value; }
  bool operator[](unsigned i) const { return bits_[i]; }
  bool empty() const { return count() == 0; }
  unsigned count() const {
    unsigned n = 0;
    ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) n += bits_[i];
    return n;
  }
  friend mask operator&(mask a, const mask &b) {
    ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) a.bits_[i] &= b.bits_[i];
    return a;
  }
  friend mask operator|(mask a, const mask &b) {
    ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) a.bits_[i] |= b.bits_[i];
    return a;
  }
  friend mask operator~(mask a) {
    ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) a.bits_[i] = !a.bits_[i];
    return a;
  }

private:
  bool bits_[N] = {};
};

template <class T> struct is_vector : std::false_type {};
template <class T, unsigned N> struct is_vector<vector<T, N>> : std::true_type {};
template <class T> struct is_accum : std::false_type {};
template <class T, unsigned N> struct is_accum<accum<T, N>> : std::true_type {};

// Memory.
template <unsigned N, class T> vector<std::remove_cv_t<T>, N> load_v(const T *p) {
  vector<std::remove_cv_t<T>, N> v;
  v.load(p);
  return v;
}
template <class T> auto load_v(const T *p) { return load_v<64 / sizeof(T)>(p); }
template <unsigned N, class T> auto load_unaligned_v(const T *p, unsigned = 1) {
  return load_v<N>(p);
}
template <class T, unsigned N> void store_v(T *p, const vector<T, N> &v) { v.store(p); }
template <class T, unsigned N> void store_unaligned_v(T *p, const vector<T, N> &v, unsigned = 1) {
  v.store(p);
}

template <class T, unsigned N> class vector_iterator {
public:
  using V = vector<std::remove_const_t<T>, N>;
  struct Reference {
    T *p;
    operator V() const { return load_v<N>(p); }
    const Reference &operator=(const V &v) const {
      v.store(p);
      return *this;
    }
    template <class A> const Reference &operator=(const accum<A, N> &a) const {
      return *this = a.template to_vector<std::remove_const_t<T>>();
    }
  };
  explicit vector_iterator(T *p) : p_(p) {}
  auto operator*() const {
    if constexpr (std::is_const_v<T>)
      return V(load_v<N>(p_));
    else
      return Reference{p_};
  }
  vector_iterator &operator++() {
    p_ += N;
    return *this;
  }
  vector_iterator operator++(int) {
    vector_iterator old = *this;
    p_ += N;
    return old;
  }
  vector_iterator &operator--() {
    p_ -= N;
    return *this;
  }
  vector_iterator &operator+=(int n) {
    p_ += n * static_cast<int>(N);
    return *this;
  }
  vector_iterator operator+(int n) const { return vector_iterator(p_ + n * static_cast<int>(N)); }
  bool operator==(const vector_iterator &) const = default;

private:
  T *p_;
};
template <unsigned N, class T> auto begin_vector(T *p) { return vector_iterator<T, N>(p); }
template <unsigned N, class T> auto cbegin_vector(const T *p) {
  return vector_iterator<const T, N>(p);
}
template <unsigned N, class T> auto begin_restrict_vector(T *p) { return vector_iterator<T, N>(p); }
template <unsigned N, class T> auto cbegin_restrict_vector(const T *p) {
  return vector_iterator<const T, N>(p);
}

// Constants and rearrangement.
template <class T, unsigned N, class U> vector<T, N> broadcast(U value) {
  vector<T, N> v;
  T lane;
  if constexpr (std::is_same_v<T, bfloat16> && !std::is_same_v<U, bfloat16>)
    lane = detail::toBfloat(static_cast<float>(value));
  else
    lane = static_cast<T>(value);
  ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) v[i] = lane;
  return v;
}
namespace detail {
template <class T, unsigned N> struct Zeros {
  using type = vector<T, N>;
  static type make() { return broadcast<T, N>(T(0)); }
};
template <class Tag, unsigned N> struct ZeroAcc {
  using type = accum<Tag, N>;
  static type make() {
    type a;
    ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) a[i] = 0;
    return a;
  }
};
template <unsigned N> struct Zeros<acc32, N> : ZeroAcc<acc32, N> {};
template <unsigned N> struct Zeros<acc64, N> : ZeroAcc<acc64, N> {};
template <unsigned N> struct Zeros<accfloat, N> : ZeroAcc<accfloat, N> {};
} // namespace detail
template <class T, unsigned N> auto zeros() { return detail::Zeros<T, N>::make(); }

template <class T, unsigned N, class... Rest>
auto concat(const vector<T, N> &first, const Rest &...rest) {
  if constexpr (sizeof...(Rest) == 0) {
    return first;
  } else {
    const auto tail = concat(rest...);
    vector<T, N + std::decay_t<decltype(tail)>::size()> v;
    ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) v[i] = first[i];
    ASHLAR_ROLLED for (unsigned i = 0; i < tail.size(); ++i) v[N + i] = tail[i];
    return v;
  }
}
template <class T, unsigned N> auto filter_even(const vector<T, N> &v, unsigned step = 1) {
  vector<T, N / 2> r;
  ASHLAR_ROLLED for (unsigned i = 0; i < N / 2; ++i) r[i] = v[i / step * 2 * step + i % step];
  return r;
}
template <class T, unsigned N> auto filter_odd(const vector<T, N> &v, unsigned step = 1) {
  vector<T, N / 2> r;
  ASHLAR_ROLLED for (unsigned i = 0; i < N / 2; ++i) r[i] =
      v[i / step * 2 * step + step + i % step];
  return r;
}
template <class T, unsigned N>
auto interleave_zip(const vector<T, N> &a, const vector<T, N> &b, unsigned step) {
  std::pair<vector<T, N>, vector<T, N>> r;
  ASHLAR_ROLLED for (unsigned i = 0; i < 2 * N; ++i) {
    const unsigned block = i / step, from = block / 2 * step + i % step;
    (i < N ? r.first[i] : r.second[i - N]) = block % 2 ? b[from] : a[from];
  }
  return r;
}
template <class T, unsigned N>
auto interleave_unzip(const vector<T, N> &a, const vector<T, N> &b, unsigned step) {
  const auto both = concat(a, b);
  return std::pair<vector<T, N>, vector<T, N>>(filter_even(both, step), filter_odd(both, step));
}
template <class T, unsigned N>
auto shuffle_down_fill(const vector<T, N> &v, const vector<T, N> &fill, unsigned n) {
  vector<T, N> r;
  ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) r[i] = i + n < N ? v[i + n] : fill[i + n - N];
  return r;
}
template <class T, unsigned N>
auto shuffle_up_fill(const vector<T, N> &v, const vector<T, N> &fill, unsigned n) {
  vector<T, N> r;
  ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) r[i] = i >= n ? v[i - n] : fill[N - n + i];
  return r;
}
template <class T, unsigned N> auto shuffle_down(const vector<T, N> &v, unsigned n) {
  return shuffle_down_fill(v, v, n);
}
template <class T, unsigned N> auto shuffle_up(const vector<T, N> &v, unsigned n) {
  return shuffle_up_fill(v, v, n);
}
template <class T, unsigned N> auto shuffle_up_replicate(const vector<T, N> &v, unsigned n) {
  return shuffle_up_fill(v, broadcast<T, N>(v[0]), n);
}
template <class T, unsigned N> auto shuffle_down_replicate(const vector<T, N> &v, unsigned n) {
  return shuffle_down_fill(v, broadcast<T, N>(v[N - 1]), n);
}
template <class T, unsigned N> auto reverse(const vector<T, N> &v) {
  vector<T, N> r;
  ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) r[i] = v[N - 1 - i];
  return r;
}
template <class T, unsigned N>
auto transpose(const vector<T, N> &v, unsigned rows, unsigned columns) {
  vector<T, N> r;
  ASHLAR_ROLLED for (unsigned i = 0; i < rows; ++i)
      ASHLAR_ROLLED for (unsigned k = 0; k < columns; ++k) r[k * rows + i] = v[i * columns + k];
  return r;
}

// Lane-wise operations on vectors, vector with scalar both ways.
namespace detail {
template <class T, unsigned N, class F> vector<T, N> map(const vector<T, N> &a, F f) {
  vector<T, N> r;
  ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) r[i] = narrow<T>(f(wide(a.get(i))));
  return r;
}
template <class T, unsigned N, class F>
vector<T, N> map(const vector<T, N> &a, const vector<T, N> &b, F f) {
  vector<T, N> r;
  ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) r[i] =
      narrow<T>(f(wide(a.get(i)), wide(b.get(i))));
  return r;
}
template <class T, unsigned N, class F>
mask<N> compare(const vector<T, N> &a, const vector<T, N> &b, F f) {
  mask<N> r;
  ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) r.set(i, f(wide(a.get(i)), wide(b.get(i))));
  return r;
}
} // namespace detail
#define ASHLAR_LANES(name, expression)                                                             \
  template <class T, unsigned N> vector<T, N> name(const vector<T, N> &x, const vector<T, N> &y) { \
    return detail::map(x, y, [](auto a, auto b) { return expression; });                           \
  }                                                                                                \
  template <class T, unsigned N>                                                                   \
  vector<T, N> name(const vector<T, N> &x, std::type_identity_t<T> y) {                            \
    return name(x, broadcast<T, N>(y));                                                            \
  }                                                                                                \
  template <class T, unsigned N>                                                                   \
  vector<T, N> name(std::type_identity_t<T> x, const vector<T, N> &y) {                            \
    return name(broadcast<T, N>(x), y);                                                            \
  }
ASHLAR_LANES(add, a + b)
ASHLAR_LANES(sub, a - b)
ASHLAR_LANES(max, a > b ? a : b)
ASHLAR_LANES(min, b > a ? a : b)
ASHLAR_LANES(bit_and, a &b)
ASHLAR_LANES(bit_or, a | b)
ASHLAR_LANES(bit_xor, a ^ b)
#undef ASHLAR_LANES
#define ASHLAR_COMPARE(name, op)                                                                   \
  template <class T, unsigned N> mask<N> name(const vector<T, N> &x, const vector<T, N> &y) {      \
    return detail::compare(x, y, [](auto a, auto b) { return a op b; });                           \
  }                                                                                                \
  template <class T, unsigned N> mask<N> name(const vector<T, N> &x, std::type_identity_t<T> y) {  \
    return name(x, broadcast<T, N>(y));                                                            \
  }                                                                                                \
  template <class T, unsigned N> mask<N> name(std::type_identity_t<T> x, const vector<T, N> &y) {  \
    return name(broadcast<T, N>(x), y);                                                            \
  }
ASHLAR_COMPARE(lt, <)
ASHLAR_COMPARE(le, <=)
ASHLAR_COMPARE(gt, >)
ASHLAR_COMPARE(ge, >=)
ASHLAR_COMPARE(eq, ==)
ASHLAR_COMPARE(neq, !=)
#undef ASHLAR_COMPARE
template <class T, unsigned N> auto abs(const vector<T, N> &x) {
  return detail::map(x, [](auto a) { return a < 0 ? -a : a; });
}
template <class T, unsigned N> auto neg(const vector<T, N> &x) {
  return detail::map(x, [](auto a) { return -a; });
}
template <class T, unsigned N> auto bit_not(const vector<T, N> &x) {
  return detail::map(x, [](auto a) { return ~a; });
}
template <class T, unsigned N> auto downshift(const vector<T, N> &x, unsigned n) {
  return detail::map(x, [n](auto a) { return a >> n; });
}
template <class T, unsigned N> auto upshift(const vector<T, N> &x, unsigned n) {
  return detail::map(x, [n](auto a) { return a << n; });
}
/// Lane of b where the mask is set, else of a.
template <class T, unsigned N>
vector<T, N> select(const vector<T, N> &a, const vector<T, N> &b, const mask<N> &m) {
  vector<T, N> r;
  ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) r[i] = m.test(i) ? b[i] : a[i];
  return r;
}
template <class T, unsigned N>
auto select(std::type_identity_t<T> a, const vector<T, N> &b, const mask<N> &m) {
  return select(broadcast<T, N>(a), b, m);
}
template <class T, unsigned N>
auto select(const vector<T, N> &a, std::type_identity_t<T> b, const mask<N> &m) {
  return select(a, broadcast<T, N>(b), m);
}

// Reductions, by halves as the vector unit does it.
namespace detail {
template <class T, unsigned N, class F> T reduce(const vector<T, N> &v, F f) {
  decltype(wide(T())) lanes[N];
  ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) lanes[i] = wide(v.get(i));
  ASHLAR_ROLLED for (unsigned half = N / 2; half; half /= 2)
      ASHLAR_ROLLED for (unsigned i = 0; i < half; ++i) lanes[i] =
          static_cast<decltype(wide(T()))>(f(lanes[i], lanes[i + half]));
  return narrow<T>(lanes[0]);
}
} // namespace detail
template <class T, unsigned N> T reduce_add(const vector<T, N> &v) {
  return detail::reduce(v, [](auto a, auto b) { return a + b; });
}
template <class T, unsigned N> T reduce_max(const vector<T, N> &v) {
  return detail::reduce(v, [](auto a, auto b) { return a > b ? a : b; });
}
template <class T, unsigned N> T reduce_min(const vector<T, N> &v) {
  return detail::reduce(v, [](auto a, auto b) { return b > a ? a : b; });
}

// Accumulators.
template <class Tag, unsigned N> accum<Tag, N> add(accum<Tag, N> a, const accum<Tag, N> &b) {
  ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) a[i] = detail::plus(a[i], b.get(i));
  return a;
}
template <class Tag, unsigned N> accum<Tag, N> sub(accum<Tag, N> a, const accum<Tag, N> &b) {
  ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) a[i] = detail::minus(a[i], b.get(i));
  return a;
}
template <class Tag, unsigned N, class T>
accum<Tag, N> add(const accum<Tag, N> &a, const vector<T, N> &b) {
  return add(a, accum<Tag, N>(b, 0));
}
template <class Tag, unsigned N, class T>
accum<Tag, N> sub(const accum<Tag, N> &a, const vector<T, N> &b) {
  return sub(a, accum<Tag, N>(b, 0));
}

namespace detail {
template <class T, unsigned N> T laneOf(const vector<T, N> &v, unsigned i) { return v.get(i); }
template <class T> T laneOf(T scalar, unsigned) { return scalar; }
template <class T> struct ElementOf {
  using type = T;
  static constexpr unsigned size = 0;
};
template <class T, unsigned N> struct ElementOf<vector<T, N>> {
  using type = T;
  static constexpr unsigned size = N;
};
template <class A, class B>
inline constexpr unsigned lanesOf =
    ElementOf<A>::size > ElementOf<B>::size ? ElementOf<A>::size : ElementOf<B>::size;
template <class A, class B>
concept Multipliable = (ElementOf<A>::size > 0 || ElementOf<B>::size > 0) && !is_accum<A>::value &&
                       !is_accum<B>::value;
template <class Tag, class A, class B> accum<Tag, lanesOf<A, B>> products(const A &a, const B &b) {
  accum<Tag, lanesOf<A, B>> r;
  // A scalar is taken in the vector's element type.
  using E = typename ElementOf<std::conditional_t<(ElementOf<A>::size > 0), A, B>>::type;
  ASHLAR_ROLLED for (unsigned i = 0; i < lanesOf<A, B>; ++i) {
    if constexpr (ElementOf<A>::size == 0)
      r[i] = product<Tag>(static_cast<E>(a), laneOf(b, i));
    else if constexpr (ElementOf<B>::size == 0)
      r[i] = product<Tag>(laneOf(a, i), static_cast<E>(b));
    else
      r[i] = product<Tag>(laneOf(a, i), laneOf(b, i));
  }
  return r;
}
} // namespace detail

template <class Tag, class A, class B>
  requires(detail::Multipliable<A, B> &&
           (std::is_same_v<Tag, acc32> || std::is_same_v<Tag, acc64> ||
            std::is_same_v<Tag, accfloat>))
auto mul(const A &a, const B &b) {
  return detail::products<Tag>(a, b);
}
template <class A, class B>
  requires detail::Multipliable<A, B>
auto mul(const A &a, const B &b) {
  using E =
      typename detail::ElementOf<std::conditional_t<(detail::ElementOf<A>::size > 0), A, B>>::type;
  using EA =
      std::conditional_t<(detail::ElementOf<A>::size > 0), typename detail::ElementOf<A>::type, E>;
  using EB =
      std::conditional_t<(detail::ElementOf<B>::size > 0), typename detail::ElementOf<B>::type, E>;
  return detail::products<detail::acc_of<EA, EB>>(a, b);
}
template <class A, class B>
  requires detail::Multipliable<A, B>
auto negmul(const A &a, const B &b) {
  auto p = mul(a, b);
  return sub(decltype(detail::Zeros<typename decltype(p)::value_type, decltype(p)::size()>::make())(
                 detail::Zeros<typename decltype(p)::value_type, decltype(p)::size()>::make()),
             p);
}
template <class T, unsigned N> auto mul_square(const vector<T, N> &v) { return mul(v, v); }
template <class Tag, unsigned N, class A, class B>
  requires detail::Multipliable<A, B>
accum<Tag, N> mac(const accum<Tag, N> &acc, const A &a, const B &b) {
  return add(acc, detail::products<Tag>(a, b));
}
template <class Tag, unsigned N, class A, class B>
  requires detail::Multipliable<A, B>
accum<Tag, N> msc(const accum<Tag, N> &acc, const A &a, const B &b) {
  return sub(acc, detail::products<Tag>(a, b));
}
template <class Tag, unsigned N, class T>
auto mac_square(const accum<Tag, N> &acc, const vector<T, N> &v) {
  return mac(acc, v, v);
}

template <unsigned N, class Tag, class T, unsigned M, class V>
auto accumulate(const accum<Tag, N> &acc, const vector<T, M> &c, unsigned start, const V &v) {
  return mac(acc, v, c.get(start));
}
template <unsigned N, class Tag, class T, unsigned M, class V, class... Rest>
auto accumulate(const accum<Tag, N> &acc, const vector<T, M> &c, unsigned start, const V &v,
                const Rest &...rest) {
  return accumulate<N>(mac(acc, v, c.get(start)), c, start + 1, rest...);
}
template <unsigned N, class T, unsigned M, class V, class... Rest>
auto accumulate(const vector<T, M> &c, unsigned start, const V &v, const Rest &...rest) {
  auto acc = mul(v, c.get(start));
  if constexpr (sizeof...(Rest) == 0)
    return acc;
  else
    return accumulate<N>(acc, c, start + 1, rest...);
}

// Block multiplication: C (M x N) += A (M x K) * B (K x N), all row by row.
namespace detail {
template <class A, class B> struct MmulAcc {
  using type = acc_of<A, B>;
};
template <class Tag, class A, class B> struct MmulTag {
  // accauto, or a tag that the element types cannot fill (accfloat for integers, as users write
  // it).
  using type =
      std::conditional_t<isFloat<A> || isFloat<B>, accfloat,
                         std::conditional_t<std::is_same_v<Tag, acc64>, acc64,
                                            std::conditional_t<(sizeof(A) + sizeof(B) > 2 &&
                                                                !std::is_same_v<Tag, acc32>),
                                                               acc64, acc32>>>;
};
} // namespace detail
} // namespace aie
struct accauto {};
namespace aie {
using ::accauto;
template <unsigned M, unsigned K, unsigned N, class TA, class TB = TA, class Tag = accauto>
class mmul {
public:
  using acc_tag = typename detail::MmulTag<Tag, TA, TB>::type;
  using accum_type = accum<acc_tag, M * N>;
  static constexpr unsigned M_ = M, K_ = K, N_ = N;
  static constexpr unsigned size_A = M * K, size_B = K * N, size_C = M * N;
  mmul() : acc_(zeros<acc_tag, M * N>()) {}
  mmul(const accum_type &acc) : acc_(acc) {}
  template <class T> mmul(const vector<T, M * N> &v, int shift = 0) : acc_(v, shift) {}
  void mul(const vector<TA, M * K> &a, const vector<TB, K * N> &b) {
    acc_ = zeros<acc_tag, M * N>();
    mac(a, b);
  }
  void mac(const vector<TA, M * K> &a, const vector<TB, K * N> &b) {
    ASHLAR_ROLLED for (unsigned i = 0; i < M; ++i) ASHLAR_ROLLED for (unsigned j = 0; j < N; ++j) {
      auto sum = acc_[i * N + j];
      ASHLAR_ROLLED for (unsigned k = 0; k < K; ++k) sum =
          detail::plus(sum, detail::product<acc_tag>(a.get(i * K + k), b.get(k * N + j)));
      acc_[i * N + j] = sum;
    }
  }
  accum_type to_accum() const { return acc_; }
  operator accum_type() const { return acc_; }
  template <class T> vector<T, M * N> to_vector(int shift = 0) const {
    return acc_.template to_vector<T>(shift);
  }

private:
  accum_type acc_;
};

// Elementary functions.
inline float inv(float x) { return 1.0f / x; }
inline float sqrt(float x) { return ::sqrtf(x); }
inline float invsqrt(float x) { return 1.0f / ::sqrtf(x); }
namespace detail {
template <class T, unsigned N, class F> vector<T, N> mapFloat(const vector<T, N> &v, F f) {
  vector<T, N> r;
  ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) r[i] =
      narrow<T>(f(static_cast<float>(wide(v.get(i)))));
  return r;
}
} // namespace detail
template <class T, unsigned N> auto inv(const vector<T, N> &v) {
  return detail::mapFloat(v, [](float x) { return 1.0f / x; });
}
template <class T, unsigned N> auto sqrt(const vector<T, N> &v) {
  return detail::mapFloat(v, [](float x) { return ::sqrtf(x); });
}
template <class T, unsigned N> auto invsqrt(const vector<T, N> &v) {
  return detail::mapFloat(v, [](float x) { return 1.0f / ::sqrtf(x); });
}
template <class T, unsigned N> auto tanh(const vector<T, N> &v) {
  return detail::mapFloat(v, [](float x) { return ::tanhf(x); });
}
template <class T, unsigned N> auto exp2(const vector<T, N> &v) {
  return detail::mapFloat(v, [](float x) { return ::exp2f(x); });
}
template <class T = float, unsigned N>
vector<T, N> to_float(const vector<int32_t, N> &v, int shift = 0) {
  vector<T, N> r;
  ASHLAR_ROLLED for (unsigned i = 0; i < N; ++i) r[i] =
      detail::narrow<T>(::ldexpf(static_cast<float>(v.get(i)), -shift));
  return r;
}

} // namespace aie

// Native vector types, by the names that kernels use unqualified.
#define ASHLAR_NATIVE(name, type, n) using v##n##name = aie::vector<type, n>;
ASHLAR_NATIVE(int8, int8_t, 16)
ASHLAR_NATIVE(int8, int8_t, 32)
ASHLAR_NATIVE(int8, int8_t, 64) ASHLAR_NATIVE(uint8, uint8_t, 16) ASHLAR_NATIVE(uint8, uint8_t, 32)
    ASHLAR_NATIVE(uint8, uint8_t, 64) ASHLAR_NATIVE(int16, int16_t, 8)
        ASHLAR_NATIVE(int16, int16_t, 16) ASHLAR_NATIVE(int16, int16_t, 32)
            ASHLAR_NATIVE(int32, int32_t, 4) ASHLAR_NATIVE(int32, int32_t, 8)
                ASHLAR_NATIVE(int32, int32_t, 16) ASHLAR_NATIVE(int32, int32_t, 32)
                    ASHLAR_NATIVE(bfloat16, bfloat16, 8) ASHLAR_NATIVE(bfloat16, bfloat16, 16)
                        ASHLAR_NATIVE(bfloat16, bfloat16, 32) ASHLAR_NATIVE(float, float, 8)
                            ASHLAR_NATIVE(float, float, 16)
#undef ASHLAR_NATIVE
                                using v8accfloat = aie::accum<accfloat, 8>;
using v16accfloat = aie::accum<accfloat, 16>;
using v32accfloat = aie::accum<accfloat, 32>;
using v16acc32 = aie::accum<acc32, 16>;
using v32acc32 = aie::accum<acc32, 32>;
using v8acc64 = aie::accum<acc64, 8>;
using v16acc64 = aie::accum<acc64, 16>;
#undef ASHLAR_ROLLED
#endif
