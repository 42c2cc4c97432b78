// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The low byte of an operation's first word is its opcode; what follows depends on the opcode and
// on the stream's version. Custom operations (0x80 and up) carry their size, so unknown ones can be
// passed over; others cannot. Source: the vendor's public emitters for both versions.
#include "format/txn.h"

#include <algorithm>

namespace ashlar::format::txn {
namespace {

constexpr size_t kHeaderBytes = 16;
enum Opcode : uint8_t {
  kWrite = 0x00,
  kBlockWrite = 0x01,
  kMaskWrite = 0x03,
  kMaskPoll = 0x04,
  kNoop = 0x05,
  kPreempt = 0x06,
  kMaskPollBusy = 0x07,
  kLoadPdi = 0x08,
  kFirstCustom = 0x80,
  kTct = 0x80,
  kDdrPatch = 0x81,
};
constexpr const char *kDamaged = "the stream is damaged; build or copy it again";

class Reader {
public:
  Reader(ByteView data, const std::string &name) : data_(data), name_(name) {}

  Result<File> run(Diagnostics &problems) {
    if (data_.size() < kHeaderBytes)
      return truncated(0, fmt::format("a stream's header needs {} bytes, {} are there",
                                      kHeaderBytes, data_.size()));
    Header &h = file_.header;
    h = {data_[0], data_[1], data_[2], data_[3], data_[4], data_[5]};
    if (!looksLikeTxn(data_))
      return error("txn-foreign", Place::atOffset(name_, 0),
                   fmt::format("this is not an NPU instruction stream: its first word is {:#010x}",
                               readU32(data_.data())),
                   "pass the .bin (or .txt) made with the XCLBIN");
    if (h.generation != 3 && h.generation != 4)
      return error("txn-foreign", Place::atOffset(name_, 2),
                   fmt::format("device generation {} is not an NPU's", h.generation), kDamaged);
    short_ = h.major == 1 && h.minor == 0;
    if (!short_ && !(h.major == 0 && h.minor == 1))
      return error(
          "txn-unsupported", Place::atOffset(name_, 0),
          fmt::format("stream version {}.{} is not supported (0.1 and 1.0 are)", h.major, h.minor),
          "build the design with ashlar");
    const uint32_t count = readU32(&data_[8]), size = readU32(&data_[12]);
    if (size > data_.size())
      return truncated(12,
                       fmt::format("the header says {} bytes, {} are there", size, data_.size()));
    if (size < kHeaderBytes || size % 4)
      return corrupt(12, fmt::format("a stream cannot have {} bytes", size));
    if (size < data_.size())
      problems.push_back(error(
          "txn-trailing", Place::atOffset(name_, size),
          fmt::format("{} bytes follow the {} that the header says", data_.size() - size, size),
          kDamaged));
    end_ = file_.bytes = size;
    for (at_ = kHeaderBytes; at_ < end_;) {
      ASHLAR_CHECK(operation());
      if (file_.operations.size() > count) break;
    }
    if (file_.operations.size() != count || at_ != end_)
      return corrupt(8, fmt::format("the header says {} operations, {} are there", count,
                                    at_ != end_ ? std::string("more")
                                                : std::to_string(file_.operations.size())));
    return std::move(file_);
  }

private:
  Diagnostic truncated(size_t offset, std::string what) const {
    return error("txn-truncated", Place::atOffset(name_, offset), std::move(what), kDamaged);
  }
  Diagnostic corrupt(size_t offset, std::string what) const {
    return error("txn-corrupt", Place::atOffset(name_, offset), std::move(what), kDamaged);
  }
  uint32_t word(size_t i) const { return readU32(&data_[at_ + 4 * i]); }
  uint64_t wide(size_t i) const { return word(i) | uint64_t{word(i + 1)} << 32; }

  /// The operation has `words` words and, when `sizeWord` is not 0, says so there.
  Status need(size_t words, size_t sizeWord = 0) {
    if ((end_ - at_) / 4 < words)
      return truncated(at_, fmt::format("an operation (opcode {:#x}) of {} bytes runs past the end "
                                        "of the stream",
                                        data_[at_], 4 * words));
    if (sizeWord && word(sizeWord) != 4 * words)
      return corrupt(at_ + 4 * sizeWord,
                     fmt::format("an operation (opcode {:#x}) says {} bytes, expected {}",
                                 data_[at_], word(sizeWord), 4 * words));
    words_ = words;
    return Ok{};
  }
  /// As need(), for an operation whose size word tells how long it is.
  Status sized(size_t least, size_t sizeWord) {
    ASHLAR_CHECK(need(sizeWord + 1));
    const uint32_t size = word(sizeWord);
    if (size % 4 || size < 4 * least)
      return corrupt(at_ + 4 * sizeWord, fmt::format("an operation (opcode {:#x}) cannot have {} "
                                                     "bytes",
                                                     data_[at_], size));
    return need(size / 4);
  }
  void add(Op op) {
    file_.operations.push_back({std::move(op), at_});
    at_ += 4 * words_;
  }

  Status operation() {
    const uint8_t opcode = data_[at_];
    switch (opcode) {
    case kWrite:
      ASHLAR_CHECK(short_ ? need(3) : need(6, 5));
      add(short_ ? Write32{word(1), word(2)} : Write32{wide(2), word(4)});
      break;
    case kBlockWrite: {
      const size_t head = short_ ? 3 : 4;
      ASHLAR_CHECK(sized(head, head - 1));
      BlockWrite op{word(head - 2), {}};
      for (size_t i = head; i < words_; ++i) op.words.push_back(word(i));
      add(std::move(op));
      break;
    }
    case kMaskWrite:
      ASHLAR_CHECK(short_ ? need(4) : need(7, 6));
      add(short_ ? MaskWrite32{word(1), word(2), word(3)} : MaskWrite32{wide(2), word(4), word(5)});
      break;
    case kMaskPoll:
    case kMaskPollBusy: {
      ASHLAR_CHECK(short_ ? need(4) : need(7, 6));
      const bool busy = opcode == kMaskPollBusy;
      add(short_ ? MaskPoll{word(1), word(2), word(3), busy}
                 : MaskPoll{wide(2), word(4), word(5), busy});
      break;
    }
    case kNoop:
      ASHLAR_CHECK(need(1));
      add(Noop{});
      break;
    case kPreempt:
      ASHLAR_CHECK(need(1));
      add(Preempt{static_cast<uint8_t>(word(0) >> 8)});
      break;
    case kLoadPdi:
      ASHLAR_CHECK(need(4));
      add(LoadPdi{static_cast<uint16_t>(word(0) >> 16), word(1), wide(2)});
      break;
    case kTct:
      ASHLAR_CHECK(need(4, 1));
      add(Sync{static_cast<uint8_t>(word(2)), static_cast<uint8_t>(word(2) >> 8),
               static_cast<uint8_t>(word(2) >> 16), static_cast<uint8_t>(word(3) >> 8),
               static_cast<uint8_t>(word(3) >> 16), static_cast<uint8_t>(word(3) >> 24)});
      break;
    case kDdrPatch:
      ASHLAR_CHECK(short_ ? need(6, 1) : need(12, 1));
      add(short_ ? AddressPatch{word(2), word(3), word(4), 0}
                 : AddressPatch{wide(6), wide(8), wide(10), word(5)});
      break;
    default:
      if (opcode < kFirstCustom)
        return error("txn-unsupported", Place::atOffset(name_, at_),
                     fmt::format("operation {:#x} is not supported", opcode),
                     "its length is not known, so the stream cannot be read further");
      ASHLAR_CHECK(sized(2, 1));
      Custom op{opcode, {}};
      for (size_t i = 2; i < words_; ++i) op.words.push_back(word(i));
      add(std::move(op));
    }
    return Ok{};
  }

  ByteView data_;
  const std::string &name_;
  File file_;
  bool short_ = false;
  size_t at_ = 0, end_ = 0, words_ = 0;
};

struct OpWriter {
  ByteWriter &out;

  void operator()(const Write32 &op) const {
    out.u32(kWrite).u32(0).u64(op.address).u32(op.value).u32(24);
  }
  void operator()(const BlockWrite &op) const {
    const uint32_t size = 16 + 4 * static_cast<uint32_t>(op.words.size());
    out.u32(kBlockWrite).u32(0).u32(op.address).u32(size);
    for (const uint32_t w : op.words) out.u32(w);
  }
  void operator()(const MaskWrite32 &op) const {
    out.u32(kMaskWrite).u32(0).u64(op.address).u32(op.value).u32(op.mask).u32(28);
  }
  void operator()(const MaskPoll &op) const {
    out.u32(op.busy ? kMaskPollBusy : kMaskPoll).u32(0).u64(op.address);
    out.u32(op.value).u32(op.mask).u32(28);
  }
  void operator()(const Noop &) const { out.u32(kNoop); }
  void operator()(const Preempt &op) const { out.u32(kPreempt | uint32_t{op.level} << 8); }
  void operator()(const LoadPdi &op) const {
    out.u32(kLoadPdi | uint32_t{op.id} << 16).u32(op.size).u64(op.address);
  }
  void operator()(const Sync &op) const {
    out.u32(kTct).u32(16);
    out.u8(op.direction).u8(op.row).u8(op.column).u8(0);
    out.u8(0).u8(op.rows).u8(op.columns).u8(op.channel);
  }
  void operator()(const AddressPatch &op) const {
    out.u32(kDdrPatch).u32(48).fill(12).u32(op.action).u64(op.address).u64(op.argument);
    out.u64(op.offset);
  }
  void operator()(const Custom &op) const {
    out.u32(op.opcode).u32(8 + 4 * static_cast<uint32_t>(op.words.size()));
    for (const uint32_t w : op.words) out.u32(w);
  }
};

int hexDigit(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

} // namespace

bool looksLikeTxn(ByteView data) {
  return data.size() >= 4 && data[0] <= 1 && data[1] <= 1 && (data[2] == 3 || data[2] == 4) &&
         data[3] >= 1 && data[3] <= 16;
}

bool looksLikeText(ByteView data) {
  return data.size() >= 8 &&
         std::all_of(data.begin(), data.begin() + 8, [](uint8_t c) { return hexDigit(c) >= 0; });
}

Result<Bytes> textToBinary(ByteView data, const std::string &name) {
  ByteWriter out;
  uint32_t line = 1, value = 0, digits = 0;
  const auto bad = [&](std::string what) {
    return error("txn-text", Place::at(name, line), std::move(what),
                 "such a file has one word of 8 hexadecimal digits a line");
  };
  for (const uint8_t c : data) {
    if (const int digit = hexDigit(c); digit >= 0) {
      if (++digits > 8) return bad("a word has more than 8 digits");
      value = value << 4 | static_cast<uint32_t>(digit);
      continue;
    }
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t')
      return bad(fmt::format("character {:#04x} is no hexadecimal digit", c));
    if (digits) {
      if (digits != 8) return bad(fmt::format("a word has {} digits", digits));
      out.u32(value);
    }
    digits = value = 0;
    if (c == '\n') ++line;
  }
  if (digits == 8)
    out.u32(value);
  else if (digits)
    return bad(fmt::format("a word has {} digits", digits));
  return out.take();
}

Result<File> read(ByteView data, const std::string &name, Diagnostics &problems) {
  return Reader(data, name).run(problems);
}

Bytes write(const File &file) {
  ByteWriter out;
  const Header &h = file.header;
  out.u8(0).u8(1).u8(h.generation).u8(h.rows).u8(h.columns).u8(h.memRows).u16(0);
  out.u32(static_cast<uint32_t>(file.operations.size())).u32(0);
  for (const Operation &o : file.operations) std::visit(OpWriter{out}, o.op);
  out.patchU32(12, static_cast<uint32_t>(out.size()));
  return out.take();
}

} // namespace ashlar::format::txn
