// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The decoder of trace packets.
#include "format/trace.h"

#include <algorithm>
#include <bit>

namespace ashlar::format::trace {
namespace {

constexpr size_t kPacketBytes = 32;
constexpr uint8_t kStart = 0xF0, kFiller = 0xFE, kSync = 0xDF;
constexpr uint64_t kLongest = (1u << 18) - 1;

bool goodHeader(uint32_t h) { return h && std::popcount(h) % 2 == 1 && (h >> 16 & 31) < 6; }

class Decoder {
public:
  Decoder(ByteView bytes, const Place &place, Source &source, Diagnostics &problems)
      : bytes_(bytes), place_(place), source_(source), problems_(problems) {}

  void run() {
    while (at_ < bytes_.size() && code()) {
    }
  }

private:
  uint32_t more(size_t n, uint32_t value) {
    for (size_t i = 0; i < n; ++i) value = value << 8 | (at_ < bytes_.size() ? bytes_[at_++] : 0);
    return value;
  }
  void frame(uint64_t delta, uint32_t events) {
    cycle_ += delta + 1;
    source_.frames.push_back({cycle_, static_cast<uint8_t>(events)});
  }
  bool code() {
    const uint32_t b = bytes_[at_++];
    if (b == kFiller) return true;
    if (b == kSync) {
      cycle_ += kLongest;
    } else if (b == kStart) {
      cycle_ = 0;
      for (int i = 0; i < 7; ++i) cycle_ = cycle_ << 8 | more(1, 0);
    } else if (b < 0x80) {
      frame(b & 15, 1u << (b >> 4));
    } else if (b < 0xA0) {
      frame(more(1, b & 3), 1u << (b >> 2 & 7));
    } else if (b < 0xC0) {
      frame(more(2, b & 3), 1u << (b >> 2 & 7));
    } else if (b < 0xD0) {
      const uint32_t low = more(1, 0);
      frame(low & 15, (b & 15) << 4 | low >> 4);
    } else if (b < 0xD8) {
      const uint32_t low = more(1, 0), events = (b & 3) << 6 | low >> 2;
      frame(more(b < 0xD4 ? 1 : 2, low & 3), events);
    } else {
      problems_.push_back(warning(
          "trace-code", place_,
          fmt::format("the trace of tile ({},{}) has the unknown code {:#04x} after {} frames; the "
                      "rest of it is not read",
                      source_.column, source_.row, b, source_.frames.size())));
      return false;
    }
    return true;
  }

  ByteView bytes_;
  const Place &place_;
  Source &source_;
  Diagnostics &problems_;
  size_t at_ = 0;
  uint64_t cycle_ = 0;
};

} // namespace

bool looksLikeTrace(ByteView data) {
  if (data.size() < kPacketBytes || data.size() % 4) return false;
  return goodHeader(readU32(data.data())) && data[7] == kStart;
}

Result<std::vector<Source>> read(ByteView data, const std::string &name, Diagnostics &problems) {
  if (!looksLikeTrace(data))
    return error("trace-foreign", Place::atOffset(name, 0), "this is no trace buffer",
                 "a trace buffer begins with a packet header and a start code");
  struct Stream {
    Source source;
    Bytes bytes;
    uint64_t offset = 0;
  };
  std::vector<Stream> streams;
  for (size_t at = 0; at + kPacketBytes <= data.size(); at += kPacketBytes) {
    const uint32_t header = readU32(&data[at]);
    if (header == 0) break;
    if (!goodHeader(header)) {
      problems.push_back(
          warning("trace-header", Place::atOffset(name, at),
                  fmt::format("{:#010x} is no packet header; the rest is not read", header)));
      break;
    }
    Source s;
    s.column = static_cast<int>(header >> 21 & 127);
    s.row = static_cast<int>(header >> 16 & 31);
    s.type = static_cast<int>(header >> 12 & 7);
    s.id = static_cast<int>(header & 31);
    auto it = std::find_if(streams.begin(), streams.end(), [&](const Stream &x) {
      return x.source.column == s.column && x.source.row == s.row && x.source.type == s.type &&
             x.source.id == s.id;
    });
    if (it == streams.end()) it = streams.insert(streams.end(), {s, {}, at});
    for (size_t w = 4; w < kPacketBytes; w += 4) // the first byte is the highest of its word
      for (size_t i = 4; i-- > 0;) it->bytes.push_back(data[at + w + i]);
  }
  std::vector<Source> out;
  for (Stream &s : streams) {
    const Place place = Place::atOffset(name, s.offset);
    Decoder(s.bytes, place, s.source, problems).run();
    out.push_back(std::move(s.source));
  }
  return out;
}

} // namespace ashlar::format::trace
