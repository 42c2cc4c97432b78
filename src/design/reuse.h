// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Making MLIR's context, with all its dialects, takes longer than reading a small design. Who reads
// a great many one after the other, as the fuzzer does, keeps it.
#pragma once

namespace ashlar::design {

/// While one lives, parse() on this thread takes over what the design destroyed last has left; now
/// and then it starts anew, for a context never forgets a name.
class Reuse {
public:
  Reuse();
  ~Reuse();
  Reuse(const Reuse &) = delete;
  Reuse &operator=(const Reuse &) = delete;
};

} // namespace ashlar::design
