// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Result<T>: a value, or the diagnostics that say why there is none. Nothing throws across a
// library boundary. Warnings that come with a value travel in a Diagnostics& parameter.
#pragma once

#include "base/assert.h"
#include "base/diagnostic.h"

#include <type_traits>
#include <variant>

namespace ashlar {

template <class T> class [[nodiscard]] Result {
public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Diagnostic diagnostic)
      : state_(std::in_place_index<1>, Diagnostics{std::move(diagnostic)}) {}
  Result(Diagnostics diagnostics) : state_(std::in_place_index<1>, std::move(diagnostics)) {
    ASHLAR_ASSERT(!std::get<1>(state_).empty());
  }

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T &value() & {
    ASHLAR_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  const T &value() const & {
    ASHLAR_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  T &&value() && {
    ASHLAR_ASSERT(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T &operator*() & { return value(); }
  const T &operator*() const & { return value(); }
  T &&operator*() && { return std::move(*this).value(); }
  T *operator->() { return &value(); }
  const T *operator->() const { return &value(); }
  const Diagnostics &errors() const & {
    ASHLAR_ASSERT(!ok());
    return *std::get_if<1>(&state_);
  }
  Diagnostics &&errors() && {
    ASHLAR_ASSERT(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

private:
  std::variant<T, Diagnostics> state_;
};

/// Success without a value.
struct Ok {};
using Status = Result<Ok>;

} // namespace ashlar

#define ASHLAR_CONCAT_(a, b) a##b
#define ASHLAR_CONCAT(a, b) ASHLAR_CONCAT_(a, b)
/// `ASHLAR_TRY(auto x, f());` declares x from a Result, or returns its diagnostics.
#define ASHLAR_TRY(declaration, ...)                                                               \
  auto ASHLAR_CONCAT(ashlarTry_, __LINE__) = (__VA_ARGS__);                                        \
  if (!ASHLAR_CONCAT(ashlarTry_, __LINE__).ok())                                                   \
    return std::move(ASHLAR_CONCAT(ashlarTry_, __LINE__)).errors();                                \
  declaration = std::move(ASHLAR_CONCAT(ashlarTry_, __LINE__)).value()
/// `ASHLAR_CHECK(f());` for a Status.
#define ASHLAR_CHECK(...)                                                                          \
  do {                                                                                             \
    auto ashlarStatus = (__VA_ARGS__);                                                             \
    if (!ashlarStatus.ok()) return std::move(ashlarStatus).errors();                               \
  } while (false)
