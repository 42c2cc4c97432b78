// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar build DESIGN.mlir [KERNEL ...] [-o DIR]`: the whole compilation, and its products in one
// folder. The folder is touched only when everything has worked.
#include "cli/build.h"
#include "cli/diagnostics_json.h"
#include "cli/resources.h"
#include "cli/verbs.h"
#include "plan/text.h"

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

namespace ashlar::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Arguments {
  BuildRequest request;
  std::string output, optLevel = "2", scheme = "auto", stopAfter = "package";
  std::vector<std::string> defines, includes, flags, sequenceArgs;
  bool time = false, json = false, allowStackOverflow = false;
};

struct OutputFile {
  std::string name;
  Bytes data;
};
Bytes bytesOf(std::string_view text) { return Bytes(text.begin(), text.end()); }
std::string coreName(device::TileId tile, const std::string &device) {
  return fmt::format("{}{}core_{}_{}", device, device.empty() ? "" : "_", tile.col, tile.row);
}

/// What goes into the folder, by the stage that was reached.
std::vector<OutputFile> outputFiles(const BuildResult &result, Stage reached) {
  std::vector<OutputFile> files;
  if (reached == Stage::Design) return {{"main.mlir", bytesOf(result.canonicalDesign)}};
  files.push_back({"plan.json", bytesOf(plan::print(*result.plan))});
  for (size_t i = 0; i < result.modules.size(); ++i)
    files.push_back({fmt::format("core_{}.ll", i), bytesOf(result.modules[i])});
  for (const BuiltCore &core : result.cores) {
    const std::string name = coreName(core.tile, core.device);
    if (reached == Stage::Compile) files.push_back({name + ".o", core.object});
    if (!core.elf.empty()) files.push_back({name + ".elf", core.elf});
    if (!core.map.empty()) files.push_back({name + ".map", bytesOf(core.map)});
  }
  if (reached == Stage::Compile)
    for (const link::Input &kernel : result.kernels)
      files.push_back({fs::path(kernel.name).stem().string() + ".o", kernel.data});
  if (reached != Stage::Package) return files;
  files.push_back({"main.pdi", result.products.pdi});
  files.push_back({"main.xclbin", result.products.xclbin});
  const bool one = result.products.sequences.size() == 1;
  for (const package::Sequence &s : result.products.sequences)
    files.push_back({one ? "main.insts.bin" : s.name + ".insts.bin", s.stream});
  return files;
}

/// Names of what a build of this plan leaves, so that none of it outlives the plan.
std::vector<std::string> productsOf(const plan::Plan &plan) {
  std::vector<std::string> names{"main.pdi", "main.xclbin"};
  for (const plan::Plan *device : plan::devicesOf(plan))
    for (const plan::Core &core : device->cores)
      for (const char *kind : {".elf", ".map", ".o"})
        names.push_back(coreName(core.tile, device == &plan ? "" : device->name) + kind);
  for (const plan::RuntimeSequence &s : plan.sequences)
    names.push_back(plan.sequences.size() == 1 ? "main.insts.bin" : s.name + ".insts.bin");
  return names;
}

/// What an earlier build left in the folder and this one does not write: it would be taken for a
/// part of the new package. Files that the earlier plan does not name are not ours.
std::vector<fs::path> outdated(const fs::path &directory, const std::vector<OutputFile> &files) {
  std::vector<fs::path> paths;
  const fs::path earlier = directory / "plan.json";
  std::error_code failed;
  if (!fs::exists(earlier, failed)) return paths;
  auto text = readTextFile(earlier.string());
  if (!text.ok()) return paths;
  auto plan = plan::parse(*text, earlier.string());
  if (!plan.ok()) return paths;
  for (const std::string &name : productsOf(*plan))
    if (std::ranges::none_of(files, [&](const OutputFile &f) { return f.name == name; }))
      paths.push_back(directory / name);
  return paths;
}

/// All or nothing: what this run has created is removed again when a later file fails.
Status writeAll(const std::string &directory, const std::vector<OutputFile> &files) {
  std::error_code failed;
  const bool existed = fs::is_directory(directory, failed);
  fs::create_directories(directory, failed);
  if (failed)
    return error("file-write", Place::at(directory), "cannot make this folder: " + failed.message(),
                 "choose another with -o");
  const std::vector<fs::path> old = outdated(directory, files);
  std::vector<fs::path> written;
  for (const OutputFile &file : files) {
    const fs::path path = fs::path(directory) / file.name;
    Status status = writeFile(path.string(), file.data);
    if (status.ok()) {
      written.push_back(path);
      continue;
    }
    for (const fs::path &p : written) fs::remove(p, failed);
    if (!existed) fs::remove(directory, failed);
    return status;
  }
  for (const fs::path &p : old) fs::remove(p, failed);
  return Ok{};
}

Json jsonOf(const BuildResult &result) {
  Json cores = Json::array();
  for (const BuiltCore &core : result.cores) {
    if (core.map.empty()) continue;
    cores.push_back({{"tile", {core.tile.col, core.tile.row}},
                     {"program_bytes", core.linked.programBytes},
                     {"program_limit", device::kProgramMemoryBytes},
                     {"data_bytes", core.linked.dataBytes},
                     {"data_end", core.linked.dataEnd},
                     {"stack_need", core.linked.stack.bytes},
                     {"stack_size", core.stackSize}});
  }
  return cores;
}

void printJson(const Arguments &a, bool ok, const BuildResult *result,
               const std::vector<OutputFile> &files, const StepTimes &times,
               const Diagnostics &diagnostics, const std::string &compilerText) {
  Json all{{"ok", ok}, {"output", a.output}};
  Json names = Json::array(), steps = Json::array();
  for (const OutputFile &f : files) names.push_back({{"name", f.name}, {"bytes", f.data.size()}});
  for (const StepTime &t : times.rows())
    steps.push_back({{"step", t.step}, {"ms", t.milliseconds}});
  all["files"] = names;
  all["steps"] = steps;
  all["cores"] = result ? jsonOf(*result) : Json::array();
  if (result) all["uuid"] = result->products.uuid;
  all["diagnostics"] = listOf(diagnostics);
  all["compiler"] = compilerText;
  std::printf("%s\n", all.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

void printTimes(const StepTimes &times) {
  double total = 0;
  for (const StepTime &t : times.rows()) {
    std::printf("%-16s %8.1f ms\n", t.step.c_str(), t.milliseconds);
    total += t.milliseconds;
  }
  std::printf("%-16s %8.1f ms\n", "total", total);
}

Status readArguments(Arguments &a) {
  for (const std::string &text : a.sequenceArgs) {
    const size_t equals = text.find('=');
    int index = 0;
    int64_t value = 0;
    auto number = [](std::string_view digits, auto &out) {
      const char *end = digits.data() + digits.size();
      auto [at, wrong] = std::from_chars(digits.data(), end, out);
      return wrong == std::errc() && at == end;
    };
    if (equals == std::string::npos || !number(std::string_view(text).substr(0, equals), index) ||
        !number(std::string_view(text).substr(equals + 1), value))
      return error("usage", {}, fmt::format("--sequence-arg {} is not INDEX=VALUE", text));
    a.request.lowerOptions.sequenceArguments[index] = value;
  }
  BuildRequest &r = a.request;
  if (a.output.empty()) a.output = fs::path(r.design).stem().string() + ".out";
  r.kernelOptions.resourceDir = resourceDir();
  r.kernelOptions.optLevel = a.optLevel == "s" || a.optLevel == "z" ? 2 : a.optLevel[0] - '0';
  r.kernelOptions.flags.push_back("-O" + a.optLevel);
  for (const std::string &d : a.defines) r.kernelOptions.flags.push_back("-D" + d);
  for (const std::string &i : a.includes) r.kernelOptions.flags.push_back("-I" + i);
  r.kernelOptions.flags.insert(r.kernelOptions.flags.end(), a.flags.begin(), a.flags.end());
  if (a.scheme == "bank-aware") r.lowerOptions.scheme = lower::AllocScheme::BankAware;
  if (a.scheme == "basic-sequential") r.lowerOptions.scheme = lower::AllocScheme::BasicSequential;
  r.linkOptions.stackOverflowIsError = !a.allowStackOverflow;
  if (a.stopAfter == "design") r.stopAfter = Stage::Design;
  if (a.stopAfter == "lower") r.stopAfter = Stage::Lower;
  if (a.stopAfter == "compile") r.stopAfter = Stage::Compile;
  if (a.stopAfter == "link") r.stopAfter = Stage::Link;
  const std::string &name = r.parseOptions.device;
  if (!name.empty() && !device::deviceColumns(name))
    return error("unknown-device", {}, fmt::format("--device {} is not a device of Phoenix", name),
                 "use npu1, npu1_1col, npu1_2col or npu1_3col");
  return Ok{};
}

int runBuild(Arguments &a) {
  if (const Status status = readArguments(a); !status.ok()) {
    report(status.errors());
    return kUsage;
  }
  StepTimes times;
  Diagnostics diagnostics;
  std::string compilerText;
  auto result = build(a.request, times, diagnostics, compilerText);
  std::vector<OutputFile> files;
  bool ok = result.ok();
  if (ok) {
    files = outputFiles(*result, a.request.stopAfter);
    const Status written = times.measure("write", [&] { return writeAll(a.output, files); });
    ok = written.ok();
    if (!ok)
      diagnostics.insert(diagnostics.end(), written.errors().begin(), written.errors().end());
  } else {
    // Clang's own messages say what could not be compiled.
    for (const Diagnostic &d : result.errors())
      if (d.code != "compile-failed" || compilerText.empty()) diagnostics.push_back(d);
  }
  if (a.json) {
    printJson(a, ok, ok ? &*result : nullptr, files, times, diagnostics, compilerText);
    return ok ? kFine : kWrong;
  }
  std::fputs(compilerText.c_str(), stderr);
  report(diagnostics);
  if (a.time) printTimes(times);
  return ok ? kFine : kWrong;
}

} // namespace

std::function<int()> setupBuild(CLI::App &app) {
  auto a = std::make_shared<Arguments>();
  app.add_option("DESIGN", a->request.design, "the dataflow design, MLIR text")->required();
  app.add_option("KERNEL", a->request.kernels,
                 "kernels: sources (.cc .cpp .c .ll .bc), objects, archives");
  app.add_option("-o,--output", a->output,
                 "folder for the products; default: DESIGN's name + .out");
  app.add_option("-O", a->optLevel, "optimisation: 0, 1, 2, 3, s or z")
      ->check(CLI::IsMember({"0", "1", "2", "3", "s", "z"}))
      ->capture_default_str();
  app.add_option("-D", a->defines, "macro for the kernels: NAME or NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("-I", a->includes, "include folder for the kernels")->allow_extra_args(false);
  app.add_flag_callback(
      "-g",
      [a] {
        a->flags.push_back("-g");
        a->request.lowerOptions.debug = true;
      },
      "debug information of kernels and cores: profiles and reports of a run by source line");
  app.add_option("--cflag", a->flags,
                 "any other Clang flag for the kernels, e.g. --cflag=-std=c++17")
      ->allow_extra_args(false);
  app.add_option("--device", a->request.parseOptions.device,
                 "device for designs that leave it open (NPUDEVICE): npu1, npu1_1col ...");
  app.add_option("--device-name", a->request.lowerOptions.device,
                 "which aie.device to build, when the file has several");
  app.add_option("--sequence-arg", a->sequenceArgs,
                 "INDEX=VALUE: what a scalar argument of the runtime sequence is; the package is "
                 "the same for all values, the stream is not")
      ->allow_extra_args(false);
  app.add_option("--alloc-scheme", a->scheme, "placing of buffers")
      ->check(CLI::IsMember({"auto", "bank-aware", "basic-sequential"}))
      ->capture_default_str();
  app.add_flag("--dynamic-objFifos", a->request.lowerOptions.dynamicObjectFifos,
               "do not unroll loops for object FIFOs");
  app.add_flag("--allow-stack-overflow", a->allowStackOverflow,
               "a stack that may not suffice is a warning");
  app.add_flag("!--allow-findings", a->request.checkIsBinding,
               "what the checks find wrong is reported, and the package is written all the same");
  app.add_option("--stop-after", a->stopAfter, "the last stage to run; its products are kept")
      ->check(CLI::IsMember({"design", "lower", "compile", "link", "package"}))
      ->capture_default_str();
  app.add_flag("--time", a->time, "print the time of each stage");
  app.add_flag("--json", a->json, "print the outcome as JSON");
  return [a] { return runBuild(*a); };
}

} // namespace ashlar::cli
