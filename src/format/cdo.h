// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CDO: the list of register writes that configures the array. Two generations of the same commands
// exist: stage-1 files, as the vendor's configuration driver writes them (64-bit addresses), and
// the merged list in a PDI, as bootgen re-encodes them (32-bit addresses). Both insert NOPs so that
// block writes are aligned, by different rules; both are kept here so that equal designs give equal
// bytes.
#pragma once

#include "base/base.h"

namespace ashlar::format::cdo {

inline constexpr uint32_t kIdent = 0x004F4443; ///< "CDO\0"
inline constexpr uint32_t kVersion = 0x00000200;
inline constexpr size_t kHeaderBytes = 20;

enum Opcode : uint16_t {
  kEnd = 0x100,
  kMaskPoll = 0x101,
  kMaskWrite = 0x102,
  kWrite = 0x103,
  kDelay = 0x104,
  kDmaWrite = 0x105,
  kMaskPoll64 = 0x106,
  kMaskWrite64 = 0x107,
  kWrite64 = 0x108,
  kSet = 0x10C,
  kNop = 0x111,
};
/// "DMA_WRITE", or "" for a number that no command has.
const char *opcodeName(uint16_t opcode);

struct Command {
  uint16_t opcode = kNop;
  std::vector<uint32_t> payload;
  uint64_t offset = 0; ///< of the command word, in the bytes given to read()
};

struct File {
  uint32_t version = kVersion;
  std::vector<Command> commands;
  size_t bytes = 0; ///< header and commands
  /// AMD's own compacted form: after the header a list that only the firmware understands.
  /// `commands` is empty then.
  bool opaque = false;
};

bool looksLikeCdo(ByteView data);
/// Reads the CDO at the start of `data`; more bytes may follow. `base` is added to offsets in
/// diagnostics. What leaves the commands readable (a wrong checksum) goes to `problems`.
/// Errors: `cdo-truncated`, `cdo-corrupt`.
Result<File> read(ByteView data, const std::string &name, uint64_t base, Diagnostics &problems);

/// What the array's configuration consists of.
struct Write {
  uint32_t address = 0, value = 0;
};
struct MaskWrite {
  uint32_t address = 0, mask = 0, value = 0;
};
struct BlockWrite {
  uint32_t address = 0;
  std::vector<uint32_t> words;
};

/// Builds one stage-1 file: header, one NOP so that a file is never empty, commands.
class Stage1Writer {
public:
  Stage1Writer();
  void write(uint32_t address, uint32_t value);
  void maskWrite(uint32_t address, uint32_t mask, uint32_t value);
  /// An empty block writes nothing.
  void blockWrite(uint32_t address, const std::vector<uint32_t> &words);
  Bytes take();

private:
  ByteWriter out_;
};

/// Joins stage-1 files into the one CDO of a PDI, re-encoding each as bootgen does.
/// Errors: those of read(), with `names` for the files.
Result<Bytes> merge(const std::vector<Bytes> &files, const std::vector<std::string> &names);

} // namespace ashlar::format::cdo
