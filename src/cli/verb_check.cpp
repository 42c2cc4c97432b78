// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar check`: what would fail on the chip, for a design, a build folder, a package, a program
// or an instruction stream. A build folder is also run once on the emulator with inputs of zeros: a
// run that comes to a standstill is the finding `fifo-deadlock`, with who waits for whom.
#include "analysis/analysis.h"
#include "base/demangle.h"
#include "cli/diagnostics_json.h"
#include "cli/verbs.h"
#include "format/ar.h"
#include "format/elf.h"
#include "format/pdi.h"
#include "format/xclbin.h"
#include "plan/text.h"
#ifdef ASHLAR_CLI_BUILDS
#include "cli/build.h"
#include "cli/resources.h"
#endif
#ifdef ASHLAR_HAS_RUNTIME
#include "runtime/runtime.h"
#endif

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>

namespace ashlar::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Arguments {
  std::vector<std::string> paths;
  bool strict = false, json = false, list = false, run = true;
};

/// What one command line gives: packages, the streams that run on them, and what is known of names.
class Checker {
public:
  explicit Checker(bool run) : dryRun_(run) {}

  Diagnostics run(const std::vector<std::string> &paths) {
    takeKernels(paths);
    for (const std::string &path : paths) {
      if (std::find(sources_.begin(), sources_.end(), path) != sources_.end()) continue;
      std::error_code failed;
      if (fs::is_directory(path, failed))
        folder(path);
      else
        file(path);
    }
    // The dry run takes as long as all the rest; they need nothing from each other.
    std::future<Diagnostics> run;
    if (dryRun_ && !packages_.empty() && !hasErrors(findings_))
      run = std::async(std::launch::async, [this] { return dryRun(); });
    std::vector<load::Stream> examined = streams_;
    std::erase_if(examined,
                  [&](load::Stream &stream) { return !packages_.empty() && cut(stream); });
    for (const auto &[path, package] : packages_)
      for (const load::Configuration &c : package.configurations)
        add(analysis::checkConfiguration(c, path, planOrNull(), examined));
    // A stream says nothing by itself: it is looked at on the package given with it.
    for (const load::Stream &stream : examined) {
      if (packages_.empty()) {
        add(analysis::checkStream({}, stream, planOrNull()));
        continue;
      }
      played_.push_back({stream.source, {}});
      add(analysis::checkStream(packages_.back().second.configurations.front(), stream,
                                planOrNull(), &played_.back().game));
    }
    // What is known to be wrong would only be found again as a standstill.
    if (run.valid())
      if (const Diagnostics seen = run.get(); !hasErrors(findings_)) add(seen);
    return std::move(findings_);
  }

  struct Played {
    std::string stream;
    analysis::TokenGame game;
  };
  const std::vector<Played> &played() const { return played_; }
  /// Of the functions of objects that are not linked yet.
  const std::vector<link::FunctionStack> &stacks() const { return stacks_; }

private:
  /// What follows a change to another device says nothing about the package. True: that is all.
  bool cut(load::Stream &stream) {
    const size_t own = analysis::ownOperations(stream);
    if (own == stream.operations.size()) return false;
    Diagnostic d = warning(
        "other-device", Place::at(stream.source),
        fmt::format("operations from {} on write the configuration of another device; they are "
                    "examined when the design is built",
                    own));
    d.severity = Severity::Note;
    findings_.push_back(std::move(d));
    stream.operations.resize(own);
    return own == 0;
  }
  const plan::Plan *planOrNull() const { return plan_ ? &*plan_ : nullptr; }
  void add(const Diagnostics &more) { findings_.insert(findings_.end(), more.begin(), more.end()); }

  void folder(const std::string &path) {
    const fs::path plan = fs::path(path) / "plan.json";
    std::error_code failed;
    if (fs::exists(plan, failed)) {
      auto text = readTextFile(plan.string());
      auto parsed = text.ok() ? plan::parse(*text, plan.string()) : text.errors();
      if (parsed.ok())
        plan_ = std::move(*parsed);
      else
        add(parsed.errors());
    }
    std::vector<std::string> files;
    for (const auto &entry : fs::directory_iterator(path, failed)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".xclbin") || name.ends_with(".insts.bin"))
        files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    if (files.empty())
      add({error("nothing-to-check", Place::at(path), "the folder holds no package",
                 "name a folder that ashlar build made, or a file")});
    for (const std::string &f : files) file(f);
  }

#ifdef ASHLAR_CLI_BUILDS
  /// With a design, sources and objects are its kernels; objects are looked at by themselves, too.
  void takeKernels(const std::vector<std::string> &paths) {
    if (std::none_of(paths.begin(), paths.end(),
                     [](const std::string &p) { return p.ends_with(".mlir"); }))
      return;
    for (const std::string &path : paths) {
      if (isKernelSource(path)) sources_.push_back(path);
      if (isKernelSource(path) || path.ends_with(".o") || path.ends_with(".a"))
        kernels_.push_back(path);
    }
  }
#else
  void takeKernels(const std::vector<std::string> &) {}
#endif

  void file(const std::string &path) {
    if (path.ends_with(".mlir")) {
      design(path);
      return;
    }
    auto data = readFile(path);
    if (!data.ok()) {
      add(data.errors());
      return;
    }
    if (data->empty()) {
      add({error("file-empty", Place::at(path), "this file is empty", "make it again")});
      return;
    }
    if (format::xclbin::looksLikeXclbin(*data)) {
      const Diagnostics problems = analysis::checkXclbin(*data, path);
      add(problems);
      package(*data, path);
    } else if (format::pdi::looksLikePdi(*data)) {
      package(*data, path);
    } else if (format::ar::looksLikeArchive(*data)) {
      object(*data, path);
    } else if (format::elf::looksLikeElf(*data)) {
      const auto elf = format::elf::read(*data, path);
      if (elf.ok() && elf->type == format::elf::FileType::Executable)
        add(analysis::checkElf(*data, path, 0));
      else
        object(*data, path);
    } else {
      auto stream = load::readStream(*data, path, findings_);
      if (stream.ok())
        streams_.push_back(std::move(*stream));
      else
        add(stream.errors());
    }
  }

  void object(ByteView data, const std::string &path) {
    std::vector<link::FunctionStack> functions;
    add(analysis::checkObject(data, path, &functions));
    stacks_.insert(stacks_.end(), functions.begin(), functions.end());
  }

  void package(ByteView data, const std::string &path) {
    Diagnostics notes;
    auto read = load::readPackage(data, path, notes);
    for (Diagnostic &d : notes)
      if (std::none_of(findings_.begin(), findings_.end(), [&](const Diagnostic &f) {
            return f.code == d.code && f.message == d.message;
          }))
        findings_.push_back(d);
    if (!read.ok()) {
      for (Diagnostic d : read.errors()) {
        // Nothing is wrong with AMD's own form; there is only nothing to be seen in it.
        if (d.code == "pdi-opaque") d.severity = Severity::Warning;
        findings_.push_back(std::move(d));
      }
      return;
    }
    packages_.emplace_back(path, std::move(*read));
  }

#ifdef ASHLAR_CLI_BUILDS
  void design(const std::string &path) {
    BuildRequest request;
    request.design = path;
    request.kernels = kernels_;
    request.kernelOptions.resourceDir = resourceDir();
    // A design by itself is looked at as far as it goes, without its kernels.
    request.standIns = true;
    StepTimes times;
    std::string text;
    auto built = build(request, times, findings_, text);
    std::fputs(text.c_str(), stderr);
    if (!built.ok()) {
      add(built.errors());
      return;
    }
    plan_ = std::move(built->plan);
    if (built->hasStandIns) dryRun_ = false;
    package(built->products.xclbin, path);
    for (const package::Sequence &s : built->products.sequences)
      if (auto stream = load::readStream(s.stream, path, findings_); stream.ok())
        streams_.push_back(std::move(*stream));
  }
#else
  void design(const std::string &path) {
    add({error("no-compiler", Place::at(path), "this ashlar was built without its compiler",
               "check what a full one has built")});
  }
#endif

#ifdef ASHLAR_HAS_RUNTIME
  Diagnostics dryRun() const {
    Diagnostics findings;
    if (!plan_) return findings; // the sizes of the arguments are not known
    const auto device = runtime::emulatedDevice();
    for (const load::Stream &stream : streams_) {
      const plan::RuntimeSequence *sequence = nullptr;
      for (const plan::RuntimeSequence &s : plan_->sequences)
        if (plan_->sequences.size() == 1 || s.ops.size() == stream.operations.size()) sequence = &s;
      if (!sequence) continue;
      auto context = device->createContext(packages_.back().second);
      if (!context.ok()) {
        findings.insert(findings.end(), context.errors().begin(), context.errors().end());
        return findings;
      }
      std::vector<std::shared_ptr<runtime::Buffer>> buffers;
      for (const plan::Argument &a : sequence->arguments) {
        auto buffer = (*context)->allocate(a.bytes, a.name);
        if (!buffer.ok()) return findings;
        buffers.push_back(std::move(*buffer));
      }
      runtime::RunOptions options;
      options.maxCycles = 20'000'000;
      auto report = (*context)->run(stream, buffers, options);
      if (!report.ok() || report->state != runtime::State::Hang) continue;
      for (Diagnostic d : report->diagnostics) {
        if (d.severity != Severity::Error) continue;
        d.notes.insert(d.notes.begin(), "found by running the design once with inputs of zeros");
        d.code = "fifo-deadlock";
        findings.push_back(std::move(d));
      }
    }
    return findings;
  }
#else
  Diagnostics dryRun() const { return {}; }
#endif

  bool dryRun_;
  std::vector<Played> played_;
  std::vector<std::string> kernels_, sources_; ///< of the command line's designs
  std::vector<link::FunctionStack> stacks_;
  Diagnostics findings_;
  std::optional<plan::Plan> plan_;
  std::vector<std::pair<std::string, load::Package>> packages_; ///< with their paths
  std::vector<load::Stream> streams_;
};

const char *outcomeText(const analysis::TokenGame &g) {
  return g.outcome == analysis::TokenGame::Completes     ? "completes"
         : g.outcome == analysis::TokenGame::StandsStill ? "stands still"
                                                         : "not known";
}

const char *boundText(const link::FunctionStack &f) { return f.lowerBound ? "at least" : ""; }

/// What the token game says where it found nothing wrong, for nobody should take its silence for
/// an answer.
void printGames(const Checker &checker) {
  for (const auto &[stream, g] : checker.played()) {
    if (g.outcome == analysis::TokenGame::Completes)
      std::printf("%s: the token game comes to its end in %zu moves\n", stream.c_str(), g.moves);
    if (g.outcome == analysis::TokenGame::Unknown)
      std::printf("%s: whether it comes to its end is not known: %s\n", stream.c_str(),
                  g.why.c_str());
  }
}

void printStacks(const std::vector<link::FunctionStack> &stacks) {
  if (stacks.empty()) return;
  std::printf("stack need of each function: its own frame, and with the deepest of its callees\n");
  for (const link::FunctionStack &f : stacks)
    std::printf("%8s %8s %6u  %s (%s)\n",
                f.frameKnown ? std::to_string(f.frame).c_str() : "unknown", boundText(f), f.need,
                demangle(f.name).c_str(), f.object.c_str());
}

void printJson(const Diagnostics &findings, const Checker &checker, bool failed) {
  Json list = Json::array();
  for (const Diagnostic &d : findings) {
    Json place{{"text", d.place.str()}, {"file", d.place.file}};
    if (d.place.line) place["line"] = d.place.line;
    if (d.place.column) place["column"] = d.place.column;
    if (d.place.offset) place["offset"] = *d.place.offset;
    list.push_back({{"name", d.code},
                    {"severity", severityName(d.severity)},
                    {"place", place},
                    {"message", d.message},
                    {"remedy", d.remedy},
                    {"notes", d.notes}});
  }
  Json games = Json::array();
  for (const auto &[stream, g] : checker.played()) {
    Json j{
        {"stream", stream}, {"outcome", outcomeText(g)}, {"moves", g.moves}, {"states", g.states}};
    if (!g.why.empty()) j["why"] = g.why;
    games.push_back(std::move(j));
  }
  Json stacks = Json::array();
  for (const link::FunctionStack &f : checker.stacks())
    stacks.push_back({{"function", f.name},
                      {"object", f.object},
                      {"frame", f.frameKnown ? Json(f.frame) : Json()},
                      {"need", f.need},
                      {"lower_bound", f.lowerBound},
                      {"recursive", f.recursive},
                      {"calls_pointers", f.callsPointers},
                      {"dynamic", f.dynamic},
                      {"calls_outside", f.outside}});
  Json all{{"ok", !failed}, {"findings", list}, {"token_games", games}};
  if (!stacks.empty()) all["stacks"] = stacks;
  std::printf("%s\n", all.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

int runCheck(const Arguments &a) {
  if (a.list) {
    for (const analysis::CheckInfo &c : analysis::checks())
      std::printf("%-22s %s\n", c.code, c.summary);
    return kFine;
  }
  if (a.paths.empty()) {
    std::fputs("ashlar check: name what to check: a design, a build folder or a file\n", stderr);
    return kUsage;
  }
  Checker checker(a.run);
  const Diagnostics findings = checker.run(a.paths);
  const auto count = [&](Severity s) {
    return std::count_if(findings.begin(), findings.end(),
                         [&](const Diagnostic &d) { return d.severity == s; });
  };
  const auto errors = count(Severity::Error), warnings = count(Severity::Warning);
  const bool failed = errors > 0 || (a.strict && warnings > 0);
  if (a.json) {
    printJson(findings, checker, failed);
  } else {
    printStacks(checker.stacks());
    report(findings);
    printGames(checker);
    std::printf("%td errors, %td warnings\n", errors, warnings);
  }
  return failed ? kWrong : kFine;
}

} // namespace

std::function<int()> setupCheck(CLI::App &app) {
  auto a = std::make_shared<Arguments>();
  app.add_option("PATH", a->paths,
                 "designs with their kernels, build folders, XCLBINs, PDIs, programs, objects, "
                 "instruction streams");
  app.add_flag("--strict", a->strict, "warnings count as errors");
  app.add_flag("--json", a->json, "print the findings as JSON");
  app.add_flag("--list", a->list, "list the checks");
  app.add_flag("!--no-run", a->run, "do not run a build folder on the emulator");
  app.footer("Each finding is explained in docs/checks/NAME.md.");
  return [a] { return runCheck(*a); };
}

} // namespace ashlar::cli
