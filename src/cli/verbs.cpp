// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The table of verbs. A verb's stage may be left out of a build (ASHLAR_COMPILER=OFF), then the
// verb is not there.
#include "cli/verbs.h"

#include "cli/diagnostics_json.h"

#include <cstdio>

namespace ashlar::cli {

#define ASHLAR_VERB(setup) std::function<int()> setup(CLI::App &);
#include "cli/verbs.def"

namespace {
std::function<int()> setupVersion(CLI::App &) {
  return [] {
    std::puts(versionText().c_str());
    return static_cast<int>(kFine);
  };
}
const Verb table[] = {
#define ASHLAR_VERB_ROW(name, summary, function) {name, summary, function},
#include "cli/verbs.def"
    {"version", "print the version", setupVersion},
};
} // namespace

std::string versionText() {
  return "ashlar " ASHLAR_VERSION ": AIE2 toolchain and emulated Phoenix NPU";
}

std::span<const Verb> verbs() { return table; }

JsonOutput *JsonOutput::current_ = nullptr;

JsonOutput::JsonOutput(bool wanted) : wanted_(wanted) { current_ = this; }

JsonOutput::~JsonOutput() {
  current_ = nullptr;
  if (!wanted_ || printed_ || !hasErrors(reported_)) return;
  const nlohmann::ordered_json all{{"ok", false}, {"diagnostics", listOf(reported_)}};
  print(all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void JsonOutput::print(const std::string &text) {
  printed_ = true;
  std::puts(text.c_str());
}

int report(const Diagnostics &diagnostics) {
  if (JsonOutput *json = JsonOutput::current_)
    json->reported_.insert(json->reported_.end(), diagnostics.begin(), diagnostics.end());
  for (const Diagnostic &d : diagnostics) std::fprintf(stderr, "%s\n", d.str().c_str());
  return hasErrors(diagnostics) ? kWrong : kFine;
}

} // namespace ashlar::cli
