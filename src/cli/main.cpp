// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar VERB ...`: parses the command line and runs one verb. A wrong command line is exit code
// 2 with the nearest verb or the list; an unknown verb is found before CLI11 sees it, because
// its own message names neither.
#include "base/nearest.h"
#include "cli/verbs.h"

#include <algorithm>
#include <cstdio>
#include <exception>

namespace ashlar::cli {
namespace {

std::vector<std::string> verbNames() {
  std::vector<std::string> names;
  for (const Verb &verb : verbs()) names.emplace_back(verb.name);
  names.emplace_back("help");
  return names;
}

bool isVerb(const std::string &word) {
  const std::vector<std::string> names = verbNames();
  return std::find(names.begin(), names.end(), word) != names.end();
}

int unknownVerb(const std::string &word) {
  const std::vector<std::string> names = verbNames();
  if (auto nearest = nearestName(word, names)) {
    std::fprintf(stderr, "ashlar: there is no verb '%s'; did you mean '%s'?\n", word.c_str(),
                 nearest->c_str());
    return kUsage;
  }
  std::fprintf(stderr, "ashlar: there is no verb '%s'; the verbs are:", word.c_str());
  for (const std::string &name : names) std::fprintf(stderr, " %s", name.c_str());
  std::fprintf(stderr, "\n");
  return kUsage;
}

int runCommandLine(int argc, char **argv) {
  CLI::App app{"Ashlar: native toolchain, runtime and virtual device for AMD's Phoenix NPU",
               "ashlar"};
  app.set_version_flag("--version", versionText());
  app.require_subcommand(1);
  app.footer("`ashlar VERB --help` tells a verb's options. Exit codes: 0 fine, 1 the input, design "
             "or result is wrong,\n2 wrong usage, 3 the device failed or timed out.");
  std::function<int()> run;
  for (const Verb &verb : verbs()) {
    CLI::App *command = app.add_subcommand(verb.name, verb.summary);
    std::function<int()> body = verb.setup(*command);
    command->callback([&run, body] { run = body; });
  }
  std::string topic;
  CLI::App *help = app.add_subcommand("help", "list the verbs, or tell one verb's options");
  help->add_option("VERB", topic, "the verb to tell about");
  help->callback([&] {
    run = [&] {
      if (topic.empty()) {
        // app.help() would tell about `help` itself, the verb that was given.
        const std::string all =
            app.get_formatter()->make_help(&app, "ashlar", CLI::AppFormatMode::Normal);
        std::fputs(all.c_str(), stdout);
        return static_cast<int>(kFine);
      }
      if (!isVerb(topic)) return unknownVerb(topic);
      std::fputs(app.get_subcommand(topic)->help().c_str(), stdout);
      return static_cast<int>(kFine);
    };
  });

  if (argc < 2) {
    std::fputs(app.help().c_str(), stderr);
    return kUsage;
  }
  if (argv[1][0] != '-' && !isVerb(argv[1])) return unknownVerb(argv[1]);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &e) {
    return app.exit(e) == 0 ? kFine : kUsage;
  }
  return run ? run() : kUsage;
}

} // namespace
} // namespace ashlar::cli

int main(int argc, char **argv) {
  // Our code does not throw, but libraries below it may (no memory, a broken locale).
  try {
    // Under the name of the vendor's driver the verb is understood.
    std::vector<char *> words(argv, argv + argc);
    std::string self = argc ? argv[0] : "", verb = "aiecc";
    self = self.substr(self.rfind('/') + 1);
    if (self == "aiecc" || self == "aiecc.py") words.insert(words.begin() + 1, verb.data());
    words.push_back(nullptr);
    return ashlar::cli::runCommandLine(static_cast<int>(words.size()) - 1, words.data());
  } catch (const std::exception &e) {
    std::fprintf(stderr, "ashlar: internal error: %s\n", e.what());
    return ashlar::cli::kWrong;
  }
}
