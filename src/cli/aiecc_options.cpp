// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One row a flag: its name, whether a value follows, what it does.
#include "cli/aiecc_options.h"

#include "base/nearest.h"

#include <filesystem>

namespace ashlar::cli {
namespace {

enum class Takes : uint8_t { Nothing, Value };
struct Flag {
  const char *name;
  Takes takes;
  const char *help; ///< null: accepted and without effect
  void (*apply)(AieccRequest &, const std::string &);
};
void nothing(AieccRequest &, const std::string &) {}

const Flag flags[] = {
    {"aie-generate-xclbin", Takes::Nothing, "write the XCLBIN",
     [](AieccRequest &r, const std::string &) { r.xclbin = true; }},
    {"get-xclbin", Takes::Nothing, "the same",
     [](AieccRequest &r, const std::string &) { r.xclbin = true; }},
    {"xclbin-name", Takes::Value, "its name; {0} is the device",
     [](AieccRequest &r, const std::string &v) { r.xclbinName = v; }},
    {"aie-generate-npu-insts", Takes::Nothing, "write the instruction stream",
     [](AieccRequest &r, const std::string &) { r.insts = true; }},
    {"aie-generate-npu", Takes::Nothing, "the same",
     [](AieccRequest &r, const std::string &) { r.insts = true; }},
    {"get-npu-insts", Takes::Nothing, "the same",
     [](AieccRequest &r, const std::string &) { r.insts = true; }},
    {"npu-insts-name", Takes::Value, "its name; {0} is the device, {1} the sequence",
     [](AieccRequest &r, const std::string &v) { r.instsName = v; }},
    {"insts-name", Takes::Value, "the same",
     [](AieccRequest &r, const std::string &v) { r.instsName = v; }},
    {"aie-generate-pdi", Takes::Nothing, "write the PDI",
     [](AieccRequest &r, const std::string &) { r.pdi = true; }},
    {"pdi-name", Takes::Value, "its name",
     [](AieccRequest &r, const std::string &v) { r.pdiName = v; }},
    {"aie-generate-cdo", Takes::Nothing, "write the CDO files (they are in the temporary folder)",
     [](AieccRequest &r, const std::string &) { r.cdo = true; }},
    {"aie-generate-ctrlpkt", Takes::Nothing,
     "write the configuration as control packets, and the stream that sends them and then runs",
     [](AieccRequest &r, const std::string &) { r.controlPackets = r.controlRoutes = true; }},
    {"get-ctrlpkt", Takes::Nothing, "the same",
     [](AieccRequest &r, const std::string &) { r.controlPackets = r.controlRoutes = true; }},
    {"ctrlpkt-name", Takes::Value, "name of the control packets' file",
     [](AieccRequest &r, const std::string &v) { r.controlName = v; }},
    {"ctrlpkt-dma-seq-name", Takes::Value, "name of their stream",
     [](AieccRequest &r, const std::string &v) { r.controlStreamName = v; }},
    {"generate-ctrl-pkt-overlay", Takes::Nothing,
     "routes for control packets to every tile (what a base XCLBIN for --aie-generate-ctrlpkt has)",
     [](AieccRequest &r, const std::string &) { r.controlRoutes = true; }},
    {"aie-generate-txn", Takes::Nothing, "write the configuration as an instruction stream",
     [](AieccRequest &r, const std::string &) { r.txn = true; }},
    {"get-txn", Takes::Nothing, "the same",
     [](AieccRequest &r, const std::string &) { r.txn = true; }},
    {"txn-name", Takes::Value, "its name",
     [](AieccRequest &r, const std::string &v) { r.txnName = v; }},
    {"xclbin-input", Takes::Value, "add the kernel to this XCLBIN",
     [](AieccRequest &r, const std::string &v) { r.xclbinInput = v; }},
    {"get-pdi", Takes::Nothing, "as --aie-generate-pdi",
     [](AieccRequest &r, const std::string &) { r.pdi = true; }},
    {"get-cdo", Takes::Nothing, "as --aie-generate-cdo",
     [](AieccRequest &r, const std::string &) { r.cdo = true; }},
    {"nv", Takes::Nothing, "-n and -v",
     [](AieccRequest &r, const std::string &) { r.dryRun = r.verbose = true; }},
    {"alloc-scheme", Takes::Value, "basic-sequential or bank-aware", nullptr},
    {"dynamic-objFifos", Takes::Nothing, "do not unroll loops for object FIFOs",
     [](AieccRequest &r, const std::string &) { r.dynamicFifos = true; }},
    {"packet-sw-objFifos", Takes::Nothing, "object FIFOs over packet-switched routes",
     [](AieccRequest &r, const std::string &) { r.packetFifos = true; }},
    {"xclbin-kernel-name", Takes::Value, "the kernel's name",
     [](AieccRequest &r, const std::string &v) { r.kernelName = v; }},
    {"xclbin-kernel-id", Takes::Value, "the kernel's id",
     [](AieccRequest &r, const std::string &v) { r.kernelId = v; }},
    {"xclbin-instance-name", Takes::Value, "the instance's name",
     [](AieccRequest &r, const std::string &v) { r.instanceName = v; }},
    {"tmpdir", Takes::Value, "folder for intermediate files",
     [](AieccRequest &r, const std::string &v) { r.tmpdir = v; }},
    {"output-dir", Takes::Value, "folder for the products",
     [](AieccRequest &r, const std::string &v) { r.outputDir = v; }},
    {"device-name", Takes::Value, "which aie.device to build",
     [](AieccRequest &r, const std::string &v) { r.deviceName = v; }},
    {"sequence-name", Takes::Value, "which runtime sequence to write",
     [](AieccRequest &r, const std::string &v) { r.sequenceName = v; }},
    {"O", Takes::Value, "optimisation level", nullptr},
    {"v", Takes::Nothing, "say what is done",
     [](AieccRequest &r, const std::string &) { r.verbose = true; }},
    {"verbose", Takes::Nothing, "the same",
     [](AieccRequest &r, const std::string &) { r.verbose = true; }},
    {"n", Takes::Nothing, "do everything but write nothing",
     [](AieccRequest &r, const std::string &) { r.dryRun = true; }},
    {"help", Takes::Nothing, "this text",
     [](AieccRequest &r, const std::string &) { r.help = true; }},
    {"h", Takes::Nothing, "this text", [](AieccRequest &r, const std::string &) { r.help = true; }},
    {"version", Takes::Nothing, "the version",
     [](AieccRequest &r, const std::string &) { r.version = true; }},
    // Of no effect: one compiler, one linker, no host program, no simulator of the vendor's.
    {"no-xchesscc", Takes::Nothing, nullptr, nothing},
    {"no-xbridge", Takes::Nothing, nullptr, nothing},
    {"compile", Takes::Nothing, nullptr, nothing},
    {"no-compile", Takes::Nothing, nullptr, nothing},
    {"link", Takes::Nothing, nullptr, nothing},
    {"no-link", Takes::Nothing, nullptr, nothing},
    {"compile-host", Takes::Nothing, nullptr, nothing},
    {"no-compile-host", Takes::Nothing, nullptr, nothing},
    {"aiesim", Takes::Nothing, nullptr, nothing},
    {"no-aiesim", Takes::Nothing, nullptr, nothing},
    {"unified", Takes::Nothing, nullptr, nothing},
    {"no-unified", Takes::Nothing, nullptr, nothing},
    {"peano", Takes::Value, nullptr, nothing},
    {"peano-install-dir", Takes::Value, nullptr, nothing},
    {"sysroot", Takes::Value, nullptr, nothing},
    {"host-target", Takes::Value, nullptr, nothing},
    {"j", Takes::Value, nullptr, nothing},
    {"nthreads", Takes::Value, nullptr, nothing},
    {"profile", Takes::Nothing, nullptr, nothing},
    {"progress", Takes::Nothing, nullptr, nothing},
    {"link_against_hsa", Takes::Nothing, nullptr, nothing},
    {"aie-generate-input-with-addresses", Takes::Nothing, nullptr, nothing},
    {"dump-intermediates", Takes::Nothing, nullptr, nothing},
    {"keep-loc", Takes::Nothing, nullptr, nothing},
    {"get-aiesim", Takes::Nothing, nullptr, nothing},
    {"get-host", Takes::Nothing, nullptr, nothing},
    {"get-locmap", Takes::Nothing, nullptr, nothing},
    {"get-core-elfs", Takes::Nothing, nullptr, nothing},
    {"get-input-with-addresses", Takes::Nothing, nullptr, nothing},
    {"get-scratchpad-parameters", Takes::Nothing, nullptr, nothing},
    {"checkpoint", Takes::Nothing, nullptr, nothing},
    {"resume", Takes::Nothing, nullptr, nothing},
    {"aietools", Takes::Value, nullptr, nothing},
    {"aie-target", Takes::Value, nullptr, nothing},
    {"placer", Takes::Value, nullptr, nothing},
    {"cores-per-col", Takes::Value, nullptr, nothing},
    {"sa-seed", Takes::Value, nullptr, nothing},
    {"no-materialize", Takes::Nothing, nullptr, nothing},
    {"expand-load-pdis", Takes::Nothing, nullptr, nothing},
};

struct Refused {
  const char *name, *why, *remedy;
};
/// The ELF form is that of newer NPUs' firmware.
constexpr const char *kNoElf = "the Phoenix NPU's firmware loads XCLBINs; it knows no ELF form";
constexpr const char *kUseXclbin = "use --aie-generate-xclbin and --aie-generate-npu-insts";
const Refused refused[] = {
    {"xchesscc", "--xchesscc asks for the vendor's proprietary compiler",
     "leave it out: Ashlar compiles cores itself"},
    {"xbridge", "--xbridge asks for the vendor's proprietary linker",
     "leave it out: Ashlar links cores itself"},
    {"aie-generate-elf", kNoElf, kUseXclbin},
    {"generate-full-elf", kNoElf, kUseXclbin},
    {"get-full-elf", kNoElf, kUseXclbin},
    {"get-elf", kNoElf, kUseXclbin},
    {"load-pdi-to-ctrl-pkt", kNoElf, kUseXclbin},
};

const Flag *find(const std::string &name) {
  for (const Flag &flag : flags)
    if (name == flag.name) return &flag;
  return nullptr;
}

bool endsWith(const std::string &path, std::initializer_list<const char *> suffixes) {
  for (const char *s : suffixes)
    if (path.ends_with(s)) return true;
  return false;
}

} // namespace

std::string aieccHelp() {
  std::string out = "usage: aiecc [flags] DESIGN.mlir [object ...]\n";
  for (const Flag &flag : flags)
    if (flag.help)
      out += fmt::format(
          "  --{}{:<{}}  {}\n", flag.name, flag.takes == Takes::Value ? "=VALUE" : "",
          std::max<int>(0, 26 - static_cast<int>(std::string(flag.name).size())), flag.help);
  return out + "Other flags of the vendor's driver are accepted where they change nothing.\n";
}

Result<AieccRequest> parseAiecc(std::span<const std::string> arguments, Diagnostics &warnings) {
  AieccRequest r;
  std::vector<std::string> known;
  for (const Flag &flag : flags) known.emplace_back(flag.name);
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string &argument = arguments[i];
    if (argument.size() < 2 || argument[0] != '-') {
      if (endsWith(argument, {".mlir"}) && r.design.empty())
        r.design = argument;
      else if (endsWith(argument, {".o", ".a", ".ll", ".bc"}))
        r.kernels.push_back(argument);
      else if (r.design.empty() && !endsWith(argument, {".cpp", ".cc", ".c", ".h"}))
        r.design = argument;
      // Host sources are compiled by nobody here, as with --no-compile-host.
      continue;
    }
    std::string name = argument.substr(argument[1] == '-' ? 2 : 1), value;
    const size_t equals = name.find('=');
    bool haveValue = equals != std::string::npos;
    if (haveValue) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    if (argument[1] != '-' && (argument[1] == 'I' || argument[1] == 'D')) {
      std::string rest = argument.substr(2);
      if (rest.empty() && i + 1 < arguments.size()) rest = arguments[++i];
      r.kernelFlags.push_back(argument.substr(0, 2) + rest);
      continue;
    }
    if (argument[1] != '-' && name.size() == 2 && name[0] == 'O') {
      value = name.substr(1);
      name = "O";
      haveValue = true;
    }
    if (argument[1] != '-' && name.size() > 1 && name[0] == 'j' && isdigit(name[1])) continue;
    if (argument[1] != '-' && !haveValue && !find(name) &&
        (name[0] == 'l' || name[0] == 'L' || name[0] == 'W' || name[0] == 'g' || name == "o")) {
      // For the host compiler.
      if (name == "o" || name == "l" || name == "L") ++i;
      continue;
    }
    for (const Refused &no : refused)
      if (name == no.name) return error("unsupported-flag", {}, no.why, no.remedy);
    const Flag *flag = find(name);
    if (!flag) {
      auto nearest = nearestName(name, known);
      warnings.push_back(
          warning("unknown-flag", {}, fmt::format("flag {} is unknown and ignored", argument),
                  nearest ? fmt::format("did you mean --{}?", *nearest) : std::string()));
      continue;
    }
    if (flag->takes == Takes::Value && !haveValue) {
      if (i + 1 >= arguments.size())
        return error("usage", {}, fmt::format("--{} needs a value", name));
      value = arguments[++i];
    }
    if (name == "alloc-scheme") {
      if (value == "basic-sequential")
        r.scheme = lower::AllocScheme::BasicSequential;
      else if (value == "bank-aware")
        r.scheme = lower::AllocScheme::BankAware;
      else
        return error("usage", {}, fmt::format("there is no allocation scheme '{}'", value),
                     "basic-sequential or bank-aware");
    } else if (name == "O") {
      if (value.size() != 1 || value[0] < '0' || value[0] > '3')
        return error("usage", {}, fmt::format("there is no optimisation level '{}'", value),
                     "0 to 3");
      r.optLevel = value[0] - '0';
    } else {
      flag->apply(r, value);
    }
  }
  if (r.design.empty() && !r.help && !r.version)
    return error("usage", {}, "no design is given", "aiecc [flags] DESIGN.mlir");
  // Without a product asked for, the vendor's driver still compiles the cores.
  if (r.tmpdir.empty()) r.tmpdir = std::filesystem::path(r.design).filename().string() + ".prj";
  return r;
}

} // namespace ashlar::cli
