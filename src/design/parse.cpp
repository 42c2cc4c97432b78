// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Text in, design out, and back. MLIR reports to a handler; here its messages become diagnostics
// with a place, a stable code and, where the language changed, a hint.
#include "design/attributes.h"
#include "design/design.h"

#include "design/dialect.h"
#include "design/ir.h"
#include "design/reuse.h"

#include "base/file.h"

#include <mlir/Dialect/Affine/IR/AffineOps.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/ControlFlow/IR/ControlFlow.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/Index/IR/IndexDialect.h>
#include <mlir/Dialect/LLVMIR/LLVMDialect.h>
#include <mlir/Dialect/Math/IR/Math.h>
#include <mlir/Dialect/MemRef/IR/MemRef.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/Dialect/UB/IR/UBOps.h>
#include <mlir/Dialect/Vector/IR/VectorOps.h>
#include <mlir/IR/Diagnostics.h>
#include <mlir/IR/Verifier.h>
#include <mlir/Parser/Parser.h>

using namespace mlir;

namespace ashlar::design {

namespace {

/// Designs after which a kept context is thrown away with all that it remembers.
constexpr int kMostUses = 2000;
struct Spare {
  int wanted = 0, uses = 0;
  std::unique_ptr<Ir> ir;
};
thread_local Spare spare;

void giveBack(std::unique_ptr<Ir> ir) {
  if (!ir || !spare.wanted || spare.ir || ++spare.uses % kMostUses == 0) return;
  ir->module = {};
  spare.ir = std::move(ir);
}

std::unique_ptr<Ir> makeIr() {
  if (spare.ir) return std::move(spare.ir);
  DialectRegistry registry;
  registerLanguage(registry);
  registry.insert<affine::AffineDialect, arith::ArithDialect, cf::ControlFlowDialect,
                  func::FuncDialect, index::IndexDialect, LLVM::LLVMDialect, math::MathDialect,
                  memref::MemRefDialect, scf::SCFDialect, ub::UBDialect, vector::VectorDialect>();
  auto ir = std::make_unique<Ir>();
  ir->context.appendDialectRegistry(registry);
  // Lowering builds operations of dialects that the text may not mention.
  ir->context.loadAllAvailableDialects();
  registerFormer(ir->context);
  return ir;
}

} // namespace

Reuse::Reuse() { ++spare.wanted; }
Reuse::~Reuse() {
  if (--spare.wanted == 0) spare.ir.reset();
}

Design::Design(std::unique_ptr<Ir> ir) : ir_(std::move(ir)) {}
Design::~Design() { giveBack(std::move(ir_)); }
Design::Design(Design &&) noexcept = default;
Design &Design::operator=(Design &&) noexcept = default;

namespace {

/// MLIR's reader is recursive; no design nests this deep, hostile text does.
constexpr int kMaxNesting = 200;

std::optional<Diagnostic> checkNesting(std::string_view text, const std::string &name) {
  int depth = 0;
  uint32_t line = 1, column = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    ++column;
    switch (text[i]) {
    case '\n':
      ++line;
      column = 0;
      break;
    case '/':
      if (i + 1 < text.size() && text[i + 1] == '/')
        while (i + 1 < text.size() && text[i + 1] != '\n') ++i;
      break;
    case '"':
      while (i + 1 < text.size() && text[i + 1] != '"' && text[i + 1] != '\n')
        i += text[i + 1] == '\\' ? 2 : 1;
      ++i;
      break;
    case '(':
    case '[':
    case '{':
    case '<':
      if (++depth > kMaxNesting)
        return error("design-syntax", Place::at(name, line, column),
                     fmt::format("brackets nest deeper than {}", kMaxNesting));
      break;
    case ')':
    case ']':
    case '}':
      if (depth > 0) --depth;
      break;
    case '>':
      if (depth > 0 && (i == 0 || text[i - 1] != '-')) --depth;
      break;
    default: break;
    }
  }
  return std::nullopt;
}

/// Splits "message [code] -- remedy" as the operations' readers write it; recognises MLIR's own
/// words for spellings that the language once had.
Diagnostic translate(mlir::Diagnostic &from) {
  Diagnostic out = error("design-syntax", placeOf(from.getLocation()), from.str());
  if (size_t at = out.message.find(" -- "); at != std::string::npos) {
    out.remedy = out.message.substr(at + 4);
    out.message.resize(at);
  }
  if (out.message.ends_with("]"))
    if (size_t at = out.message.rfind(" ["); at != std::string::npos) {
      std::string code = out.message.substr(at + 2, out.message.size() - at - 3);
      if (code.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos) {
        out.code = code;
        out.message.resize(at);
      }
    }
  for (const char *old : {"AIE.", "AIEX.", "ipu.", "aiex.ipu.", "aie.objectFifo"})
    if (out.message.find(std::string("'") + old) != std::string::npos) {
      out.code = "old-spelling";
      out.remedy = "this spelling is older than 2024: write aie., aiex., aiex.npu. and "
                   "aie.objectfifo";
    }
  // "custom op 'x' sentence": the sentence is enough, it names what matters.
  if (out.message.starts_with("custom op '"))
    if (size_t at = out.message.find("' "); at != std::string::npos) {
      std::string rest = out.message.substr(at + 2);
      if (rest.starts_with("is unknown")) {
        out.code = out.code == "old-spelling" ? out.code : "unknown-op";
        out.message = "there is no operation " + out.message.substr(10, at - 9);
      } else {
        out.message = rest;
      }
    }
  for (mlir::Diagnostic &note : from.getNotes()) {
    Place place = placeOf(note.getLocation());
    std::string text = note.str();
    // The first prints the whole operation, the second is about MLIR's tools.
    if (text.starts_with("see current operation") || text.starts_with("Available dialects"))
      continue;
    out.notes.push_back(place.known() ? place.str() + ": " + text : text);
  }
  return out;
}

/// `aie.device(NPUDEVICE)` is what the vendor's tests are written with; their script replaces it.
/// The word has the replacement's place, so that lines and (before it) columns stay.
std::string fillPlaceholder(std::string_view text, const std::string &device) {
  std::string out(text);
  if (device.empty()) return out;
  static constexpr std::string_view word = "NPUDEVICE";
  for (size_t at = out.find(word); at != std::string::npos; at = out.find(word, at + device.size()))
    out.replace(at, word.size(), device);
  return out;
}

} // namespace

Result<Design> parse(std::string_view text, const std::string &name, const ParseOptions &options,
                     Diagnostics &warnings) {
  if (auto tooDeep = checkNesting(text, name)) return *tooDeep;
  if (text.find('\0') != std::string_view::npos)
    return error("design-syntax", Place::at(name), "the file is not text (it holds a zero byte)");
  std::unique_ptr<Ir> ir = makeIr();
  ir->file = name;
  Diagnostics errors;
  std::optional<ScopedDiagnosticHandler> handler;
  handler.emplace(&ir->context, [&](mlir::Diagnostic &d) {
    Diagnostic translated = translate(d);
    if (d.getSeverity() == DiagnosticSeverity::Error) {
      errors.push_back(std::move(translated));
    } else if (d.getSeverity() == DiagnosticSeverity::Warning) {
      translated.severity = Severity::Warning;
      warnings.push_back(std::move(translated));
    }
    return success();
  });
  ParserConfig config(&ir->context);
  ir->module = parseSourceString<ModuleOp>(fillPlaceholder(text, options.device), config, name);
  handler.reset(); // it belongs to the context, which may go now
  if (!errors.empty() || !ir->module) giveBack(std::move(ir));
  if (!errors.empty()) {
    // The first is the cause; what follows is mostly its echo.
    Diagnostic first = std::move(errors.front());
    if (first.remedy.empty())
      first.remedy =
          first.code == "unknown-op"       ? "take it out, or spell it as the design language does"
          : first.code == "unsupported-op" ? "write the design without it"
                                           : "correct the text there; nothing before it is wrong";
    return first;
  }
  if (!ir) return error("design-syntax", Place::at(name), "the design cannot be read as MLIR");
  warnOfUnknownAttributes(*ir->module, warnings);
  return Design(std::move(ir));
}

Result<Design> parseFile(const std::string &path, const ParseOptions &options,
                         Diagnostics &warnings) {
  ASHLAR_TRY(std::string text, readTextFile(path));
  return parse(text, path, options, warnings);
}

std::string printCanonical(const Design &design) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  OpPrintingFlags flags;
  flags.assumeVerified();
  design.ir().module->print(stream, flags);
  stream << '\n';
  return text;
}

std::vector<DeviceSummary> devices(const Design &design) {
  std::vector<DeviceSummary> out;
  for (Operation &op : design.ir().module->getBody()->getOperations()) {
    if (!isOp(&op, "aie.device")) continue;
    DeviceSummary summary;
    summary.name = strAttr(&op, "sym_name");
    if (summary.name.empty()) summary.name = "main";
    summary.device = strAttr(&op, "device");
    for (const DeviceName &known : deviceNames())
      if (summary.device == known.name) summary.columns = known.columns;
    summary.place = placeOf(&op);
    for (Operation &inner : op.getRegion(0).front())
      if (isOp(&inner, "aie.runtime_sequence")) {
        std::string name = strAttr(&inner, "sym_name");
        if (name.empty())
          name = summary.sequences.empty() ? "sequence"
                                           : fmt::format("sequence_{}", summary.sequences.size());
        summary.sequences.push_back(name);
      }
    out.push_back(std::move(summary));
  }
  return out;
}

} // namespace ashlar::design
