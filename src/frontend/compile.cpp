// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One file through Clang. The driver turns the user's flags into the flags of one compilation; a
// compiler instance with our target then runs it. Nothing is printed and nothing is optimised.
#include "frontend/aggregates.h"
#include "frontend/frontend.h"
#include "frontend/input.h"
#include "frontend/target.h"

#include "clang/AST/ASTConsumer.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/Basic/DiagnosticOptions.h"
#include "clang/CodeGen/CodeGenABITypes.h"
#include "clang/CodeGen/ModuleBuilder.h"
#include "clang/Driver/Compilation.h"
#include "clang/Driver/Driver.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/CompilerInvocation.h"
#include "clang/Frontend/FrontendActions.h"
#include "clang/Frontend/MultiplexConsumer.h"
#include "clang/Frontend/TextDiagnosticPrinter.h"
#include "clang/Frontend/Utils.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/VirtualFileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <functional>

using namespace clang;

namespace ashlar::frontend {

namespace {

/// The LLVM types of classes that C++ returns in memory however small they are.
llvm::DenseSet<const llvm::Type *> typesInMemory(ASTContext &ast, CodeGen::CodeGenModule &module) {
  llvm::DenseSet<const llvm::Type *> types;
  // Converting a type may make further ones.
  const llvm::SmallVector<Type *, 0> all(ast.getTypes().begin(), ast.getTypes().end());
  for (const Type *type : all) {
    const auto *record = dyn_cast<RecordType>(type);
    const auto *c = record ? dyn_cast<CXXRecordDecl>(record->getDecl()) : nullptr;
    c = c ? c->getDefinition() : nullptr;
    if (!c || c->isInvalidDecl() || c->isDependentType() || c->canPassInRegisters()) continue;
    types.insert(CodeGen::convertTypeForMemory(module, QualType(type, 0)));
  }
  return types;
}

/// Says at its line what Clang accepts and the code generator cannot do.
class Reviewer : public ASTConsumer {
public:
  explicit Reviewer(DiagnosticsEngine &diagnostics) : diagnostics_(diagnostics) {}
  bool HandleTopLevelDecl(DeclGroupRef group) override {
    for (const Decl *decl : group)
      if (isa<FileScopeAsmDecl>(decl))
        diagnostics_.Report(decl->getLocation(),
                            diagnostics_.getCustomDiagID(
                                DiagnosticsEngine::Error,
                                "assembly at file scope is not supported on AIE2: use an assembly "
                                "file, or a statement in a function"));
    return true;
  }

private:
  DiagnosticsEngine &diagnostics_;
};

/// Builds the module without Clang's back-end consumer: no target machine is looked up, no pass
/// runs, no process-wide option is read.
class ModuleAction : public ASTFrontendAction {
public:
  ModuleAction(llvm::LLVMContext &context, std::unique_ptr<llvm::Module> &module)
      : context_(context), module_(module) {}
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &instance,
                                                 StringRef file) override {
    auto generator = CreateLLVMCodeGen(instance, file, context_);
    generator_ = generator.get();
    std::vector<std::unique_ptr<ASTConsumer>> consumers;
    consumers.push_back(std::make_unique<Reviewer>(instance.getDiagnostics()));
    consumers.push_back(std::move(generator));
    return std::make_unique<MultiplexConsumer>(std::move(consumers));
  }
  void EndSourceFileAction() override {
    llvm::DenseSet<const llvm::Type *> inMemory;
    if (!getCompilerInstance().getDiagnostics().hasErrorOccurred())
      inMemory = typesInMemory(getCompilerInstance().getASTContext(), generator_->CGM());
    module_ = generator_->ReleaseModule();
    if (module_)
      passAggregates(*module_, [&](const llvm::StructType *t) { return inMemory.contains(t); });
  }

private:
  llvm::LLVMContext &context_;
  std::unique_ptr<llvm::Module> &module_;
  CodeGenerator *generator_ = nullptr;
};

/// Flags put before the user's: what a core cannot have is off (exceptions, RTTI, guards against
/// other threads), products must not depend on folders, and floating point is evaluated as
/// written so that a kernel's result does not depend on the optimiser.
std::vector<std::string> defaultFlags(const Options &options) {
  std::vector<std::string> flags = {
      std::string("--target=") + kTriple, "-resource-dir", ASHLAR_CLANG_RESOURCE_DIR,
      "-nostdlibinc", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-fno-math-errno",
      "-ffp-contract=off", "-Winfinite-recursion",
      // The vendor's Clang takes `x.template f(y)`.
      "-Wno-error=missing-template-arg-list-after-template-kw", "-fomit-frame-pointer",
      "-fno-addrsig", "-fno-pic", "-fdebug-compilation-dir=.", "-gdwarf-4", "-g0",
      "-O" + std::to_string(options.optLevel)};
  return flags;
}

void addHeaders(const Options &options, bool cplusplus, bool nostdinc, bool nostdincxx,
                std::vector<std::string> &cc1) {
  std::vector<std::string> folders;
  const std::string own = options.resourceDir + "/include";
  if (!nostdinc && !options.resourceDir.empty()) {
    if (cplusplus && !nostdincxx) {
      folders.push_back(own + "/c++");
      folders.push_back(ASHLAR_LIBCXX_DIR);
    }
    folders.push_back(own);
  }
  // Ours come before Clang's own headers, which include the next <stdint.h> and so on if any.
  auto at = std::find(cc1.begin(), cc1.end(), "-internal-isystem");
  std::vector<std::string> flags;
  for (const std::string &folder : options.includes) flags.insert(flags.end(), {"-I", folder});
  for (const std::string &folder : folders)
    flags.insert(flags.end(), {"-internal-isystem", folder});
  cc1.insert(at, flags.begin(), flags.end());
}

/// One compilation's flags from the driver, or empty when it reported an error.
std::vector<std::string> driverFlags(const std::string &path, const Options &options,
                                     DiagnosticsEngine &diagnostics,
                                     IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                                     bool preprocess) {
  std::vector<std::string> args = {"ashlar-cc"};
  for (std::string &flag : defaultFlags(options)) args.push_back(std::move(flag));
  args.insert(args.end(), options.args.begin(), options.args.end());
  args.push_back(preprocess ? "-E" : "-c");
  if (!options.output.empty() && !preprocess) args.insert(args.end(), {"-o", options.output});
  if (!options.language.empty()) args.insert(args.end(), {"-x", options.language});
  args.insert(args.end(), {"--", path});
  std::vector<const char *> raw;
  for (const std::string &arg : args) raw.push_back(arg.c_str());

  driver::Driver driver("ashlar-cc", kTriple, diagnostics, "ashlar cc", files);
  driver.setProbePrecompiled(false);
  const std::unique_ptr<driver::Compilation> compilation(driver.BuildCompilation(raw));
  if (!compilation || compilation->containsError() || diagnostics.hasErrorOccurred()) return {};
  for (const driver::Command &job : compilation->getJobs()) {
    const llvm::opt::ArgStringList &cc1 = job.getArguments();
    if (cc1.empty() || StringRef(cc1.front()) != "-cc1") continue;
    return {cc1.begin() + 1, cc1.end()};
  }
  diagnostics.Report(diagnostics.getCustomDiagID(DiagnosticsEngine::Error,
                                                 "'%0' is not C, C++, LLVM assembly or bitcode"))
      << path;
  return {};
}

/// What Clang would accept but the core cannot do.
void refuse(const CompilerInvocation &invocation, DiagnosticsEngine &diagnostics) {
  const auto say = [&](const char *what) {
    diagnostics.Report(diagnostics.getCustomDiagID(
        DiagnosticsEngine::Error, "%0 not supported on AIE2: a core has no unwinder, threads or "
                                  "operating system"))
        << what;
  };
  const LangOptions &language = invocation.getLangOpts();
  if (language.Exceptions || language.CXXExceptions) say("exceptions are");
  if (language.OpenMP) say("OpenMP is");
  if (language.Sanitize.hasOneOf(SanitizerKind::Address | SanitizerKind::Thread |
                                 SanitizerKind::Memory))
    say("this sanitizer is");
  if (language.ObjC) say("Objective-C is");
  const CodeGenOptions &code = invocation.getCodeGenOpts();
  if (code.getProfileInstr() != llvm::driver::ProfileInstrKind::ProfileNone || code.CoverageMapping)
    say("instrumentation for profiles and coverage is");
  SanitizerSet reporting = language.Sanitize;
  reporting.clear(code.SanitizeTrap.Mask);
  if (!reporting.empty() && !diagnostics.hasErrorOccurred())
    diagnostics.Report(diagnostics.getCustomDiagID(
        DiagnosticsEngine::Error,
        "sanitizers that report are not supported on AIE2: -fsanitize-trap=all stops the core"));
}

/// What a core does without.
void ignore(CompilerInvocation &invocation, DiagnosticsEngine &diagnostics) {
  LangOptions &language = invocation.getLangOpts();
  const auto say = [&](const char *what) {
    diagnostics.Report(diagnostics.getCustomDiagID(DiagnosticsEngine::Warning, "%0")) << what;
  };
  if (language.getStackProtector() != LangOptions::SSPOff) {
    say("stack protectors are ignored on AIE2: the linker adds up the stack");
    language.setStackProtector(LangOptions::SSPOff);
  }
  const auto exceptions = language.getFPExceptionMode();
  const bool watched =
      exceptions != LangOptions::FPE_Default && exceptions != LangOptions::FPE_Ignore;
  if (language.RoundingMath || watched) {
    say("AIE2 rounds to the nearest and has no floating-point exceptions: options about them are "
        "ignored");
    language.RoundingMath = false;
    language.setFPExceptionMode(LangOptions::FPE_Ignore);
  }
}

/// A diagnostics engine that writes to a string.
struct TextDiagnostics {
  explicit TextDiagnostics(llvm::vfs::FileSystem &files, std::string &text)
      : stream(text), printer(stream, options),
        engine(CompilerInstance::createDiagnostics(files, options, &printer, false)) {
    printer.setPrefix("ashlar cc");
  }
  DiagnosticOptions options;
  llvm::raw_string_ostream stream;
  TextDiagnosticPrinter printer;
  IntrusiveRefCntPtr<DiagnosticsEngine> engine;
};

/// Runs `action` over the file; false when a diagnostic was an error.
bool run(const std::string &path, const Options &options, bool preprocess,
         std::string &diagnosticText, const std::function<bool(CompilerInstance &)> &action) {
  auto files = llvm::vfs::getRealFileSystem();
  std::vector<std::string> cc1;
  {
    TextDiagnostics diagnostics(*files, diagnosticText);
    cc1 = driverFlags(path, options, *diagnostics.engine, files, preprocess);
    // The driver also says that our own flags are unused when the file is nothing it knows.
    const std::string no = "is not C, C++, LLVM assembly or bitcode";
    if (const size_t at = diagnosticText.find(no); cc1.empty() && at != std::string::npos)
      diagnosticText.erase(0, diagnosticText.rfind('\n', at) + 1);
    if (cc1.empty()) return false;
  }
  const auto has = [&](const char *flag) {
    return std::find(options.args.begin(), options.args.end(), flag) != options.args.end();
  };
  const auto language = std::find(cc1.begin(), cc1.end(), "-x");
  const bool cplusplus = language != cc1.end() && StringRef(*std::next(language)).contains("c++");
  const auto isStandard = [](const std::string &flag) {
    return StringRef(flag).starts_with("-std=");
  };
  if (cplusplus && std::none_of(cc1.begin(), cc1.end(), isStandard))
    cc1.insert(language, "-std=gnu++20");
  addHeaders(options, cplusplus, has("-nostdinc"), has("-nostdinc++") || has("-nostdincxx"), cc1);

  CompilerInstance instance;
  instance.createVirtualFileSystem(files, nullptr);
  std::vector<const char *> raw;
  for (const std::string &arg : cc1) raw.push_back(arg.c_str());
  CompilerInvocation &invocation = instance.getInvocation();
  bool good = false;
  {
    TextDiagnostics diagnostics(*files, diagnosticText);
    good = CompilerInvocation::CreateFromArgs(invocation, raw, *diagnostics.engine);
    refuse(invocation, *diagnostics.engine);
    ignore(invocation, *diagnostics.engine);
    good = good && !diagnostics.engine->hasErrorOccurred();
  }
  if (!good) return false;
  FrontendOptions &frontend = invocation.getFrontendOpts();
  frontend.DisableFree = false;
  invocation.getCodeGenOpts().DisableFree = false;
  CodeGenOptions &code = invocation.getCodeGenOpts();
  code.ClearASTBeforeBackend = false;
  if (options.locations && code.getDebugInfo() == llvm::codegenoptions::NoDebugInfo)
    code.setDebugInfo(llvm::codegenoptions::LocTrackingOnly);
  if (frontend.Inputs.empty()) return false;

  llvm::raw_string_ostream stream(diagnosticText);
  auto printer = std::make_unique<TextDiagnosticPrinter>(stream, invocation.getDiagnosticOpts());
  instance.createDiagnostics(printer.get(), /*ShouldOwnClient=*/false);
  instance.setVerboseOutputStream(stream);
  setTarget(instance);
  instance.createFileManager();
  instance.createSourceManager();
  good = action(instance) && !instance.getDiagnostics().hasErrorOccurred();
  printer->finish();
  const unsigned warnings = printer->getNumWarnings(), errors = printer->getNumErrors();
  const auto count = [](unsigned n, const char *what) {
    return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
  };
  if (warnings || errors) {
    stream << (warnings ? count(warnings, "warning") : "") << (warnings && errors ? " and " : "")
           << (errors ? count(errors, "error") : "") << " generated.\n";
  }
  instance.clearOutputFiles(!good);
  return good;
}

Diagnostic failed(const std::string &path) {
  return error("compile-failed", Place::at(path), "the file does not compile",
               "see the compiler's messages");
}

/// The vendor's compilers know their intrinsics, native vector types and <stdint.h> without any
/// #include, and their C++ headers bring each other. Reading all that costs more than most kernels,
/// so it is done when a file does not compile for want of a name.
constexpr const char *kVendorNames = "aiev2intrin.h";

bool wantsVendorNames(StringRef diagnostics) {
  for (const char *sign : {"use of undeclared identifier", "unknown type name", "no template named",
                           "call to undeclared function", "no member named", "expected ')'",
                           "implicit instantiation of undefined template"})
    if (diagnostics.contains(sign)) return true;
  return false;
}

size_t errorsIn(StringRef diagnostics) { return diagnostics.count("error: "); }

bool executeOn(CompilerInstance &instance, FrontendAction &action) {
  for (const FrontendInputFile &input : instance.getFrontendOpts().Inputs) {
    if (!action.BeginSourceFile(instance, input)) return false;
    if (llvm::Error problem = action.Execute()) {
      instance.getDiagnostics().Report(
          instance.getDiagnostics().getCustomDiagID(DiagnosticsEngine::Error, "%0"))
          << llvm::toString(std::move(problem));
      action.EndSourceFile();
      return false;
    }
    action.EndSourceFile();
  }
  return true;
}

/// -E: Clang would write to a file or standard output itself.
class PreprocessToText : public PreprocessorFrontendAction {
public:
  explicit PreprocessToText(llvm::SmallVectorImpl<char> &text) : text_(text) {}
  void ExecuteAction() override {
    llvm::raw_svector_ostream stream(text_);
    DoPrintPreprocessedInput(getCompilerInstance().getPreprocessor(), &stream,
                             getCompilerInstance().getPreprocessorOutputOpts());
  }

private:
  llvm::SmallVectorImpl<char> &text_;
};

/// -M: Clang would write the make rules to standard output itself.
class RulesToText : public DependencyFileGenerator {
public:
  RulesToText(const DependencyOutputOptions &options, llvm::SmallVectorImpl<char> &text)
      : DependencyFileGenerator(options), text_(text) {}
  void finishedMainFile(DiagnosticsEngine &) override {
    llvm::raw_svector_ostream stream(text_);
    outputDependencyFile(stream);
  }

private:
  llvm::SmallVectorImpl<char> &text_;
};

bool rules(CompilerInstance &instance, llvm::SmallVectorImpl<char> &text) {
  instance.addDependencyCollector(
      std::make_shared<RulesToText>(instance.getDependencyOutputOpts(), text));
  instance.getDependencyOutputOpts().OutputFile.clear();
  PreprocessOnlyAction action;
  return executeOn(instance, action);
}

} // namespace

Result<std::unique_ptr<llvm::Module>> compile(const std::string &path, const Options &options,
                                              llvm::LLVMContext &context,
                                              std::string &diagnosticText) {
  if (isIr(path, options.language)) return readIr(path, context, diagnosticText);
  std::unique_ptr<llvm::Module> module;
  const auto attempt = [&](const Options &with, std::string &text) {
    return run(path, with, false, text, [&](CompilerInstance &instance) {
      ModuleAction action(context, module);
      return executeOn(instance, action);
    });
  };
  std::string text;
  bool good = attempt(options, text);
  if (!good && wantsVendorNames(text)) {
    Options with = options;
    with.args.insert(with.args.end(), {"-D__ASHLAR_TRANSITIVE_INCLUDES", "-include", kVendorNames});
    std::string again;
    good = attempt(with, again);
    if (good || errorsIn(again) < errorsIn(text)) text = again;
  }
  diagnosticText += text;
  if (!good || !module) return failed(path);
  ASHLAR_CHECK(finish(*module, path));
  return module;
}

Result<std::string> preprocess(const std::string &path, const Options &options,
                               std::string &diagnosticText) {
  llvm::SmallString<0> text;
  const bool good = run(path, options, true, diagnosticText, [&](CompilerInstance &instance) {
    if (instance.getDependencyOutputOpts().OutputFile == "-") return rules(instance, text);
    PreprocessToText action(text);
    return executeOn(instance, action);
  });
  if (!good) return failed(path);
  return std::string(text);
}

} // namespace ashlar::frontend
