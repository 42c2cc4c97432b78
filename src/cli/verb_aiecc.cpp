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

class Aiecc {
public:
  explicit Aiecc(const AieccRequest &request) : r_(request) {}

  int run() {
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
    build.lowerOptions.device = r_.deviceName;
    build.lowerOptions.printLowered = true;
    build.packageOptions.kernelName = r_.kernelName;
    build.packageOptions.instanceName = r_.instanceName;
    char *end = nullptr;
    const unsigned long id = std::strtoul(r_.kernelId.c_str(), &end, 0);
    if (*end || id > 0xFFF) {
      report({error("usage", {}, fmt::format("'{}' is not a kernel id", r_.kernelId),
                    "a number of 12 bits, e.g. 0x901")});
      return kUsage;
    }
    build.packageOptions.kernelId = static_cast<uint32_t>(id);
    if (!r_.xclbinInput.empty()) {
      auto base = readFile(r_.xclbinInput);
      if (!base.ok()) return report(base.errors());
      build.packageOptions.base = std::move(*base);
      build.packageOptions.baseName = r_.xclbinInput;
    }
    // The vendor's linker places code without asking whether the stack suffices.
    build.linkOptions.stackOverflowIsError = false;

    StepTimes times;
    Diagnostics diagnostics;
    std::string compilerText;
    auto built = cli::build(build, times, diagnostics, compilerText);
    std::fputs(compilerText.c_str(), stderr);
    report(diagnostics);
    if (!built.ok()) return report(built.errors());
    if (const Status chosen = collect(*built); !chosen.ok()) return report(chosen.errors());
    if (r_.verbose)
      for (const StepTime &t : times.rows())
        std::printf("%-16s %8.1f ms\n", t.step.c_str(), t.milliseconds);
    if (r_.dryRun) {
      for (const File &file : files_) std::printf("%s\n", file.path.c_str());
      return kFine;
    }
    return write();
  }

private:
  void add(const fs::path &path, Bytes data) { files_.push_back({path, std::move(data)}); }
  void add(const fs::path &path, const std::string &text) {
    files_.push_back({path, Bytes(text.begin(), text.end())});
  }

  /// What is to be written. Nothing is touched before all of it is known.
  Status collect(BuildResult &built) {
    const plan::Plan &plan = *built.plan;
    const std::string &dev = plan.name;
    const fs::path tmp = r_.tmpdir, out = r_.outputDir;
    std::error_code ignored;
    const std::string absolute = fs::absolute(tmp, ignored).string();
    package::Options options;
    options.kernelName = r_.kernelName;
    options.instanceName = r_.instanceName;
    options.kernelId = static_cast<uint32_t>(std::strtoul(r_.kernelId.c_str(), nullptr, 0));
    add(tmp / "input_with_addresses.mlir", built.withAddresses);
    add(tmp / "input_physical.mlir", built.physical);
    add(tmp / "input_physical_with_elfs.mlir", built.physical); // its cores name their ELFs
    add(tmp / "npu_insts.mlir", npuInstsText(plan));
    std::string modules;
    for (const std::string &text : built.modules) modules += text + "\n";
    add(tmp / (dev + "_input.ll"), modules);
    for (const plan::Core &core : plan.cores)
      add(tmp / fmt::format("{}_core_{}_{}.ld.script", dev, core.tile.col, core.tile.row),
          linkerScript(plan, core));
    for (BuiltCore &core : built.cores) {
      const std::string name = fmt::format("{}_core_{}_{}", dev, core.tile.col, core.tile.row);
      if (!core.object.empty()) add(tmp / (name + ".o"), core.object);
      if (!core.map.empty()) add(tmp / (name + ".map"), core.map);
      add(tmp / (name + ".elf"), core.elf);
    }
    add(tmp / (dev + "_aie_cdo_elfs.bin"), built.products.cdoElfs);
    add(tmp / (dev + "_aie_cdo_init.bin"), built.products.cdoInit);
    add(tmp / (dev + "_aie_cdo_enable.bin"), built.products.cdoEnable);
    add(tmp / (dev + "_design.bif"), bifText(absolute, dev));
    add(tmp / (dev + ".pdi"), built.products.pdi);
    add(tmp / (dev + "_mem_topology.json"), memTopologyJson());
    add(tmp / (dev + "_kernels.json"), kernelsJson(plan, options));
    add(tmp / (dev + "_aie_partition.json"),
        partitionJson(plan, absolute + "/" + dev + ".pdi", built.products.uuid,
                      fmt::format("0x{:x}", options.kernelId)));
    auto product = [&](const std::string &pattern, const std::string &sequence) {
      const fs::path name = filled(pattern, dev, sequence);
      return name.is_absolute() ? name : out / name;
    };
    if (r_.xclbin) add(product(r_.xclbinName, ""), built.products.xclbin);
    if (r_.pdi) add(product(r_.pdiName, ""), built.products.pdi);
    if (r_.controlPackets) {
      std::vector<package::CoreElf> elfs;
      for (const BuiltCore &core : built.cores)
        elfs.push_back({core.tile, core.elf,
                        fmt::format("{}_core_{}_{}.elf", dev, core.tile.col, core.tile.row)});
      ASHLAR_TRY(const auto all, package::reconfigure(plan, elfs));
      for (const package::Reconfiguration &one : all) {
        if (!r_.sequenceName.empty() && one.name != r_.sequenceName) continue;
        add(product(r_.controlName, one.name), one.packets);
        add(product(r_.controlStreamName, one.name), one.stream);
      }
    }
    if (r_.txn) {
      ASHLAR_TRY(Bytes stream, package::configurationStream(plan, built.products.cdo));
      add(product(r_.txnName, ""), std::move(stream));
    }
    if (r_.insts) {
      bool found = r_.sequenceName.empty();
      for (const package::Sequence &s : built.products.sequences) {
        if (!r_.sequenceName.empty() && s.name != r_.sequenceName) continue;
        found = true;
        add(product(r_.instsName, s.name), s.stream);
      }
      if (!found)
        return error("no-sequence", Place::at(r_.design),
                     fmt::format("there is no runtime sequence '{}'", r_.sequenceName));
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
  std::vector<File> files_;
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
