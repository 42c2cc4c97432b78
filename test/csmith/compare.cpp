// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random C programs (Debian's csmith) on the host and on the emulated core, at -O0 to -O3: the
// checksums must agree. The host program is a 32-bit one without a C library, so that `long` has
// the core's size; it is compiled once a seed, by Clang. Everything for the core happens in this
// process's children, one a seed, so a crash or an endless loop of the compiler is a verdict and
// names its seed. Programs that do not fit into program memory or run too long are counted, not
// failed.
//   csmith_compare [--count 100] [--seed 1] [--levels 0123] [--jobs 1] [--keep DIR] [--least N]
//                  [--cycles 30000000]
//   csmith_compare --variables 1 ... [FILE ...]   what debug information says of variables at -O1
//   to -O3, bundle
//       by bundle, must be values that they have at -O0
// --least: fewer equal pairs than that fail too, so that a run that compares nothing is seen.
#include "codegen/codegen.h"
#include "device/geometry.h"
#include "emulator/core/core.h"
#include "emulator/core/standalone.h"
#include "format/dwarf_variables.h"
#include "format/elf.h"
#include "frontend/frontend.h"
#include "isa/dwarf.h"
#include "link/link.h"
#include "plan/plan.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <set>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using namespace ashlar;

constexpr uint32_t kStackBytes = 16384;
constexpr uint32_t kStop = 0xFFFF0;
constexpr uint32_t kArgument = 123456789; ///< of `run` in programs that are given
constexpr int kNotRun = -1;

const std::string kSource = ASHLAR_SOURCE_DIR;
const std::string kResources = ASHLAR_BINARY_DIR "/lib/ashlar/aie2";

constexpr const char *kWrapper = R"(
#include <stdarg.h>
static unsigned csmith_result;
static int csmith_print(const char *format, ...) {
  va_list list;
  va_start(list, format);
  if (format[0] == 'c') csmith_result = va_arg(list, unsigned);
  va_end(list);
  return 0;
}
#define printf csmith_print
#define main csmith_main
#include "program.c"
#undef main
unsigned run(void) { csmith_main(); return csmith_result; }
)";

struct Options {
  uint64_t count = 100, seed = 1, jobs = 1, least = 0, cycles = 30'000'000, variables = 0;
  std::string levels = "0123", keep;
  std::vector<std::string> files; ///< with --variables: instead of random programs
};

/// Runs a program with its output in `output` and at most that much processor time; its exit code,
/// or kNotRun.
int execute(const std::vector<std::string> &command, const fs::path &folder,
            const std::string &output, int milliseconds) {
  const pid_t child = fork();
  if (child == 0) {
    // The timer counts on through exec.
    itimerval limit{{}, {milliseconds / 1000, milliseconds % 1000 * 1000}};
    setitimer(ITIMER_VIRTUAL, &limit, nullptr);
    if (chdir(folder.c_str()) || !freopen(output.c_str(), "wb", stdout)) _exit(127);
    if (!freopen((output + ".err").c_str(), "wb", stderr)) _exit(127);
    std::vector<char *> words;
    for (const std::string &word : command) words.push_back(const_cast<char *>(word.c_str()));
    words.push_back(nullptr);
    execvp(words[0], words.data());
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return kNotRun;
  return WIFEXITED(status) ? WEXITSTATUS(status) : kNotRun;
}

std::string headersOfCsmith() {
  std::string found;
  std::error_code failed;
  for (const auto &entry : fs::directory_iterator("/usr/include", failed))
    if (entry.path().filename().string().rfind("csmith", 0) == 0)
      found = std::max(found, entry.path().string());
  return found;
}

std::string firstError(const Diagnostics &errors) {
  return errors.empty() ? "an error without text" : errors.front().str();
}

/// "" and the checksum, or why there is none.
std::string onHost(uint64_t seed, const fs::path &folder, uint32_t &sum) {
  const std::vector<std::string> make = {"csmith",
                                         "--seed",
                                         std::to_string(seed),
                                         "--no-argc",
                                         "--max-funcs",
                                         "4",
                                         "--max-block-depth",
                                         "2",
                                         "--max-block-size",
                                         "3",
                                         "--max-expr-complexity",
                                         "5",
                                         "--max-array-dim",
                                         "2",
                                         "--max-array-len-per-dim",
                                         "4",
                                         "--max-pointer-depth",
                                         "2",
                                         "--no-packed-struct"};
  if (execute(make, folder, "program.c", 30'000) != 0) return "no program";
  const std::string host =
      fmt::format("#include \"wrapper.c\"\n#include \"{}/test/csmith/host.c\"\n", kSource);
  const auto put = [&](const char *name, std::string_view text) {
    return writeFile((folder / name).string(),
                     {reinterpret_cast<const uint8_t *>(text.data()), text.size()})
        .ok();
  };
  if (!put("wrapper.c", kWrapper) || !put("host_main.c", host)) return "no program";
  const std::vector<std::string> compile = {"clang-22",
                                            "--target=i386-linux-gnu",
                                            "-O1",
                                            "-w",
                                            "-fwrapv",
                                            "-nostdinc",
                                            "-isystem",
                                            kSource + "/lib/aie2/include",
                                            "-isystem",
                                            ASHLAR_CLANG_HEADERS,
                                            "-I" + headersOfCsmith(),
                                            "-ffreestanding",
                                            "-fno-stack-protector",
                                            "-nostdlib",
                                            "-static",
                                            "-fuse-ld=lld",
                                            "host_main.c",
                                            "-o",
                                            "host"};
  if (execute(compile, folder, "host.log", 60'000) != 0) {
    const auto text = readTextFile((folder / "host.log.err").string());
    return "HOST BUILD: " + (text.ok() ? text->substr(0, 300) : "");
  }
  if (execute({"./host"}, folder, "host.sum", 400) != 0) return "host too slow";
  const auto bytes = readFile((folder / "host.sum").string());
  if (!bytes.ok() || bytes->size() != 4) return "host too slow";
  sum = readU32(bytes->data());
  return "";
}

Result<Bytes> compileForCore(const std::string &file, int level, bool debug, std::string &text) {
  llvm::LLVMContext context;
  frontend::Options front;
  front.args = {"-w", "-fwrapv", "-I" + headersOfCsmith(), "-O" + std::to_string(level)};
  if (debug) front.args.push_back("-g");
  front.resourceDir = kResources;
  ASHLAR_TRY(auto module, frontend::compile(file, front, context, text));
  codegen::Options back;
  back.optLevel = static_cast<unsigned>(level);
  back.verifyMachine = true;
  back.doubleNotes = false;
  Diagnostics warnings;
  ASHLAR_TRY(codegen::Output output, codegen::compile(*module, back, warnings));
  return std::move(output.object);
}

Result<format::elf::File> linkForCore(Bytes object) {
  plan::Core core;
  core.tile = {0, device::kFirstCoreRow};
  core.function = "run";
  core.stackSize = core.dataStart = kStackBytes;
  link::Options options;
  options.entry = "run";
  std::vector<link::Input> inputs;
  ASHLAR_TRY(Bytes library, readFile(kResources + "/libaie2.a"));
  inputs.push_back({"wrapper.o", std::move(object)});
  inputs.push_back({"libaie2.a", std::move(library)});
  Diagnostics warnings;
  ASHLAR_TRY(auto linked, link::link(core, inputs, options, warnings));
  return format::elf::read(linked.elf, "wrapper.elf");
}

/// "" when the core stands at the program's begin.
std::string load(const format::elf::File &file, emulator::StandalonePort &port,
                 emulator::Core &core) {
  core.setControl(false, true);
  for (const auto &s : file.segments) {
    if (s.type != format::elf::kLoad || s.memorySize == 0) continue;
    if (s.virtualAddress < device::kCoreWindowSouth) {
      if (!core.writeProgram(s.virtualAddress, s.data).ok()) return "CORE: program not loaded";
    } else {
      uint8_t *to = port.at(s.virtualAddress, s.memorySize);
      if (!to) return "CORE: data not loaded";
      std::copy(s.data.begin(), s.data.end(), to);
    }
  }
  core.setControl(true, false);
  const format::elf::Symbol *stack = file.findSymbol("_sp_start_value_DM_stack");
  if (!stack) return "CORE: no stack";
  core.setScalar(isa::Reg::sp, stack->value);
  core.setScalar(isa::Reg::lr, kStop);
  core.setPc(file.entry);
  core.setStop(kStop);
  core.setScalar(isa::Reg::r1, kArgument);
  return "";
}

std::string runOnCore(const format::elf::File &file, uint64_t cycles, uint32_t &sum) {
  emulator::StandalonePort port;
  emulator::Core core(port);
  if (std::string failed = load(file, port, core); !failed.empty()) return failed;
  core.run(cycles);
  if (core.state() == emulator::CoreState::Running ||
      core.state() == emulator::CoreState::MemoryStall)
    return "too slow";
  if (core.state() != emulator::CoreState::Done)
    return fmt::format("CORE: {}", core.fault() ? core.fault()->str() : "stopped");
  sum = core.scalar(isa::Reg::r0);
  return "";
}

std::string compareAt(int level, const fs::path &folder, uint64_t cycles, uint32_t expected) {
  std::string text;
  auto object = compileForCore((folder / "wrapper.c").string(), level, false, text);
  if (!object.ok()) return "COMPILER: " + firstError(object.errors()) + text.substr(0, 300);
  auto file = linkForCore(std::move(*object));
  if (!file.ok()) {
    const std::string &code = file.errors().front().code;
    if (code == "program-memory" || code == "data-memory") return "too large";
    return "LINKER: " + firstError(file.errors());
  }
  uint32_t sum = 0;
  const std::string failed = runOnCore(*file, cycles, sum);
  if (!failed.empty()) return failed;
  return sum == expected ? "equal" : fmt::format("MISMATCH: core {:x}, host {:x}", sum, expected);
}

/// The values of each variable, "function name".
using Histories = std::map<std::string, std::set<uint64_t>>;

/// Reads all variables in front of every bundle.
std::string watch(int level, const std::string &source, uint64_t cycles, Histories &histories) {
  std::string text;
  auto object = compileForCore(source, level, true, text);
  if (!object.ok()) return "COMPILER: " + firstError(object.errors()) + text.substr(0, 300);
  auto file = linkForCore(std::move(*object));
  if (!file.ok()) return "too large";
  emulator::StandalonePort port;
  emulator::Core core(port);
  if (std::string failed = load(*file, port, core); !failed.empty()) return failed;
  const format::dwarf::VariableTable table(*file);
  struct Seen {
    format::dwarf::Variable variable;
    std::set<uint64_t> *history;
  };
  std::map<uint32_t, std::vector<Seen>> known;
  while (core.state() == emulator::CoreState::Running ||
         core.state() == emulator::CoreState::MemoryStall) {
    if (core.cycles() > cycles) return "too slow";
    auto [at, fresh] = known.try_emplace(core.pc());
    if (fresh)
      for (const auto &v : table.at(core.pc()))
        // Pointers differ between programs.
        if (v.where != format::dwarf::Variable::Where::Lost && !v.isPointer && v.bytes > 0 &&
            v.bytes <= 4)
          at->second.push_back({v, &histories[v.function + " " + v.name]});
    for (const Seen &s : at->second) {
      using Where = format::dwarf::Variable::Where;
      const format::dwarf::Variable &v = s.variable;
      const isa::Reg reg = isa::findDwarfReg(v.reg);
      uint64_t value = static_cast<uint64_t>(v.offset);
      if (v.where == Where::Register) value = core.scalar(reg);
      if (v.where == Where::Memory) {
        const uint32_t base = v.reg < 0 ? 0 : core.scalar(reg);
        const uint8_t *from = port.at(base + static_cast<uint32_t>(v.offset), v.bytes);
        if (!from) continue;
        value = 0;
        for (uint32_t i = 0; i < v.bytes; ++i) value |= uint64_t{from[i]} << (8 * i);
      }
      value &= (uint64_t{1} << (8 * v.bytes)) - 1;
      s.history->insert(value);
    }
    core.run(1);
  }
  if (core.state() != emulator::CoreState::Done)
    return fmt::format("CORE: {}", core.fault() ? core.fault()->str() : "stopped");
  return "";
}

std::string compareVariables(int level, const std::string &source, uint64_t cycles,
                             const Histories &plain) {
  Histories seen;
  if (std::string failed = watch(level, source, cycles, seen); !failed.empty()) return failed;
  std::string problem;
  for (const auto &[name, values] : seen) {
    const auto all = plain.find(name);
    if (all == plain.end()) continue;
    for (const uint64_t value : values) {
      if (all->second.contains(value)) continue;
      problem += fmt::format("{} is {:#x}, ", name, value);
      break;
    }
  }
  return problem.empty() ? "equal" : "VARIABLES: " + problem;
}

/// One line a level: the level, a space, the verdict. What has begun and did not end is the last
/// line, so the parent knows what a dead child was at.
void compareSeed(uint64_t seed, const Options &o, const fs::path &folder) {
  std::FILE *out = std::fopen((folder / "verdicts").c_str(), "w");
  if (!out) _exit(1);
  rlimit memory{6'000'000'000, 6'000'000'000}, time{120, 120};
  setrlimit(RLIMIT_AS, &memory);
  setrlimit(RLIMIT_CPU, &time);
  uint32_t expected = 0;
  const std::string source =
      o.files.empty() ? (folder / "wrapper.c").string() : o.files[seed - o.seed];
  if (const std::string why = o.files.empty() ? onHost(seed, folder, expected) : ""; !why.empty()) {

    std::fprintf(out, "- %s\n", why.c_str());
  } else {
    Histories plain;
    std::string unknown;
    if (o.variables) unknown = watch(0, source, o.cycles, plain);
    for (const char level : o.levels) {
      std::fprintf(out, "%c ", level);
      std::fflush(out);
      std::string verdict = !o.variables ? compareAt(level - '0', folder, o.cycles, expected)
                            : unknown.empty()
                                ? compareVariables(level - '0', source, o.cycles, plain)
                                : unknown;
      std::replace(verdict.begin(), verdict.end(), '\n', ' ');
      std::fprintf(out, "%s\n", verdict.c_str());
    }
  }
  std::fclose(out);
  _exit(0);
}

class Comparison {
public:
  explicit Comparison(Options o) : o_(std::move(o)) {
    std::string pattern = (fs::temp_directory_path() / "csmith-XXXXXX").string();
    root_ = o_.keep.empty() ? mkdtemp(pattern.data()) : o_.keep;
  }
  int run() {
    uint64_t next = o_.seed;
    while (next < o_.seed + o_.count || !children_.empty()) {
      while (next < o_.seed + o_.count && children_.size() < o_.jobs) start(next++);
      int status = 0;
      const pid_t child = wait(&status);
      if (child < 0) break;
      collect(children_.at(child), status);
      children_.erase(child);
    }
    if (o_.keep.empty()) fs::remove_all(root_);
    std::string line;
    for (const auto &[kind, count] : totals_)
      line += fmt::format("{}{} {}", line.empty() ? "" : ", ", kind, count);
    fmt::print("{} (seeds {}..{}, -O{})\n", line, o_.seed, o_.seed + o_.count - 1, o_.levels);
    if (totals_["equal"] < o_.least) {
      fmt::print("fewer than {} pairs were compared\n", o_.least);
      return 1;
    }
    return bad_ != 0;
  }

private:
  fs::path folder(uint64_t seed) const { return fs::path(root_) / std::to_string(seed); }
  void start(uint64_t seed) {
    fs::create_directories(folder(seed));
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) compareSeed(seed, o_, folder(seed));
    if (child > 0) children_[child] = seed;
  }
  void count(uint64_t seed, const std::string &level, const std::string &verdict) {
    const std::string kind = verdict.substr(0, verdict.find(':'));
    ++totals_[kind];
    if (std::islower(static_cast<unsigned char>(kind[0]))) return;
    ++bad_;
    fmt::print("{} -O{}: {}\n",
               o_.files.empty() ? fmt::format("seed {}", seed) : o_.files[seed - o_.seed], level,
               verdict);
    std::fflush(stdout);
  }
  void collect(uint64_t seed, int status) {
    auto text = readTextFile((folder(seed) / "verdicts").string());
    std::string rest = text.ok() ? *text : "";
    for (size_t end; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1))
      count(seed, rest.substr(0, 1), rest.substr(2, end - 2));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
      count(seed, rest.substr(0, 1),
            fmt::format("DIED: {}", WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "exit"));
    if (o_.keep.empty()) fs::remove_all(folder(seed));
  }

  Options o_;
  std::string root_;
  std::map<pid_t, uint64_t> children_;
  std::map<std::string, uint64_t> totals_;
  int bad_ = 0;
};

} // namespace

int main(int argc, char **argv) {
  Options o;
  std::map<std::string, uint64_t *> numbers = {
      {"--count", &o.count}, {"--seed", &o.seed},     {"--jobs", &o.jobs},
      {"--least", &o.least}, {"--cycles", &o.cycles}, {"--variables", &o.variables}};
  std::map<std::string, std::string *> texts = {{"--levels", &o.levels}, {"--keep", &o.keep}};
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 < argc && numbers.contains(name)) {
      *numbers[name] = std::strtoull(argv[i + 1], nullptr, 0);
    } else if (i + 1 < argc && texts.contains(name)) {
      *texts[name] = argv[i + 1];
    } else if (name[0] != '-') {
      o.files.push_back(name);
      --i;
    } else {
      fmt::print(stderr, "{}: not an option\n", name);
      return 2;
    }
  }
  o.jobs = std::max<uint64_t>(o.jobs, 1);
  if (!o.files.empty()) o.count = o.files.size();
  o.variables |= !o.files.empty();
  if (!o.keep.empty()) o.keep = fs::absolute(o.keep).string();
  if (o.files.empty() && execute({"csmith", "--version"}, ".", "/dev/null", 10'000) != 0) {
    fmt::print("skipped: no csmith (Debian's packages csmith and libcsmith-dev)\n");
    return 77;
  }
  return Comparison(o).run();
}
