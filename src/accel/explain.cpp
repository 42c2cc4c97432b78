// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One write a message, so that messages of several threads do not mix.
#include "accel/explain.h"

#include <cstdlib>
#include <mutex>
#include <unistd.h>

namespace ashlar::accel {
namespace {

std::mutex mutex;
std::function<void(const std::string &)> listener;

bool wanted() {
  static const bool yes = [] {
    if (const char *v = std::getenv("ASHLAR_EXPLAIN")) return v[0] == '1';
    return isatty(STDERR_FILENO) == 1;
  }();
  return yes;
}

} // namespace

void explain(const std::string &what, const std::string &remedy) {
  std::string text = "ashlar: " + what;
  if (!remedy.empty()) text += " -- " + remedy;
  const std::lock_guard lock(mutex);
  if (listener) return listener(text);
  if (!wanted()) return;
  text += '\n';
  const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  static_cast<void>(written); // nowhere to complain to
}

void explain(const Diagnostic &d) {
  std::string what = d.message;
  if (d.place.known()) what = d.place.str() + ": " + what;
  for (const std::string &note : d.notes) what += "\n  " + note;
  explain(what, d.remedy);
}

void setExplainer(std::function<void(const std::string &)> l) {
  const std::lock_guard lock(mutex);
  listener = std::move(l);
}

} // namespace ashlar::accel
