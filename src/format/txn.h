// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// TXN: the instruction stream that the NPU's controller executes while a kernel runs. Version 0.1
// is what the vendor's compiler emits and Phoenix firmware takes; version 1.0 (shorter operations)
// was emitted for a while and is read too. Streams of 2023/24 were stored as text, one hexadecimal
// word a line.
#pragma once

#include "base/base.h"

#include <variant>

namespace ashlar::format::txn {

struct Header {
  uint8_t major = 0, minor = 1;
  uint8_t generation = 3; ///< 3 = AIE2 NPU (Phoenix, Hawk Point), 4 = AIE2P
  uint8_t rows = 6, columns = 4, memRows = 1;
  bool operator==(const Header &) const = default;
};

struct Write32 {
  uint64_t address = 0;
  uint32_t value = 0;
};
struct BlockWrite {
  uint32_t address = 0;
  std::vector<uint32_t> words;
};
struct MaskWrite32 {
  uint64_t address = 0;
  uint32_t value = 0, mask = 0;
};
/// Waits until (register & mask) == value.
struct MaskPoll {
  uint64_t address = 0;
  uint32_t value = 0, mask = 0;
  bool busy = false; ///< MASKPOLL_BUSY: without yielding
};
struct Noop {};
struct Preempt {
  uint8_t level = 0;
};
struct LoadPdi {
  uint16_t id = 0;
  uint32_t size = 0;
  uint64_t address = 0;
};
/// TCT: waits for task-complete tokens.
struct Sync {
  uint8_t direction = 0; ///< 0 S2MM, 1 MM2S
  uint8_t row = 0, column = 0, rows = 1, columns = 1, channel = 0;
};
/// Adds argument `argument`'s address + `offset` to the BD address words at register `address`.
struct AddressPatch {
  uint64_t address = 0, argument = 0, offset = 0;
  uint32_t action = 0;
};
/// A custom operation (0x80 and up) of which only its size is known.
struct Custom {
  uint8_t opcode = 0;
  std::vector<uint32_t> words; ///< after the size word
};
using Op = std::variant<Write32, BlockWrite, MaskWrite32, MaskPoll, Noop, Preempt, LoadPdi, Sync,
                        AddressPatch, Custom>;
struct Operation {
  Op op;
  uint64_t offset = 0; ///< in the binary stream; ignored by write()
};

struct File {
  Header header;
  std::vector<Operation> operations;
  size_t bytes = 0; ///< as the header says
};

bool looksLikeTxn(ByteView data);
bool looksLikeText(ByteView data);
/// The binary stream in a text file. Errors: `txn-text`, with the line.
Result<Bytes> textToBinary(ByteView data, const std::string &name);
/// Reads a binary stream. Errors: `txn-foreign`, `txn-truncated`, `txn-corrupt`, `txn-unsupported`.
Result<File> read(ByteView data, const std::string &name, Diagnostics &problems);
/// Writes version 0.1.
Bytes write(const File &file);

} // namespace ashlar::format::txn
