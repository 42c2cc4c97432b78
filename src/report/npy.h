// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NumPy's .npy files, versions 1 to 3: what `ashlar run` reads and writes. Only plain, C-ordered,
// little-endian arrays; everything else is refused by name. bfloat16 has no name in NumPy: files of
// it say V2 (a two-byte void), which is taken as bf16.
#pragma once

#include "report/element.h"

namespace ashlar::report {

struct Npy {
  std::string descr; ///< "<f4", "|V2"
  Element element = Element::U8;
  std::vector<int64_t> shape;
  ByteView data; ///< into the file's bytes
};

bool isNpy(ByteView file);
/// Errors: `npy-header`, `npy-type`, `npy-order`, `npy-size`.
Result<Npy> readNpy(ByteView file, const std::string &name);
/// The bytes of a .npy file. `data` has as many bytes as shape and element say.
Bytes writeNpy(Element element, const std::vector<int64_t> &shape, ByteView data);
/// "float32 [2, 512]".
std::string describe(const Npy &npy);

} // namespace ashlar::report
