// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar diff A B`: what differs between two packages, in terms of tiles, programs, descriptors,
// locks, routes and operations. Exit 1 when something does.
#include "cli/subject.h"
#include "cli/verbs.h"

#include <nlohmann/json.hpp>

namespace ashlar::cli {
namespace {

struct Options {
  std::string a, b;
  std::vector<std::string> insts;
  bool json = false;
};

int run(const Options &o) {
  if (!o.insts.empty() && o.insts.size() != 2) {
    std::fputs("ashlar diff: give --insts twice, for A and for B, or not at all\n", stderr);
    return kUsage;
  }
  JsonOutput json(o.json);
  Diagnostics warnings;
  const auto read = [&](const std::string &path, size_t i) {
    return readSubject(path, o.insts.empty() ? std::vector<std::string>{} : std::vector{o.insts[i]},
                       warnings);
  };
  const auto a = read(o.a, 0);
  if (!a.ok()) return fail(a);
  const auto b = read(o.b, 1);
  if (!b.ok()) return fail(b);
  report(warnings);
  const std::vector<report::Difference> all = report::differences(*a, *b);
  if (o.json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const report::Difference &d : all)
      list.push_back({{"section", d.section}, {"where", d.where}, {"a", d.a}, {"b", d.b}});
    const nlohmann::ordered_json j{{"same", all.empty()}, {"differences", list}};
    json.print(j.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return all.empty() ? kFine : kWrong;
  }
  if (all.empty()) {
    fmt::print("no difference\n");
    return kFine;
  }
  fmt::print("- {}\n+ {}\n", o.a, o.b);
  std::string section;
  for (const report::Difference &d : all) {
    if (d.section != section) fmt::print("{}\n", section = d.section);
    fmt::print("  {}\n", d.where);
    if (!d.a.empty()) fmt::print("  - {}\n", d.a);
    if (!d.b.empty()) fmt::print("  + {}\n", d.b);
  }
  fmt::print("{} difference{}\n", all.size(), all.size() == 1 ? "" : "s");
  return kWrong;
}

} // namespace

std::function<int()> setupDiff(CLI::App &command) {
  auto o = std::make_shared<Options>();
  command.add_option("A", o->a, "build folder, XCLBIN or PDI")->required();
  command.add_option("B", o->b, "the other one")->required();
  command
      .add_option("--insts", o->insts, "instruction streams of A and of B (default: the folders')")
      ->allow_extra_args(false);
  command.add_flag("--json", o->json, "the same as JSON");
  command.footer("Exit code 1 when there is a difference.");
  return [o] { return run(*o); };
}

} // namespace ashlar::cli
