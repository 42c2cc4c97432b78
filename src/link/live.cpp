// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Section garbage collection: from the entry and from what must stay (constructor arrays, retained
// sections), along relocations. Undefined symbols are reported here, after it, so that a missing
// symbol that only dead code wants is no error.
#include "base/demangle.h"
#include "base/nearest.h"
#include "link/program.h"

#include <fmt/format.h>
#include <set>

namespace ashlar::link {

bool isConstructorArray(const elf::Section &s) {
  return s.type == elf::kInitArray || s.name.starts_with(".init_array") ||
         s.name.starts_with(".ctors");
}

namespace {

struct Reference {
  size_t object;
  uint32_t section, offset;
};

class Marker {
public:
  explicit Marker(Program &program) : program_(program) {}

  Status run(Diagnostics &warnings) {
    if (!markEntry()) return std::move(errors_);
    for (size_t o = 0; o < program_.objects.size(); ++o) markRoots(o);
    while (!work_.empty()) {
      const auto [object, section] = work_.back();
      work_.pop_back();
      follow(object, section);
    }
    reportUndefined();
    if (!errors_.empty()) return std::move(errors_);
    warnAboutConstructors(warnings);
    return Ok{};
  }

private:
  bool markEntry() {
    const std::string &name = program_.options.entry;
    Symbol *entry = program_.find(name);
    if (!entry || entry->kind != Symbol::Defined || program_.definition(*entry).section < 0) {
      errors_.push_back(error("no-entry", program_.core.place,
                              fmt::format("no object defines the start code `{}`", name),
                              "link with crt0.o"));
      return false;
    }
    mark(static_cast<size_t>(entry->object),
         static_cast<uint32_t>(program_.definition(*entry).section));
    return true;
  }

  void markRoots(size_t o) {
    const Object &object = program_.objects[o];
    for (uint32_t i = 0; i < object.sections.size(); ++i) {
      const elf::Section &s = object.file.sections[i];
      if (!(s.flags & elf::kAlloc)) continue;
      if (!program_.options.collectGarbage || isConstructorArray(s) || (s.flags & elf::kRetain))
        mark(o, i);
    }
  }

  void mark(size_t object, uint32_t section) {
    SectionState &state = program_.objects[object].sections[section];
    if (state.live || state.discarded) return;
    state.live = true;
    work_.emplace_back(object, section);
  }

  void follow(size_t o, uint32_t section) {
    const std::vector<elf::Reloc> &relocs = program_.objects[o].file.sections[section].relocs;
    for (const elf::Reloc &r : relocs) {
      const Target target = resolve(program_, o, r.symbol);
      if (program_.objects[o].globals[r.symbol] >= 0)
        program_.symbols[target.global].referenced = true;
      if (target.kind == Target::Section)
        mark(static_cast<size_t>(target.object), static_cast<uint32_t>(target.section));
      else if (target.kind == Target::Undefined && !program_.symbols[target.global].weak)
        undefined_[target.global].push_back({o, section, r.offset});
    }
  }

  void reportUndefined() {
    std::vector<std::string> known;
    std::map<std::string, std::string> plain; // `f` for the C++ symbol `_Z1fPfi`
    for (const Symbol &s : program_.symbols) {
      if (s.kind == Symbol::Undefined) continue;
      known.push_back(s.name);
      if (!s.name.starts_with("_Z")) continue;
      const std::string text = demangle(s.name);
      plain.emplace(text.substr(0, text.find('(')), s.name);
    }
    for (const auto &[global, references] : undefined_) {
      if (program_.options.undefined)
        program_.options.undefined->push_back(program_.symbols[global].name);
      errors_.push_back(undefinedSymbol(program_.symbols[global].name, references, known, plain));
    }
  }

  Diagnostic undefinedSymbol(const std::string &name, const std::vector<Reference> &references,
                             const std::vector<std::string> &known,
                             const std::map<std::string, std::string> &plain) const {
    const Reference &first = references.front();
    const Object &object = program_.objects[first.object];
    const std::string shown = demangle(name);
    std::string message = fmt::format("undefined symbol `{}`", name);
    if (shown != name) message += fmt::format(" ({})", shown);
    message += ", wanted by " + describePlace(object, first.section, first.offset);
    if (references.size() > 1)
      message += fmt::format(" and at {} more places", references.size() - 1);
    return error("undefined-symbol", Place::at(object.name), message,
                 remedy(name, shown, known, plain));
  }

  std::string remedy(const std::string &name, const std::string &shown,
                     const std::vector<std::string> &known,
                     const std::map<std::string, std::string> &plain) const {
    static const std::set<std::string> kHeap = {"malloc", "calloc", "realloc", "free",
                                                "aligned_alloc"};
    if (kHeap.contains(name) || shown.starts_with("operator new") ||
        shown.starts_with("operator delete"))
      return "a core has no heap: use arrays of fixed size, or define it in a file of yours";
    if (const auto it = plain.find(name); it != plain.end())
      return fmt::format("{} defines the C++ function `{}`; declare it extern \"C\"",
                         ownerOf(it->second), demangle(it->second));
    if (shown != name) {
      const std::string bare = shown.substr(0, shown.find('('));
      if (const Symbol *c = program_.find(bare); c && c->kind != Symbol::Undefined)
        return fmt::format("{} defines the C function `{}`; declare it extern \"C\" where it is "
                           "called",
                           ownerOf(bare), bare);
    }
    if (const auto nearest = nearestName(name, known))
      return fmt::format("did you mean `{}` of {}?", *nearest, ownerOf(*nearest));
    return "give the object or source that defines it, or name it in link_with";
  }

  std::string ownerOf(const std::string &name) const {
    const Symbol *s = program_.find(name);
    if (!s || s->object < 0) return "the design";
    return program_.objects[static_cast<size_t>(s->object)].name;
  }

  void warnAboutConstructors(Diagnostics &warnings) {
    for (const char *bound : kArrayStarts)
      if (const Symbol *s = program_.find(bound); s && s->referenced) return;
    for (const Object &object : program_.objects)
      for (size_t i = 0; i < object.sections.size(); ++i)
        if (object.sections[i].live && isConstructorArray(object.file.sections[i]) &&
            object.file.sections[i].size > 0) {
          warnings.push_back(
              warning("constructors-not-called", Place::at(object.name),
                      "this object has constructors of global objects, and the start code that is "
                      "linked does not call them",
                      "link with Ashlar's crt0.o, or make the globals constexpr"));
          return;
        }
  }

  Program &program_;
  std::vector<std::pair<size_t, uint32_t>> work_;
  std::map<uint32_t, std::vector<Reference>> undefined_;
  Diagnostics errors_;
};

} // namespace

Status markLive(Program &program, Diagnostics &warnings) { return Marker(program).run(warnings); }

} // namespace ashlar::link
