// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The stages of a build in order. Kernels named on the command line are compiled on a thread of
// their own from the first moment on, while the design is read and lowered: which of them a core
// needs is not known before, but all that are named are wanted by somebody.
#include "cli/build.h"

#include "analysis/analysis.h"
#include "assembler/assembler.h"
#include "base/demangle.h"
#include "cli/resources.h"
#include "codegen/codegen.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <future>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>
#include <set>

namespace ashlar::cli {
namespace {

struct CompiledKernel {
  std::optional<Result<link::Input>> input;
  Diagnostics warnings;
  std::string text;
};

class Builder {
public:
  Builder(const BuildRequest &request, StepTimes &times, Diagnostics &warnings, std::string &text)
      : request_(request), times_(times), warnings_(warnings), text_(text) {}

  Result<BuildResult> run() {
    startKernels();
    auto built = stages();
    waitForKernels();
    if (!built.ok()) return std::move(built).errors();
    return std::move(result_);
  }

private:
  bool done(Stage stage) const { return request_.stopAfter == stage; }

  Status stages() {
    // The design as written. From here on no text is looked at again.
    ASHLAR_TRY(const design::Design design, times_.measure("design", [&] { return parse(); }));
    if (done(Stage::Design)) {
      result_.canonicalDesign = design::printCanonical(design);
      return Ok{};
    }
    const size_t before = warnings_.size();
    Status linked = lowerToLink(design, request_.lowerOptions);
    if (!linked.ok() && wantsPacking(linked.errors())) {
      // Spread over the banks, the buffers leave no room for the program's own data; one after the
      // other they may.
      lower::Options packed = request_.lowerOptions;
      packed.scheme = lower::AllocScheme::BasicSequential;
      result_.cores.clear();
      warnings_.resize(before); // they would come again
      const Status again = lowerToLink(design, packed);
      if (again.ok() || !hasCode(again.errors(), "data-memory")) linked = again;
    }
    ASHLAR_CHECK(std::move(linked));
    if (request_.stopAfter != Stage::Package) return Ok{};
    // What the NPU loads and what its controller runs.
    ASHLAR_CHECK(times_.measure("package", [&] { return packageAll(); }));
    // What has been built, looked at as a stranger's package would be.
    return times_.measure("check", [&] { return checkAll(); });
  }

  static bool hasCode(const Diagnostics &all, std::string_view code) {
    return std::any_of(all.begin(), all.end(), [&](const Diagnostic &d) { return d.code == code; });
  }
  /// Only data memory is short, and nobody has said how buffers must lie.
  bool wantsPacking(const Diagnostics &errors) const {
    return request_.lowerOptions.scheme == lower::AllocScheme::Auto &&
           std::all_of(errors.begin(), errors.end(),
                       [](const Diagnostic &d) { return d.code == "data-memory"; });
  }

  Status lowerToLink(const design::Design &design, const lower::Options &options) {
    // Every decision about the array. From here on the plan does not change.
    ASHLAR_TRY(lower::Lowered lowered, times_.measure("lower", [&] {
      return lower::lower(design, options, context_, warnings_);
    }));
    result_.plan = std::move(lowered.plan);
    result_.withAddresses = std::move(lowered.withAddresses);
    result_.physical = std::move(lowered.physical);
    if (done(Stage::Lower) || request_.lowerOptions.printLowered)
      for (const lower::CoreModule &core : lowered.cores)
        result_.modules.push_back(moduleText(*core.module));
    if (done(Stage::Lower)) return Ok{};
    // Machine code of the cores' bodies, and of the kernels they call.
    ASHLAR_CHECK(times_.measure("compile cores", [&] { return compileCores(lowered); }));
    if (result_.kernels.empty())
      ASHLAR_CHECK(times_.measure("compile kernels", [&] { return compileKernels(); }));
    if (done(Stage::Compile)) return Ok{};
    // One program a core. From here on code and data have their addresses.
    return times_.measure("link", [&] { return linkCores(); });
  }

  Result<design::Design> parse() {
    return design::parseFile(request_.design, request_.parseOptions, warnings_);
  }
  static std::string moduleText(const llvm::Module &module) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    module.print(stream, nullptr);
    return text;
  }

  /// One thread compiles the command line's kernels one after the other.
  void startKernels() {
    if (request_.stopAfter < Stage::Compile) return;
    early_.resize(request_.kernels.size());
    kernelThread_ = std::async(std::launch::async, [this] {
      for (size_t i = 0; i < early_.size(); ++i)
        early_[i].input.emplace(makeKernel(request_.kernels[i], request_.kernelOptions,
                                           early_[i].warnings, early_[i].text));
    });
  }
  void waitForKernels() {
    if (kernelThread_.valid()) kernelThread_.get();
  }

  Status compileCores(lower::Lowered &lowered) {
    for (const lower::CoreModule &core : lowered.cores) {
      codegen::Options options;
      options.optLevel = request_.kernelOptions.optLevel;
      options.optimized = request_.lowerOptions.printLowered;
      options.reproducer = reproducerPath(core.module->getModuleIdentifier());
      ASHLAR_TRY(codegen::Output output, codegen::compile(*core.module, options, warnings_));
      BuiltCore built;
      built.tile = core.tile;
      built.device = core.device;
      built.object = std::move(output.object);
      built.assembly = std::move(output.assembly);
      built.optimized = std::move(output.optimized);
      result_.cores.push_back(std::move(built));
    }
    return Ok{};
  }

  Status compileKernels() {
    std::vector<std::string> names;
    Place place = Place::at(request_.design);
    for (const plan::Plan *device : plan::devicesOf(*result_.plan))
      for (const plan::Core &core : device->cores)
        for (const std::string &name : core.linkWith)
          if (std::find(names.begin(), names.end(), name) == names.end()) {
            if (names.empty() && core.place.known()) place = core.place;
            names.push_back(name);
          }
    ASHLAR_TRY(choice_, chooseKernels(names, request_.kernels, request_.design, place, warnings_,
                                      request_.standIns ? &missingKernels_ : nullptr));
    waitForKernels();
    Diagnostics errors;
    for (const std::string &file : choice_.files) {
      CompiledKernel kernel = take(file);
      text_ += kernel.text;
      warnings_.insert(warnings_.end(), kernel.warnings.begin(), kernel.warnings.end());
      if (!kernel.input->ok()) {
        const Diagnostics &why = kernel.input->errors();
        errors.insert(errors.end(), why.begin(), why.end());
        continue;
      }
      result_.kernels.push_back(std::move(**kernel.input));
    }
    if (!errors.empty()) return errors;
    return Ok{};
  }
  CompiledKernel take(const std::string &file) {
    for (size_t i = 0; i < early_.size(); ++i)
      if (request_.kernels[i] == file) return std::move(early_[i]);
    CompiledKernel kernel;
    kernel.input.emplace(makeKernel(file, request_.kernelOptions, kernel.warnings, kernel.text));
    return kernel;
  }

  Status linkCores() {
    ASHLAR_TRY(const RuntimeLibrary runtime,
               readRuntimeLibrary(request_.kernelOptions.resourceDir));
    Diagnostics errors;
    for (const plan::Plan *device : plan::devicesOf(*result_.plan))
      for (const plan::Core &core : device->cores) {
        const std::string name = device == &*result_.plan ? std::string() : device->name;
        const Status status =
            core.elfFile.empty() ? linkCore(core, name, runtime) : takeElf(core, name);
        if (!status.ok())
          errors.insert(errors.end(), status.errors().begin(), status.errors().end());
      }
    if (!errors.empty()) return errors;
    if (!standIns_.empty()) sayWhatIsUnexamined();
    return Ok{};
  }

  void sayWhatIsUnexamined() {
    result_.hasStandIns = true;
    std::string names;
    for (const std::string &name : standIns_)
      names += fmt::format("{}`{}`", names.empty() ? "" : ", ", demangle(name));
    Diagnostic d =
        warning("kernel-missing", Place::at(request_.design),
                missingKernels_.empty()
                    ? fmt::format("not defined anywhere, and taken to return at once: {}", names)
                    : fmt::format("`{}` is not at hand; taken to return at once: {}",
                                  fmt::join(missingKernels_, "`, `"), names),
                "name the kernels' sources or objects after the design to have them examined too");
    d.severity = Severity::Note;
    d.notes = {
        "examined: transfers, FIFOs, locks, routes, tokens, descriptors, the cores' own code",
        "not examined: these functions' code, stack need and program memory, and locks that "
        "they may take; the design is not run on the emulator"};
    warnings_.push_back(std::move(d));
  }

  /// One object in which each of these names is a function that only returns.
  static Result<link::Input> standIns(const std::vector<std::string> &names) {
    ASHLAR_TRY(
        format::elf::File file,
        assembler::assemble("\t.text\n\tret lr\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n", "stand-ins"));
    for (size_t i = 0; i < file.sections.size(); ++i)
      if (file.sections[i].flags & format::elf::kExec)
        for (const std::string &name : names)
          file.symbols.push_back({name, 0, file.sections[i].size, format::elf::Bind::Global,
                                  format::elf::SymbolType::Function, 0, static_cast<int32_t>(i)});
    return link::Input{"stand-ins", format::elf::write(file)};
  }

  /// Order as in the vendor's flow: start code, the core's body, kernels, libraries.
  Status linkCore(const plan::Core &core, const std::string &device,
                  const RuntimeLibrary &runtime) {
    const auto built =
        std::find_if(result_.cores.begin(), result_.cores.end(),
                     [&](const BuiltCore &c) { return c.tile == core.tile && c.device == device; });
    ASHLAR_ASSERT(built != result_.cores.end());
    std::vector<link::Input> inputs{runtime.start};
    inputs.push_back({fmt::format("core{}", core.tile.str()), built->object});
    std::vector<std::string> files;
    for (const std::string &name : core.linkWith)
      if (const auto it = choice_.byLinkName.find(name); it != choice_.byLinkName.end())
        files.push_back(it->second);
    files.insert(files.end(), choice_.forAllCores.begin(), choice_.forAllCores.end());
    for (const link::Input &kernel : result_.kernels)
      if (std::find(files.begin(), files.end(), kernel.name) != files.end())
        inputs.push_back(kernel);
    inputs.push_back(runtime.library);
    std::vector<std::string> undefined;
    link::Options options = request_.linkOptions;
    options.undefined = &undefined;
    auto linked = link::link(core, inputs, options, warnings_);
    if (!linked.ok() && request_.standIns && !undefined.empty()) {
      ASHLAR_TRY(link::Input object, standIns(undefined));
      inputs.insert(inputs.end() - 1, std::move(object));
      standIns_.insert(undefined.begin(), undefined.end());
      linked = link::link(core, inputs, request_.linkOptions, warnings_);
    }
    ASHLAR_TRY(built->linked, std::move(linked));
    built->stackSize = core.stackSize;
    built->map = link::mapText(core, built->linked);
    built->elf = std::move(built->linked.elf);
    return Ok{};
  }

  Status takeElf(const plan::Core &core, const std::string &device) {
    namespace fs = std::filesystem;
    const fs::path beside = fs::path(request_.design).parent_path() / core.elfFile;
    BuiltCore built;
    built.tile = core.tile;
    built.device = device;
    built.stackSize = core.stackSize;
    std::error_code failed;
    const bool here = !fs::exists(beside, failed) && fs::exists(core.elfFile, failed);
    auto elf = readFile(here ? core.elfFile : beside.string());
    if (!elf.ok())
      return error("kernel-missing", core.place,
                   fmt::format("elf_file `{}` of core {} is neither beside the design nor in the "
                               "working directory",
                               core.elfFile, core.tile.str()),
                   "build it, or remove elf_file and give the core a body");
    built.elf = std::move(*elf);
    result_.cores.push_back(std::move(built));
    return Ok{};
  }

  Status packageAll() {
    ASHLAR_TRY(result_.products,
               package::package(*result_.plan, elfs(nullptr), request_.packageOptions));
    return Ok{};
  }

  /// The cores' programs: all, or those of one device as its own.
  std::vector<package::CoreElf> elfs(const std::string *device) const {
    std::vector<package::CoreElf> out;
    for (const BuiltCore &core : result_.cores)
      if (!device || core.device == *device)
        out.push_back({core.tile, core.elf, fmt::format("core{}", core.tile.str()),
                       device ? std::string() : core.device});
    return out;
  }

  /// What the sequences do while the array is configured as `device`, a sequence each.
  std::vector<plan::RuntimeSequence> partsUnder(const std::string &device) const {
    std::vector<plan::RuntimeSequence> parts;
    for (const plan::RuntimeSequence &s : result_.plan->sequences) {
      plan::RuntimeSequence part{s.name, s.arguments, {}, s.controlWords};
      bool here = result_.plan->name == device;
      const auto flush = [&] {
        if (here && !part.ops.empty()) parts.push_back(part);
        part.ops.clear();
      };
      for (const plan::SequenceOp &op : s.ops) {
        const auto *load = std::get_if<plan::LoadPdi>(&op.op);
        if (load && !load->device.empty() && !load->loaded) {
          flush();
          here = load->device == device;
        } else {
          part.ops.push_back(op);
        }
      }
      flush();
    }
    return parts;
  }

  Status checkAll() {
    Diagnostics problems = analysis::checkXclbin(result_.products.xclbin, "main.xclbin");
    if (!package::changesDevice(*result_.plan)) {
      ASHLAR_CHECK(checkDevice(*result_.plan, result_.products, problems));
    } else {
      for (const plan::Plan *device : plan::devicesOf(*result_.plan)) {
        const std::string name = device == &*result_.plan ? std::string() : device->name;
        plan::Plan alone = *device;
        alone.others.clear();
        alone.sequences = partsUnder(device->name);
        ASHLAR_TRY(const package::Products products, package::package(alone, elfs(&name), {}));
        ASHLAR_CHECK(checkDevice(alone, products, problems));
      }
    }
    result_.plan->sequences = result_.products.written;
    Diagnostics errors;
    for (Diagnostic &d : problems) {
      // The linker has looked at the stack of each core already, with the functions' names.
      if (d.code == "stack-overflow" || d.code == "stack-unknown") continue;
      (d.severity == Severity::Error && request_.checkIsBinding ? errors : warnings_)
          .push_back(std::move(d));
    }
    if (!errors.empty()) return errors;
    return Ok{};
  }

  static Status checkDevice(const plan::Plan &plan, const package::Products &products,
                            Diagnostics &problems) {
    auto package = load::readPackage(products.xclbin, "main.xclbin", problems);
    if (!package.ok()) return package.errors();
    const auto add = [&](const Diagnostics &more) {
      problems.insert(problems.end(), more.begin(), more.end());
    };
    std::vector<load::Stream> streams;
    for (const package::Sequence &s : products.sequences) {
      auto stream = load::readStream(s.stream, s.name, problems);
      if (!stream.ok()) return stream.errors();
      streams.push_back(std::move(*stream));
    }
    const load::Configuration &configuration = package->configurations.front();
    add(analysis::checkConfiguration(configuration, "main.xclbin", &plan, streams));
    for (const load::Stream &stream : streams)
      add(analysis::checkStream(configuration, stream, &plan));
    return Ok{};
  }

  const BuildRequest &request_;
  StepTimes &times_;
  Diagnostics &warnings_;
  std::string &text_;
  llvm::LLVMContext context_;
  BuildResult result_;
  KernelChoice choice_;
  std::vector<std::string> missingKernels_;
  std::set<std::string> standIns_; ///< functions
  std::vector<CompiledKernel> early_;
  std::future<void> kernelThread_;
};

} // namespace

Result<BuildResult> build(const BuildRequest &request, StepTimes &times, Diagnostics &warnings,
                          std::string &compilerText) {
  return Builder(request, times, warnings, compilerText).run();
}

} // namespace ashlar::cli
