// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the compiler and the library do for arithmetic and mathematics, one row an operation: the
// expression for the core and the same function compiled for the host. Both must agree in every
// bit, since both are made of the same integer operations.
#pragma once

#include "lib/functions.h"

#include <functional>
#include <ostream>
#include <random>
#include <string>
#include <vector>

namespace lib_test {

struct Operation {
  std::string name;
  std::string argument, result; ///< C types; two arguments stand side by side in the input
  int arguments;
  std::string expression; ///< of a and b
  /// The host's result from raw arguments.
  std::function<uint64_t(uint64_t, uint64_t)> host;
  friend void PrintTo(const Operation &o, std::ostream *out) { *out << o.name; } ///< GoogleTest's
};

template <class T> uint64_t raw(T x) {
  if constexpr (sizeof(T) == 8)
    return std::bit_cast<uint64_t>(x);
  else if constexpr (sizeof(T) == 4)
    return std::bit_cast<uint32_t>(x);
  else
    return std::bit_cast<uint16_t>(x);
}
template <class T> T cooked(uint64_t x) {
  if constexpr (sizeof(T) == 8)
    return std::bit_cast<T>(x);
  else if constexpr (sizeof(T) == 4)
    return std::bit_cast<T>(static_cast<uint32_t>(x));
  else
    return std::bit_cast<T>(static_cast<uint16_t>(x));
}
template <class R, class A> std::function<uint64_t(uint64_t, uint64_t)> host1(R (*f)(A)) {
  return [f](uint64_t a, uint64_t) { return raw(f(cooked<A>(a))); };
}
template <class R, class A> std::function<uint64_t(uint64_t, uint64_t)> host2(R (*f)(A, A)) {
  return [f](uint64_t a, uint64_t b) { return raw(f(cooked<A>(a), cooked<A>(b))); };
}

inline std::vector<Operation> operations() {
  std::vector<Operation> all;
  const auto two = [&](const char *name, const char *type, const char *result, const char *text,
                       auto f) { all.push_back({name, type, result, 2, text, host2(f)}); };
  const auto one = [&](const char *name, const char *type, const char *result, const char *text,
                       auto f) { all.push_back({name, type, result, 1, text, host1(f)}); };
  two("float add", "float", "float", "a + b", ashlar___addsf3);
  two("float sub", "float", "float", "a - b", ashlar___subsf3);
  two("float mul", "float", "float", "a * b", ashlar___mulsf3);
  two("float div", "float", "float", "a / b", ashlar___divsf3);
  one("float to int32", "float", "int", "(int)a", ashlar___fixsfsi);
  one("int32 to float", "int", "float", "(float)a", ashlar___floatsisf);
  one("uint32 to float", "unsigned", "float", "(float)a", ashlar___floatunsisf);
  one("int64 to float", "long long", "float", "(float)a", ashlar___floatdisf);
  one("float to bf16", "float", "__bf16", "(__bf16)a", ashlar___truncsfbf2);
  one("float to double", "float", "double", "(double)a", ashlar___extendsfdf2);
  one("double to float", "double", "float", "(float)a", ashlar___truncdfsf2);
  two("double add", "double", "double", "a + b", ashlar___adddf3);
  two("double sub", "double", "double", "a - b", ashlar___subdf3);
  two("double mul", "double", "double", "a * b", ashlar___muldf3);
  two("double div", "double", "double", "a / b", ashlar___divdf3);
  one("double to int64", "double", "long long", "(long long)a", ashlar___fixdfdi);
  one("int64 to double", "long long", "double", "(double)a", ashlar___floatdidf);
  two(
      "uint32 div", "unsigned", "unsigned", "b ? a / b : 7u",
      +[](uint32_t a, uint32_t b) { return b ? a / b : 7u; });
  two(
      "int32 mod", "int", "int", "b > 0 ? a % b : 7",
      +[](int32_t a, int32_t b) { return b > 0 ? a % b : 7; });
  two("int64 mul", "long long", "long long", "(long long)((unsigned long long)a * b)",
      ashlar___muldi3);
  two(
      "uint64 div", "unsigned long long", "unsigned long long", "b ? a / b : 7u",
      +[](uint64_t a, uint64_t b) { return b ? a / b : uint64_t{7}; });
  two(
      "int64 mod", "long long", "long long", "b > 0 ? a % b : 7",
      +[](int64_t a, int64_t b) { return b > 0 ? a % b : int64_t{7}; });
  for (const Function &f : kFunctions) {
    const std::string name = std::string(f.name) + "f";
    all.push_back({name, "float", "float", 1, "::" + name + "(a)", host1(f.mine)});
  }
  two("powf", "float", "float", "::powf(a, b)", ashlar_powf);
  two("atan2f", "float", "float", "::atan2f(a, b)", ashlar_atan2f);
  two("hypotf", "float", "float", "::hypotf(a, b)", ashlar_hypotf);
  two("fmodf", "float", "float", "::fmodf(a, b)", ashlar_fmodf);
#define ASHLAR_ROW(name)                                                                           \
  one(#name " (double)", "double", "double", "::" #name "(a)", ashlar_##name);
  ASHLAR_ROW(sqrt)
  ASHLAR_ROW(exp)
  ASHLAR_ROW(log)
  ASHLAR_ROW(sin)
  ASHLAR_ROW(atan)
  ASHLAR_ROW(tanh)
#undef ASHLAR_ROW
  two(
      "fma (double)", "double", "double", "::fma(a, b, a)",
      +[](double a, double b) { return ashlar_fma(a, b, a); });
  two("pow (double)", "double", "double", "::pow(a, b)", ashlar_pow);
  return all;
}

/// One argument's bits: mostly ordinary sizes, some of everything.
inline uint64_t randomArgument(const std::string &type, std::mt19937_64 &random) {
  const uint64_t bits = random();
  const bool odd = random() % 8 == 0;
  if (type == "float") {
    if (odd) return static_cast<uint32_t>(bits);
    return static_cast<uint32_t>((bits & 0x807fffff) | (118 + random() % 16) << 23);
  }
  if (type == "double") {
    if (odd) return bits;
    return (bits & 0x800fffffffffffff) | (1014 + random() % 16) << 52;
  }
  const bool wide = type.find("long") != std::string::npos;
  return wide ? bits >> (random() % 64) : static_cast<uint32_t>(bits) >> (random() % 32);
}

struct Prepared {
  std::string source;
  std::vector<uint8_t> input;
  std::vector<uint64_t> expected;
  size_t resultBytes = 0;
};

inline Prepared prepare(const Operation &op, size_t n, uint64_t seed) {
  Prepared p;
  const auto bytes = [](const std::string &type) -> size_t {
    if (type == "__bf16") return 2;
    return type == "double" || type.find("long") != std::string::npos ? 8 : 4;
  };
  const size_t size = bytes(op.argument);
  p.resultBytes = bytes(op.result);
  std::mt19937_64 random(seed);
  for (size_t i = 0; i < n; ++i) {
    uint64_t a[2] = {};
    for (int k = 0; k < op.arguments; ++k) {
      a[k] = randomArgument(op.argument, random);
      for (size_t byte = 0; byte < size; ++byte)
        p.input.push_back(static_cast<uint8_t>(a[k] >> (8 * byte)));
    }
    p.expected.push_back(op.host(a[0], a[1]));
  }
  p.source = "#include <math.h>\nextern \"C\" void run(const " + op.argument + " *in, " +
             op.result + " *out, int n) {\n  for (int i = 0; i < n; ++i) {\n    " + op.argument +
             " a = *in++;\n" + (op.arguments == 2 ? "    " + op.argument + " b = *in++;\n" : "") +
             "    out[i] = " + op.expression + ";\n  }\n}\n";
  return p;
}

} // namespace lib_test
