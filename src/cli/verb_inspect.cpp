// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar inspect FILE`: what is in a package, configuration, program or instruction stream, and is
// it whole. Exit 1 when it is not.
#include "cli/inspect.h"
#include "cli/verbs.h"
#include "format/ar.h"
#include "format/cdo.h"
#include "format/elf.h"
#include "format/pdi.h"
#include "format/txn.h"
#include "format/xclbin.h"

#include <cstdio>
#include <filesystem>

namespace ashlar::cli {
namespace {

using namespace format;

struct Options {
  std::string file, extract;
  bool json = false;
};

bool inspectBySight(ByteView data, const std::string &name, Inspection &out) {
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

int run(const Options &options) {
  const Result<Bytes> data = readFile(options.file);
  if (!data.ok()) return fail(data);
  Inspection out;
  if (!inspectBySight(*data, options.file, out))
    return report({error("foreign", Place::at(options.file),
                         data->empty() ? "this file is empty"
                                       : "this is no XCLBIN, PDI, CDO, ELF file, archive or NPU "
                                         "instruction stream",
                         "pass a file that `ashlar build` or the vendor's flow made")});
  const bool whole = !hasErrors(out.problems);
  if (options.json) {
    nlohmann::ordered_json j = {
        {"file", options.file}, {"kind", out.kind}, {"bytes", data->size()}, {"whole", whole}};
    j.update(out.json);
    j["problems"] = nlohmann::ordered_json::array();
    for (const Diagnostic &d : out.problems) j["problems"].push_back(problemJson(d));
    std::puts(j.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
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
  command.add_option("file", options->file, "XCLBIN, PDI, CDO, ELF, archive or instruction stream")
      ->required();
  command.add_flag("--json", options->json, "the same facts as JSON");
  command.add_option("--extract", options->extract, "write the file's parts into this folder");
  return [options] { return run(*options); };
}

} // namespace ashlar::cli
