// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A verb of the command line: `ashlar NAME ...`. cli/ alone prints and decides exit codes:
// 0 fine, 1 the input, design or result is wrong, 2 wrong usage, 3 the device failed or timed out.
#pragma once

#include "base/result.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <span>

namespace ashlar::cli {

enum ExitCode : int { kFine = 0, kWrong = 1, kUsage = 2, kDeviceFailed = 3 };

/// Declares the verb's options on `command` and returns what runs it once they are parsed.
using VerbSetup = std::function<int()> (*)(CLI::App &command);
struct Verb {
  const char *name;
  const char *summary; ///< one line for `ashlar help`
  VerbSetup setup;
};
/// All verbs in pipeline order.
std::span<const Verb> verbs();

/// "ashlar 0.1.0 ..." as `ashlar --version` prints it.
std::string versionText();

/// Prints diagnostics to standard error, one a line; returns kWrong when one is an error, else
/// kFine.
int report(const Diagnostics &diagnostics);
/// What a verb prints for `--json`. One that fails before it has anything to print says why as JSON
/// all the same, so that a program need not read standard error.
class JsonOutput {
public:
  explicit JsonOutput(bool wanted);
  ~JsonOutput();
  JsonOutput(const JsonOutput &) = delete;
  JsonOutput &operator=(const JsonOutput &) = delete;
  void print(const std::string &text);

private:
  friend int report(const Diagnostics &diagnostics);
  bool wanted_, printed_ = false;
  Diagnostics reported_;
  static JsonOutput *current_;
};

template <class T> int fail(const Result<T> &result) { return report(result.errors()); }

} // namespace ashlar::cli
