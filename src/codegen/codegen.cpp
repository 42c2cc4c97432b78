// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Drives LLVM: its O-pipeline with our target machine, then the machine passes. Whatever LLVM
// reports becomes a diagnostic; its fatal errors are caught with a recovery point, because a
// kernel that cannot be compiled must not take the program down.
#include "codegen/codegen.h"
#include "base/file.h"
#include "codegen/loop_hints.h"
#include "codegen/target/intrinsics.h"
#include "codegen/target/target.h"
#include "codegen/target/watch.h"

#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/InitializePasses.h"
#include "llvm/MC/MCContext.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/Cloning.h"

#include <set>

#include <mutex>

namespace ashlar::codegen {
namespace {
constexpr const char *kTriple = "aie2-none-unknown-elf";
constexpr size_t kElfFlagsOffset = 36; // e_flags of a 32-bit ELF header
constexpr uint32_t kElfFlags = 2;      // AIE2

void registerTarget() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::CrashRecoveryContext::Enable();
    llvm::registerAIE2MC();
    llvm::registerAIE2TargetMachine();
    llvm::registerAIE2AsmPrinter();
    llvm::PassRegistry &passes = *llvm::PassRegistry::getPassRegistry();
    llvm::initializeCore(passes);
    llvm::initializeCodeGen(passes);
    llvm::initializeGlobalISel(passes);
    llvm::initializeTransformUtils(passes);
    llvm::initializeAnalysis(passes);
    llvm::initializeScalarOpts(passes);
  });
}

class Handler : public llvm::DiagnosticHandler {
public:
  Handler(Diagnostics &errors, Diagnostics &warnings, const Options &options)
      : errors_(errors), warnings_(warnings), remarks_(options.remarks),
        doubleNotes_(options.doubleNotes) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    if (auto *loop = llvm::dyn_cast<llvm::DiagnosticInfoMIROptimization>(&info);
        loop && loop->getPassName() == llvm::kAIE2LoopRemarks) {
      if (remarks_) addRemark(*loop);
      return true;
    }
    std::string text;
    llvm::raw_string_ostream stream(text);
    llvm::DiagnosticPrinterRawOStream printer(stream);
    Place place;
    if (const auto *generic = llvm::dyn_cast<llvm::DiagnosticInfoGenericWithLoc>(&info))
      text = generic->getMsgStr().str(); // its own text repeats the place
    else if (const auto *failed = llvm::dyn_cast<llvm::DiagnosticInfoOptimizationBase>(&info))
      text = failed->getMsg();
    else
      info.print(printer);
    if (auto *with = dynamic_cast<const llvm::DiagnosticInfoWithLocationBase *>(&info);
        with && with->isLocationAvailable())
      place = Place::at(with->getLocation().getRelativePath().str(), with->getLocation().getLine(),
                        with->getLocation().getColumn());
    if (info.getSeverity() == llvm::DS_Remark &&
        llvm::isa<llvm::DiagnosticInfoGenericWithLoc>(info)) {
      if (doubleNotes_) {
        warnings_.push_back(warning("slow", place, text));
        warnings_.back().severity = Severity::Note;
      }
    } else if (info.getSeverity() == llvm::DS_Remark) {
      remark_ = text; // why selection failed; the error follows
    } else if (info.getSeverity() == llvm::DS_Error) {
      std::string code = text.find("bad schedule") != std::string::npos ? "bad-schedule"
                         : text.find("loop hint") != std::string::npos  ? "loop-hint"
                         : text.find("select") != std::string::npos     ? "cannot-select"
                         : text.starts_with("inline assembly")          ? "inline-assembly"
                                                                        : "codegen";
      errors_.push_back(error(code, place, text));
      if (code == "cannot-select" && !remark_.empty()) errors_.back().notes.push_back(remark_);
      remark_.clear();
    } else if (info.getSeverity() == llvm::DS_Warning) {
      const bool hint = text.find("loop hint") != std::string::npos;
      // A hint in a template says the same of all its instances: once is enough.
      if (!hint || hinted_.insert({place.file, place.line}).second)
        warnings_.push_back(warning(hint ? "loop-hint" : "codegen", place, text));
    }
    return true;
  }

  bool isMissedOptRemarkEnabled(llvm::StringRef pass) const override {
    return pass.starts_with("gisel");
  }

private:
  void addRemark(const llvm::DiagnosticInfoMIROptimization &loop) {
    Diagnostic note;
    note.severity = Severity::Note;
    note.code =
        llvm::isa<llvm::MachineOptimizationRemark>(loop) ? "loop-pipelined" : "loop-not-pipelined";
    if (loop.isLocationAvailable())
      note.place = Place::at(loop.getLocation().getRelativePath().str(),
                             loop.getLocation().getLine(), loop.getLocation().getColumn());
    note.message = loop.getMsg();
    // Assembly and object are made one after the other.
    for (const Diagnostic &have : warnings_)
      if (have.code == note.code && have.str() == note.str()) return;
    warnings_.push_back(std::move(note));
  }

  Diagnostics &errors_, &warnings_;
  bool remarks_, doubleNotes_;
  std::string remark_;
  std::set<std::pair<std::string, uint32_t>> hinted_; ///< where a loop hint was warned of
};

/// Puts the context's own handler back when we are done with it.
class HandlerScope {
public:
  HandlerScope(llvm::LLVMContext &context, Diagnostics &errors, Diagnostics &warnings,
               const Options &options)
      : context_(context), before_(context.getDiagnosticHandler()) {
    context.setDiagnosticHandler(std::make_unique<Handler>(errors, warnings, options));
  }
  ~HandlerScope() { context_.setDiagnosticHandler(std::move(before_)); }

private:
  llvm::LLVMContext &context_;
  std::unique_ptr<llvm::DiagnosticHandler> before_;
};

std::unique_ptr<llvm::TargetMachine> makeMachine(const Options &options) {
  registerTarget();
  std::string ignored;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(llvm::Triple(kTriple), ignored);
  ASHLAR_ASSERT(target);
  llvm::TargetOptions settings;
  settings.FunctionSections = settings.DataSections = true;
  settings.EmitStackSizeSection = true;
  settings.VerifyArgABICompliance = options.verifyMachine;
  auto level = static_cast<llvm::CodeGenOptLevel>(std::min(options.optLevel, 3u));
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      llvm::Triple(kTriple), "aie2", "", settings, std::nullopt, std::nullopt, level));
}

/// Inline functions and templates that one place calls, and nothing else uses, become the module's
/// own: the inliner then knows that its copy goes, whatever its size. A kernel whose state is in an
/// object would otherwise keep it in memory as soon as its one function is large.
void keepForItself(llvm::Module &module) {
  for (llvm::Function &f : module) {
    if (!f.hasLinkOnceODRLinkage() || !f.hasOneUse()) continue;
    const auto *call = llvm::dyn_cast<llvm::CallBase>(f.user_back());
    if (!call || call->getCalledOperand() != &f || call->getFunction() == &f) continue;
    f.setComdat(nullptr);
    f.setLinkage(llvm::GlobalValue::InternalLinkage);
  }
}

void optimize(llvm::Module &module, llvm::TargetMachine &machine, const Options &options) {
  const unsigned optLevel = options.optLevel;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerPipelineStartEPCallback(
      [](llvm::ModulePassManager &passes, llvm::OptimizationLevel level) {
        passes.addPass(llvm::createModuleToFunctionPassAdaptor(
            LoopHintsPass(level != llvm::OptimizationLevel::O0)));
      });
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graph;
  llvm::ModuleAnalysisManager modules;
  llvm::TargetLibraryInfoImpl library{llvm::Triple(kTriple)};
  functions.registerPass([&] { return llvm::TargetLibraryAnalysis(library); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graph, modules);
  static const llvm::OptimizationLevel kLevels[] = {
      llvm::OptimizationLevel::O0, llvm::OptimizationLevel::O1, llvm::OptimizationLevel::O2,
      llvm::OptimizationLevel::O3};
  const llvm::OptimizationLevel &level = options.sizeLevel == 1   ? llvm::OptimizationLevel::Os
                                         : options.sizeLevel >= 2 ? llvm::OptimizationLevel::Oz
                                                                  : kLevels[std::min(optLevel, 3u)];
  if (optLevel > 0) keepForItself(module);
  llvm::ModulePassManager passes = optLevel == 0 ? builder.buildO0DefaultPipeline(level)
                                                 : builder.buildPerModuleDefaultPipeline(level);
  passes.run(module, modules);
}

bool emit(llvm::Module &module, llvm::TargetMachine &machine, llvm::CodeGenFileType type,
          llvm::SmallVectorImpl<char> &out) {
  llvm::raw_svector_ostream stream(out);
  llvm::legacy::PassManager passes;
  llvm::TargetLibraryInfoImpl library{llvm::Triple(kTriple)};
  passes.add(new llvm::TargetLibraryInfoWrapperPass(library));
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type, /*DisableVerify=*/true))
    return false;
  passes.run(module);
  return true;
}
} // namespace

namespace {
/// The module as it came, for a report: printed from the copy that was made before anything began.
void writeReproducer(const std::string &path, llvm::StringRef bitcode) {
  llvm::LLVMContext context;
  auto module = llvm::parseBitcodeFile(llvm::MemoryBufferRef(bitcode, "module"), context);
  if (!module) {
    llvm::consumeError(module.takeError());
    return;
  }
  std::string text;
  llvm::raw_string_ostream stream(text);
  (*module)->print(stream, nullptr);
  if (!writeTextFile(path, text).ok()) return; // the error itself is what matters
}

bool isInternal(const Diagnostic &d) {
  return d.code == "bad-schedule" || d.code == "cannot-select" ||
         d.message.find("internal error") != std::string::npos;
}

void explain(Diagnostic &d, const Options &options, llvm::StringRef bitcode) {
  if (options.reproducer.empty()) {
    d.remedy = "please report it with the source; another -O level may compile";
    return;
  }
  writeReproducer(options.reproducer, bitcode);
  d.remedy =
      fmt::format("please report it with {0}; `ashlar cc -c -O{1} {0}` shows it again; another "
                  "-O level may compile",
                  options.reproducer, options.optLevel);
}

/// A function that others may call gets 32 bits of anything for a byte: cores in MLIR pass an i32
/// where a kernel takes one. So it extends for itself; its callers here extend all the same.
void trustNoCaller(llvm::Module &module) {
  for (llvm::Function &f : module) {
    if (f.isDeclaration() || (f.hasLocalLinkage() && !f.hasAddressTaken())) continue;
    for (unsigned i = 0; i < f.arg_size(); ++i) {
      f.removeParamAttr(i, llvm::Attribute::ZExt);
      f.removeParamAttr(i, llvm::Attribute::SExt);
    }
  }
}
} // namespace

const char *dataLayout() { return llvm::kAIE2DataLayout; }

void prepare(llvm::Module &module) {
  module.setTargetTriple(llvm::Triple(kTriple));
  module.setDataLayout(llvm::kAIE2DataLayout);
}

Result<Output> compile(llvm::Module &module, const Options &options, Diagnostics &warnings) {
  std::string problem;
  llvm::raw_string_ostream stream(problem);
  if (llvm::verifyModule(module, &stream))
    return error("bad-ir", Place::at(module.getModuleIdentifier()),
                 "the module is broken: " + problem);
  prepare(module);
  registerTarget();
  Diagnostics errors;
  HandlerScope scope(module.getContext(), errors, warnings, options);
  Output output;
  llvm::SmallVector<char, 0> object, text;
  llvm::SmallString<0> original;
  if (!options.reproducer.empty()) {
    llvm::raw_svector_ostream copy(original);
    llvm::WriteBitcodeToFile(module, copy);
  }
  llvm::currentAIE2Function().clear();
  bool written = true;
  // An LLVM fatal error ends in abort(); the recovery context turns that into a return.
  std::string fatal;
  llvm::ScopedFatalErrorHandler keep(
      [](void *to, const char *reason, bool) { *static_cast<std::string *>(to) = reason; }, &fatal);
  llvm::CrashRecoveryContext recovery;
  bool finished = recovery.RunSafely([&] {
    std::unique_ptr<llvm::TargetMachine> machine = makeMachine(options);
    llvm::prepareAIE2Intrinsics(module);
    trustNoCaller(module);
    optimize(module, *machine, options);
    if (options.optimized) {
      llvm::raw_string_ostream ir(output.optimized);
      module.print(ir, nullptr);
    }
    if (options.assembly) {
      std::unique_ptr<llvm::Module> copy = llvm::CloneModule(module);
      written = emit(*copy, *machine, llvm::CodeGenFileType::AssemblyFile, text);
    }
    if (errors.empty() && written)
      written = emit(module, *machine, llvm::CodeGenFileType::ObjectFile, object);
  });
  if (!finished) {
    const std::string &function = llvm::currentAIE2Function();
    Diagnostic d =
        error("internal-error", Place::at(module.getModuleIdentifier()),
              "internal error of the compiler " +
                  (function.empty() ? "in the optimiser" : "in function '" + function + "'") +
                  (fatal.empty() ? "" : ": " + fatal));
    explain(d, options, original);
    return d;
  }
  if (!written) return error("codegen", {}, "the target cannot write this kind of file");
  for (Diagnostic &d : errors)
    if (isInternal(d)) explain(d, options, original);
  if (!errors.empty()) return errors;
  output.object.assign(object.begin(), object.end());
  if (output.object.size() >= kElfFlagsOffset + 4)
    writeU32(&output.object[kElfFlagsOffset], kElfFlags);
  output.assembly.assign(text.begin(), text.end());
  for (const llvm::Function &f : module)
    if (!f.isDeclaration())
      output.functions.push_back({f.getName().str(),
                                  f.getFnAttributeAsParsedInteger(llvm::kAIE2FrameAttribute),
                                  f.hasFnAttribute(llvm::kAIE2DynamicFrameAttribute)});
  return output;
}

} // namespace ashlar::codegen
