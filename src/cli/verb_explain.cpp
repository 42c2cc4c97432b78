// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar explain ERROR`: what an error text of XRT, the driver or the tools means and what to do.
// The text may be pasted as it is, from the command line or from standard input.
#include "cli/verbs.h"

#ifdef ASHLAR_HAS_REPORT

#include "base/base.h"
#include "report/known_errors.h"

#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

namespace ashlar::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> words;
  bool list = false, json = false;
};

int run(const Options &o) {
  if (o.list) {
    for (const report::KnownError &e : report::knownErrors())
      fmt::print("{:<22} {}\n", e.name, e.texts.front());
    return kFine;
  }
  std::string text;
  if (o.words.empty() || o.words == std::vector<std::string>{"-"})
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  for (const std::string &w : o.words)
    if (w != "-" || o.words.size() > 1) text += (text.empty() ? "" : " ") + w;
  const auto found = report::explainError(text);
  if (found.empty())
    return report({error("explain-unknown", {}, "this error is not known",
                         "paste the whole line that was printed; `ashlar explain --list` shows all "
                         "known ones")});
  if (o.json) {
    Json j = Json::array();
    for (const auto &f : found)
      j.push_back({{"name", f.error->name},
                   {"score", f.score},
                   {"text", f.error->texts.front()},
                   {"meaning", f.error->meaning},
                   {"remedy", f.error->remedy}});
    fmt::print("{}\n", j.dump(2));
    return kFine;
  }
  for (size_t i = 0; i < found.size(); ++i)
    fmt::print("{}{}: {}\n  {}\n  Do: {}\n", i ? "\n" : "", found[i].error->name,
               found[i].error->texts.front(), found[i].error->meaning, found[i].error->remedy);
  return kFine;
}

} // namespace

std::function<int()> setupExplain(CLI::App &command) {
  auto o = std::make_shared<Options>();
  command.add_option("error", o->words, "the text as it was printed; - or nothing: standard input");
  command.add_flag("--list", o->list, "all known errors");
  command.add_flag("--json", o->json, "the same facts as JSON");
  return [o] { return run(*o); };
}

} // namespace ashlar::cli

#endif
