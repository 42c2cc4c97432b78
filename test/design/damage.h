// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Damages text by words: the same damage in every run. Words survive more of the reader than bytes
// do, so the later stages are reached too.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace ashlar::design_test {

inline std::vector<std::string> words(const std::string &text) {
  std::vector<std::string> out;
  auto kind = [](char c) {
    return isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '%' || c == '.' ? 1
           : isspace(static_cast<unsigned char>(c))                                   ? 2
                                                                                      : 0;
  };
  for (char c : text) {
    const int k = kind(c);
    if (!out.empty() && k && kind(out.back().back()) == k)
      out.back() += c;
    else
      out.emplace_back(1, c);
  }
  return out;
}

/// Calls `use` with `rounds` damaged copies of `text`.
template <class F> void damage(const std::string &text, unsigned seed, int rounds, F use) {
  std::mt19937 random(seed);
  const std::vector<std::string> original = words(text);
  static const char *const strange[] = {"0", "-1",  "99999999999", "4294967296",  "}",   "{",
                                        "(", ")",   "[",           "]",           "%x",  "<",
                                        ">", ",",   "=",           "@y",          "\"",  "memref",
                                        ":", "i32", "index",       "-2147483648", "^bb9"};
  for (int i = 0; i < rounds; ++i) {
    std::vector<std::string> w = original;
    for (size_t change = 0, n = 1 + random() % 3; change < n && !w.empty(); ++change) {
      const size_t at = random() % w.size(), other = random() % w.size();
      switch (random() % 5) {
      case 0: w.erase(w.begin() + static_cast<long>(at)); break;
      case 1: w[at] = w[other]; break;
      case 2: std::swap(w[at], w[other]); break;
      case 3: w[at] = strange[random() % std::size(strange)]; break;
      case 4: w.insert(w.begin() + static_cast<long>(at), w[other]); break;
      }
    }
    std::string out;
    for (const std::string &word : w) out += word;
    use(out);
  }
}

} // namespace ashlar::design_test
