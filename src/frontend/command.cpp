// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A Clang-like command line sorted into inputs, product and flags, by Clang's own option table, so
// that every flag a kernel's build passes to Clang is understood here as Clang would.
#include "frontend/frontend.h"

#include "clang/Options/Options.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Option/ArgList.h"
#include "llvm/Support/Path.h"

namespace ashlar::frontend {

namespace opt = clang::options;

namespace {

InputKind kindOf(llvm::StringRef path, llvm::StringRef language) {
  if (language == "assembler" || language == "assembler-with-cpp") return InputKind::Assembly;
  if (!language.empty()) return InputKind::Source;
  return llvm::StringSwitch<InputKind>(llvm::sys::path::extension(path))
      .Cases({".o", ".a", ".obj", ".lib"}, InputKind::Object)
      .Cases({".s", ".S"}, InputKind::Assembly)
      .Default(InputKind::Source);
}

bool isAie2(llvm::StringRef triple) { return triple == "aie2" || triple.starts_with("aie2-"); }

/// Flags of the vendor's compiler that Clang's table does not hold, and that need nothing here.
bool isVendorFlag(llvm::StringRef arg) {
  return arg == "-mno-vitis-headers" || arg == "-mvitis-headers" || arg == "-mcpu=aie2" ||
         arg == "-march=aie2";
}

OptLevel levelOf(const llvm::opt::ArgList &args, int otherwise) {
  const llvm::opt::Arg *arg = args.getLastArg(opt::OPT_O_Group);
  if (!arg) return {otherwise, 0};
  if (arg->getOption().matches(opt::OPT_O4) || arg->getOption().matches(opt::OPT_Ofast))
    return {3, 0};
  if (arg->getOption().matches(opt::OPT_O0)) return {0, 0};
  const llvm::StringRef value = arg->getNumValues() ? arg->getValue() : "";
  if (value == "s") return {2, 1};
  if (value == "z") return {2, 2};
  if (value == "g" || value.empty()) return {1, 0};
  int level = 0;
  if (value.getAsInteger(10, level)) return {otherwise, 0};
  return {std::min(level, 3), 0};
}

llvm::opt::InputArgList parseArgs(const std::vector<const char *> &raw, unsigned &missingIndex,
                                  unsigned &missingCount) {
  return clang::getDriverOptTable().ParseArgs(raw, missingIndex, missingCount,
                                              llvm::opt::Visibility(opt::ClangOption));
}

/// -Wl,-z,stack-size=N
bool stackSize(const llvm::opt::Arg &arg, uint32_t &size) {
  for (const char *value : arg.getValues()) {
    llvm::StringRef text = value;
    if (text.consume_front("stack-size=") && !text.getAsInteger(0, size)) return true;
  }
  return false;
}

} // namespace

OptLevel optLevelOf(const std::vector<std::string> &args, int otherwise) {
  std::vector<const char *> raw;
  for (const std::string &arg : args) raw.push_back(arg.c_str());
  unsigned index = 0, count = 0;
  return levelOf(parseArgs(raw, index, count), otherwise);
}

Result<Command> parseCommand(const std::vector<std::string> &args) {
  Command command;
  std::vector<const char *> raw;
  for (const std::string &arg : args) {
    // Remarks need line numbers; Clang keeps them when it is asked for remarks.
    if (arg == "--remarks")
      raw.push_back("-Rpass=aie2-pipeline");
    else if (!isVendorFlag(arg))
      raw.push_back(arg.c_str());
  }
  unsigned missingIndex = 0, missingCount = 0;
  const llvm::opt::InputArgList list = parseArgs(raw, missingIndex, missingCount);
  if (missingCount)
    return error("usage", {},
                 fmt::format("argument to '{}' is missing (expected {} value{})", raw[missingIndex],
                             missingCount, missingCount == 1 ? "" : "s"));

  bool emitLlvm = false, assembly = false, object = false;
  std::string language;
  for (const llvm::opt::Arg *arg : list) {
    const llvm::opt::Option &option = arg->getOption();
    if (option.matches(opt::OPT_UNKNOWN))
      return error("usage", {}, fmt::format("unknown argument: '{}'", arg->getAsString(list)));
    if (option.matches(opt::OPT_INPUT)) {
      command.inputs.push_back({arg->getValue(), language, kindOf(arg->getValue(), language)});
    } else if (option.matches(opt::OPT_x)) {
      language = arg->getValue() == llvm::StringRef("none") ? "" : arg->getValue();
    } else if (option.matches(opt::OPT_o)) {
      command.output = arg->getValue();
    } else if (option.matches(opt::OPT_c)) {
      object = true;
    } else if (option.matches(opt::OPT_S)) {
      assembly = true;
    } else if (option.matches(opt::OPT_emit_llvm)) {
      emitLlvm = true;
    } else if (option.matches(opt::OPT_E)) {
      command.product = Product::Preprocessed;
    } else if (option.matches(opt::OPT_M) || option.matches(opt::OPT_MM)) {
      command.product = Product::Preprocessed;
      command.flags.push_back(arg->getAsString(list));
    } else if (option.matches(opt::OPT_fsyntax_only)) {
      command.product = Product::Checked;
    } else if (option.matches(opt::OPT_fstack_usage)) {
      command.stackUsage = true;
    } else if (option.matches(opt::OPT_target) || option.matches(opt::OPT_target_legacy_spelling)) {
      if (!isAie2(arg->getValue()))
        return error("usage", {},
                     fmt::format("unsupported target '{}': this compiler makes code for {} only",
                                 arg->getValue(), kTriple));
    } else if (option.matches(opt::OPT_l)) {
      command.libraries.push_back(arg->getValue());
    } else if (option.matches(opt::OPT_L)) {
      command.libraryPaths.push_back(arg->getValue());
    } else if (option.matches(opt::OPT_nostdlib) || option.matches(opt::OPT_nostartfiles) ||
               option.matches(opt::OPT_nodefaultlibs)) {
      if (!option.matches(opt::OPT_nodefaultlibs)) command.startFiles = false;
      if (!option.matches(opt::OPT_nostartfiles)) command.standardLibraries = false;
    } else if (option.matches(opt::OPT_Wl_COMMA) && stackSize(*arg, command.stackSize)) {
    } else if (option.matches(opt::OPT_Wl_COMMA) || option.matches(opt::OPT_Xlinker) ||
               option.matches(opt::OPT_fuse_ld_EQ) || option.matches(opt::OPT_flto) ||
               option.matches(opt::OPT_flto_EQ)) {
      // The vendor flow's linker options (--gc-sections and the like) describe what our linker
      // does anyway; link-time optimisation changes no result.
    } else {
      command.remarks |= option.matches(opt::OPT_R_Group);
      llvm::opt::ArgStringList rendered;
      arg->render(list, rendered);
      command.flags.insert(command.flags.end(), rendered.begin(), rendered.end());
    }
  }
  if (emitLlvm) {
    command.product = assembly ? Product::LlvmText : Product::LlvmBitcode;
  } else if (command.product == Product::Executable) {
    if (assembly)
      command.product = Product::Assembly;
    else if (object)
      command.product = Product::Object;
  }
  const OptLevel level = levelOf(list, 0);
  command.optLevel = level.speed;
  command.sizeLevel = level.size;
  const llvm::opt::Arg *debug = list.getLastArg(opt::OPT_g_Group);
  command.debug = debug && !debug->getOption().matches(opt::OPT_g0);
  return command;
}

} // namespace ashlar::frontend
