// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar with -- COMMAND`: runs any XRT program on an emulated Phoenix. The program gets
// libashlar-accel.so preloaded, and a small tree that stands for the device's files; both go away
// with it. Its exit status is ours.
#include "accel/sysfs.h"
#include "cli/resources.h"
#include "cli/verbs.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

namespace ashlar::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kCannotRun = 126, kNotFound = 127, kSignalled = 128; // as shells say it

/// Removes the tree however the verb ends.
struct Tree {
  std::string path;
  ~Tree() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
};

[[noreturn]] void execute(const std::vector<std::string> &command, const std::string &library,
                          const std::string &root) {
  std::string preload = library;
  if (const char *others = std::getenv("LD_PRELOAD"); others && *others)
    preload = preload + ":" + others;
  setenv("LD_PRELOAD", preload.c_str(), 1);
  setenv("ASHLAR_ACCEL_ROOT", root.c_str(), 1);
  std::vector<char *> arguments;
  for (const std::string &word : command) arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  const int reason = errno;
  std::fprintf(stderr, "%s: error: cannot run: %s\n", command[0].c_str(), std::strerror(reason));
  _exit(reason == ENOENT ? kNotFound : kCannotRun);
}

int run(const std::vector<std::string> &command) {
  const std::string library =
      (fs::path(resourceDir()).parent_path() / "libashlar-accel.so").string();
  if (access(library.c_str(), R_OK) != 0)
    return report(
        {error("accel-missing", Place::at(library), "the emulated kernel device is not there",
               "build the target ashlar_accel_preload")});
  std::error_code failure;
  std::string pattern = (fs::temp_directory_path(failure) / "ashlar-accel-XXXXXX").string();
  Tree tree;
  if (mkdtemp(pattern.data())) tree.path = pattern;
  if (tree.path.empty())
    return report({error("file-write", Place::at(pattern),
                         fmt::format("cannot make a folder: {}", std::strerror(errno)),
                         "set TMPDIR to a writable folder")});
  if (const Status made = accel::makeTree(tree.path); !made.ok()) return fail(made);

  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0)
    return report(
        {error("process", {}, fmt::format("cannot start a process: {}", std::strerror(errno)))});
  if (child == 0) execute(command, library, tree.path);
  // Interrupts from the terminal are for the program; we stay to clean up behind it.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGQUIT, SIG_IGN);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace

std::function<int()> setupWith(CLI::App &command) {
  auto words = std::make_shared<std::vector<std::string>>();
  command.add_option("command", *words, "the program and its arguments, after --")->required();
  command.footer("ASHLAR_EXPLAIN=1 tells on standard error why the device refuses something\n"
                 "(the default on a terminal); ASHLAR_TDR_MS sets the watchdog's time.");
  return [words] { return run(*words); };
}

} // namespace ashlar::cli
