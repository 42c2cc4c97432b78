// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar core FILE...`: one emulated core without an array runs `main` or a function. The result
// is what the ABI's registers hold at the end, shown in every form it can have, because a machine
// register does not say whether it is a float.
#if defined(ASHLAR_HAS_LINK) && defined(ASHLAR_HAS_ASSEMBLER) && defined(ASHLAR_HAS_EMULATOR)
#include "assembler/lint.h"
#include "cli/core_program.h"
#include "cli/core_source.h"
#include "cli/verbs.h"
#include "device/geometry.h"
#include "emulator/core/core.h"
#include "emulator/core/standalone.h"
#include "isa/decode.h"
#include "isa/dwarf.h"
#include "isa/print.h"

#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace ashlar::cli {
namespace {

using emulator::Core;
using emulator::CoreState;
using emulator::StandalonePort;
using isa::Reg;
using json = nlohmann::ordered_json;

constexpr uint32_t kStop = 0xFFFF0; ///< the return address of a called function
constexpr size_t kIntegerRegisters = 8, kPointerRegisters = 6;

struct Options {
  CoreProgramOptions program;
  std::vector<std::string> args, dumps, locks;
  std::vector<std::string> defines, includes;
  std::string standard, streamIn, streamOut, level, returns;
  uint64_t timeout = 200'000'000;
  uint32_t argumentAlign = 32; ///< of what arguments point to
  bool stats = false, json = false, lint = false, profile = false;
};

/// A piece of data memory that an argument points to.
struct Buffer {
  std::string name;
  uint32_t address;
  uint32_t size;
};

Diagnostic usage(const std::string &message, const std::string &remedy = {}) {
  return error("usage", {}, message, remedy);
}

/// One `--arg`: registers that it fills, or bytes that it points to.
struct Argument {
  std::vector<uint32_t> words;
  std::optional<Bytes> data;
};

Result<Argument> parseArgument(const std::string &text) {
  Argument a;
  const auto number = [&](std::string_view t, auto &out) {
    const bool hex = t.size() > 2 && t[0] == '0' && (t[1] == 'x' || t[1] == 'X');
    if (hex) t.remove_prefix(2);
    const auto r = std::from_chars(t.data(), t.data() + t.size(), out, hex ? 16 : 10);
    return r.ec == std::errc() && r.ptr == t.data() + t.size() && !t.empty();
  };
  const auto pair = [&](uint64_t v) {
    a.words = {static_cast<uint32_t>(v), static_cast<uint32_t>(v >> 32)};
  };
  if (text.rfind("@:", 0) == 0) {
    uint32_t size = 0;
    if (!number(std::string_view(text).substr(2), size))
      return usage(fmt::format("--arg {}: the size is not a number", text));
    a.data = Bytes(size, 0);
    return a;
  }
  if (text.rfind("@", 0) == 0) {
    ASHLAR_TRY(a.data, readFile(text.substr(1)));
    return a;
  }
  if (text.rfind("i64:", 0) == 0) {
    int64_t s = 0;
    uint64_t u = 0;
    if (number(std::string_view(text).substr(4), s))
      pair(static_cast<uint64_t>(s));
    else if (number(std::string_view(text).substr(4), u))
      pair(u);
    else
      return usage(fmt::format("--arg {}: not a 64-bit integer", text));
    return a;
  }
  const bool isDouble = text.rfind("f64:", 0) == 0;
  const std::string body = isDouble ? text.substr(4) : text;
  int64_t integer = 0;
  if (!isDouble && number(body, integer)) {
    if (integer < INT32_MIN || integer > UINT32_MAX)
      return usage(fmt::format("--arg {}: does not fit in 32 bits", text),
                   "write i64:NUMBER for a 64-bit argument");
    a.words = {static_cast<uint32_t>(integer)};
    return a;
  }
  char *end = nullptr;
  const double d = std::strtod(body.c_str(), &end);
  if (body.empty() || (*end != 0 && !(*end == 'f' && end[1] == 0 && !isDouble)))
    return usage(fmt::format("--arg {}: neither a number nor @FILE", text),
                 "integers, 1.5 (float), i64:N, f64:X, @FILE, or @:BYTES for zeros");
  if (isDouble)
    pair(std::bit_cast<uint64_t>(d));
  else
    a.words = {std::bit_cast<uint32_t>(std::strtof(body.c_str(), nullptr))};
  return a;
}

/// First free byte of own data memory behind everything the program brings.
uint32_t dataEnd(const CoreProgram &p) {
  uint32_t end = p.stack + p.stackSize;
  for (const auto &s : p.file.segments)
    if (s.virtualAddress >= device::kCoreWindowOwn)
      end = std::max(end, s.virtualAddress + s.memorySize);
  return end;
}

Status loadSegments(const CoreProgram &p, Core &core, StandalonePort &port) {
  for (const auto &s : p.file.segments) {
    if (s.type != format::elf::kLoad || s.memorySize == 0) continue;
    if (s.virtualAddress < device::kCoreWindowSouth) {
      ASHLAR_CHECK(core.writeProgram(s.virtualAddress, s.data));
      continue;
    }
    const uint32_t window =
        (s.virtualAddress - device::kCoreWindowSouth) / device::kCoreWindowBytes;
    if (window < 4) port.addWindow(static_cast<int>(window));
    uint8_t *to = port.at(s.virtualAddress, s.memorySize);
    if (to == nullptr)
      return error("data-memory", Place::at(p.name),
                   fmt::format("a segment of {} bytes at {:#x} is not in data memory", s.memorySize,
                               s.virtualAddress));
    std::copy(s.data.begin(), s.data.end(), to);
  }
  // Buffers of a design may lie in a neighbour's memory.
  for (const auto &symbol : p.file.symbols)
    if (symbol.section == format::elf::kAbsolute && symbol.value >= device::kCoreWindowSouth &&
        symbol.value < device::kCoreWindowOwn + device::kCoreWindowBytes)
      port.addWindow(
          static_cast<int>((symbol.value - device::kCoreWindowSouth) / device::kCoreWindowBytes));
  return Ok{};
}

/// The registers of a result are not given to arguments, so the result's type decides where they
/// go.
struct Returned {
  size_t words = 0, pointers = 0;
  std::string what;
};
Result<Returned> returnedBy(const Options &o, const CoreProgram &p) {
  const std::map<std::string, Returned> known = {{"void", {0, 0, "void"}}, {"i32", {1, 0, "i32"}},
                                                 {"f32", {1, 0, "f32"}},   {"i64", {2, 0, "i64"}},
                                                 {"f64", {2, 0, "f64"}},   {"ptr", {0, 1, "ptr"}}};
  if (!o.returns.empty()) {
    const auto at = known.find(o.returns);
    if (at == known.end())
      return usage(fmt::format("--returns {}: not a type", o.returns),
                   "void, i32, f32, i64, f64 or ptr");
    return at->second;
  }
  if (p.result)
    for (const auto &[name, returned] : known)
      if (name[0] != 'f' && std::pair{returned.words, returned.pointers} == *p.result)
        return returned;
  // Neither said nor recorded: a function that reads r0 first has no word as result, one that reads
  // p0 no pointer; one that reads beyond where its arguments would end has a wide result.
  size_t words = 0, pointers = 0;
  for (const std::string &text : o.args) {
    ASHLAR_TRY(const Argument a, parseArgument(text));
    (a.data ? pointers : words) += a.data ? 1 : a.words.size();
  }
  const EntryReads reads = entryReads(p.file, p.entry);
  if ((reads.pointers & 1) == 0 && pointers > 0 && (reads.pointers >> pointers & 1) != 0)
    return known.at("ptr");
  if (words == 0 || (reads.words & 1) != 0) return known.at(words == 0 ? "i32" : "void");
  const bool wide = (reads.words & 2) == 0 && words > 0 && (reads.words >> (words + 1) & 1) != 0;
  return known.at(wide ? "i64" : "i32");
}

struct Arguments {
  std::vector<Buffer> buffers;
  uint32_t sp; ///< arguments on the stack lie below it
};

Result<Arguments> placeArguments(const Options &o, const CoreProgram &p, Core &core,
                                 StandalonePort &port) {
  std::vector<Buffer> buffers;
  std::vector<std::pair<uint32_t, uint32_t>> stack; // distance below sp, word
  uint32_t below = 0;
  ASHLAR_TRY(const Returned returned, returnedBy(o, p));
  size_t integers = returned.words, pointers = returned.pointers;
  uint32_t top = device::kCoreWindowOwn + device::kCoreWindowBytes;
  const uint32_t end = dataEnd(p);
  for (size_t i = 0; i < o.args.size(); ++i) {
    ASHLAR_TRY(const Argument a, parseArgument(o.args[i]));
    if (!a.data) {
      if (integers + a.words.size() > kIntegerRegisters) {
        // All words of a value together, the first one at the lowest address.
        below += static_cast<uint32_t>(4 * a.words.size());
        for (size_t w = 0; w < a.words.size(); ++w)
          stack.push_back({below - static_cast<uint32_t>(4 * w), a.words[w]});
        continue;
      }
      for (const uint32_t w : a.words)
        core.setScalar(isa::findReg("r" + std::to_string(integers++)), w);
      continue;
    }
    const auto size = static_cast<uint32_t>(a.data->size());
    if (size > top - end)
      return error("data-memory", {},
                   fmt::format("--arg {} needs {} bytes and {} are left in data memory", o.args[i],
                               size, top - end));
    const uint32_t address = (top - size) & ~(o.argumentAlign - 1);
    if (address < end)
      return error("data-memory", {},
                   fmt::format("--arg {} does not fit in data memory", o.args[i]));
    top = address;
    if (size != 0) std::copy(a.data->begin(), a.data->end(), port.at(address, size));
    if (pointers == kPointerRegisters) {
      below += 4;
      stack.push_back({below, address});
    } else {
      core.setScalar(isa::findReg("p" + std::to_string(pointers++)), address);
    }
    buffers.push_back({fmt::format("arg{}", i), address, size});
  }
  const uint32_t sp = p.stack + ((below + 31) & ~31U); // sp is 32-byte aligned at all times
  for (const auto &[distance, word] : stack) writeU32(port.at(sp - distance, 4), word);
  return Arguments{std::move(buffers), sp};
}

struct Dump {
  std::string name, file;
  uint32_t address, size;
};

/// NAME, argN, NAME:BYTES or ADDRESS:BYTES, each with an optional =FILE.
Result<Dump> parseDump(const std::string &text, const CoreProgram &p,
                       const std::vector<Buffer> &buffers) {
  Dump d;
  const size_t equals = text.find('=');
  if (equals != std::string::npos) d.file = text.substr(equals + 1);
  std::string what = text.substr(0, equals);
  uint32_t bytes = 0;
  if (const size_t colon = what.rfind(':'); colon != std::string::npos) {
    bytes = static_cast<uint32_t>(std::strtoul(what.c_str() + colon + 1, nullptr, 0));
    what.resize(colon);
  }
  d.name = what;
  for (const Buffer &b : buffers)
    if (b.name == what) {
      d.address = b.address;
      d.size = bytes != 0 ? bytes : b.size;
      return d;
    }
  char *end = nullptr;
  const unsigned long address = std::strtoul(what.c_str(), &end, 0);
  if (!what.empty() && *end == 0) {
    d.address = static_cast<uint32_t>(address);
    d.size = bytes;
  } else if (const auto *symbol = p.file.findSymbol(what)) {
    d.address = symbol->value;
    d.size = bytes != 0 ? bytes : symbol->size;
  } else {
    return usage(fmt::format("--dump {}: no symbol of that name", what),
                 "data that the program does not use is dropped by the linker");
  }
  if (d.size == 0)
    return usage(fmt::format("--dump {}: how many bytes is not known", what),
                 fmt::format("write {}:BYTES", what));
  return d;
}

std::string hex(ByteView data) {
  std::string out;
  for (const uint8_t b : data) out += fmt::format("{:02x}", b);
  return out;
}

json statsJson(const emulator::CoreStats &s, double seconds) {
  return {{"cycles", s.cycles},
          {"bundles", s.bundles},
          {"instructions", s.instructions},
          {"memory_stalls", s.memoryStalls},
          {"lock_stalls", s.lockStalls},
          {"stream_stalls", s.streamStalls},
          {"cascade_stalls", s.cascadeStalls},
          {"loads", s.loads},
          {"stores", s.stores},
          {"branches_taken", s.branchesTaken},
          {"loop_rounds", s.loopRounds},
          {"unaligned_accesses", s.unaligned},
          {"host_seconds", seconds},
          {"million_bundles_per_second",
           seconds > 0 ? static_cast<double>(s.bundles) / seconds / 1e6 : 0}};
}

/// Cycles of each bundle that was reached, the most expensive first.
json profileJson(const Core &core, const CoreProgram &p) {
  std::vector<uint32_t> reached;
  const auto counts = core.pcCounts();
  for (uint32_t i = 0; i < counts.size(); ++i)
    if (counts[i].cycles != 0) reached.push_back(2 * i);
  std::stable_sort(reached.begin(), reached.end(), [&](uint32_t a, uint32_t b) {
    return counts[a / 2].cycles > counts[b / 2].cycles;
  });
  json rows = json::array();
  for (const uint32_t pc : reached) {
    const emulator::PcCounts &c = counts[pc / 2];
    isa::Bundle bundle;
    const bool known = isa::decode(core.program(), pc, bundle) == isa::DecodeError::None;
    rows.push_back({{"pc", pc},
                    {"place", placeAt(p, pc)},
                    {"cycles", c.cycles},
                    {"issued", c.issued},
                    {"memory_stalls", c.memoryStalls},
                    {"lock_stalls", c.lockStalls},
                    {"stream_stalls", c.streamStalls},
                    {"cascade_stalls", c.cascadeStalls},
                    {"bundle", known ? isa::print(bundle) : ""}});
  }
  return rows;
}

void printProfile(const json &rows) {
  constexpr size_t kShown = 30;
  fmt::print("{:>10} {:>10} {:>8}  {:>6}  {}\n", "cycles", "issued", "stalls", "pc", "bundle");
  for (size_t i = 0; i < rows.size() && i < kShown; ++i) {
    const json &r = rows[i];
    uint64_t stalls = 0;
    for (const char *kind : {"memory_stalls", "lock_stalls", "stream_stalls", "cascade_stalls"})
      stalls += r[kind].get<uint64_t>();
    fmt::print("{:>10} {:>10} {:>8}  {:#06x}  {} // {}\n", r["cycles"].get<uint64_t>(),
               r["issued"].get<uint64_t>(), stalls, r["pc"].get<uint32_t>(),
               r["bundle"].get<std::string>(), r["place"].get<std::string>());
  }
  if (rows.size() > kShown) fmt::print("{} more: see --json\n", rows.size() - kShown);
}

/// Where a core stands that did not finish.
Diagnostic timeoutReport(const Core &core, const CoreProgram &p, uint64_t limit) {
  const CoreState state = core.state();
  const bool waits = state >= CoreState::LockStall && state <= CoreState::CascadeOutStall;
  const uint32_t pc = waits ? core.waiting().pc : core.pc();
  Diagnostic d =
      error(waits ? "core-waits" : "timeout", Place::at(p.name),
            waits ? fmt::format("the core {}, which nothing here will answer", core.waiting().str())
                  : fmt::format("not finished after {} cycles", limit),
            waits ? "" : "give more with --timeout CYCLES, or see where it loops");
  const std::string function = placeAt(p, pc);
  isa::Bundle bundle;
  if (isa::decode(core.program(), pc, bundle) == isa::DecodeError::None)
    d.notes.push_back(fmt::format("at pc {:#x} {}: {}", pc, function, isa::print(bundle)));
  for (const char *file : {"r", "p"}) {
    std::string line;
    for (int i = 0; i < (file[0] == 'r' ? 32 : 8); ++i) {
      const std::string name = file + std::to_string(i);
      line += fmt::format("{}={:#x} ", name, core.scalar(isa::findReg(name)));
      if (i % 8 == 7) {
        d.notes.push_back(line);
        line.clear();
      }
    }
  }
  d.notes.push_back(fmt::format("sp={:#x} lr={:#x} lc={:#x}", core.scalar(Reg::sp),
                                core.scalar(Reg::lr), core.scalar(Reg::lc)));
  return d;
}

/// Runs until done or something else; true when done.
bool runToEnd(Core &core, StandalonePort &port, uint64_t limit) {
  const uint64_t end = core.cycles() + limit;
  while (core.cycles() < end) {
    port.cycles = core.cycles();
    core.run(std::min<uint64_t>(end - core.cycles(), 4096));
    if (core.state() != CoreState::Running && core.state() != CoreState::MemoryStall) break;
  }
  return core.state() == CoreState::Done;
}

Status prepareSurroundings(const Options &o, StandalonePort &port) {
  for (const std::string &text : o.locks) {
    int id = -1, value = 0;
    if (std::sscanf(text.c_str(), "%d=%d", &id, &value) != 2 || id < 0 || id > 63)
      return usage(fmt::format("--lock {}: not ID=VALUE with ID in 0..63", text),
                   "own locks are 48..63");
    port.locks[id] = value;
  }
  if (!o.streamIn.empty()) {
    ASHLAR_TRY(const Bytes data, readFile(o.streamIn));
    if (data.size() % 4 != 0)
      return usage(fmt::format("--stream-in {}: not a whole number of 32-bit words", o.streamIn));
    for (size_t i = 0; i < data.size(); i += 4) port.input.push_back(readU32(&data[i]));
    port.hasInput = true;
  }
  port.hasOutput = !o.streamOut.empty();
  return Ok{};
}

/// Registers by their DWARF numbers, and data memory.
CoreView viewOf(const Core &core, StandalonePort &port) {
  return {[&core](int number) -> uint32_t {
            const Reg reg = isa::findDwarfReg(number);
            return reg == Reg::None ? 0 : core.scalar(reg);
          },
          [&port](uint32_t address, size_t bytes) { return port.at(address, bytes); }};
}

int finish(const Options &o, const CoreProgram &p, const Core &core, StandalonePort &port,
           const std::vector<Dump> &dumps, double seconds) {
  const uint32_t r0 = core.scalar(Reg::r0), r1 = core.scalar(Reg::r1);
  const uint64_t both = r0 | uint64_t{r1} << 32;
  const auto f32 = std::bit_cast<float>(r0);
  const auto f64 = std::bit_cast<double>(both);
  const bool finished = core.state() == CoreState::Done;
  const auto &s = core.stats();
  json out;
  int code = kFine;
  if (finished) {
    out["result"] = static_cast<int32_t>(r0);
    out["result_u32"] = r0;
    out["result_i64"] = static_cast<int64_t>(both);
    out["result_u64"] = both;
    // JSON has no NaN and infinity: the bits say it.
    out["result_f32"] = std::isfinite(f32) ? json(f32) : json(fmt::format("{}", f32));
    out["result_f64"] = std::isfinite(f64) ? json(f64) : json(fmt::format("{}", f64));
    out["result_pointer"] = core.scalar(Reg::p0);
  }
  out["state"] = emulator::coreStateName(core.state());
  out["cycles"] = s.cycles;
  if (!o.json && finished)
    fmt::print("{} returned {} ({:#x}, unsigned {}, float {}; with r1 as 64 bits {}, double {}; "
               "p0 {:#x}) in {} cycles\n",
               p.entryName, static_cast<int32_t>(r0), r0, r0, f32, static_cast<int64_t>(both), f64,
               core.scalar(Reg::p0), s.cycles);
  if (s.unaligned != 0)
    report({warning("unaligned-access", Place::at(p.name),
                    fmt::format("{} accesses were not aligned to their size, the first at pc {:#x} "
                                "{}; the hardware ignores the low address bits",
                                s.unaligned, s.firstUnalignedPc, placeAt(p, s.firstUnalignedPc)))});
  if (!finished) {
    Diagnostic d = core.fault() != nullptr ? *core.fault() : timeoutReport(core, p, o.timeout);
    if (core.fault() != nullptr) {
      d.place = Place::at(p.name);
      if (const std::string f = placeAt(p, core.faultPc()); !f.empty())
        d.notes.insert(d.notes.begin(), "in " + f);
    }
    for (std::string &note : sourceNotes(p.file, core.pc(), viewOf(core, port)))
      d.notes.push_back(std::move(note));
    out["error"] = {{"code", d.code}, {"message", d.message}, {"notes", d.notes}};
    report({d});
    code = kDeviceFailed;
  }
  for (const Dump &d : dumps) {
    const uint8_t *from = port.at(d.address, d.size);
    if (from == nullptr) {
      report({usage(fmt::format("--dump {}: {} bytes at {:#x} are not in data memory", d.name,
                                d.size, d.address))});
      code = std::max<int>(code, kWrong);
      continue;
    }
    const ByteView data{from, d.size};
    if (!d.file.empty()) {
      if (const Status written = writeFile(d.file, data); !written.ok()) return fail(written);
    } else if (o.json) {
      out["dumps"][d.name] = hex(data);
    } else {
      for (size_t i = 0; i < data.size(); i += 32)
        fmt::print("{} {:#07x}: {}\n", d.name, d.address + i,
                   hex(data.subspan(i, std::min<size_t>(32, data.size() - i))));
    }
  }
  if (!o.streamOut.empty()) {
    ByteWriter w;
    for (const uint32_t v : port.output) w.u32(v);
    if (const Status written = writeFile(o.streamOut, w.view()); !written.ok())
      return fail(written);
  }
  if (o.stats) out["stats"] = statsJson(s, seconds);
  if (o.profile) out["profile"] = profileJson(core, p);
  if (o.json)
    fmt::print("{}\n", out.dump(1));
  else if (o.stats)
    for (const auto &[key, value] : out["stats"].items())
      fmt::print("{:>28}  {}\n", key, value.dump());
  if (o.profile && !o.json) printProfile(out["profile"]);
  return code;
}

int runCore(Options &o) {
  if (!o.level.empty()) o.program.flags.push_back("-O" + o.level);
  for (const std::string &d : o.defines) o.program.flags.push_back("-D" + d);
  for (const std::string &i : o.includes) o.program.flags.push_back("-I" + i);
  if (!o.standard.empty()) o.program.flags.push_back("-std=" + o.standard);

  Diagnostics warnings;
  std::string text;
  auto program = loadCoreProgram(o.program, warnings, text);
  if (!text.empty()) fmt::print(stderr, "{}", text);
  report(warnings);
  if (!program.ok()) return fail(program);
  if (o.lint) {
    const Diagnostics hazards = assembler::lint(program->file, program->name);
    if (report(hazards) != kFine) return kWrong;
  }

  StandalonePort port;
  if (const Status s = prepareSurroundings(o, port); !s.ok()) return fail(s) == kFine ? 0 : kUsage;
  Core core(port);
  if (const Status s = loadSegments(*program, core, port); !s.ok()) return fail(s);
  core.setControl(true, false);
  core.setStop(kStop);
  const auto enter = [&](uint32_t pc, uint32_t sp) {
    core.setScalar(Reg::sp, sp);
    core.setScalar(Reg::lr, kStop);
    core.setPc(pc);
  };
  for (const uint32_t constructor : program->constructors) {
    enter(constructor, program->stack);
    if (!runToEnd(core, port, o.timeout)) return finish(o, *program, core, port, {}, 0);
  }
  const auto arguments = placeArguments(o, *program, core, port);
  if (!arguments.ok()) {
    fail(arguments);
    return arguments.errors().front().code == "usage" ? kUsage : kWrong;
  }
  std::vector<Dump> dumps;
  for (const std::string &d : o.dumps) {
    auto dump = parseDump(d, *program, arguments->buffers);
    if (!dump.ok()) return fail(dump) == kFine ? kFine : kUsage;
    dumps.push_back(std::move(*dump));
  }
  core.resetStats();
  core.countPcs(o.profile);
  if (o.program.call.empty())
    core.setPc(program->entry);
  else
    enter(program->entry, arguments->sp);
  const auto start = std::chrono::steady_clock::now();
  runToEnd(core, port, o.timeout);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return finish(o, *program, core, port, dumps, seconds.count());
}

} // namespace

std::function<int()> setupCore(CLI::App &command) {
  auto o = std::make_shared<Options>();
  command
      .add_option("FILE", o->program.files,
                  "an executable, or sources, assembly, objects, archives")
      ->required();
  command.add_option("--call", o->program.call,
                     "function to run instead of the start code and main");
  command
      .add_option("--arg", o->args,
                  "argument: an integer, 1.5 (float), i64:N, f64:X, @FILE (pointer to its bytes), "
                  "@:BYTES (pointer to zeros)")
      ->allow_extra_args(false);
  command.add_option(
      "--returns", o->returns,
      "the function's result: void, i32, f32, i64, f64, ptr; its registers are not for "
      "arguments. Default: as the compiler recorded it, else seen from which registers the "
      "function reads");
  command
      .add_option("--dump", o->dumps,
                  "show data at the end: SYMBOL, argN or ADDRESS:BYTES, with =FILE into a file")
      ->allow_extra_args(false);
  command
      .add_option(
          "--arg-align", o->argumentAlign,
          "alignment of what arguments point to, a power of two (default 32; 16384: each in "
          "a memory bank of its own)")
      ->check(CLI::IsMember(
          {"32", "64", "128", "256", "512", "1024", "2048", "4096", "8192", "16384"}));
  command.add_option("--stack-size", o->program.stackSize, "bytes of stack (default 1024)");
  command.add_option("--timeout", o->timeout, "cycles before giving up (default 200000000)");
  command.add_option("--lock", o->locks, "ID=VALUE: a lock to have (own locks are 48..63)")
      ->allow_extra_args(false);
  command.add_option("--stream-in", o->streamIn, "32-bit words for the core's stream input");
  command.add_option("--stream-out", o->streamOut, "file for what the core's stream output sends");
  command.add_flag("--stats", o->stats, "cycles, stalls, accesses, speed");
  command.add_flag("--profile", o->profile, "cycles and stalls of each bundle, the most first");
  command.add_flag("--json", o->json, "the same for programs");
  command.add_flag("--lint", o->lint, "report hazards of the code first; errors end the run");
  command.add_option("-O", o->level, "optimisation of sources: 0..3, s");
  command.add_option("-D", o->defines, "macro for sources")->allow_extra_args(false);
  command.add_option("-I", o->includes, "include folder for sources")->allow_extra_args(false);
  command.add_option("--std", o->standard, "language of sources, e.g. c++20");
  return [o] { return runCore(*o); };
}

} // namespace ashlar::cli
#endif
