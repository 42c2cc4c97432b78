// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What goes wrong on the chip, and what is odd but right, one behaviour a mode; see session.h.
//   faults MODE good.xclbin good.bin hang.bin
#include "session.h"

#include <csignal>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

using namespace xrt_program;

namespace {

/// What became of a child of this process.
std::string endOf(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                             : "exit " + std::to_string(WEXITSTATUS(status));
}

/// A child whose command runs when `end` ends it; then this process uses the device.
template <class F>
void dies(const char *xclbin, const std::vector<char> &hang, const std::vector<char> &good, F end) {
  int ready[2];
  if (pipe(ready) != 0) std::_Exit(2);
  const pid_t child = fork();
  if (child == 0) {
    Session s(xclbin);
    const xrt::run run = start(s, hang, s.data(), s.data());
    if (write(ready[1], "x", 1) != 1) std::_Exit(2);
    end();
    std::_Exit(3);
  }
  char started;
  if (read(ready[0], &started, 1) != 1) std::_Exit(2);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  kill(child, SIGCONT);
  const std::string how = endOf(child);
  std::printf("%s, then %d\n", how.c_str(), work(xclbin, good, 1));
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const std::string mode = argv[1];
  const char *xclbin = argv[2];
  const std::vector<char> good = load(argv[3]), hang = load(argv[4]);
  const unsigned words = static_cast<unsigned>(good.size() / 4);
  try {
    if (mode == "health") { // the words that the driver leaves of a command that it ended
      Session s(xclbin);
      xrt::run run = start(s, hang, s.data(), s.data());
      try {
        run.wait2();
        std::puts("no error");
      } catch (const xrt::run::aie_error &e) {
        std::printf("state %d: %s\n", run.state(), e.what());
      }
    } else if (mode == "ext-object") { // an object where a buffer is meant: XRT copies its bytes
      Session s(xclbin);
      xrt::ext::bo in(s.device, kBytes);
      auto run = s.kernel(3, s.code(good), words, in, s.data());
      std::printf("state %d\n", run.wait());
    } else if (mode == "dev-only" || mode == "svm") {
      Session s(xclbin);
      xrt::bo b(s.device, kBytes, mode == "svm" ? XRT_BO_FLAGS_SVM : XRT_BO_FLAGS_DEV_ONLY,
                s.kernel.group_id(3));
      std::puts("made");
    } else if (mode == "cacheable-data") {
      Session s(xclbin);
      xrt::bo in(s.device, kBytes, XRT_BO_FLAGS_CACHEABLE, s.kernel.group_id(3)), out = s.data();
      std::memset(in.map<char *>(), 0x3C, kBytes);
      const int state = start(s, good, in, out).wait();
      std::printf("state %d %d\n", state, std::memcmp(in.map<char *>(), out.map<char *>(), kBytes));
    } else if (mode == "past-end") { // of what the device writes
      Session s(xclbin);
      std::printf("state %d\n", start(s, good, s.data(), s.data(1000)).wait());
    } else if (mode == "part-end") { // of a part that ends with its buffer
      Session s(xclbin);
      xrt::bo whole = s.data(4096), part(whole, 512, 3584);
      std::printf("state %d\n", start(s, good, part, s.data()).wait());
    } else if (mode == "two-contexts") { // buffers belong to the process, not to a context
      Session one(xclbin), other(xclbin);
      xrt::bo in = one.data(), out = one.data();
      std::memset(in.map<char *>(), 0x5D, kBytes);
      const int state = start(other, good, in, out).wait();
      std::printf("state %d %d\n", state, std::memcmp(in.map<char *>(), out.map<char *>(), kBytes));
    } else if (mode == "recovers") { // the context after a hang, after a refusal, after a fault
      Session s(xclbin);
      xrt::bo in = s.data(), out = s.data();
      std::memset(in.map<char *>(), 0x7E, kBytes);
      const int first = start(s, hang, in, out).wait();
      const int second = start(s, std::vector<char>(64, 0x55), in, out).wait();
      const int third = start(s, good, s.data(512), out).wait();
      const int last = start(s, good, in, out).wait();
      std::printf("%d %d %d %d %d\n", first, second, third, last,
                  std::memcmp(in.map<char *>(), out.map<char *>(), kBytes));
    } else if (mode == "queue") { // more commands than the driver takes at once
      Session s(xclbin);
      xrt::bo code = s.code(good), in = s.data();
      std::vector<xrt::bo> outs;
      std::vector<xrt::run> runs;
      std::memset(in.map<char *>(), 0x11, kBytes);
      for (int i = 0; i < 20; ++i) {
        outs.push_back(s.data());
        runs.push_back(s.kernel(3, code, words, in, outs.back()));
      }
      int fine = 0;
      for (int i = 0; i < 20; ++i)
        fine += runs[i].wait() == ERT_CMD_STATE_COMPLETED &&
                std::memcmp(in.map<char *>(), outs[i].map<char *>(), kBytes) == 0;
      std::printf("queue %d\n", fine);
    } else if (mode == "shared") { // threads on one context, as a server has them
      Session s(xclbin);
      std::vector<std::thread> threads;
      int fine[4] = {};
      for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
          xrt::bo in = s.data(), out = s.data();
          for (int r = 0; r < 10; ++r) {
            std::memset(in.map<char *>(), 16 * t + r, kBytes);
            fine[t] += start(s, good, in, out).wait() == ERT_CMD_STATE_COMPLETED &&
                       std::memcmp(in.map<char *>(), out.map<char *>(), kBytes) == 0;
          }
        });
      for (auto &t : threads) t.join();
      std::printf("shared %d\n", fine[0] + fine[1] + fine[2] + fine[3]);
    } else if (mode == "list-fault") { // of a list, XRT names the run that failed
      Session s(xclbin);
      xrt::runlist list(s.context);
      xrt::bo code = s.code(good), in = s.data(), out = s.data(), small = s.data(512);
      std::vector<xrt::run> runs;
      for (const xrt::bo *to : {&out, &small, &out}) {
        runs.emplace_back(s.kernel);
        runs.back().set_arg(0, uint64_t{3});
        runs.back().set_arg(1, code);
        runs.back().set_arg(2, words);
        runs.back().set_arg(3, in);
        runs.back().set_arg(4, *to);
        list.add(runs.back());
      }
      list.execute();
      try {
        list.wait();
        std::puts("no error");
      } catch (const xrt::runlist::command_error &e) {
        std::printf("list %d: %d %d %d\n", e.get_command_state(), runs[0].state(), runs[1].state(),
                    runs[2].state());
      }
    } else if (mode == "killed") {
      dies(xclbin, hang, good, [] { raise(SIGKILL); });
    } else if (mode == "crashed") {
      dies(xclbin, hang, good, [] { raise(SIGSEGV); });
    } else if (mode == "terminated") {
      dies(xclbin, hang, good, [] { raise(SIGTERM); });
    } else if (mode == "execs") { // another program in its place, itself one of XRT
      dies(xclbin, hang, good,
           [&] { execl(argv[0], argv[0], "queue", xclbin, argv[3], argv[4], nullptr); });
    } else if (mode == "inherits") { // a child goes on with the device that its parent opened
      Session s(xclbin);
      xrt::run run = start(s, hang, s.data(), s.data());
      const pid_t child = fork();
      if (child == 0) {
        try {
          xrt::bo(s.device, kBytes, XRT_BO_FLAGS_CACHEABLE, s.kernel.group_id(1));
        } catch (const std::exception &) {
          std::_Exit(4);
        }
        std::_Exit(0);
      }
      const std::string end = endOf(child);
      std::printf("%s, state %d\n", end.c_str(), run.wait());
    } else {
      return 2;
    }
  } catch (const std::system_error &e) {
    std::printf("system_error %d %s\n", e.code().value(), e.what());
  } catch (const std::exception &e) {
    std::printf("exception %s\n", e.what());
  }
  return 0;
}
