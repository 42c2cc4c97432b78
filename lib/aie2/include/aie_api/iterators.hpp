// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Iterators that step through memory a vector at a time. The `restrict` ones promise that nothing
// else reads or writes what they reach; the compiler knows that from the pointers' own qualifiers.
#pragma once

#include "aie_api/memory.hpp"

#include <array> // std::input_iterator_tag; <iterator> costs twice as much

namespace aie {
namespace detail {
/// Steps on by `step` elements and goes round after `limit` elements when that is not 0.
template <class T, unsigned N> class Iterator {
  using E = std::remove_const_t<T>;

public:
  using iterator_category = std::input_iterator_tag;
  using value_type = vector<E, N>;
  using difference_type = int;
  using pointer = const value_type *;
  struct Place {
    T *p;
    ASHLAR_INLINE operator value_type() const { return load_v<N>(p); }
    ASHLAR_INLINE const Place &operator=(const value_type &v) const {
      v.store(p);
      return *this;
    }
    ASHLAR_INLINE const Place &operator=(const Place &other) const {
      return *this = static_cast<value_type>(other);
    }
    template <class Tag>
    ASHLAR_INLINE const Place &operator=(const accum<Tag, N> &a) const {
      return *this = a.template to_vector<E>();
    }
  };
  using reference = std::conditional_t<std::is_const_v<T>, value_type, Place>;

  ASHLAR_INLINE explicit Iterator(T *p, int step = N) : p_(p), step_(step) {}
  ASHLAR_INLINE reference operator*() const {
    if constexpr (std::is_const_v<T>)
      return load_v<N>(p_);
    else
      return Place{p_};
  }
  ASHLAR_INLINE Iterator &operator++() {
    p_ += step_;
    return *this;
  }
  ASHLAR_INLINE Iterator operator++(int) {
    const Iterator old = *this;
    p_ += step_;
    return old;
  }
  ASHLAR_INLINE Iterator &operator--() {
    p_ -= step_;
    return *this;
  }
  ASHLAR_INLINE Iterator operator--(int) {
    const Iterator old = *this;
    p_ -= step_;
    return old;
  }
  ASHLAR_INLINE Iterator &operator+=(int n) {
    p_ += n * step_;
    return *this;
  }
  ASHLAR_INLINE Iterator &operator-=(int n) { return *this += -n; }
  ASHLAR_INLINE Iterator operator+(int n) const { return Iterator(p_ + n * step_, step_); }
  ASHLAR_INLINE Iterator operator-(int n) const { return *this + -n; }
  ASHLAR_INLINE bool operator==(const Iterator &other) const { return p_ == other.p_; }

private:
  T *p_;
  int step_;
};

/// Goes round: after `count` vectors it is at the first one again.
/// Walks round and round; `[i]` is i vectors further.
template <class T, unsigned N> class CircularIterator {
  using E = std::remove_const_t<T>;

public:
  ASHLAR_INLINE CircularIterator(T *p, unsigned vectors, unsigned at = 0)
      : p_(p), at_(at), count_(vectors) {}
  ASHLAR_INLINE typename Iterator<T, N>::reference operator*() const {
    return *Iterator<T, N>(p_ + at_ * N);
  }
  ASHLAR_INLINE typename Iterator<T, N>::reference operator[](int n) const { return *(*this + n); }
  ASHLAR_INLINE CircularIterator &operator++() {
    at_ = at_ + 1 == count_ ? 0 : at_ + 1;
    return *this;
  }
  ASHLAR_INLINE CircularIterator operator++(int) {
    const CircularIterator old = *this;
    ++*this;
    return old;
  }
  ASHLAR_INLINE CircularIterator &operator--() {
    at_ = (at_ == 0 ? count_ : at_) - 1;
    return *this;
  }
  ASHLAR_INLINE CircularIterator operator--(int) {
    const CircularIterator old = *this;
    --*this;
    return old;
  }
  ASHLAR_INLINE CircularIterator &operator+=(int n) {
    const int count = static_cast<int>(count_), at = (static_cast<int>(at_) + n) % count;
    at_ = static_cast<unsigned>(at < 0 ? at + count : at);
    return *this;
  }
  ASHLAR_INLINE CircularIterator &operator-=(int n) { return *this += -n; }
  ASHLAR_INLINE CircularIterator operator+(int n) const {
    CircularIterator other = *this;
    return other += n;
  }
  ASHLAR_INLINE CircularIterator operator-(int n) const { return *this + -n; }
  ASHLAR_INLINE bool operator==(const CircularIterator &other) const {
    return p_ == other.p_ && at_ == other.at_;
  }

private:
  T *p_;
  unsigned at_, count_;
};

/// Vectors at any address.
template <class T, unsigned N> class UnalignedIterator {
  using E = std::remove_const_t<T>;

public:
  struct Place {
    T *p;
    ASHLAR_INLINE operator vector<E, N>() const { return load_unaligned_v<N>(p); }
    ASHLAR_INLINE const Place &operator=(const vector<E, N> &v) const {
      store_unaligned_v(p, v);
      return *this;
    }
  };
  using reference = std::conditional_t<std::is_const_v<T>, vector<E, N>, Place>;
  ASHLAR_INLINE explicit UnalignedIterator(T *p) : p_(p) {}
  ASHLAR_INLINE reference operator*() const { return Place{p_}; }
  ASHLAR_INLINE UnalignedIterator &operator++() {
    p_ += N;
    return *this;
  }
  ASHLAR_INLINE UnalignedIterator operator++(int) {
    const UnalignedIterator old = *this;
    p_ += N;
    return old;
  }
  ASHLAR_INLINE UnalignedIterator &operator+=(int n) {
    p_ += n * static_cast<int>(N);
    return *this;
  }
  ASHLAR_INLINE UnalignedIterator operator+(int n) const {
    return UnalignedIterator(p_ + n * static_cast<int>(N));
  }
  ASHLAR_INLINE bool operator==(const UnalignedIterator &other) const { return p_ == other.p_; }

private:
  T *p_;
};
} // namespace detail

template <class T, unsigned N> using vector_iterator = detail::Iterator<T, N>;
template <class T, unsigned N> using const_vector_iterator = detail::Iterator<const T, N>;
template <class T, unsigned N> using restrict_vector_iterator = detail::Iterator<T, N>;
template <class T, unsigned N> using const_restrict_vector_iterator = detail::Iterator<const T, N>;

#define ASHLAR_BEGIN(name, qualifier)                                                              \
  template <unsigned N, class T> ASHLAR_INLINE auto name(qualifier T *p) {                         \
    return detail::Iterator<qualifier T, N>(p);                                                    \
  }
ASHLAR_BEGIN(begin_vector, )
ASHLAR_BEGIN(begin_restrict_vector, )
ASHLAR_BEGIN(cbegin_vector, const)
ASHLAR_BEGIN(cbegin_restrict_vector, const)
#undef ASHLAR_BEGIN

/// `total`: elements of the buffer, a multiple of N.
// Buffers that are walked round and round: total lanes, as a constant or an argument.
#define ASHLAR_CIRCULAR(name, qualifier)                                                           \
  template <unsigned N, unsigned total, class T> ASHLAR_INLINE auto name(qualifier T *p) {         \
    static_assert(total % N == 0, "a circular buffer holds whole vectors");                        \
    return detail::CircularIterator<qualifier T, N>(p, total / N);                                 \
  }                                                                                                \
  template <unsigned N, class T> ASHLAR_INLINE auto name(qualifier T *p, unsigned total) {         \
    return detail::CircularIterator<qualifier T, N>(p, total / N);                                 \
  }
ASHLAR_CIRCULAR(begin_vector_circular, )
ASHLAR_CIRCULAR(begin_restrict_vector_circular, )
ASHLAR_CIRCULAR(begin_vector_random_circular, )
ASHLAR_CIRCULAR(begin_restrict_vector_random_circular, )
ASHLAR_CIRCULAR(cbegin_vector_circular, const)
ASHLAR_CIRCULAR(cbegin_restrict_vector_circular, const)
ASHLAR_CIRCULAR(cbegin_vector_random_circular, const)
ASHLAR_CIRCULAR(cbegin_restrict_vector_random_circular, const)
#undef ASHLAR_CIRCULAR

/// The second number says of how many lanes each address is a multiple: nothing depends on it.
template <unsigned N, unsigned = 1, class T> ASHLAR_INLINE auto begin_unaligned_vector(T *p) {
  return detail::UnalignedIterator<T, N>(p);
}
template <unsigned N, unsigned = 1, class T>
ASHLAR_INLINE auto cbegin_unaligned_vector(const T *p) {
  return detail::UnalignedIterator<const T, N>(p);
}

} // namespace aie
