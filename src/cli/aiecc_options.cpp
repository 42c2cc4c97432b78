// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One row a flag: its name, whether a value follows, what it does.
#include "cli/aiecc_options.h"

#include "base/nearest.h"

#include <algorithm>
#include <filesystem>
#include <optional>

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

/// The newest driver's spelling, whose products have other names by default.
using Make = bool AieccRequest::*;
template <Make product> void make(AieccRequest &r, const std::string &) { r.*product = true; }
template <Make product> void get(AieccRequest &r, const std::string &) {
  r.*product = r.newNames = true;
}
template <std::string AieccRequest::*name> void set(AieccRequest &r, const std::string &v) {
  r.*name = v;
}
using R = AieccRequest;

const Flag flags[] = {
    {"aie-generate-xclbin", Takes::Nothing, "write the XCLBIN", make<&R::xclbin>},
    {"get-xclbin", Takes::Nothing, "the same", get<&R::xclbin>},
    {"xclbin-name", Takes::Value, "its name; {0} is the device", set<&R::xclbinName>},
    {"aie-generate-npu-insts", Takes::Nothing, "write the instruction stream", make<&R::insts>},
    {"aie-generate-npu", Takes::Nothing, "the same", make<&R::insts>},
    {"get-npu-insts", Takes::Nothing, "the same; alone, it compiles no core", get<&R::insts>},
    {"npu-insts-name", Takes::Value, "its name; {0} is the device, {1} the sequence",
     set<&R::instsName>},
    {"insts-name", Takes::Value, "the same", set<&R::instsName>},
    {"aie-generate-pdi", Takes::Nothing, "write the PDI", make<&R::pdi>},
    {"get-pdi", Takes::Nothing, "the same", get<&R::pdi>},
    {"pdi-name", Takes::Value, "its name", set<&R::pdiName>},
    {"aie-generate-cdo", Takes::Nothing, "write the CDO files (they are in the temporary folder)",
     make<&R::cdo>},
    {"get-cdo", Takes::Nothing, "write the CDO files to cdo_DEVICE", get<&R::cdo>},
    {"aie-generate-ctrlpkt", Takes::Nothing,
     "write the configuration as control packets, and the stream that sends them and then runs",
     [](R &r, const std::string &) { r.controlPackets = r.controlRoutes = true; }},
    {"get-ctrlpkt", Takes::Nothing, "the same",
     [](R &r, const std::string &) { r.controlPackets = r.controlRoutes = r.newNames = true; }},
    {"ctrlpkt-name", Takes::Value, "name of the control packets' file", set<&R::controlName>},
    {"ctrlpkt-dma-seq-name", Takes::Value, "name of their stream", set<&R::controlStreamName>},
    {"generate-ctrl-pkt-overlay", Takes::Nothing,
     "routes for control packets to every tile (what a base XCLBIN for --aie-generate-ctrlpkt has)",
     make<&R::controlRoutes>},
    {"aie-generate-txn", Takes::Nothing,
     "write the configuration as a runtime sequence (.mlir) or its stream (.bin)", make<&R::txn>},
    {"get-txn", Takes::Nothing, "the same", get<&R::txn>},
    {"txn-name", Takes::Value, "its name", set<&R::txnName>},
    {"get-core-elfs", Takes::Nothing, "write the cores' programs", get<&R::coreElfs>},
    {"get-input-with-addresses", Takes::Nothing, "write the design with addresses",
     get<&R::inputWithAddresses>},
    {"aie-generate-input-with-addresses", Takes::Nothing, "the same", get<&R::inputWithAddresses>},
    {"get", Takes::Value, "products by the newest driver's names, e.g. elfs_{0}.elf,objects_{0}.o",
     nullptr},
    {"g", Takes::Value, "the same", nullptr},
    {"xclbin-input", Takes::Value, "add the kernel to this XCLBIN", set<&R::xclbinInput>},
    {"nv", Takes::Nothing, "-n and -v",
     [](R &r, const std::string &) { r.dryRun = r.verbose = true; }},
    {"alloc-scheme", Takes::Value, "basic-sequential or bank-aware", nullptr},
    {"dynamic-objFifos", Takes::Nothing, "do not unroll loops for object FIFOs",
     make<&R::dynamicFifos>},
    {"packet-sw-objFifos", Takes::Nothing, "object FIFOs over packet-switched routes",
     make<&R::packetFifos>},
    {"xclbin-kernel-name", Takes::Value, "the kernel's name", set<&R::kernelName>},
    {"xclbin-kernel-id", Takes::Value, "the kernel's id", set<&R::kernelId>},
    {"xclbin-instance-name", Takes::Value, "the instance's name", set<&R::instanceName>},
    {"tmpdir", Takes::Value, "folder for intermediate files", set<&R::tmpdir>},
    {"output-dir", Takes::Value, "folder for the products", set<&R::outputDir>},
    {"device-name", Takes::Value, "which aie.device to build; all without it", set<&R::deviceName>},
    {"sequence-name", Takes::Value, "which runtime sequence to write", set<&R::sequenceName>},
    {"O", Takes::Value, "optimisation level", nullptr},
    {"opt-level", Takes::Value, "the same", nullptr},
    {"no-compile", Takes::Nothing, "with the instruction stream alone: compile no core",
     make<&R::noCompile>},
    {"no-link", Takes::Nothing, "with no other product: stop at the cores' objects",
     make<&R::noLink>},
    {"allow-findings", Takes::Nothing,
     "what Ashlar's checks find wrong is reported, and the products are written all the same",
     make<&R::allowFindings>},
    {"v", Takes::Nothing, "say what is done", make<&R::verbose>},
    {"verbose", Takes::Nothing, "the same", make<&R::verbose>},
    {"n", Takes::Nothing, "do everything but write nothing", make<&R::dryRun>},
    {"help", Takes::Nothing, "this text", make<&R::help>},
    {"h", Takes::Nothing, "this text", make<&R::help>},
    {"version", Takes::Nothing, "the version", make<&R::version>},
    {"aie-version", Takes::Nothing, "the same", make<&R::version>},
    // Of no effect: one compiler, one linker, one object a core, no host program, no simulator of
    // the vendor's, no tools to be found.
    {"no-xchesscc", Takes::Nothing, nullptr, nothing},
    {"no-xbridge", Takes::Nothing, nullptr, nothing},
    {"compile", Takes::Nothing, nullptr, nothing},
    {"link", Takes::Nothing, nullptr, nothing},
    {"compile-host", Takes::Nothing, nullptr, nothing},
    {"no-compile-host", Takes::Nothing, nullptr, nothing},
    {"no-aiesim", Takes::Nothing, nullptr, nothing},
    {"unified", Takes::Nothing, nullptr, nothing},
    {"no-unified", Takes::Nothing, nullptr, nothing},
    {"vectorize", Takes::Nothing, nullptr, nothing},
    {"peano", Takes::Value, nullptr, nothing},
    {"peano-install-dir", Takes::Value, nullptr, nothing},
    {"sysroot", Takes::Value, nullptr, nothing},
    {"host-target", Takes::Value, nullptr, nothing},
    {"j", Takes::Value, nullptr, nothing},
    {"nthreads", Takes::Value, nullptr, nothing},
    {"profile", Takes::Nothing, nullptr, nothing},
    {"progress", Takes::Nothing, nullptr, nothing},
    {"no-progress", Takes::Nothing, nullptr, nothing},
    {"link_against_hsa", Takes::Nothing, nullptr, nothing},
    {"dump-intermediates", Takes::Nothing, nullptr, nothing},
    {"enable-repeater-scripts", Takes::Nothing, nullptr, nothing},
    {"disable-repeater-scripts", Takes::Nothing, nullptr, nothing},
    {"repeater-output-dir", Takes::Value, nullptr, nothing},
    {"xclbinutil-path", Takes::Value, nullptr, nothing},
    {"elf-name", Takes::Value, nullptr, nothing},
    {"full-elf-name", Takes::Value, nullptr, nothing},
    {"ctrlpkt-elf-name", Takes::Value, nullptr, nothing},
    {"aietools", Takes::Value, nullptr, nothing},
    {"aie-target", Takes::Value, nullptr, nothing},
    {"sa-seed", Takes::Value, nullptr, nothing},
    {"no-materialize", Takes::Nothing, nullptr, nothing},
    {"expand-load-pdis", Takes::Nothing, nullptr, nothing},
    // Off is what these do here anyway; on is refused below.
    {"fold-ddr-addr-offset", Takes::Nothing, nullptr, nothing},
};

/// Flags that ask for something that is left out, and what that means.
struct LeftOut {
  const char *name;
  Takes takes;
  const char *what;
};
const LeftOut leftOut[] = {
    {"aiesim", Takes::Nothing,
     "no folder for the vendor's simulator is written: `ashlar run` "
     "emulates the package"},
    {"get-aiesim", Takes::Nothing,
     "no folder for the vendor's simulator is written: `ashlar run` "
     "emulates the package"},
    {"get-host", Takes::Nothing, "host programs are compiled by your own compiler"},
    {"get-locmap", Takes::Nothing, "`ashlar inspect` says what each operation of a stream does"},
    {"keep-loc", Takes::Nothing, "`ashlar inspect` says what each operation of a stream does"},
    {"get-scratchpad-parameters", Takes::Nothing, "the Phoenix NPU has no scratchpad parameters"},
    {"emit-scratchpad-parameters", Takes::Nothing, "the Phoenix NPU has no scratchpad parameters"},
    {"bf16-emulation", Takes::Nothing, "f32 arithmetic stays f32"},
    {"placer", Takes::Value, "logical tiles are placed one after the other"},
    {"cores-per-col", Takes::Value, "logical tiles are placed one after the other"},
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
    {"aie-generate-airbin", "an airbin is for Versal devices", kUseXclbin},
    {"emit-dot", "Ashlar's build has no graph to draw", "--v prints its steps and their times"},
    {"cut", "Ashlar keeps no checkpoints", "build again: it takes about a second"},
    {"checkpoint", "Ashlar keeps no checkpoints", "build again: it takes about a second"},
    {"resume", "Ashlar keeps no checkpoints", "build again: it takes about a second"},
    {"load-pdi-to-ctrl-pkt", kNoElf, kUseXclbin},
};

const Flag *find(const std::string &name) {
  for (const Flag &flag : flags)
    if (name == flag.name) return &flag;
  return nullptr;
}

std::optional<bool> truth(const std::string &word) {
  for (const char *yes : {"true", "TRUE", "True", "1"})
    if (word == yes) return true;
  for (const char *no : {"false", "FALSE", "False", "0"})
    if (word == no) return false;
  return std::nullopt;
}

/// The newest driver's names of products, as `--get=` takes them.
Status getProducts(AieccRequest &r, const std::string &list) {
  static const std::pair<const char *, Make> known[] = {
      {"input_with_addresses.mlir", &R::inputWithAddresses},
      {"elfs_{0}.elf", &R::coreElfs},
      {"objects_{0}.o", &R::objects},
      {"insts_{0}.bin", &R::insts},
      {"cdo_{0}", &R::cdo},
      {"{0}.pdi", &R::pdi},
      {"{0}_transaction.mlir", &R::txn},
      {"aie.xclbin", &R::xclbin},
  };
  r.newNames = true;
  std::vector<std::string> names;
  for (const auto &[name, product] : known) names.emplace_back(name);
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.find(',', at), list.size());
    const std::string word = list.substr(at, end - at);
    at = end + 1;
    const auto *it = std::find_if(std::begin(known), std::end(known),
                                  [&](const auto &k) { return word == k.first; });
    if (it == std::end(known))
      return error("usage", {}, fmt::format("--get knows no product '{}'", word),
                   fmt::format("one of {}", fmt::join(names, ", ")));
    r.*it->second = true;
  }
  return Ok{};
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
    if (argument == "--") break; // the rest is for the host compiler
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
    const Flag *flag = find(name);
    bool on = true;
    if (haveValue && (!flag || flag->takes == Takes::Nothing)) {
      const std::optional<bool> said = truth(value);
      if (flag && !said)
        return error("usage", {}, fmt::format("--{} is true or false, not '{}'", name, value));
      on = said.value_or(true);
    }
    if (name == "fold-ddr-addr-offset" && !on)
      return error("unsupported-flag", {},
                   "--fold-ddr-addr-offset=false is for another runtime than XRT, which adds the "
                   "NPU's address of host memory itself",
                   "leave it out");
    if (on)
      for (const Refused &no : refused)
        if (name == no.name) return error("unsupported-flag", {}, no.why, no.remedy);
    if (const auto *left = std::find_if(std::begin(leftOut), std::end(leftOut),
                                        [&](const LeftOut &l) { return name == l.name; });
        left != std::end(leftOut)) {
      if (left->takes == Takes::Value && !haveValue) ++i;
      if (on)
        warnings.push_back(warning("flag-without-effect", {},
                                   fmt::format("{} is left out: {}", argument, left->what)));
      continue;
    }
    if (!on) continue;
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
    } else if (name == "get" || name == "g") {
      ASHLAR_CHECK(getProducts(r, value));
    } else if (name == "O" || name == "opt-level") {
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
  const auto fill = [&](std::string &name, const char *old, const char *newest) {
    if (name.empty()) name = r.newNames ? newest : old;
  };
  fill(r.xclbinName, "{0}.xclbin", "aie.xclbin");
  fill(r.instsName, "{0}_{1}.bin", "insts_{0}.bin");
  fill(r.pdiName, "{0}.pdi", "{0}.pdi");
  fill(r.txnName, "{0}_transaction.mlir", "{0}_transaction.mlir");
  fill(r.controlName, "{0}_{1}_ctrlpkt.bin", "{0}_ctrlpkt.bin");
  fill(r.controlStreamName, "{0}_{1}_ctrlpkt_dma_seq.bin", "{0}_ctrlpkt_dma_seq.bin");
  if (r.tmpdir.empty()) r.tmpdir = std::filesystem::path(r.design).filename().string() + ".prj";
  return r;
}

} // namespace ashlar::cli
