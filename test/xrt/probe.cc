// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An XRT program with one behaviour of the chip a mode; compiled and run inside the Debian 13 root
// by xrt_test.cpp. Prints what happened, one line; the test knows what should.
//   probe MODE good.xclbin good.bin hang.bin
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

#include <xrt/experimental/xrt_ext.h>
#include <xrt/experimental/xrt_kernel.h>
#include <xrt/experimental/xrt_xclbin.h>
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_hw_context.h>
#include <xrt/xrt_kernel.h>

namespace {

constexpr size_t kBytes = 1024;

std::vector<char> load(const char *path) {
  std::ifstream file(path, std::ios::binary);
  return std::vector<char>((std::istreambuf_iterator<char>(file)), {});
}

struct Session {
  explicit Session(const char *xclbin)
      : device(0), context(device, device.register_xclbin(xrt::xclbin(std::string(xclbin)))),
        kernel(context, "MLIR_AIE") {}
  xrt::bo code(const std::vector<char> &bytes) {
    xrt::bo b(device, bytes.size(), XCL_BO_FLAGS_CACHEABLE, kernel.group_id(1));
    b.write(bytes.data());
    b.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    return b;
  }
  xrt::bo data(size_t bytes = kBytes) {
    return xrt::bo(device, bytes, XRT_BO_FLAGS_HOST_ONLY, kernel.group_id(3));
  }
  xrt::device device;
  xrt::hw_context context;
  xrt::kernel kernel;
};

/// `rounds` transfers with checked contents.
bool work(const char *xclbin, const std::vector<char> &stream, int rounds) {
  Session s(xclbin);
  xrt::bo code = s.code(stream), in = s.data(), out = s.data();
  auto *x = in.map<uint8_t *>();
  const auto *y = out.map<uint8_t *>();
  for (int r = 0; r < rounds; ++r) {
    for (size_t i = 0; i < kBytes; ++i) x[i] = static_cast<uint8_t>(i * 5 + r);
    in.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    auto run = s.kernel(3, code, static_cast<unsigned>(stream.size() / 4), in, out);
    if (run.wait(std::chrono::seconds(10)) != ERT_CMD_STATE_COMPLETED) return false;
    out.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
    if (std::memcmp(x, y, kBytes) != 0) return false;
  }
  return true;
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const std::string mode = argv[1];
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
