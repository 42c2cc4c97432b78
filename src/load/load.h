// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the chip's firmware does with a package, as data: an XCLBIN or PDI becomes an ordered list
// of register and memory operations, an instruction stream likewise. The emulator is given these
// and nothing else, so what runs there is what would run on the chip.
//
// Addresses are partition-relative array addresses (device/geometry.h: col << 25 | row << 20 |
// offset); the firmware adds the first column of the partition, nothing in the files does.
#pragma once

#include "base/base.h"
#include "device/geometry.h"

#include <variant>

namespace ashlar::load {

struct Write32 {
  uint32_t address = 0, value = 0;
};
/// register = (register & ~mask) | (value & mask)
struct MaskWrite32 {
  uint32_t address = 0, value = 0, mask = 0;
};
/// Consecutive words from `address`: registers, data or program memory.
struct BlockWrite {
  uint32_t address = 0;
  std::vector<uint32_t> words;
};
/// `words` words from `address` set to `value`.
struct BlockFill {
  uint32_t address = 0, value = 0, words = 0;
};
/// Waits until (register & mask) == value; 0 ms = for ever.
struct MaskPoll {
  uint32_t address = 0, value = 0, mask = 0, timeoutMs = 0;
};
struct Delay {
  uint32_t count = 0;
};
/// Adds the address of buffer argument `argument` plus `offset` bytes to the 48-bit address in the
/// shim BD words at `address` (low 32 bits) and `address` + 4 (high 16 bits).
struct AddressPatch {
  uint32_t address = 0, argument = 0;
  uint64_t offset = 0;
};
/// Waits for one task-complete token of the channel from each tile of the rectangle.
struct Sync {
  device::DmaDirection direction = device::DmaDirection::S2MM;
  int channel = 0, column = 0, row = 0, columns = 1, rows = 1;
};
struct LoadPdi {
  uint32_t id = 0, size = 0;
  uint64_t address = 0;
};
struct Preempt {
  uint32_t level = 0;
};
using Op = std::variant<Write32, MaskWrite32, BlockWrite, BlockFill, MaskPoll, Delay, AddressPatch,
                        Sync, LoadPdi, Preempt>;
struct Operation {
  Op op;
  uint64_t offset = 0; ///< byte offset in the PDI or stream that it was read from
};

/// The configuration of one PDI.
struct Configuration {
  std::vector<uint64_t> kernelIds; ///< DPU kernel ids of its groups; empty for a bare PDI
  std::vector<Operation> operations;
  Bytes pdi;
};

struct KernelArgument {
  std::string name, type;
  bool buffer = false; ///< a pointer; else a scalar
  uint32_t offset = 0; ///< bytes, in the kernel's register map
  uint32_t size = 0;   ///< bytes in the register map
};
struct Kernel {
  std::string name;                      ///< "MLIR_AIE"
  std::vector<std::string> instances;    ///< "MLIRAIE"
  uint64_t id = 0;                       ///< DPU kernel id
  std::vector<KernelArgument> arguments; ///< opcode, instr, ninstr, bo0...
  size_t configuration = 0;              ///< index into Package::configurations
};

struct Package {
  std::string source; ///< file name, for messages
  std::string uuid;   ///< empty for a bare PDI
  int columns = 0;    ///< column width of the partition; for a bare PDI: columns that it touches
  std::vector<Configuration> configurations; ///< at least one
  std::vector<Kernel> kernels;               ///< empty for a bare PDI
};

struct Stream {
  std::string source;
  int columns = 0, rows = 0; ///< as its header says
  std::vector<Operation> operations;
  size_t size = 0; ///< bytes, as its header says
  Bytes bytes;     ///< the stream itself, binary
};

/// Reads an XCLBIN or a PDI (told apart by its first bytes).
/// Errors: the readers' (`xclbin-...`, `pdi-...`, `cdo-...`), `pdi-opaque` (AMD's own compacted
/// form, which nobody but the firmware reads), `package-kernel-id` (no PDI for a kernel),
/// `foreign`.
Result<Package> readPackage(ByteView data, const std::string &name, Diagnostics &warnings);
/// Reads one PDI.
Result<Configuration> readPdi(ByteView data, const std::string &name, Diagnostics &warnings);
/// Reads an instruction stream: binary TXN, or the older ASCII form of one hexadecimal word a line.
/// Errors: `txn-...`, `txn-unsupported`.
Result<Stream> readStream(ByteView data, const std::string &name, Diagnostics &warnings);

} // namespace ashlar::load
