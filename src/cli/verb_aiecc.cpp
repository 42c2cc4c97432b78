// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar aiecc ...`, also run under the name `aiecc`: the vendor driver's command line over our
// build, so that existing makefiles and scripts work unchanged. The same files are left behind
// under the same names.
#include "cli/aiecc_files.h"
#include "cli/aiecc_options.h"
#include "cli/build.h"
#include "cli/resources.h"
#include "cli/verbs.h"

#include <cstdio>
#include <filesystem>
#include <memory>

namespace ashlar::cli {
namespace {

namespace fs = std::filesystem;

struct File {
  fs::path path;
  Bytes data;
};

std::string filled(std::string pattern, const std::string &device, const std::string &sequence) {
  auto replace = [&](const std::string &what, const std::string &with) {
    for (size_t at = pattern.find(what); at != std::string::npos;
         at = pattern.find(what, at + with.size()))
      pattern.replace(at, what.size(), with);
  };
  replace("{0}", device);
  replace("{1}", sequence);
  return pattern;
}

/// The device definitions of several modules' texts in one module.
std::string joined(const std::vector<std::string> &modules) {
  if (modules.size() == 1) return modules[0];
  std::string out = "module {\n";
  for (const std::string &text : modules) {
    const size_t first = text.find('{'), last = text.rfind('}');
    if (first != std::string::npos && last > first)
      out += text.substr(first + 1, last - first - 1).erase(0, 1);
  }
  return out + "}\n";
}

class Aiecc {
public:
  explicit Aiecc(const AieccRequest &request) : r_(request) {}

  int run() {
    char *end = nullptr;
    const unsigned long id = std::strtoul(r_.kernelId.c_str(), &end, 0);
    if (*end || id > 0xFFF) {
      report({error("usage", {}, fmt::format("'{}' is not a kernel id", r_.kernelId),
                    "a number of 12 bits, e.g. 0x901")});
      return kUsage;
    }
    package_.kernelName = r_.kernelName;
    package_.instanceName = r_.instanceName;
    package_.kernelId = static_cast<uint32_t>(id);
    if (!r_.xclbinInput.empty()) {
      auto base = readFile(r_.xclbinInput);
      if (!base.ok()) return report(base.errors());
      package_.base = std::move(*base);
      package_.baseName = r_.xclbinInput;
    }
    std::vector<std::string> devices{r_.deviceName};
    if (r_.deviceName.empty()) {
      // Problems of the text are said by the first build.
      Diagnostics ignored;
      auto design = design::parseFile(r_.design, {}, ignored);
      if (design.ok() && lower::deviceNames(*design).size() > 1)
        devices = lower::deviceNames(*design);
    }
    for (const std::string &device : devices)
      if (const int failed = buildDevice(device); failed != kFine) return failed;
    add(tmp_ / "input_with_addresses.mlir", joined(withAddresses_));
    add(tmp_ / "input_physical.mlir", joined(physical_));
    if (!r_.withoutCores())
      add(tmp_ / (r_.newNames ? "physical_with_elfs.mlir" : "input_physical_with_elfs.mlir"),
          joined(physical_)); // its cores name their ELFs
    add(tmp_ / (r_.newNames ? "npu_lowered.mlir" : "npu_insts.mlir"), joined(insts_));
    if (r_.inputWithAddresses)
      addProduct("input_with_addresses.mlir", "", "", joined(withAddresses_));
    if (r_.insts && !r_.sequenceName.empty() && !sequenceFound_)
      return report({error("no-sequence", Place::at(r_.design),
                           fmt::format("there is no runtime sequence '{}'", r_.sequenceName))});
    report(overwritten_);
    if (r_.dryRun) {
      for (const File &file : files_) std::printf("%s\n", file.path.c_str());
      return kFine;
    }
    return write();
  }

private:
  int buildDevice(const std::string &device) {
    BuildRequest build;
    build.design = r_.design;
    build.kernels = r_.kernels;
    build.kernelOptions.resourceDir = resourceDir();
    build.kernelOptions.optLevel = r_.optLevel;
    build.kernelOptions.flags.push_back(fmt::format("-O{}", r_.optLevel));
    build.kernelOptions.flags.insert(build.kernelOptions.flags.end(), r_.kernelFlags.begin(),
                                     r_.kernelFlags.end());
    build.lowerOptions.scheme = r_.scheme;
    build.lowerOptions.dynamicObjectFifos = r_.dynamicFifos;
    build.lowerOptions.packetObjectFifos = r_.packetFifos;
    build.lowerOptions.controlRoutes = r_.controlRoutes;
    build.lowerOptions.device = device;
    build.lowerOptions.printLowered = true;
    build.packageOptions = package_;
    build.checkIsBinding = !r_.allowFindings;
    if (r_.withoutCores())
      build.stopAfter = Stage::Lower;
    else if (r_.noLink && !r_.needsPrograms())
      build.stopAfter = Stage::Compile;
    // The vendor's linker places code without asking whether the stack suffices.
    build.linkOptions.stackOverflowIsError = false;

    StepTimes times;
    Diagnostics diagnostics;
    std::string compilerText;
    auto built = cli::build(build, times, diagnostics, compilerText);
    // A stream that configures other devices carries their programs.
    if (built.ok() && build.stopAfter != Stage::Package && package::changesDevice(*built->plan)) {
      build.stopAfter = Stage::Package;
      diagnostics.clear();
      built = cli::build(build, times, diagnostics, compilerText);
    }
    std::fputs(compilerText.c_str(), stderr);
    report(diagnostics);
    if (!built.ok()) return report(built.errors());
    if (build.stopAfter != Stage::Package)
      built->products.sequences = package::streams(*built->plan);
    if (const Status chosen = collect(*built, build.stopAfter); !chosen.ok())
      return report(chosen.errors());
    if (r_.verbose)
      for (const StepTime &t : times.rows())
        std::printf("%-16s %8.1f ms\n", t.step.c_str(), t.milliseconds);
    return kFine;
  }

  void add(const fs::path &path, Bytes data) { files_.push_back({path, std::move(data)}); }
  void add(const fs::path &path, const std::string &text) {
    files_.push_back({path, Bytes(text.begin(), text.end())});
  }
  /// A product that the user names. As with the vendor's driver the last of a name stays.
  template <typename Data>
  void addProduct(const std::string &pattern, const std::string &device,
                  const std::string &sequence, Data data) {
    fs::path path = filled(pattern, device, sequence);
    if (!path.is_absolute()) path = fs::path(r_.outputDir) / path;
    for (size_t i = 0; i < files_.size(); ++i) {
      if (files_[i].path != path) continue;
      overwritten_.push_back(
          warning("same-name", {}, fmt::format("{} is written more than once", path.string()),
                  "put {0} into the name, or choose with --device-name and --sequence-name"));
      files_.erase(files_.begin() + static_cast<ptrdiff_t>(i));
      break;
    }
    add(path, std::move(data));
  }

  void addPrograms(const plan::Plan &plan, BuildResult &built) {
    const std::string &dev = plan.name;
    const auto key = [&](device::TileId tile) {
      return fmt::format("{}_core_{}_{}", dev, tile.col, tile.row);
    };
    // The newest driver gives each file of a core a folder of its name.
    const auto path = [&](const char *kind, device::TileId tile, const char *suffix) {
      if (!r_.newNames) return tmp_ / (key(tile) + suffix);
      const std::string name = fmt::format("{}_{}", kind, key(tile));
      return tmp_ / name / (name + suffix);
    };
    for (const plan::Core &core : plan.cores)
      add(path("ldScripts", core.tile, ".ld.script"), linkerScript(plan, core));
    std::string optimized;
    size_t objects = 0;
    for (BuiltCore &core : built.cores) {
      if (!core.device.empty()) continue; // left behind by that device's own build
      optimized += core.optimized;
      if (!core.optimized.empty())
        add(path("opted", core.tile, r_.newNames ? ".ll" : ".opt.ll"), core.optimized);
      if (!core.object.empty()) {
        ++objects;
        if (r_.objects)
          addProduct(fmt::format("objects_{}.o", key(core.tile)), dev, "", core.object);
        add(path("objects", core.tile, ".o"), core.object);
      }
      if (!core.map.empty()) add(path("elfs", core.tile, ".map"), core.map);
      if (core.elf.empty()) continue;
      if (r_.coreElfs) addProduct(fmt::format("elfs_{}.elf", key(core.tile)), dev, "", core.elf);
      add(path("elfs", core.tile, ".elf"), core.elf);
    }
    if (r_.newNames || optimized.empty()) return;
    add(tmp_ / (dev + "_input.opt.ll"), optimized);
    // The vendor's holds all cores; here each has its own.
    if (objects == 1)
      for (const BuiltCore &core : built.cores)
        if (!core.object.empty()) add(tmp_ / (dev + "_input.o"), core.object);
  }

  void addPackage(const plan::Plan &plan, const BuildResult &built) {
    const std::string &dev = plan.name;
    std::error_code ignored;
    const std::string folder = fs::absolute(tmp_, ignored).string();
    const std::pair<const char *, const Bytes &> parts[] = {{"elfs", built.products.cdoElfs},
                                                            {"init", built.products.cdoInit},
                                                            {"enable", built.products.cdoEnable}};
    for (const auto &[part, bytes] : parts) {
      const std::string name = fmt::format("{}_aie_cdo_{}.bin", dev, part);
      add(tmp_ / name, bytes);
      if (r_.cdo && r_.newNames) addProduct(fmt::format("cdo_{}/{}", dev, name), dev, "", bytes);
    }
    const auto name = [&](const char *old, const char *newest, const char *suffix) {
      return tmp_ / (r_.newNames ? fmt::format("{}_{}{}", newest, dev, suffix)
                                 : fmt::format("{}_{}{}", dev, old, suffix));
    };
    add(name("design", "bif", ".bif"), bifText(folder, dev));
    add(tmp_ / (dev + ".pdi"), built.products.pdi);
    add(name("mem_topology", "memTopology", ".json"), memTopologyJson());
    add(name("kernels", "kernels", ".json"), kernelsJson(plan, package_));
    add(name("aie_partition", "partition", ".json"),
        partitionJson(plan, folder + "/" + dev + ".pdi", built.products.uuid,
                      fmt::format("0x{:x}", package_.kernelId)));
    if (r_.xclbin) addProduct(r_.xclbinName, dev, "", built.products.xclbin);
    if (r_.pdi) addProduct(r_.pdiName, dev, "", built.products.pdi);
  }

  Status addTransaction(const plan::Plan &plan, const BuildResult &built) {
    ASHLAR_TRY(plan::RuntimeSequence configure,
               package::configurationSequence(plan, built.products.cdo));
    if (r_.txnName.ends_with(".mlir")) {
      plan::Plan only = plan;
      only.sequences = {std::move(configure)};
      addProduct(r_.txnName, plan.name, "", npuInstsText(only));
      return Ok{};
    }
    ASHLAR_TRY(Bytes stream, package::configurationStream(plan, built.products.cdo));
    addProduct(r_.txnName, plan.name, "", std::move(stream));
    return Ok{};
  }

  Status addControlPackets(const plan::Plan &plan, const BuildResult &built) {
    std::vector<package::CoreElf> elfs;
    for (const BuiltCore &core : built.cores)
      elfs.push_back({core.tile, core.elf,
                      fmt::format("{}_core_{}_{}.elf", plan.name, core.tile.col, core.tile.row)});
    ASHLAR_TRY(const auto all, package::reconfigure(plan, elfs));
    for (const package::Reconfiguration &one : all) {
      if (!r_.sequenceName.empty() && one.name != r_.sequenceName) continue;
      addProduct(r_.controlName, plan.name, one.name, one.packets);
      addProduct(r_.controlStreamName, plan.name, one.name, one.stream);
    }
    return Ok{};
  }

  /// What is to be written of one device. Nothing is touched before all of it is known.
  Status collect(BuildResult &built, Stage last) {
    const plan::Plan &plan = *built.plan;
    const std::string &dev = plan.name;
    withAddresses_.push_back(built.withAddresses);
    physical_.push_back(built.physical);
    insts_.push_back(npuInstsText(plan));
    if (!r_.newNames) {
      std::string modules;
      for (const std::string &text : built.modules) modules += text + "\n";
      add(tmp_ / (dev + "_input.ll"), modules);
    }
    for (size_t i = 0, next = 0; i < plan.cores.size() && next < built.modules.size(); ++i) {
      if (!plan.cores[i].elfFile.empty()) continue;
      const std::string key =
          fmt::format("{}_core_{}_{}", dev, plan.cores[i].tile.col, plan.cores[i].tile.row);
      add(r_.newNames ? tmp_ / ("llvmIR_" + key) / ("llvmIR_" + key + ".ll") : tmp_ / (key + ".ll"),
          built.modules[next++]);
    }
    if (last >= Stage::Compile) addPrograms(plan, built);
    if (last == Stage::Package) {
      addPackage(plan, built);
      if (r_.controlPackets) ASHLAR_CHECK(addControlPackets(plan, built));
      if (r_.txn) ASHLAR_CHECK(addTransaction(plan, built));
    }
    if (!r_.insts) return Ok{};
    for (const package::Sequence &s : built.products.sequences) {
      if (!r_.sequenceName.empty() && s.name != r_.sequenceName) continue;
      sequenceFound_ = true;
      const bool both = r_.newNames && r_.instsName.find("{1}") == std::string::npos;
      addProduct(r_.instsName, both ? dev + "_" + s.name : dev, s.name, s.stream);
    }
    return Ok{};
  }

  int write() {
    for (const File &file : files_) {
      std::error_code failed;
      if (file.path.has_parent_path()) fs::create_directories(file.path.parent_path(), failed);
      if (failed)
        return report({error("file-write", Place::at(file.path.parent_path().string()),
                             "cannot make this folder: " + failed.message())});
      if (const Status status = writeFile(file.path.string(), file.data); !status.ok())
        return report(status.errors());
    }
    return kFine;
  }

  const AieccRequest &r_;
  const fs::path tmp_ = r_.tmpdir;
  package::Options package_;
  std::vector<File> files_;
  std::vector<std::string> withAddresses_, physical_, insts_; ///< a text a device
  Diagnostics overwritten_;
  bool sequenceFound_ = false;
};

} // namespace

std::function<int()> setupAiecc(CLI::App &app) {
  app.prefix_command();
  app.set_help_flag();
  app.footer("The vendor driver's flags; `ashlar aiecc --help` lists them.");
  return [&app]() -> int {
    const std::vector<std::string> arguments = app.remaining();
    Diagnostics warnings;
    auto request = parseAiecc(arguments, warnings);
    report(warnings);
    if (!request.ok()) {
      report(request.errors());
      return request.errors()[0].code == "usage" ? kUsage : kWrong;
    }
    if (request->help) {
      std::fputs(aieccHelp().c_str(), stdout);
      return kFine;
    }
    if (request->version) {
      std::printf("%s\n", versionText().c_str());
      return kFine;
    }
    return Aiecc(*request).run();
  };
}

} // namespace ashlar::cli
