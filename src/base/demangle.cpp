// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/demangle.h"

#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <string_view>

namespace ashlar {

std::string demangle(const std::string &symbol) {
  if (!symbol.starts_with("_Z")) return symbol;
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), std::free);
  if (status != 0 || !text) return symbol;
  std::string name = text.get();
  constexpr std::string_view kWrong = "bool _Accum", kRight = "__bf16";
  for (size_t at = 0; (at = name.find(kWrong, at)) != std::string::npos; at += kRight.size())
    name.replace(at, kWrong.size(), kRight);
  return name;
}

} // namespace ashlar
