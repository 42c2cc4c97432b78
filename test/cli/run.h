// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the built `ashlar` as a user does and keeps what it says.
#pragma once

#include "base/base.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ashlar::cli_test {

namespace fs = std::filesystem;

/// A folder that goes away with the test.
class TempDir {
public:
  TempDir() {
    std::string pattern = (fs::temp_directory_path() / "ashlar-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TempDir(const TempDir &) = delete;
  TempDir &operator=(const TempDir &) = delete;

  std::string operator/(const std::string &name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }
  std::string write(const std::string &name, std::string_view text) const {
    const std::string path = *this / name;
    fs::create_directories(fs::path(path).parent_path());
    EXPECT_TRUE(writeTextFile(path, text).ok()) << path;
    return path;
  }
  bool empty() const { return fs::is_empty(path_); }

private:
  fs::path path_;
};

struct Outcome {
  int exit = -1;
  std::string out, err;
};

inline std::string quoted(const std::string &word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

/// `ashlar ARGUMENT...`; a run of more than two minutes is ended and fails.
inline Outcome ashlar(const std::vector<std::string> &arguments) {
  TempDir scratch;
  std::string command = "timeout 120 " + quoted(std::string(ASHLAR_BINARY_DIR) + "/bin/ashlar");
  for (const std::string &a : arguments) command += " " + quoted(a);
  command += " > " + quoted(scratch / "out") + " 2> " + quoted(scratch / "err") + " < /dev/null";
  const int status = std::system(command.c_str());
  Outcome run;
  if (WIFEXITED(status)) run.exit = WEXITSTATUS(status);
  if (auto out = readTextFile(scratch / "out"); out.ok()) run.out = *out;
  if (auto err = readTextFile(scratch / "err"); err.ok()) run.err = *err;
  return run;
}

inline std::string source(const std::string &path) {
  return std::string(ASHLAR_SOURCE_DIR) + "/" + path;
}
inline std::string contents(const std::string &path) {
  auto text = readTextFile(path);
  EXPECT_TRUE(text.ok()) << path;
  return text.ok() ? *text : "";
}
/// `text` with the first `from` changed into `to`.
inline std::string replaced(std::string text, const std::string &from, const std::string &to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

} // namespace ashlar::cli_test
