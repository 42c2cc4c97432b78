// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar inspect FILE`: what is in a package, configuration, program or instruction stream, and is
// it whole. Exit 1 when it is not.
#include "cli/inspect.h"
#include "cli/subject.h"
#include "cli/verbs.h"
#include "format/ar.h"
#include "format/cdo.h"
#include "format/elf.h"
#include "format/lfs.h"
#include "format/pdi.h"
#include "format/trace.h"
#include "format/txn.h"
#include "format/xclbin.h"
#include "report/page.h"

#include <cstdio>
#include <filesystem>

namespace ashlar::cli {
namespace {

using namespace format;

struct Options {
  std::string file, extract, html, design;
  std::vector<std::string> insts;
  bool json = false;
};

bool inspectBySight(ByteView data, const std::string &name, const TraceNames &names,
                    Inspection &out, emulator::Timeline &timeline) {
  if (xclbin::looksLikeXclbin(data)) {
    inspectXclbin(data, name, out);
  } else if (pdi::looksLikePdi(data)) {
    out.kind = "PDI";
    inspectPdi(data, name, out);
  } else if (elf::looksLikeElf(data)) {
    inspectElf(data, name, out);
  } else if (ar::looksLikeArchive(data)) {
    inspectArchive(data, name, out);
  } else if (cdo::looksLikeCdo(data)) {
    out.kind = "CDO";
    inspectCdo(data, name, 0, out);
  } else if (txn::looksLikeTxn(data) || txn::looksLikeText(data)) {
    inspectStream(data, name, out);
  } else if (trace::looksLikeTrace(data)) {
    inspectTrace(data, name, names, out, timeline);
  } else {
    return false;
  }
  return true;
}

nlohmann::ordered_json problemJson(const Diagnostic &d) {
  nlohmann::ordered_json j = {{"code", d.code}, {"place", d.place.str()}, {"message", d.message}};
  if (!d.remedy.empty()) j["remedy"] = d.remedy;
  return j;
}

/// The array as configured; nothing when the package cannot be read that far.
std::optional<report::Subject> subjectOf(const Options &options, Diagnostics &problems) {
  auto subject = readSubject(options.file, options.insts, problems);
  if (subject.ok()) return std::move(*subject);
  problems.insert(problems.end(), subject.errors().begin(), subject.errors().end());
  return std::nullopt;
}

int run(Options options) {
  JsonOutput json(options.json);
  std::error_code failed;
  if (std::filesystem::is_directory(options.file, failed)) options.file += "/main.xclbin";
  const Result<Bytes> data = readFile(options.file);
  if (!data.ok()) return fail(data);
  if (looksLikeLfsPointer(*data)) return report({lfsPointer(options.file)});
  Inspection out;
  emulator::Timeline timeline;
  TraceNames names;
  if (!options.design.empty()) {
    const auto subject = readSubject(options.design, options.insts, out.problems);
    if (!subject.ok()) return fail(subject);
    names = TraceNames(*subject);
  }
  if (!inspectBySight(*data, options.file, names, out, timeline))
    return report({error("foreign", Place::at(options.file),
                         data->empty() ? "this file is empty"
                                       : "this is no XCLBIN, PDI, CDO, ELF file, archive or NPU "
                                         "instruction stream",
                         "pass a file that `ashlar build` or the vendor's flow made")});
  const bool whole = !hasErrors(out.problems);
  const bool package = out.kind == "XCLBIN" || out.kind == "PDI";
  if (!options.html.empty() && out.kind == "trace buffer") {
    const report::RunPage page{options.file, "a trace buffer", {}, {}};
    const Status s = writeTextFile(options.html, report::runPage(page, timeline, {}, nullptr));
    if (!s.ok()) return fail(s);
  } else if (!options.html.empty() && !package)
    return report({error("inspect-html", Place::at(options.file),
                         "a page shows the array of an XCLBIN or PDI; this is an " + out.kind)});
  if (package && whole) {
    Diagnostics problems;
    const auto subject = subjectOf(options, problems);
    if (subject) {
      const analysis::ArrayView view = subject->view();
      if (!options.html.empty()) {
        const Status s = writeTextFile(options.html,
                                       report::arrayPage(view, subject->package, subject->streams));
        if (!s.ok()) return fail(s);
      }
      out.text = report::arrayText(view) + out.text;
    } else if (!options.html.empty()) {
      return report(problems);
    }
  }
  if (options.json) {
    nlohmann::ordered_json j = {
        {"file", options.file}, {"kind", out.kind}, {"bytes", data->size()}, {"whole", whole}};
    j.update(out.json);
    j["problems"] = nlohmann::ordered_json::array();
    for (const Diagnostic &d : out.problems) j["problems"].push_back(problemJson(d));
    json.print(j.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  } else {
    std::printf("%s: %s, %zu bytes, %s\n%s", options.file.c_str(), out.kind.c_str(), data->size(),
                whole ? "whole" : "NOT whole", out.text.c_str());
  }
  std::fflush(stdout);
  report(out.problems);
  if (!options.extract.empty()) {
    std::error_code failure;
    std::filesystem::create_directories(options.extract, failure);
    for (const Part &part : out.parts) {
      const std::string path = options.extract + "/" + part.name;
      if (const Status s = writeFile(path, part.data); !s.ok()) return fail(s);
      if (!options.json) std::printf("extracted %s (%zu bytes)\n", path.c_str(), part.data.size());
    }
  }
  return whole ? kFine : kWrong;
}

} // namespace

std::function<int()> setupInspect(CLI::App &command) {
  auto options = std::make_shared<Options>();
  command
      .add_option(
          "file", options->file,
          "build folder, XCLBIN, PDI, CDO, ELF, archive, instruction stream or trace buffer")
      ->required();
  command.add_flag("--json", options->json, "the same facts as JSON");
  command.add_option(
      "--html", options->html,
      "write one page for a browser: the array with tiles, streams, memories, locks");
  command
      .add_option("--insts", options->insts,
                  "instruction streams for the page (default: those of a build folder)")
      ->allow_extra_args(false);
  command.add_option("--design", options->design,
                     "for a trace buffer: the build folder or package that it is of, whose trace "
                     "units say which event each slot is");
  command.add_option("--extract", options->extract, "write the file's parts into this folder");
  return [options] { return run(*options); };
}

} // namespace ashlar::cli
