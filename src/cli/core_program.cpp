// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files to one executable in memory. A function may be named as in the source: `scale` finds
// `_Z5scalePsi` when it is the only one of that name.
#if defined(ASHLAR_HAS_LINK) && defined(ASHLAR_HAS_ASSEMBLER)
#include "cli/core_program.h"

#include "assembler/assembler.h"
#include "base/demangle.h"
#include "base/nearest.h"
#include "cli/resources.h"
#ifdef ASHLAR_CLI_BUILDS
#include "cli/kernels.h"
#endif
#include "device/geometry.h"
#include "isa/decode.h"
#include "link/link.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

namespace ashlar::cli {
namespace {

namespace fs = std::filesystem;
namespace elf = format::elf;

constexpr const char *kStackSymbol = "_sp_start_value_DM_stack";
constexpr const char *kStart = "__start";

std::string extension(const std::string &path) { return fs::path(path).extension().string(); }
bool isSource(const std::string &path) {
  const std::string e = extension(path);
  return e == ".c" || e == ".cc" || e == ".cpp" || e == ".cxx" || e == ".C" || e == ".ll" ||
         e == ".bc";
}

/// "scale" of "scale(short*, int)"; the name itself when it is not mangled.
std::string plainName(const std::string &symbol) {
  std::string name = demangle(symbol);
  if (const size_t at = name.find('('); at != std::string::npos) name.resize(at);
  return name;
}

/// The symbol that `name` means among the functions of these files.
Result<std::string> findFunction(const std::string &name,
                                 const std::vector<const elf::File *> &files) {
  std::vector<std::string> all, matches;
  for (const elf::File *file : files)
    for (const elf::Symbol &s : file->symbols) {
      if (!s.defined() || s.type == elf::SymbolType::Section || s.type == elf::SymbolType::File ||
          s.type == elf::SymbolType::Object || s.name.empty())
        continue;
      if (s.name == name) return name;
      if (plainName(s.name) == name) matches.push_back(s.name);
      if (s.type == elf::SymbolType::Function) all.push_back(plainName(s.name));
    }
  if (matches.size() == 1) return matches.front();
  if (matches.size() > 1) {
    Diagnostic d = error("no-function", {}, fmt::format("several functions are named {}", name),
                         "use the symbol's full name with --call");
    d.notes = matches;
    return d;
  }
  const auto near = nearestName(name, all);
  Diagnostic d = error("no-function", {}, fmt::format("no function is named {}", name),
                       near ? fmt::format("did you mean {}?", *near) : "");
  for (const std::string &f : all)
    if (d.notes.size() < 20) d.notes.push_back("there is " + f);
  return d;
}

Result<link::Input> makeInput(const std::string &path, [[maybe_unused]] const CoreProgramOptions &o,
                              [[maybe_unused]] Diagnostics &warnings,
                              [[maybe_unused]] std::string &text) {
  if (isSource(path)) {
#ifdef ASHLAR_CLI_BUILDS
    KernelOptions options;
    options.flags = o.flags;
    options.resourceDir = resourceDir();
    return makeKernel(path, options, warnings, text);
#else
    return error("core-inputs", Place::at(path), "this build of Ashlar has no compiler",
                 "give an object or executable");
#endif
  }
  if (extension(path) == ".s" || extension(path) == ".S") {
    ASHLAR_TRY(const std::string source, readTextFile(path));
    ASHLAR_TRY(const elf::File file, assembler::assemble(source, path));
    return link::Input{path, elf::write(file)};
  }
  ASHLAR_TRY(Bytes data, readFile(path));
  return link::Input{path, std::move(data)};
}

std::optional<link::Input> resource(const char *name) {
  const std::string path = (fs::path(resourceDir()) / name).string();
  auto data = readFile(path);
  if (!data.ok()) return std::nullopt;
  return link::Input{path, std::move(*data)};
}

/// Objects to an executable. With a function to call it is the entry and no start code is needed.
Result<Bytes> linkObjects(std::vector<link::Input> inputs, const CoreProgramOptions &o,
                          const std::string &entry, Diagnostics &warnings) {
  plan::Core core;
  core.tile = {0, device::kFirstCoreRow};
  core.function = "main";
  core.stackSize = o.stackSize != 0 ? o.stackSize : device::kDefaultStackBytes;
  core.dataStart = core.stackSize;
  link::Options options;
  options.entry = entry.empty() ? kStart : entry;
  std::vector<link::Input> all;
  auto start = resource("crt0.o");
  if (start) {
    all.push_back(std::move(*start)); // abort needs its halt even where it is not the entry
  } else if (entry.empty()) {
    return error("resource-missing", Place::at(resourceDir()), "the start code crt0.o is not there",
                 "name a function with --call, or set ASHLAR_RESOURCE_DIR");
  }
  for (link::Input &i : inputs) all.push_back(std::move(i));
  if (auto library = resource("libaie2.a")) all.push_back(std::move(*library));
  Diagnostics said;
  auto linked = link::link(core, all, options, said);
  for (Diagnostic &d : said) // without start code we call the constructors: see below
    if (entry.empty() || d.code != "constructors-not-called") warnings.push_back(std::move(d));
  if (linked.ok()) return std::move(linked->elf);
  Diagnostics errors = linked.errors();
  for (Diagnostic &d : errors)
    if (d.code == "stack-overflow") d.remedy = "give more with --stack-size BYTES";
  return errors;
}

/// The line of `.ashlar.results` (codegen/target/asm_printer.cpp) that names the function.
std::optional<std::pair<size_t, size_t>> recordedResult(const std::vector<elf::File> &objects,
                                                        const std::string &function) {
  for (const elf::File &file : objects)
    for (const elf::Section &section : file.sections) {
      if (section.name != ".ashlar.results") continue;
      std::istringstream lines(std::string(section.data.begin(), section.data.end()));
      std::string name;
      size_t words = 0, pointers = 0;
      while (lines >> name >> words >> pointers)
        if (name == function) return std::pair{words, pointers};
    }
  return std::nullopt;
}

} // namespace

Result<CoreProgram> loadCoreProgram(const CoreProgramOptions &o, Diagnostics &warnings,
                                    std::string &text) {
  if (o.stackSize % 32 != 0 || o.stackSize > device::kCoreMemoryBytes)
    return error("core-inputs", {}, fmt::format("a stack of {} bytes is not possible", o.stackSize),
                 "give a multiple of 32 up to 65536");
  CoreProgram program;
  program.name = o.files.front();
  std::vector<link::Input> inputs;
  for (const std::string &path : o.files) {
    ASHLAR_TRY(link::Input input, makeInput(path, o, warnings, text));
    inputs.push_back(std::move(input));
  }
  bool executable = false;
  std::vector<elf::File> objects;
  for (const link::Input &input : inputs) {
    if (!elf::looksLikeElf(input.data)) continue; // archives
    ASHLAR_TRY(elf::File file, elf::read(input.data, input.name));
    executable |= file.type == elf::FileType::Executable;
    objects.push_back(std::move(file));
  }
  if (executable && inputs.size() > 1)
    return error("core-inputs", Place::at(program.name), "an executable cannot be combined",
                 "give either one executable or objects and sources");
  std::string call = o.call;
  std::vector<const elf::File *> files;
  for (const elf::File &f : objects) files.push_back(&f);
  if (!call.empty()) {
    auto found = findFunction(call, files);
    if (found.ok())
      call = *found;
    else if (executable || inputs.size() == objects.size())
      return std::move(found).errors();
  }
  program.result = recordedResult(objects, call);
  if (executable) {
    program.file = std::move(objects.front());
  } else {
    ASHLAR_TRY(Bytes linked, linkObjects(std::move(inputs), o, call, warnings));
    ASHLAR_TRY(program.file, elf::read(linked, program.name));
  }

  program.entryName = call.empty() ? kStart : call;
  program.entry = program.file.entry;
  if (!call.empty()) {
    const elf::Symbol *symbol = program.file.findSymbol(call);
    if (symbol == nullptr)
      return error("no-function", Place::at(program.name),
                   fmt::format("no function is named {}", call));
    program.entry = symbol->value;
    // Constructors: words between the two symbols are addresses of functions.
    const elf::Symbol *from = program.file.findSymbol("__init_array_start");
    const elf::Symbol *to = program.file.findSymbol("__init_array_end");
    for (uint32_t a = from != nullptr ? from->value : 0; to != nullptr && a + 4 <= to->value;
         a += 4)
      for (const elf::Segment &s : program.file.segments)
        if (a >= s.virtualAddress && a + 4 <= s.virtualAddress + s.data.size())
          program.constructors.push_back(readU32(&s.data[a - s.virtualAddress]));
  }
  const elf::Symbol *stack = program.file.findSymbol(kStackSymbol);
  program.stack = stack != nullptr ? stack->value : device::kCoreWindowOwn;
  program.stackSize = o.stackSize != 0 ? o.stackSize : device::kDefaultStackBytes;
  // Damaged line tables cost the source lines of reports, nothing else.
  if (auto lines = format::dwarf::readLines(program.file, program.name))
    program.lines = std::move(*lines);
  return program;
}

EntryReads entryReads(const elf::File &file, uint32_t entry) {
  Bytes code(device::kProgramMemoryBytes, 0);
  for (const elf::Segment &s : file.segments)
    if (s.virtualAddress < code.size())
      std::copy_n(s.data.begin(), std::min<size_t>(s.data.size(), code.size() - s.virtualAddress),
                  code.begin() + s.virtualAddress);
  // Paths with what they have written so far; a place is looked at again only with less written.
  struct Path {
    uint32_t pc, words, pointers;
  };
  EntryReads reads;
  std::map<uint32_t, std::pair<uint32_t, uint32_t>> seen;
  std::vector<Path> todo = {{entry, 0, 0}};
  for (size_t steps = 0; !todo.empty() && steps < 4096; ++steps) {
    Path at = todo.back();
    todo.pop_back();
    const auto known = seen.find(at.pc);
    if (known != seen.end()) {
      if ((known->second.first & ~at.words) == 0 && (known->second.second & ~at.pointers) == 0)
        continue;
      at.words &= known->second.first;
      at.pointers &= known->second.second;
    }
    seen[at.pc] = {at.words, at.pointers};
    // A straight piece, to its end five bundles behind a branch.
    int left = -1;
    bool fallsThrough = true;
    std::vector<uint32_t> targets;
    for (int n = 0; n < 512 && left != 0; ++n) {
      isa::Bundle bundle;
      if (isa::decode(code, at.pc, bundle) != isa::DecodeError::None) {
        fallsThrough = false;
        break;
      }
      if (left > 0) --left;
      uint32_t writtenWords = 0, writtenPointers = 0;
      for (const isa::Inst &inst : bundle.all()) {
        for (const isa::Access &a : isa::accesses(inst)) {
          const auto mark = [&](isa::Reg first, unsigned count, uint32_t &read, uint32_t written,
                                uint32_t &writes) {
            for (unsigned i = 0; i < count; ++i)
              if (isa::overlap(a.reg, static_cast<isa::Reg>(static_cast<unsigned>(first) + i))) {
                if (a.write)
                  writes |= 1U << i;
                else if ((written >> i & 1) == 0)
                  read |= 1U << i;
              }
          };
          mark(isa::Reg::r0, 8, reads.words, at.words, writtenWords);
          mark(isa::Reg::p0, 6, reads.pointers, at.pointers, writtenPointers);
        }
        const isa::InstInfo &x = isa::info(inst);
        if (x.control == isa::Control::None) continue;
        left = isa::kBranchDelaySlots;
        fallsThrough = x.conditional;
        // Calls hide what they read; the path ends there.
        if (x.control == isa::Control::Jump || x.control == isa::Control::Branch)
          for (size_t i = 0; i < x.operands.size(); ++i)
            if (!x.operands[i].isReg) targets.push_back(static_cast<uint32_t>(inst.ops[i]));
      }
      at.words |= writtenWords;
      at.pointers |= writtenPointers;
      at.pc += bundle.size;
    }
    if (fallsThrough && left == 0) todo.push_back(at);
    for (const uint32_t t : targets) todo.push_back({t, at.words, at.pointers});
  }
  return reads;
}

std::string functionAt(const elf::File &file, uint32_t pc) {
  const elf::Symbol *best = nullptr;
  for (const elf::Symbol &s : file.symbols) {
    const bool code =
        s.section >= 0 && (file.sections[static_cast<size_t>(s.section)].flags & elf::kExec) != 0;
    if (!code || s.name.empty() || s.type == elf::SymbolType::Section || s.value > pc) continue;
    if (best == nullptr || s.value > best->value ||
        (s.value == best->value && s.type == elf::SymbolType::Function))
      best = &s;
  }
  if (best == nullptr) return "";
  return best->value == pc ? plainName(best->name)
                           : fmt::format("{}+{:#x}", plainName(best->name), pc - best->value);
}

std::string placeAt(const CoreProgram &program, uint32_t pc) {
  std::string place = functionAt(program.file, pc);
  if (const auto found = program.lines.find(-1, pc); found && found->line != 0)
    place += fmt::format("{}({}:{})", place.empty() ? "" : " ", *found->file, found->line);
  return place;
}

} // namespace ashlar::cli
#endif
