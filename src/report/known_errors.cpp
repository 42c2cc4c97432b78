// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matching by words: each text of the table is worth the sum of its words' weights (rare words say
// more), and a pasted text scores by the share of that sum it contains.
#include "report/known_errors.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>

namespace ashlar::report {
namespace {

#define ASHLAR_TEXTS(...) {__VA_ARGS__}
const std::vector<KnownError> &table() {
  static const std::vector<KnownError> rows = {
#define ASHLAR_ERROR(name, texts, meaning, remedy) {name, ASHLAR_TEXTS texts, meaning, remedy},
#include "report/known_errors.def"
#undef ASHLAR_ERROR
  };
  return rows;
}

/// Lower-case words; `_` belongs to them, so names of functions and states stay whole. Numbers that
/// stand alone are addresses, lines and counts, except the short ones of errno values.
std::set<std::string> wordsOf(std::string_view text) {
  std::set<std::string> out;
  std::string word;
  // `EINVAL` is what others print as a number and a sentence.
  static const std::map<std::string, std::vector<const char *>> errnos = {
      {"eio", {"5", "input", "output", "error"}},
      {"eagain", {"11", "resource", "temporarily", "unavailable"}},
      {"enomem", {"12", "cannot", "allocate", "memory"}},
      {"eacces", {"13", "permission", "denied"}},
      {"enodev", {"19"}},
      {"einval", {"22", "invalid", "argument"}},
      {"enospc", {"28", "no", "space", "left", "on", "device"}},
      {"etime", {"62", "timer", "expired"}},
      {"eopnotsupp", {"95", "operation", "not", "supported"}}};
  const auto end = [&] {
    const bool number =
        std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
    const bool says = number ? word.size() <= 2 : word.size() > 1 && !word.starts_with("0x");
    if (!word.empty() && says) {
      out.insert(word);
      if (const auto it = errnos.find(word); it != errnos.end())
        out.insert(it->second.begin(), it->second.end());
    }
    word.clear();
  };
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) || c == '_')
      word += static_cast<char>(std::tolower(u));
    else
      end();
  }
  end();
  return out;
}

/// One letter more, less or different; two exchanged count as two.
bool nearly(const std::string &a, const std::string &b) {
  constexpr size_t kShortest = 6; // shorter words are too alike
  if (a.size() < kShortest || b.size() < kShortest) return false;
  const std::string &x = a.size() <= b.size() ? a : b, &y = a.size() <= b.size() ? b : a;
  if (y.size() - x.size() > 1) return false;
  size_t i = 0;
  while (i < x.size() && x[i] == y[i]) ++i;
  return x.substr(i + (x.size() == y.size() ? 1 : 0)) == y.substr(std::min(i + 1, y.size())) ||
         (i == x.size());
}

struct Text {
  const KnownError *error;
  std::set<std::string> words;
};
struct Index {
  std::vector<Text> texts;
  std::map<std::string, double> weight;
};
const Index &index() {
  static const Index built = [] {
    Index x;
    for (const KnownError &e : table())
      for (const char *t : e.texts) x.texts.push_back({&e, wordsOf(t)});
    std::map<std::string, std::set<const KnownError *>> users;
    for (const Text &t : x.texts)
      for (const std::string &w : t.words) users[w].insert(t.error);
    for (const auto &[word, errors] : users)
      x.weight[word] =
          std::log(1 + static_cast<double>(table().size()) / static_cast<double>(errors.size()));
    return x;
  }();
  return built;
}

} // namespace

std::span<const KnownError> knownErrors() { return table(); }

std::vector<Explanation> explainError(std::string_view text) {
  constexpr double kEnough = 0.6, kNear = 0.8;
  constexpr size_t kMost = 3;
  const std::set<std::string> given = wordsOf(text);
  std::map<const KnownError *, double> best;
  for (const KnownError &e : table())
    if (text == e.name) return {{&e, 1}};
  for (const Text &t : index().texts) {
    double have = 0, all = 0;
    for (const std::string &w : t.words) {
      const double weight = index().weight.at(w);
      all += weight;
      if (given.count(w) ||
          std::any_of(given.begin(), given.end(), [&](const auto &g) { return nearly(g, w); }))
        have += weight;
    }
    double &score = best[t.error];
    if (all > 0) score = std::max(score, have / all);
  }
  std::vector<Explanation> out;
  for (const KnownError &e : table()) // in the table's order where scores are equal
    if (best[&e] >= kEnough) out.push_back({&e, best[&e]});
  std::stable_sort(out.begin(), out.end(),
                   [](const auto &a, const auto &b) { return a.score > b.score; });
  while (!out.empty() && (out.size() > kMost || out.back().score < kNear * out.front().score))
    out.pop_back();
  return out;
}

std::string knownErrorsPage() {
  std::string page =
      "# Errors that people search for\n\n"
      "`ashlar explain 'PASTED TEXT'` finds the row; `./check bless` writes this page from\n"
      "`src/report/known_errors.def`.\n";
  for (const KnownError &e : table()) {
    page += fmt::format("\n## {}\n\n```\n", e.name);
    for (const char *t : e.texts) page += fmt::format("{}\n", t);
    page += fmt::format("```\n\n{}\n\n**Do:** {}\n", e.meaning, e.remedy);
  }
  return page;
}

} // namespace ashlar::report
