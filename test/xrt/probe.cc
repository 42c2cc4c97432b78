// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An XRT program with one behaviour of the chip a mode; compiled and run inside the Debian 13 root
// by xrt_test.cpp. Prints what happened, one line; the test knows what should.
//   probe MODE good.xclbin good.bin hang.bin
#include "session.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

using namespace xrt_program;

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const std::string mode = argv[1];
  if (mode == "import") { // MODE xclbin PID HANDLE: of "export2"
    try {
      xrt::device device(0);
      xrt::bo b(device, xrt::pid_type{std::atoi(argv[3])}, std::atoi(argv[4]));
      char *text = b.map<char *>();
      if (std::strcmp(text, "parent") != 0) return 4;
      std::strcpy(text, "child");
      return 0;
    } catch (const std::exception &e) {
      std::printf("import %s\n", e.what());
      return 5;
    }
  }
  const char *xclbin = argv[2];
  const std::vector<char> good = load(argv[3]), hang = load(argv[4]);
  const unsigned words = static_cast<unsigned>(good.size() / 4);
  try {
    if (mode == "run") {
      std::printf("run %d\n", work(xclbin, good, 5));
    } else if (mode == "load") {
      xrt::device device(0);
      device.load_xclbin(xrt::xclbin(std::string(xclbin)));
      std::puts("loaded");
    } else if (mode == "contexts") {
      std::vector<Session> sessions;
      for (int i = 0; i < 7; ++i) sessions.emplace_back(xclbin);
      std::puts("seven contexts");
    } else if (mode == "noflag") {
      Session s(xclbin);
      xrt::bo b(s.device, kBytes, s.kernel.group_id(3));
      std::puts("made");
    } else if (mode == "heap") {
      Session s(xclbin);
      xrt::bo b(s.device, 70u << 20, XCL_BO_FLAGS_CACHEABLE, s.kernel.group_id(1));
      std::puts("made");
    } else if (mode == "host-code") {
      Session s(xclbin);
      xrt::bo code(s.device, good.size(), XRT_BO_FLAGS_HOST_ONLY, s.kernel.group_id(1));
      code.write(good.data());
      auto run = s.kernel(3, code, words, s.data(), s.data());
      std::printf("state %d\n", run.wait());
    } else if (mode == "nosync") {
      Session s(xclbin);
      xrt::bo in = s.data();
      in.map<uint8_t *>()[0] = 1;
      auto run = s.kernel(3, s.code(good), words, in, s.data());
      std::printf("state %d\n", run.wait());
    } else if (mode == "opcode") {
      Session s(xclbin);
      auto run = s.kernel(1, s.code(good), words, s.data(), s.data());
      std::printf("state %d\n", run.wait());
    } else if (mode == "short") {
      Session s(xclbin);
      auto run = s.kernel(3, s.code(good), words, s.data(512), s.data());
      std::printf("state %d\n", run.wait());
    } else if (mode == "hang") {
      Session s(xclbin);
      xrt::bo code = s.code(hang);
      auto run = s.kernel(3, code, static_cast<unsigned>(hang.size() / 4), s.data(), s.data());
      std::printf("state %d\n", run.wait());
    } else if (mode == "hang2") { // what wait2 tells
      Session s(xclbin);
      auto run =
          s.kernel(3, s.code(hang), static_cast<unsigned>(hang.size() / 4), s.data(), s.data());
      run.wait2();
      std::puts("no error");
    } else if (mode == "runlist") {
      Session s(xclbin);
      xrt::bo code = s.code(good), a = s.data(), b = s.data(), c = s.data();
      auto *x = a.map<uint8_t *>();
      for (size_t i = 0; i < kBytes; ++i) x[i] = static_cast<uint8_t>(i ^ 0x5A);
      a.sync(XCL_BO_SYNC_BO_TO_DEVICE);
      xrt::runlist list(s.context);
      for (auto [from, to] : {std::pair(&a, &b), std::pair(&b, &c)}) {
        xrt::run run(s.kernel);
        run.set_arg(0, uint64_t{3});
        run.set_arg(1, code);
        run.set_arg(2, words);
        run.set_arg(3, *from);
        run.set_arg(4, *to);
        list.add(std::move(run));
      }
      list.execute();
      list.wait();
      c.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
      std::printf("runlist %d\n", std::memcmp(x, c.map<uint8_t *>(), kBytes) == 0);
    } else if (mode == "threads") {
      std::vector<std::thread> threads;
      int ok[4] = {};
      for (int &v : ok) threads.emplace_back([&] { v = work(xclbin, good, 10); });
      for (auto &t : threads) t.join();
      std::printf("threads %d\n", ok[0] + ok[1] + ok[2] + ok[3]);
    } else if (mode == "fork") {
      const bool before = work(xclbin, good, 1);
      const pid_t child = fork();
      if (child == 0) _exit(work(xclbin, good, 2) ? 0 : 1);
      int status = 1;
      waitpid(child, &status, 0);
      std::printf("fork %d %d %d\n", before, WEXITSTATUS(status), work(xclbin, good, 1));
    } else if (mode == "user") { // memory of the program's own, a part of a buffer, an ext::bo
      Session s(xclbin);
      void *mine = std::aligned_alloc(4096, 4096);
      std::memset(mine, 0x77, 4096);
      xrt::bo in(s.device, mine, 4096, XRT_BO_FLAGS_HOST_ONLY, s.kernel.group_id(3));
      xrt::bo big(s.device, 8192, XRT_BO_FLAGS_HOST_ONLY, s.kernel.group_id(4));
      xrt::bo part(big, 4096, 2048);
      xrt::ext::bo out(s.device, 5000);
      xrt::bo code = s.code(good);
      auto run = s.kernel(3, code, words, in, part);
      const int first = run.wait();
      auto again = s.kernel(3, code, words, part, static_cast<xrt::bo &>(out));
      const int second = again.wait();
      std::printf("user %d %d %d\n", first, second,
                  std::memcmp(out.map<uint8_t *>(), mine, kBytes) == 0);
    } else if (mode == "export") {
      Session s(xclbin);
      xrt::bo a = s.data(8192);
      std::strcpy(a.map<char *>(), "shared");
      xrt::bo b(s.device, a.export_buffer());
      std::printf("export %s\n", b.map<char *>());
    } else if (mode == "export2") { // to another process, which changes it
      Session s(xclbin);
      xrt::bo a = s.data(8192);
      std::strcpy(a.map<char *>(), "parent");
      const int fd = a.export_buffer();
      int ready[2];
      if (pipe(ready) != 0) return 2;
      const pid_t child = fork();
      if (child == 0) {
        char go;
        if (read(ready[0], &go, 1) != 1) _exit(2);
        // A new program, which takes the handle out of its parent.
        const std::string pid = std::to_string(getppid()), handle = std::to_string(fd);
        execl(argv[0], argv[0], "import", xclbin, pid.c_str(), handle.c_str(), nullptr);
        _exit(3);
      }
      prctl(PR_SET_PTRACER, child, 0, 0, 0); // else it may not, where Yama is on
      if (write(ready[1], "x", 1) != 1) return 2;
      int status = 1;
      waitpid(child, &status, 0);
      std::printf("export2 %d %s\n", WEXITSTATUS(status), a.map<char *>());
    } else if (mode == "freed") { // a buffer that is closed while its command waits, and after
      Session s(xclbin);
      xrt::bo code = s.code(good), out = s.data();
      uint64_t gone = 0;
      {
        xrt::bo in = s.data();
        gone = in.address();
      }
      xrt::run run(s.kernel);
      run.set_arg(0, uint64_t{3});
      run.set_arg(1, code);
      run.set_arg(2, words);
      run.set_arg(3, gone); // what a stale pointer amounts to
      run.set_arg(4, out);
      run.start();
      std::printf("freed %d\n", run.wait());
    } else if (mode == "no-buffers") {
      Session s(xclbin);
      auto run = s.kernel(3, s.code(good), words);
      std::printf("state %d\n", run.wait());
    } else if (mode == "no-opcode") {
      Session s(xclbin);
      xrt::run run(s.kernel);
      xrt::bo in = s.data(), out = s.data();
      run.set_arg(3, in);
      run.set_arg(4, out);
      run.start();
      std::printf("state %d\n", run.wait());
    } else if (mode == "no-stream") {
      Session s(xclbin);
      xrt::run run(s.kernel);
      xrt::bo in = s.data();
      run.set_arg(0, uint64_t{3});
      run.set_arg(3, in);
      run.start();
      std::printf("state %d\n", run.wait());
    } else if (mode == "noise") {
      Session s(xclbin);
      auto run =
          s.kernel(3, s.code(std::vector<char>(good.size(), 0x55)), words, s.data(), s.data());
      std::printf("state %d\n", run.wait());
    } else if (mode == "bytes") { // the length in bytes, not words
      Session s(xclbin);
      auto run = s.kernel(3, s.code(good), static_cast<unsigned>(good.size()), s.data(), s.data());
      std::printf("state %d\n", run.wait());
    } else if (mode == "p2p") {
      Session s(xclbin);
      xrt::bo b(s.device, kBytes, XRT_BO_FLAGS_P2P, s.kernel.group_id(3));
      std::puts("made");
    } else if (mode == "kernel") {
      Session s(xclbin);
      xrt::kernel other(s.context, "NOBODY");
      std::puts("found");
    } else if (mode == "patience") { // ends the wait before the driver ends the command
      Session s(xclbin);
      xrt::bo code = s.code(hang);
      auto run = s.kernel(3, code, static_cast<unsigned>(hang.size() / 4), s.data(), s.data());
      try {
        std::printf("state %d\n", run.wait(std::chrono::milliseconds(50)));
      } catch (const std::exception &e) {
        std::printf("threw %s, then ", e.what());
        std::printf("state %d\n", run.wait());
      }
    } else if (mode == "six") { // contexts side by side, each in a thread of its own
      std::vector<std::thread> threads;
      int ok[6] = {};
      for (int &v : ok) threads.emplace_back([&] { v = work(xclbin, good, 5); });
      for (auto &t : threads) t.join();
      std::printf("six %d\n", ok[0] + ok[1] + ok[2] + ok[3] + ok[4] + ok[5]);
    } else if (mode == "fork-busy") { // a child of a process whose command runs
      Session s(xclbin);
      xrt::bo code = s.code(hang);
      auto run = s.kernel(3, code, static_cast<unsigned>(hang.size() / 4), s.data(), s.data());
      const pid_t child = fork();
      if (child == 0) {
        try {
          xrt::bo b = s.data(); // of a context that is its parent's
          _exit(0);
        } catch (const std::exception &) {
          _exit(4);
        }
      }
      int status = 1;
      waitpid(child, &status, 0);
      std::printf("fork-busy %d, state %d\n", WIFEXITED(status) ? 0 : WTERMSIG(status), run.wait());
    } else if (mode == "empty") { // microseconds of an empty launch
      Session s(xclbin);
      std::vector<char> nothing(good.begin(), good.begin() + 16);
      nothing[8] = 0, nothing[9] = 0;    // operations
      nothing[12] = 16, nothing[13] = 0; // bytes
      xrt::bo code = s.code(nothing), in = s.data(), out = s.data();
      auto run = s.kernel(3, code, 4, in, out);
      run.wait();
      constexpr int kLaunches = 2000;
      const auto start = std::chrono::steady_clock::now();
      for (int i = 0; i < kLaunches; ++i) {
        run.start();
        if (run.wait() != ERT_CMD_STATE_COMPLETED) return 1;
      }
      const std::chrono::duration<double, std::micro> time =
          std::chrono::steady_clock::now() - start;
      std::printf("empty %.1f\n", time.count() / kLaunches);
    } else if (mode == "die") { // ends while a command runs
      Session *s = new Session(xclbin);
      xrt::bo *code = new xrt::bo(s->code(hang));
      auto *run = new xrt::run(
          s->kernel(3, *code, static_cast<unsigned>(hang.size() / 4), s->data(), s->data()));
      (void)run;
      std::puts("dying");
      std::fflush(stdout);
      _exit(7);
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
