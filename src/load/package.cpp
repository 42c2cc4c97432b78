// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// XCLBIN and PDI to operations: what XRT takes from the XCLBIN (kernels, arguments, column width,
// which PDI serves which kernel id) and what the firmware does with a PDI's CDO.
#include "format/cdo.h"
#include "format/elf.h"
#include "format/lfs.h"
#include "format/pdi.h"
#include "format/txn.h"
#include "format/xclbin_sections.h"
#include "load/address.h"

#include <algorithm>
#include <charconv>

namespace ashlar::load {
namespace {

using namespace format;

/// Moves warnings on; errors stay. True when there are errors.
bool takeProblems(Diagnostics &problems, Diagnostics &warnings) {
  for (const Diagnostic &d : problems)
    if (d.severity != Severity::Error) warnings.push_back(d);
  std::erase_if(problems, [](const Diagnostic &d) { return d.severity != Severity::Error; });
  return !problems.empty();
}

/// A number as the metadata writes it: "0x901", "2305".
std::optional<uint64_t> number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class CdoDecoder {
public:
  CdoDecoder(const std::string &name, uint64_t base, int columns)
      : name_(name), base_(base), columns_(columns) {}

  Result<std::vector<Operation>> run(const cdo::File &file) {
    for (const cdo::Command &c : file.commands) {
      if (c.opcode == cdo::kEnd) break;
      ASHLAR_CHECK(command(c));
    }
    return std::move(operations_);
  }

private:
  Place place(const cdo::Command &c) const { return Place::atOffset(name_, base_ + c.offset); }

  /// Word 0 of `p` is the high half of the address that word 1 holds.
  static uint64_t wide(const std::vector<uint32_t> &p) { return uint64_t{p[0]} << 32 | p[1]; }

  Status add(const cdo::Command &c, uint64_t address, uint64_t words, Op op) {
    ASHLAR_CHECK(checkAddress(address, words, columns_, place(c)));
    operations_.push_back({std::move(op), base_ + c.offset});
    return Ok{};
  }

  Status command(const cdo::Command &c) {
    const std::vector<uint32_t> &p = c.payload;
    switch (c.opcode) {
    case cdo::kNop: return Ok{};
    case cdo::kWrite: return add(c, p[0], 1, Write32{p[0], p[1]});
    case cdo::kWrite64: return add(c, wide(p), 1, Write32{p[1], p[2]});
    case cdo::kMaskWrite: return add(c, p[0], 1, MaskWrite32{p[0], p[2], p[1]});
    case cdo::kMaskWrite64: return add(c, wide(p), 1, MaskWrite32{p[1], p[3], p[2]});
    case cdo::kMaskPoll: return add(c, p[0], 1, MaskPoll{p[0], p[2], p[1], p[3]});
    case cdo::kMaskPoll64: return add(c, wide(p), 1, MaskPoll{p[1], p[3], p[2], p[4]});
    case cdo::kSet: return add(c, wide(p), p[2], BlockFill{p[1], p[3], p[2]});
    case cdo::kDmaWrite:
      return add(c, wide(p), p.size() - 2,
                 BlockWrite{p[1], std::vector<uint32_t>(p.begin() + 2, p.end())});
    case cdo::kDelay: operations_.push_back({Delay{p[0]}, base_ + c.offset}); return Ok{};
    default:
      return error("cdo-unsupported", place(c),
                   fmt::format("CDO command {} is not supported", cdo::opcodeName(c.opcode)),
                   "NPU configurations do not use it; build the design again");
    }
  }

  const std::string &name_;
  uint64_t base_;
  int columns_;
  std::vector<Operation> operations_;
};

Result<Configuration> decodePdi(ByteView data, const std::string &name, int columns,
                                Diagnostics &warnings) {
  Diagnostics problems;
  ASHLAR_TRY(const pdi::File file, pdi::read(data, name, problems));
  if (takeProblems(problems, warnings)) return problems;
  const Diagnostic opaque =
      error("pdi-opaque", Place::atOffset(name, file.cdoOffset),
            "this PDI is in AMD's compacted form, which only the firmware can read",
            "`ashlar inspect` shows what is known of it; it cannot be emulated");
  if (file.transformed) return opaque;
  ASHLAR_TRY(const cdo::File commands, cdo::read(file.cdo, name, file.cdoOffset, problems));
  if (takeProblems(problems, warnings)) return problems;
  if (commands.opaque) return opaque;
  if (commands.bytes != file.cdo.size())
    return error(
        "cdo-corrupt", Place::atOffset(name, file.cdoOffset + commands.bytes),
        fmt::format("{} bytes of the partition follow the CDO", file.cdo.size() - commands.bytes),
        "the file is damaged; build or copy it again");
  Configuration configuration;
  ASHLAR_TRY(configuration.operations, CdoDecoder(name, file.cdoOffset, columns).run(commands));
  configuration.pdi.assign(data.begin(), data.begin() + static_cast<long>(file.bytes));
  return configuration;
}

/// Columns that the operations touch.
int touchedColumns(const std::vector<Operation> &operations) {
  int columns = 1;
  for (const Operation &o : operations)
    std::visit(
        [&](const auto &op) {
          if constexpr (requires { op.mask; } || requires { op.words; } || requires { op.value; })
            columns = std::max(columns, device::tileOfAddress(op.address).col + 1);
        },
        o.op);
  return columns;
}

Result<Kernel> decodeKernel(const xclbin::Kernel &k, const std::string &name) {
  Kernel kernel;
  kernel.name = k.name;
  kernel.instances = k.instances;
  const auto bad = [&](const std::string &what) {
    return error("package-metadata", Place::at(name), fmt::format("kernel {}: {}", k.name, what),
                 "build the package again");
  };
  const std::optional<uint64_t> id = number(k.kernelId);
  if (!id) return bad(fmt::format("dpu_kernel_id \"{}\" is not a number", k.kernelId));
  kernel.id = *id;
  for (const xclbin::KernelArgument &a : k.arguments) {
    const std::optional<uint64_t> offset = number(a.offset);
    if (!offset || *offset > UINT32_MAX)
      return bad(fmt::format("offset \"{}\" of argument {} is not a number", a.offset, a.name));
    kernel.arguments.push_back(
        {a.name, a.type, a.addressQualifier == 1, static_cast<uint32_t>(*offset), a.size});
  }
  return kernel;
}

Result<Package> readXclbin(ByteView data, const std::string &name, Diagnostics &warnings) {
  Diagnostics problems;
  ASHLAR_TRY(const xclbin::File file, xclbin::read(data, name, problems));
  if (takeProblems(problems, warnings)) return problems;
  const auto missing = [&](const char *section, const char *why) {
    return error("package-section", Place::at(name),
                 fmt::format("section {} is missing: {}", section, why),
                 "this XCLBIN is not for an NPU, or was not built whole; build it again");
  };
  const xclbin::Section *partitionSection = file.find(xclbin::kAiePartition);
  if (!partitionSection) return missing("AIE_PARTITION", "nothing configures the array");
  const xclbin::Section *metadata = file.find(xclbin::kEmbeddedMetadata);
  if (!metadata) return missing("EMBEDDED_METADATA", "no kernel is declared");
  ASHLAR_TRY(const xclbin::Partition partition, xclbin::decodePartition(*partitionSection, name));
  ASHLAR_TRY(const std::vector<xclbin::Kernel> kernels, xclbin::decodeKernels(*metadata, name));

  Package package;
  package.source = name;
  package.uuid = xclbin::uuidText(file.uuid);
  package.columns = partition.columnWidth;
  if (package.columns < 1 || package.columns > device::kMaxColumns)
    return error("package-columns", Place::atOffset(name, partitionSection->offset + 0x20),
                 fmt::format("the partition is {} columns wide; the NPU has {}", package.columns,
                             device::kMaxColumns),
                 "build the design for this device");
  for (size_t i = 0; i < partition.pdis.size(); ++i) {
    const xclbin::PartitionPdi &pdi = partition.pdis[i];
    const std::string pdiName = fmt::format("{}[PDI {}]", name, i);
    ASHLAR_TRY(Configuration configuration,
               decodePdi(pdi.image, pdiName, package.columns, warnings));
    for (const xclbin::CdoGroup &g : pdi.groups)
      configuration.kernelIds.insert(configuration.kernelIds.end(), g.kernelIds.begin(),
                                     g.kernelIds.end());
    package.configurations.push_back(std::move(configuration));
  }
  for (const xclbin::Kernel &k : kernels) {
    ASHLAR_TRY(Kernel kernel, decodeKernel(k, name));
    bool found = false;
    for (size_t i = 0; i < package.configurations.size() && !found; ++i) {
      const std::vector<uint64_t> &ids = package.configurations[i].kernelIds;
      if (std::find(ids.begin(), ids.end(), kernel.id) == ids.end()) continue;
      kernel.configuration = i;
      found = true;
    }
    if (!found)
      return error(
          "package-kernel-id", Place::at(name),
          fmt::format("PDI for kernel ID {:#x} (kernel {}) not found", kernel.id, kernel.name),
          "the kernel's id must be in the dpu_kernel_ids of a PDI in AIE_PARTITION");
    package.kernels.push_back(std::move(kernel));
  }
  if (package.kernels.empty())
    return error("package-section", Place::at(name), "no DPU kernel is declared in this XCLBIN",
                 "XRT refuses it (\"No valid DPU kernel found in xclbin\"); build it again");
  return package;
}

} // namespace

Result<Configuration> readPdi(ByteView data, const std::string &name, Diagnostics &warnings) {
  return decodePdi(data, name, 0, warnings);
}

Result<Package> readPackage(ByteView data, const std::string &name, Diagnostics &warnings) {
  if (looksLikeLfsPointer(data)) return lfsPointer(name);
  if (xclbin::looksLikeXclbin(data)) return readXclbin(data, name, warnings);
  if (pdi::looksLikePdi(data)) {
    ASHLAR_TRY(Configuration configuration, readPdi(data, name, warnings));
    Package package;
    package.source = name;
    package.columns = touchedColumns(configuration.operations);
    package.configurations.push_back(std::move(configuration));
    return package;
  }
  const char *what = "neither an XCLBIN nor a PDI";
  if (data.empty())
    what = "empty";
  else if (elf::looksLikeElf(data))
    what = "an ELF file, not a package";
  else if (txn::looksLikeTxn(data) || txn::looksLikeText(data))
    what = "an instruction stream, not a package";
  return error("foreign", Place::at(name), fmt::format("this file is {}", what),
               "pass the .xclbin (or .pdi) that `ashlar build` made");
}

} // namespace ashlar::load
