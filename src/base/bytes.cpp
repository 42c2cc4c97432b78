// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The checked half of bytes.h.
#include "base/bytes.h"

namespace ashlar {

ByteWriter &ByteWriter::fixedText(std::string_view v, size_t n) {
  const size_t used = v.size() < n ? v.size() : n;
  text(v.substr(0, used));
  return fill(n - used);
}

ByteView ByteReader::bytes(size_t n) {
  if (n > left()) {
    failed_ = true;
    offset_ = data_.size();
    return {};
  }
  ByteView view = data_.subspan(offset_, n);
  offset_ += n;
  return view;
}

uint64_t ByteReader::raw(size_t n) {
  const ByteView view = bytes(n);
  uint64_t v = 0;
  for (size_t i = 0; i < view.size(); ++i) v |= static_cast<uint64_t>(view[i]) << (8 * i);
  return v;
}

} // namespace ashlar
