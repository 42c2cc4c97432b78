// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// fork and exec, because the program's signals and terminal must be its own; this process stays
// only to remove the tree.
#include "accel/launch.h"

#include "accel/sysfs.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

namespace ashlar::accel {
namespace {

namespace fs = std::filesystem;

constexpr int kCannotRun = 126, kNotFound = 127, kSignalled = 128; // as shells say it

struct Tree {
  std::string path;
  ~Tree() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
};

/// Whom signals are for.
volatile sig_atomic_t program = 0;
void forward(int signal) {
  if (program > 0) kill(static_cast<pid_t>(program), signal);
}

[[noreturn]] void execute(const std::vector<std::string> &command, const std::string &preload,
                          const std::string &root) {
  setenv("LD_PRELOAD", preload.c_str(), 1);
  setenv("ASHLAR_ACCEL_ROOT", root.c_str(), 1);
  std::vector<char *> arguments;
  for (const std::string &word : command) arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  const int reason = errno;
  const std::string text =
      fmt::format("{}: error: cannot run: {}\n", command[0], std::strerror(reason));
  const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  static_cast<void>(written); // nowhere to complain to
  ::_exit(reason == ENOENT ? kNotFound : kCannotRun);
}

} // namespace

Result<int> launch(const std::vector<std::string> &command, const std::string &library) {
  ASHLAR_ASSERT(!command.empty());
  if (access(library.c_str(), R_OK) != 0)
    return error("accel-missing", Place::at(library), "the emulated kernel device is not there",
                 "ninja -C build ashlar_accel_preload");
  std::error_code failure;
  std::string pattern = (fs::temp_directory_path(failure) / "ashlar-accel-XXXXXX").string();
  Tree tree;
  if (mkdtemp(pattern.data())) tree.path = pattern;
  if (tree.path.empty())
    return error("file-write", Place::at(pattern),
                 fmt::format("cannot make a folder: {}", std::strerror(errno)),
                 "set TMPDIR to a writable folder");
  ASHLAR_CHECK(makeTree(tree.path));
  std::string preload = library;
  if (const char *others = std::getenv("LD_PRELOAD"); others && *others)
    preload = preload + ":" + others;

  // Held back until it is known whom they are for.
  sigset_t forwarded, before;
  sigemptyset(&forwarded);
  sigaddset(&forwarded, SIGTERM);
  sigaddset(&forwarded, SIGHUP);
  sigprocmask(SIG_BLOCK, &forwarded, &before);
  const pid_t child = fork();
  if (child < 0) {
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return error("process", {}, fmt::format("cannot start a process: {}", std::strerror(errno)));
  }
  if (child == 0) {
    sigprocmask(SIG_SETMASK, &before, nullptr);
    execute(command, preload, tree.path);
  }
  // Interrupts from the terminal reach the program by themselves, other signals through us; we stay
  // to clean up behind it.
  program = child;
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGQUIT, SIG_IGN);
  std::signal(SIGTERM, forward);
  std::signal(SIGHUP, forward);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace ashlar::accel
