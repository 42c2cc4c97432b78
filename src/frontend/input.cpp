// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM assembly and bitcode as input. Modules of the vendor's flow name target intrinsics
// `llvm.aie2.acquire`, which a stock LLVM does not know and refuses; they become ordinary functions
// `__aie2_acquire` with the same types, which codegen recognises by name. Their data layout has
// 20-bit pointers; ours has the same sizes with 32-bit ones.
#include "frontend/input.h"

#include "frontend/aggregates.h"
#include "frontend/frontend.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/Scalar/LowerAtomicPass.h"

namespace ashlar::frontend {

namespace {

/// `@llvm.aie2.a.b` -> `@__aie2_a_b`, quoted or not.
std::string renameIntrinsics(llvm::StringRef text) {
  static constexpr llvm::StringLiteral kPrefix = "@llvm.aie2.";
  std::string out;
  out.reserve(text.size());
  size_t from = 0;
  for (size_t at; (at = text.find(kPrefix, from)) != llvm::StringRef::npos;) {
    out.append(text.data() + from, at - from);
    out += "@__aie2_";
    size_t end = at + kPrefix.size();
    while (end < text.size() && (isalnum(static_cast<unsigned char>(text[end])) ||
                                 text[end] == '.' || text[end] == '_')) {
      out += text[end] == '.' ? '_' : text[end];
      ++end;
    }
    from = end;
  }
  out.append(text.data() + from, text.size() - from);
  return out;
}

std::string renamed(llvm::StringRef name) {
  std::string out = "__aie2_" + name.drop_front(strlen("llvm.aie2.")).str();
  std::replace(out.begin(), out.end(), '.', '_');
  return out;
}

void lowerAtomics(llvm::Module &module) {
  llvm::LowerAtomicPass pass;
  llvm::FunctionAnalysisManager analyses;
  for (llvm::Function &function : module) {
    if (!function.isDeclaration()) pass.run(function, analyses);
  }
}

} // namespace

bool isIr(const std::string &path, const std::string &language) {
  if (!language.empty()) return language == "ir";
  return llvm::StringSwitch<bool>(llvm::sys::path::extension(path))
      .Cases({".ll", ".bc"}, true)
      .Default(false);
}

Result<std::unique_ptr<llvm::Module>> readIr(const std::string &path, llvm::LLVMContext &context,
                                             std::string &diagnosticText) {
  ASHLAR_TRY(const Bytes data, readFile(path));
  const llvm::StringRef bytes(reinterpret_cast<const char *>(data.data()), data.size());
  std::unique_ptr<llvm::Module> module;
  if (llvm::isBitcode(data.data(), data.data() + data.size())) {
    auto parsed = llvm::parseBitcodeFile(llvm::MemoryBufferRef(bytes, path), context);
    if (!parsed)
      return error("bad-bitcode", Place::at(path), llvm::toString(parsed.takeError()),
                   "LLVM 22 or older must have written it");
    module = std::move(*parsed);
    for (llvm::Function &function : *module) {
      if (function.getName().starts_with("llvm.aie2."))
        function.setName(renamed(function.getName()));
    }
  } else {
    // The parser reads to a terminating zero, which the renamed copy has.
    const std::string text = renameIntrinsics(bytes);
    llvm::SMDiagnostic problem;
    module = llvm::parseAssembly(llvm::MemoryBufferRef(text, path), problem, context);
    if (!module) {
      llvm::raw_string_ostream stream(diagnosticText);
      problem.print("ashlar cc", stream, /*ShowColors=*/false);
      const auto line = problem.getLineNo(), column = problem.getColumnNo();
      return error("bad-llvm-assembly",
                   Place::at(path, line > 0 ? static_cast<uint32_t>(line) : 0,
                             column >= 0 ? static_cast<uint32_t>(column + 1) : 0),
                   problem.getMessage().str());
    }
  }
  const std::string triple = module->getTargetTriple().str();
  if (!triple.empty() && !llvm::StringRef(triple).starts_with("aie2"))
    return error("wrong-target", Place::at(path), "the module is for '" + triple + "'",
                 std::string("compile it for ") + kTriple);
  module->setTargetTriple(llvm::Triple(kTriple));
  module->setDataLayout(kDataLayout);
  copyAggregates(*module);
  ASHLAR_CHECK(finish(*module, path));
  return module;
}

Status finish(llvm::Module &module, const std::string &path) {
  lowerAtomics(module);
  std::string problem;
  llvm::raw_string_ostream stream(problem);
  if (llvm::verifyModule(module, &stream))
    return error("invalid-module", Place::at(path), "the LLVM module is not valid: " + problem);
  return Ok{};
}

} // namespace ashlar::frontend
