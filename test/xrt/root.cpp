// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "xrt/root.h"

#include "accel/loopback.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace ashlar::xrt_test {
namespace {

const std::string kBuild = ASHLAR_BINARY_DIR;

/// Size and time of files: whether the prepared folder is still true.
std::string stampOf(const std::vector<std::string> &files) {
  std::string stamp;
  for (const std::string &f : files) {
    struct stat s{};
    if (stat(f.c_str(), &s) == 0)
      stamp += fmt::format("{} {} {}.{}\n", f, s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
  }
  return stamp;
}

struct Part {
  std::string from, to;
};

/// Fills `folder`; "" or what went wrong.
std::string prepare(const std::string &folder, const std::string &self,
                    const std::function<Outcome(const std::string &)> &enter) {
  const auto source = cli_test::source;
  std::vector<Part> parts = {
      {kBuild + "/bin/xrt_with", "xrt_with"},
      {kBuild + "/bin/xrt_ashlar", "bin/ashlar"},
      {kBuild + "/bin/xrt_api", "bin/api"},
      {kBuild + "/lib/ashlar/libashlar-accel.so", "lib/ashlar/libashlar-accel.so"},
      {source("test/xrt/session.h"), "session.h"},
      {source("test/xrt/probe.cc"), "probe.cc"},
      {source("test/xrt/faults.cc"), "faults.cc"},
      {source("test/xrt/flip.cc"), "flip.cc"},
      {source("examples/host/layernorm.cpp"), "layernorm.cpp"},
      {source("examples/host/layernorm.py"), "layernorm.py"}};
  std::vector<std::string> inputs = {self, kBuild + "/bin/ashlar", kBuild + "/lib/ashlar/aie2"};
  for (const Part &p : parts) inputs.push_back(p.from);
  const std::string stamp = stampOf(inputs);
  if (const auto old = readTextFile(folder + "/stamp"); old.ok() && *old == stamp) return {};
  std::error_code failed;
  fs::remove_all(folder, failed);
  fs::create_directories(folder + "/bin");
  fs::create_directories(folder + "/lib/ashlar");
  std::string programs;
  for (const Part &p : parts) {
    if (!fs::exists(p.from)) continue; // Ashlar itself where XRT's headers were not found
    fs::copy(p.from, folder + "/" + p.to);
    if (p.from.starts_with(kBuild)) programs += " " + cli_test::quoted(p.from);
  }
  // Libraries of this system's versions: all but what every Debian has in one version.
  shell("ldd" + programs + " | awk '/libfmt|libpugixml/ { print $3 }' | sort -u | " +
        "xargs -I{} cp -L {} " + cli_test::quoted(folder + "/lib"));
  const package::Products good = accel_test::loopback(), hang = accel_test::loopback(false);
  if (!writeFile(folder + "/good.xclbin", good.xclbin).ok() ||
      !writeFile(folder + "/good.bin", good.sequences[0].stream).ok() ||
      !writeFile(folder + "/hang.bin", hang.sequences[0].stream).ok())
    return "cannot write " + folder;
  const std::string flags = "-std=c++17 -O0";
  for (const char *program :
       {"probe.cc -o probe", "faults.cc -o faults", "layernorm.cpp -o layernorm"}) {
    const Outcome run =
        enter("g++ " + flags + " " + std::string(program) + " -lxrt_coreutil -pthread");
    if (run.exit != 0) return run.err;
  }
  // Builds without the compiler have no verb `build`.
  if (cli_test::ashlar({"help"}).out.find("\n  build ") != std::string::npos) {
    const Outcome built =
        cli_test::ashlar({"build", source("examples/layernorm/design.mlir"),
                          source("examples/layernorm/layernorm.cc"), "-o", folder + "/ln"});
    if (built.exit != 0) return built.err;
  }
  return writeTextFile(folder + "/stamp", stamp).ok() ? "" : "cannot write " + folder;
}

} // namespace

Outcome shell(const std::string &command) {
  cli_test::TempDir scratch;
  const std::string all = "( " + command + " ) > " + cli_test::quoted(scratch / "out") + " 2> " +
                          cli_test::quoted(scratch / "err") + " < /dev/null";
  const int status = std::system(all.c_str());
  Outcome run;
  if (WIFEXITED(status)) run.exit = WEXITSTATUS(status);
  if (auto out = readTextFile(scratch / "out"); out.ok()) run.out = *out;
  if (auto err = readTextFile(scratch / "err"); err.ok()) run.err = *err;
  return run;
}

void Xrt::SetUpTestSuite() {
  if (*ASHLAR_SANITIZE) {
    why = "skipped: a library with a sanitizer cannot be preloaded into XRT's programs";
    return;
  }
  const Outcome found = shell(cli_test::quoted(cli_test::source("tools/xrt-root")));
  if (found.exit != 0) {
    why = "skipped: no Debian 13 root with XRT";
    return;
  }
  root = found.out.substr(0, found.out.find('\n'));
  if (root != "/" && geteuid() != 0) {
    why = "skipped: no Debian 13 root that this user may enter";
    return;
  }
  if (root == "/") root = "";
  shared = fmt::format("/tmp/ashlar-xrt-{}-{:016x}", geteuid(), std::hash<std::string>()(kBuild));
  // One process at a time fills it; the file is closed, and the lock given up, at the end.
  const int lock = open((root + shared + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (lock < 0 || flock(lock, LOCK_EX) != 0) {
    problem = "cannot lock " + root + shared + ".lock";
    return;
  }
  inside = shared;
  problem = prepare(root + shared, fs::read_symlink("/proc/self/exe").string(),
                    [](const std::string &command) { return enter(command, 300); });
  close(lock);
  if (!problem.empty()) return;
  inside = fmt::format("{}-{}", shared, getpid());
  folder = root + inside;
  fs::create_directories(folder);
}

void Xrt::TearDownTestSuite() {
  std::error_code ignored;
  if (!folder.empty()) fs::remove_all(folder, ignored);
  shared = folder = problem = "";
}

void Xrt::SetUp() {
  ASSERT_EQ(problem, "");
  if (!why.empty()) GTEST_SKIP() << why;
}

Outcome Xrt::enter(const std::string &command, int seconds) {
  const std::string text = "cd " + inside + " && " + command;
  return shell(fmt::format("timeout {} {}env HOME={} LD_LIBRARY_PATH={}/lib sh -c {}", seconds,
                           root.empty() ? "" : "chroot " + cli_test::quoted(root) + " ", inside,
                           shared, cli_test::quoted(text)));
}

Outcome Xrt::with(const std::string &command, const std::string &environment) {
  return enter(fmt::format("ASHLAR_EXPLAIN=1 ASHLAR_TDR_MS=300 {} {}/xrt_with "
                           "{}/lib/ashlar/libashlar-accel.so {}",
                           environment, shared, shared, command));
}

Outcome Xrt::ashlarWith(const std::string &command, const std::string &environment) {
  // The root has no /proc, by which Ashlar finds its own files.
  return enter(fmt::format("ASHLAR_EXPLAIN=1 ASHLAR_TDR_MS=300 ASHLAR_RESOURCE_DIR={}/lib/ashlar/"
                           "aie2 {} {}/bin/ashlar with -- {}",
                           shared, environment, shared, command));
}

Outcome Xrt::probe(const std::string &mode, const std::string &environment) {
  return with(fmt::format("{0}/probe {1} {0}/good.xclbin {0}/good.bin {0}/hang.bin", shared, mode),
              environment);
}

Outcome Xrt::faults(const std::string &mode, const std::string &environment) {
  return with(fmt::format("{0}/faults {1} {0}/good.xclbin {0}/good.bin {0}/hang.bin", shared, mode),
              environment);
}

bool Xrt::hasAshlar() { return fs::exists(root + shared + "/bin/ashlar"); }
bool Xrt::hasDesign() { return fs::exists(root + shared + "/ln/main.xclbin"); }

} // namespace ashlar::xrt_test
