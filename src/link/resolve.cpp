// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From inputs to one symbol table. Objects are taken as they come; archive members are taken when
// they define a symbol somebody wants, looking through all archives until nothing more is wanted,
// so that the order of archives does not matter. Of definitions with one name a strong one beats a
// common one, that a weak one; two strong ones are an error. The design's buffers and the stack's
// start are absolute symbols, and `main` is the core's function unless an object defines it.
#include "format/ar.h"
#include "link/program.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace ashlar::link {
namespace {

struct LazyMember {
  std::string name;
  elf::File file;
  bool taken = false;
};

class Resolver {
public:
  explicit Resolver(Program &program) : program_(program) {}

  Status run(const std::vector<Input> &inputs) {
    std::vector<LazyMember> members;
    defineAbsolutes();
    for (const Input &input : inputs) {
      if (!format::ar::looksLikeArchive(input.data)) {
        ASHLAR_TRY(elf::File file, read(input.data, input.name));
        add(input.name, std::move(file));
        continue;
      }
      ASHLAR_TRY(auto contents, format::ar::read(input.data, input.name));
      for (format::ar::Member &member : contents) {
        const std::string name = input.name + "(" + member.name + ")";
        if (!elf::looksLikeElf(member.data)) continue; // notes and indexes are no objects
        ASHLAR_TRY(elf::File file, read(member.data, name));
        members.push_back({name, std::move(file), false});
      }
    }
    want(program_.options.entry);
    takeMembers(members);
    provideMain();
    takeMembers(members);
    provideBounds();
    if (!errors_.empty()) return std::move(errors_);
    return Ok{};
  }

private:
  static Result<elf::File> read(ByteView data, const std::string &name) {
    ASHLAR_TRY(elf::File file, elf::read(data, name));
    if (file.type != elf::FileType::Relocatable)
      return error("object-foreign", Place::at(name), "this is a linked program, not an object",
                   "give the object files it was linked from, or name it in elf_file of aie.core");
    return file;
  }

  void defineAbsolutes() {
    absolute("_sp_start_value_DM_stack", device::kCoreWindowOwn, program_.core.stackSize,
             "the linker");
    for (const plan::CoreSymbol &s : program_.core.symbols)
      absolute(s.name, s.address, s.size, "the design");
  }
  void absolute(const std::string &name, uint32_t value, uint32_t size, const char *owner) {
    Symbol &s = program_.symbols[program_.intern(name)];
    s.kind = Symbol::Absolute;
    s.value = value;
    s.size = size;
    s.owner = owner;
  }
  void want(const std::string &name) { program_.intern(name); }

  void provideMain() {
    Symbol &main = program_.symbols[program_.intern("main")];
    if (main.kind != Symbol::Undefined || program_.core.function.empty()) return;
    const Symbol *core = program_.find(program_.core.function);
    if (!core || core->kind != Symbol::Defined) return;
    main.kind = Symbol::Defined;
    main.object = core->object;
    main.index = core->index;
    main.weak = false;
  }

  void provideBounds() {
    const auto provide = [&](const char *name) {
      Symbol *s = program_.find(name);
      if (!s || s->kind != Symbol::Undefined) return;
      s->kind = Symbol::Absolute;
      s->owner = "the linker";
    };
    for (const char *name : kArrayStarts) provide(name);
    for (const char *name : kArrayEnds) provide(name);
    for (const char *name : kFiniBounds) provide(name);
  }

  /// True when the name is wanted: referenced strongly somewhere and not defined yet. A common
  /// symbol is a definition.
  bool wanted(const std::string &name) const {
    const auto it = program_.byName.find(name);
    if (it == program_.byName.end()) return false;
    const Symbol &s = program_.symbols[it->second];
    return s.kind == Symbol::Undefined && !s.weak;
  }

  void takeMembers(std::vector<LazyMember> &members) {
    bool again = true;
    while (again) {
      again = false;
      for (LazyMember &member : members) {
        if (member.taken || !definesWanted(member.file)) continue;
        member.taken = true;
        add(member.name, std::move(member.file));
        again = true;
      }
    }
  }
  bool definesWanted(const elf::File &file) const {
    return std::any_of(file.symbols.begin(), file.symbols.end(), [&](const elf::Symbol &s) {
      return s.bind != elf::Bind::Local && s.defined() && s.section != elf::kCommon &&
             wanted(s.name);
    });
  }

  void add(const std::string &name, elf::File file) {
    const size_t index = program_.objects.size();
    program_.objects.push_back({name, std::move(file), {}, {}});
    Object &object = program_.objects.back();
    object.sections.resize(object.file.sections.size());
    object.globals.assign(object.file.symbols.size(), -1);
    dropCopies(object);
    for (uint32_t i = 0; i < object.file.symbols.size(); ++i) {
      const elf::Symbol &s = object.file.symbols[i];
      if (s.bind == elf::Bind::Local || s.name.empty()) continue;
      const uint32_t global = program_.intern(s.name);
      object.globals[i] = static_cast<int32_t>(global);
      merge(index, i, s, program_.symbols[global]);
    }
  }

  void dropCopies(Object &object) {
    for (const elf::Group &group : object.file.groups) {
      if (!group.comdat) continue;
      if (comdats_.insert(object.file.symbols[group.signature].name).second) continue;
      for (const uint32_t section : group.sections) object.sections[section].discarded = true;
    }
  }

  void merge(size_t object, uint32_t index, const elf::Symbol &s, Symbol &global) {
    const Object &from = program_.objects[object];
    const bool inCopy = s.section >= 0 && from.sections[static_cast<size_t>(s.section)].discarded;
    if (!s.defined() || inCopy) {
      // A name is weakly wanted only while every reference to it is weak.
      if (global.kind == Symbol::Undefined) {
        const bool weak = s.bind == elf::Bind::Weak && !inCopy;
        global.weak = seen_.insert(s.name).second ? weak : global.weak && weak;
      }
      return;
    }
    seen_.insert(s.name);
    const bool weak = s.bind == elf::Bind::Weak;
    if (global.kind == Symbol::Absolute) {
      if (!weak) duplicate(s.name, global.owner, from.name);
      return;
    }
    if (s.section == elf::kCommon) {
      if (global.kind == Symbol::Undefined || (global.kind == Symbol::Defined && global.weak)) {
        define(global, Symbol::Common, object, index, false);
        global.size = s.size;
        global.align = std::max(1u, s.value);
      } else if (global.kind == Symbol::Common) {
        global.size = std::max(global.size, s.size);
        global.align = std::max(global.align, s.value);
      }
      return;
    }
    if (global.kind == Symbol::Defined) {
      if (weak) return;
      if (!global.weak) {
        duplicate(s.name, program_.objects[static_cast<size_t>(global.object)].name, from.name);
        return;
      }
    }
    if (global.kind == Symbol::Common && weak) return;
    define(global, Symbol::Defined, object, index, weak);
  }
  static void define(Symbol &global, Symbol::Kind kind, size_t object, uint32_t index, bool weak) {
    global.kind = kind;
    global.object = static_cast<int32_t>(object);
    global.index = index;
    global.weak = weak;
  }
  void duplicate(const std::string &name, const std::string &first, const std::string &second) {
    errors_.push_back(error("duplicate-symbol", Place::at(second),
                            fmt::format("symbol `{}` is defined here and by {}", name, first),
                            "rename one, make it static, or give only one of the two"));
  }

  Program &program_;
  std::set<std::string> comdats_, seen_;
  Diagnostics errors_;
};

} // namespace

Status resolveInputs(Program &program, const std::vector<Input> &inputs) {
  return Resolver(program).run(inputs);
}

Target resolve(const Program &program, size_t object, uint32_t index) {
  const Object &from = program.objects[object];
  const elf::Symbol &s = from.file.symbols[index];
  Target target;
  if (from.globals[index] >= 0) {
    target.global = static_cast<uint32_t>(from.globals[index]);
    const Symbol &g = program.symbols[target.global];
    switch (g.kind) {
    case Symbol::Undefined: target.kind = Target::Undefined; return target;
    case Symbol::Absolute:
    case Symbol::Common:
      target.kind = Target::Value;
      target.value = g.value;
      return target;
    case Symbol::Defined: break;
    }
    const elf::Symbol &d = program.definition(g);
    if (d.section == elf::kAbsolute) {
      target.kind = Target::Value;
      target.value = d.value;
      return target;
    }
    target.kind = Target::Section;
    target.object = g.object;
    target.section = d.section;
    target.value = d.value;
    return target;
  }
  if (s.section == elf::kAbsolute) {
    target.kind = Target::Value;
    target.value = s.value;
  } else if (s.section >= 0) {
    if (from.sections[static_cast<size_t>(s.section)].discarded) return target;
    target.kind = Target::Section;
    target.object = static_cast<int32_t>(object);
    target.section = s.section;
    target.value = s.value;
  }
  return target;
}

const elf::Symbol *functionAt(const elf::File &file, uint32_t section, uint32_t offset) {
  const elf::Symbol *best = nullptr;
  for (const elf::Symbol &s : file.symbols) {
    if (s.section != static_cast<int32_t>(section) || s.type != elf::SymbolType::Function) continue;
    if (s.value <= offset && (!best || s.value >= best->value)) best = &s;
  }
  return best;
}

std::string describePlace(const Object &object, uint32_t section, uint32_t offset) {
  if (const elf::Symbol *f = functionAt(object.file, section, offset))
    return fmt::format("function `{}` in {}", f->name, object.name);
  return fmt::format("section {} in {}", object.file.sections[section].name, object.name);
}

} // namespace ashlar::link
