// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an example's reference.cpp says: the arguments of the runtime sequence and the answer,
// computed on the host in plain C++. The runner fills the inputs with random bytes of a printed
// seed.
#pragma once

#include <cstdint>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

namespace ashlar::examples {

struct Argument {
  size_t bytes = 0;
  bool output = false;
};
using Buffers = std::vector<std::vector<uint8_t>>; ///< one an argument, in the sequence's order

struct Example {
  std::string name; ///< its folder
  std::vector<Argument> arguments;
  std::vector<std::string> kernels; ///< files of its folder given to `ashlar build`
  void (*reference)(Buffers &buffers);

  static std::vector<Example> &all();
  /// The name of its test, the same in every build.
  friend void PrintTo(const Example &e, std::ostream *out) { *out << e.name; }
};

struct Register {
  explicit Register(Example example) { Example::all().push_back(std::move(example)); }
};

/// The buffer as elements of T.
template <class T> T *as(std::vector<uint8_t> &buffer) {
  return reinterpret_cast<T *>(buffer.data());
}

} // namespace ashlar::examples
