// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instruction streams to operations. What Phoenix firmware would not take is an error here.
#include "device/host_address.h"
#include "format/elf.h"
#include "format/lfs.h"
#include "format/txn.h"
#include "load/address.h"

namespace ashlar::load {
namespace {

using namespace format;

constexpr uint8_t kPhoenix = 3; ///< device generation
/// Operations that only measure or report.
constexpr uint8_t kReadRegisters = 0x82, kRecordTimer = 0x83;

struct Decoder {
  const std::string &name;
  Diagnostics &warnings;
  std::vector<Operation> &out;
  uint64_t offset;

  Place place() const { return Place::atOffset(name, offset); }
  Diagnostic unsupported(std::string what) const {
    return error("txn-unsupported", place(), std::move(what),
                 "Phoenix does not execute it; build the design for this device");
  }
  Status add(uint64_t address, uint64_t words, Op op) const {
    ASHLAR_CHECK(checkAddress(address, words, 0, place()));
    return add(std::move(op));
  }
  Status add(Op op) const {
    out.push_back({std::move(op), offset});
    return Ok{};
  }

  Status operator()(const txn::Write32 &op) const {
    return add(op.address, 1, Write32{static_cast<uint32_t>(op.address), op.value});
  }
  Status operator()(const txn::BlockWrite &op) const {
    return add(op.address, op.words.size(), BlockWrite{op.address, op.words});
  }
  Status operator()(const txn::MaskWrite32 &op) const {
    return add(op.address, 1, MaskWrite32{static_cast<uint32_t>(op.address), op.value, op.mask});
  }
  Status operator()(const txn::MaskPoll &op) const {
    return add(op.address, 1, MaskPoll{static_cast<uint32_t>(op.address), op.value, op.mask, 0});
  }
  Status operator()(const txn::Noop &) const { return Ok{}; }
  Status operator()(const txn::Preempt &op) const { return add(Preempt{op.level}); }
  Status operator()(const txn::LoadPdi &op) const {
    return add(LoadPdi{op.id, op.size, op.address});
  }
  Status operator()(const txn::Sync &op) const {
    if (op.direction > 1)
      return error("txn-corrupt", place(),
                   fmt::format("sync direction {} is unknown", op.direction),
                   "the stream is damaged; build it again");
    if (op.row + op.rows > device::kRows || op.column + op.columns > device::kMaxColumns)
      return error("address-range", place(),
                   fmt::format("a sync waits for tiles ({},{})..({},{}), which are not there",
                               op.column, op.row, op.column + op.columns - 1, op.row + op.rows - 1),
                   "the stream does not fit this device; build the design again");
    return add(Sync{static_cast<device::DmaDirection>(op.direction), op.channel, op.column, op.row,
                    op.columns, op.rows});
  }
  Status operator()(const txn::AddressPatch &op) const {
    if (op.action != 0)
      return unsupported(fmt::format("address patch action {} is not supported", op.action));
    if (op.argument > UINT32_MAX)
      return error("txn-corrupt", place(), fmt::format("argument {} is not there", op.argument),
                   "the stream is damaged; build it again");
    uint64_t offset = op.offset;
    if (op.argument >= device::kTranslatedArguments) {
      if (offset >= device::kHostBase)
        offset -= device::kHostBase;
      else
        warnings.push_back(warning(
            "argument-untranslated", place(),
            fmt::format("the patch of argument {} does not add {:#x}: the firmware translates the "
                        "addresses of arguments 0 to {} only, and on the chip this transfer may "
                        "miss its buffer",
                        op.argument, device::kHostBase, device::kTranslatedArguments - 1),
            "build the stream again with ashlar or a present mlir-aie, or join buffers"));
    }
    return add(op.address, 2,
               AddressPatch{static_cast<uint32_t>(op.address), static_cast<uint32_t>(op.argument),
                            offset});
  }
  Status operator()(const txn::Custom &op) const {
    if (op.opcode != kReadRegisters && op.opcode != kRecordTimer)
      return unsupported(fmt::format("operation {:#x} is not supported", op.opcode));
    warnings.push_back(
        warning("txn-skipped", place(),
                fmt::format("operation {:#x} only reports and is passed over", op.opcode)));
    return Ok{};
  }
};

} // namespace

Result<Stream> readStream(ByteView data, const std::string &name, Diagnostics &warnings) {
  if (looksLikeLfsPointer(data)) return lfsPointer(name);
  Bytes binary;
  if (txn::looksLikeText(data)) {
    ASHLAR_TRY(binary, txn::textToBinary(data, name));
    data = binary;
  }
  if (elf::looksLikeElf(data))
    return error("foreign", Place::at(name), "this file is an ELF file, not an instruction stream",
                 "pass the .bin (or .txt) that was made with the package");
  Diagnostics problems;
  ASHLAR_TRY(const txn::File file, txn::read(data, name, problems));
  if (!problems.empty()) return problems;
  if (file.header.generation != kPhoenix)
    return error("txn-unsupported", Place::atOffset(name, 2),
                 fmt::format("the stream is for device generation {} (AIE2P: Strix and newer), not "
                             "for Phoenix",
                             file.header.generation),
                 "build the design for npu1");
  Stream stream;
  stream.source = name;
  stream.columns = file.header.columns;
  stream.rows = file.header.rows;
  stream.size = file.bytes;
  stream.bytes.assign(data.begin(), data.begin() + static_cast<long>(file.bytes));
  for (const txn::Operation &o : file.operations)
    ASHLAR_CHECK(std::visit(Decoder{name, warnings, stream.operations, o.offset}, o.op));
  return stream;
}

} // namespace ashlar::load
