// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How deep the stack can get. Each function's frame comes from the object's .stack_sizes section;
// for code of other compilers, from the code itself (frame.h): the stack pointer moves only by
// `paddb [sp], #n` and its siblings. Calls are known by relocations; a function whose address is
// taken may be called by any indirect call. The need of a function is its frame and the deepest
// need among its callees; functions that can call themselves are counted once and reported.
#include "format/ar.h"
#include "isa/relocs.h"
#include "link/frame.h"
#include "link/program.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace ashlar::link {
namespace {

struct Function {
  size_t object = 0;
  uint32_t section = 0, offset = 0, size = 0;
  std::string name;
  std::optional<uint32_t> frame;
  std::set<uint32_t> callees;
  bool addressTaken = false;
  bool callsIndirectly = false;
  bool dynamic = false;          ///< has arrays of variable size
  bool runsConstructors = false; ///< it walks the constructor arrays and calls nothing else
  bool recursive = false;
  bool lowerBound = false;       ///< what it needs, or a callee, is not all known
  std::set<std::string> outside; ///< callees that no object defines
  enum Mark : uint8_t { New, Open, Done } mark = New;
  uint32_t need = 0;
  std::optional<uint32_t> deepest; ///< callee on the deepest chain
};

class StackAnalysis {
public:
  explicit StackAnalysis(const Program &program) : program_(program) {}

  StackNeed run(Diagnostics &warnings) {
    read();
    const std::optional<uint32_t> entry = entryFunction();
    if (!entry) return {};
    visit(*entry);
    StackNeed result = summarize(*entry);
    warn(result, warnings);
    return result;
  }

  /// Of every function, whoever may call it.
  std::vector<FunctionStack> all() {
    read();
    std::vector<FunctionStack> result;
    for (uint32_t i = 0; i < functions_.size(); ++i)
      if (functions_[i].mark == Function::New) visit(i);
    for (uint32_t i = 0; i < functions_.size(); ++i) {
      result.push_back(describe(functions_[i]));
      result.back().chain = chainOf(i);
    }
    for (uint32_t i = 0; i < functions_.size(); ++i)
      for (const uint32_t callee : functions_[i].callees)
        if (callee != i) result[callee].called = true;
    return result;
  }

private:
  void read() {
    for (size_t o = 0; o < program_.objects.size(); ++o) collectFunctions(o);
    for (size_t o = 0; o < program_.objects.size(); ++o) {
      readStackSizes(o);
      readReferences(o);
    }
    for (Function &f : functions_) readCode(f);
    linkIndirectCalls();
  }

  const elf::Section &sectionOf(const Function &f) const {
    return program_.objects[f.object].file.sections[f.section];
  }

  void collectFunctions(size_t o) {
    const Object &object = program_.objects[o];
    for (uint32_t i = 0; i < object.sections.size(); ++i) {
      const elf::Section &s = object.file.sections[i];
      if (!object.sections[i].placed || !(s.flags & elf::kExec) || s.size == 0) continue;
      std::map<uint32_t, Function> found;
      for (const elf::Symbol &symbol : object.file.symbols) {
        if (symbol.section != static_cast<int32_t>(i) || symbol.type != elf::SymbolType::Function ||
            symbol.value >= s.size)
          continue;
        Function f;
        f.object = o;
        f.section = i;
        f.offset = symbol.value;
        f.size = symbol.size;
        f.name = symbol.name;
        found.try_emplace(symbol.value, std::move(f));
      }
      if (found.empty()) {
        Function whole;
        whole.object = o;
        whole.section = i;
        whole.name = s.name;
        found.emplace(0, std::move(whole));
      }
      for (auto it = found.begin(); it != found.end(); ++it) {
        const auto next = std::next(it);
        const uint32_t end = next == found.end() ? s.size : next->first;
        if (it->second.size == 0 || it->second.offset + it->second.size > end)
          it->second.size = end - it->second.offset;
        index_[{o, i, it->first}] = static_cast<uint32_t>(functions_.size());
        functions_.push_back(std::move(it->second));
      }
    }
  }

  /// The function that holds this place.
  std::optional<uint32_t> functionOf(size_t object, uint32_t section, uint32_t offset) const {
    auto it = index_.upper_bound({object, section, offset});
    if (it == index_.begin()) return std::nullopt;
    --it;
    if (std::get<0>(it->first) != object || std::get<1>(it->first) != section) return std::nullopt;
    return it->second;
  }

  void readStackSizes(size_t o) {
    const Object &object = program_.objects[o];
    for (const elf::Section &s : object.file.sections) {
      if (s.name != ".stack_sizes") continue;
      size_t at = 0;
      while (at + 5 <= s.data.size()) {
        std::optional<uint32_t> function;
        for (const elf::Reloc &r : s.relocs)
          if (r.offset == at) {
            const Target t = resolve(program_, o, r.symbol);
            if (t.kind == Target::Section)
              function = functionOf(static_cast<size_t>(t.object), static_cast<uint32_t>(t.section),
                                    t.value + static_cast<uint32_t>(r.addend));
          }
        at += 4;
        uint64_t size = 0;
        for (unsigned shift = 0; at < s.data.size() && shift < 35; shift += 7) {
          const uint8_t byte = s.data[at++];
          size |= static_cast<uint64_t>(byte & 0x7F) << shift;
          if (!(byte & 0x80)) break;
        }
        if (function) functions_[*function].frame = static_cast<uint32_t>(size);
      }
    }
  }

  bool isArrayStart(size_t o, uint32_t symbol) const {
    const std::string &name = program_.objects[o].file.symbols[symbol].name;
    return std::any_of(std::begin(kArrayStarts), std::end(kArrayStarts),
                       [&](const char *start) { return name == start; });
  }

  /// A call or a jump.
  static bool isCall(const elf::Reloc &r) {
    const auto kind = isa::relocation(r.type);
    return kind && kind->kind == isa::RelocKind::CodeAddress20;
  }

  void readReferences(size_t o) {
    const Object &object = program_.objects[o];
    for (uint32_t i = 0; i < object.sections.size(); ++i) {
      if (!object.sections[i].placed) continue;
      const elf::Section &s = object.file.sections[i];
      for (const elf::Reloc &r : s.relocs) {
        const Target t = resolve(program_, o, r.symbol);
        if (t.kind == Target::Value && (s.flags & elf::kExec) && isArrayStart(o, r.symbol))
          if (const auto user = functionOf(o, i, r.offset))
            functions_[*user].runsConstructors = true;
        if (t.kind == Target::Undefined && (s.flags & elf::kExec) && isCall(r))
          if (const auto user = functionOf(o, i, r.offset))
            functions_[*user].outside.insert(object.file.symbols[r.symbol].name);
        if (t.kind != Target::Section) continue;
        const uint32_t offset = t.value + static_cast<uint32_t>(r.addend);
        const auto callee =
            functionOf(static_cast<size_t>(t.object), static_cast<uint32_t>(t.section), offset);
        if (!callee) continue;
        if (isConstructorArray(s)) {
          constructors_.insert(*callee);
          continue;
        }
        const bool toStart = functions_[*callee].offset == offset;
        if (isCall(r) && (s.flags & elf::kExec)) {
          const auto caller = functionOf(o, i, r.offset);
          const bool byName = object.file.symbols[r.symbol].type == elf::SymbolType::Function;
          if (caller && (*caller != *callee || (toStart && byName)))
            functions_[*caller].callees.insert(*callee);
        } else if (toStart && (s.flags & elf::kAlloc) &&
                   object.file.symbols[r.symbol].bind != elf::Bind::Local) {
          functions_[*callee].addressTaken = true;
        } else if (toStart && (s.flags & elf::kAlloc) &&
                   object.file.symbols[r.symbol].type != elf::SymbolType::None) {
          functions_[*callee].addressTaken = true;
        }
      }
    }
  }

  void readCode(Function &f) {
    const elf::Section &s = sectionOf(f);
    const FrameFacts facts = readFrame(ByteView(s.data).subspan(f.offset, f.size));
    f.callsIndirectly = facts.indirectCall;
    f.dynamic = facts.dynamic;
    if (!f.frame && facts.decoded) f.frame = facts.frame;
  }

  void linkIndirectCalls() {
    for (Function &f : functions_) {
      if (f.runsConstructors) {
        f.callees.insert(constructors_.begin(), constructors_.end());
        f.callsIndirectly = false;
      }
      if (!f.callsIndirectly) continue;
      for (uint32_t i = 0; i < functions_.size(); ++i)
        if (functions_[i].addressTaken) f.callees.insert(i);
    }
  }

  std::optional<uint32_t> entryFunction() const {
    const auto it = program_.byName.find(program_.options.entry);
    if (it == program_.byName.end()) return std::nullopt;
    const Symbol &s = program_.symbols[it->second];
    if (s.kind != Symbol::Defined) return std::nullopt;
    const elf::Symbol &d = program_.definition(s);
    if (d.section < 0) return std::nullopt;
    return functionOf(static_cast<size_t>(s.object), static_cast<uint32_t>(d.section), d.value);
  }

  /// Depth first, without recursion of our own: a stranger's object may chain any number of calls.
  void visit(uint32_t root) {
    struct Frame {
      uint32_t function;
      std::set<uint32_t>::const_iterator next;
    };
    std::vector<Frame> open;
    const auto enter = [&](uint32_t index) {
      functions_[index].mark = Function::Open;
      order_.push_back(index);
      open.push_back({index, functions_[index].callees.begin()});
    };
    enter(root);
    while (!open.empty()) {
      const uint32_t index = open.back().function;
      if (open.back().next == functions_[index].callees.end()) {
        close(functions_[index]);
        open.pop_back();
        continue;
      }
      const uint32_t callee = *open.back().next;
      if (functions_[callee].mark == Function::New) {
        enter(callee); // and met again, done, afterwards
        continue;
      }
      ++open.back().next;
      if (functions_[callee].mark == Function::Open) {
        recursive_.insert(callee);
        functions_[callee].recursive = true;
      }
    }
  }
  /// All callees have their need, but for those that are open still.
  void close(Function &f) {
    uint32_t below = 0;
    f.lowerBound = f.recursive || f.callsIndirectly || f.dynamic || !f.outside.empty() || !f.frame;
    for (const uint32_t index : f.callees) {
      const Function &callee = functions_[index];
      f.lowerBound |= callee.lowerBound || callee.mark == Function::Open;
      if (callee.mark == Function::Open || (f.deepest && callee.need <= below)) continue;
      below = callee.need;
      f.deepest = index;
    }
    f.need = f.frame.value_or(0) + below;
    f.mark = Function::Done;
  }

  std::vector<std::string> chainOf(uint32_t entry) const {
    std::vector<std::string> chain;
    for (std::optional<uint32_t> at = entry; at; at = functions_[*at].deepest)
      chain.push_back(
          fmt::format("{} {}", functions_[*at].name, functions_[*at].frame.value_or(0)));
    return chain;
  }
  FunctionStack describe(const Function &f) const {
    FunctionStack d;
    d.name = f.name;
    d.object = program_.objects[f.object].name;
    d.frame = f.frame.value_or(0);
    d.need = f.need;
    d.frameKnown = f.frame.has_value();
    d.recursive = f.recursive;
    d.callsPointers = f.callsIndirectly;
    d.dynamic = f.dynamic;
    d.outside.assign(f.outside.begin(), f.outside.end());
    d.lowerBound = f.lowerBound;
    return d;
  }

  StackNeed summarize(uint32_t entry) const {
    StackNeed result;
    result.bytes = functions_[entry].need;
    result.chain = chainOf(entry);
    for (const uint32_t i : recursive_) result.recursive.push_back(functions_[i].name);
    std::vector<uint32_t> reached(order_.begin(), order_.end());
    std::sort(reached.begin(), reached.end());
    for (const uint32_t i : reached) {
      const Function &f = functions_[i];
      if (f.callsIndirectly) result.indirectCalls.push_back(f.name);
      if (f.dynamic) result.dynamic.push_back(f.name);
      if (!f.frame) result.unknownFrames.push_back(f.name);
      result.functions.push_back(describe(f));
    }
    return result;
  }

  static std::string list(const std::vector<std::string> &names) {
    std::string text;
    for (const std::string &name : names) text += (text.empty() ? "`" : ", `") + name + "`";
    return text;
  }

  void warn(const StackNeed &need, Diagnostics &warnings) const {
    const Place &place = program_.core.place;
    const std::string core = "core " + program_.core.tile.str();
    if (!need.recursive.empty())
      warnings.push_back(warning("stack-recursion", place,
                                 fmt::format("in {} the functions {} can call themselves; each is "
                                             "counted once in the stack need of {} bytes",
                                             core, list(need.recursive), need.bytes),
                                 "make sure of the depth, or write them as loops"));
    bool anyTarget = false;
    for (const Function &f : functions_) anyTarget |= f.addressTaken;
    if (!need.indirectCalls.empty() && !anyTarget)
      warnings.push_back(warning("stack-indirect-call", place,
                                 fmt::format("in {} the functions {} call through a pointer whose "
                                             "targets are unknown; they are not part of the stack "
                                             "need of {} bytes",
                                             core, list(need.indirectCalls), need.bytes)));
    if (!need.dynamic.empty())
      warnings.push_back(warning("stack-dynamic", place,
                                 fmt::format("in {} the functions {} have arrays of variable size "
                                             "(VLA, alloca), which are not part of the stack need "
                                             "of {} bytes",
                                             core, list(need.dynamic), need.bytes),
                                 "make sure of their size, or give them a fixed one"));
    if (!need.unknownFrames.empty())
      warnings.push_back(warning("stack-unknown-frame", place,
                                 fmt::format("in {} the stack frames of {} could not be found",
                                             core, list(need.unknownFrames))));
  }

  const Program &program_;
  std::vector<Function> functions_;
  std::map<std::tuple<size_t, uint32_t, uint32_t>, uint32_t> index_;
  std::vector<uint32_t> order_;
  std::set<uint32_t> recursive_;
  std::set<uint32_t> constructors_; ///< functions named in constructor arrays
};

} // namespace

StackNeed stackNeed(const Program &program, Diagnostics &warnings) {
  return StackAnalysis(program).run(warnings);
}

namespace {

Result<std::vector<FunctionStack>> stacksOf(const std::vector<Input> &inputs) {
  plan::Core core;
  Options options;
  options.entry.clear();
  Program program(core, options);
  ASHLAR_CHECK(resolveInputs(program, inputs));
  for (Object &object : program.objects)
    for (size_t i = 0; i < object.sections.size(); ++i)
      object.sections[i].placed =
          !object.sections[i].discarded && (object.file.sections[i].flags & elf::kAlloc);
  return StackAnalysis(program).all();
}

} // namespace

Result<std::vector<FunctionStack>> objectStacks(const Input &input) {
  if (!format::ar::looksLikeArchive(input.data)) return stacksOf({input});
  ASHLAR_TRY(auto members, format::ar::read(input.data, input.name));
  std::vector<Input> inputs;
  for (format::ar::Member &m : members)
    if (elf::looksLikeElf(m.data))
      inputs.push_back({input.name + "(" + m.name + ")", std::move(m.data)});
  if (auto together = stacksOf(inputs); together.ok()) return together;
  // Members that define the same names: an archive of alternatives. Each by itself, then.
  std::vector<FunctionStack> all;
  for (const Input &one : inputs) {
    ASHLAR_TRY(std::vector<FunctionStack> functions, stacksOf({one}));
    std::move(functions.begin(), functions.end(), std::back_inserter(all));
  }
  return all;
}

} // namespace ashlar::link
