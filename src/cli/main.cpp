// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar VERB ...`: parses the command line and runs one verb.
#include "cli/verbs.h"

#include <cstdio>

int main(int argc, char **argv) {
  using namespace ashlar::cli;
  CLI::App app{"Ashlar: native toolchain, runtime and virtual device for AMD's Phoenix NPU",
               "ashlar"};
  app.require_subcommand(1);
  std::function<int()> run;
  for (const Verb &verb : verbs()) {
    CLI::App *command = app.add_subcommand(verb.name, verb.summary);
    std::function<int()> body = verb.setup(*command);
    command->callback([&run, body] { run = body; });
  }
  app.add_subcommand("help", "list the verbs")->callback([&] {
    run = [&] {
      std::fputs(app.help().c_str(), stdout);
      return kFine;
    };
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &e) {
    return app.exit(e) == 0 ? kFine : kUsage;
  }
  return run ? run() : kUsage;
}
