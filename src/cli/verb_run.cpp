// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar run`: loads a package, gives it its input files, runs its instruction stream, writes and
// compares the outputs.
#include "cli/diagnostics_json.h"
#include "cli/run_arguments.h"
#include "cli/run_compare.h"
#include "cli/run_output.h"
#include "cli/trace_json.h"
#include "cli/verbs.h"
#include "emulator/array/array.h"
#include "emulator/array/pc_profile.h"
#include "plan/text.h"
#include "runtime/runtime.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace ashlar::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Options {
  std::string package, insts, sequence, kernel, device = "emulator", other, tolerance, trace, html;
  FileOptions files;
  int64_t timeout = 0;
  int runs = 1;
  bool stats = false, json = false, time = false, profile = false, sanitize = false;
};

class Clock {
public:
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double ms = std::chrono::duration<double, std::milli>(now - last_).count();
    last_ = now;
    return ms;
  }

private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// What the build folder, or the bare package, offers.
struct Inputs {
  load::Package package;
  load::Stream stream;
  std::optional<plan::Plan> plan;
  const plan::RuntimeSequence *sequence = nullptr;
  size_t configuration = 0;
};

Result<std::string> streamOfFolder(const fs::path &folder, const Options &o,
                                   const std::optional<plan::Plan> &plan) {
  if (!o.insts.empty()) return o.insts;
  const fs::path one = folder / "main.insts.bin";
  if (o.sequence.empty() && fs::exists(one)) return one.string();
  std::string names;
  if (plan) {
    if (plan->sequences.size() == 1 && o.sequence == plan->sequences[0].name && fs::exists(one))
      return one.string();
    if (plan->sequences.size() > 1 || !o.sequence.empty())
      for (const auto &s : plan->sequences) names += (names.empty() ? "" : ", ") + s.name;
  }
  if (o.sequence.empty())
    return error("run-option", Place::at(folder.string()),
                 names.empty() ? fmt::format("the folder has no {}",
                                             fs::exists(folder / "main.xclbin")
                                                 ? "instruction stream (main.insts.bin)"
                                                 : "main.xclbin and no main.insts.bin")
                               : fmt::format("the design has several sequences: {}", names),
                 names.empty() ? "give a folder that `ashlar build` made of a design with a "
                                 "runtime sequence, or --insts FILE"
                               : "choose one with --sequence NAME");
  const fs::path path = folder / (o.sequence + ".insts.bin");
  if (!fs::exists(path))
    return error("run-option", Place::at(folder.string()),
                 fmt::format("there is no sequence '{}'{}", o.sequence,
                             names.empty() ? "" : "; the design has " + names));
  return path.string();
}

Status readInputs(const Options &o, Inputs &in, Diagnostics &warnings) {
  fs::path package = o.package;
  std::string insts = o.insts;
  std::error_code ec;
  if (fs::is_directory(package, ec)) {
    const fs::path planFile = package / "plan.json";
    if (fs::exists(planFile)) {
      ASHLAR_TRY(const std::string text, readTextFile(planFile.string()));
      ASHLAR_TRY(in.plan, plan::parse(text, planFile.string()));
    }
    ASHLAR_TRY(insts, streamOfFolder(package, o, in.plan));
    package /= "main.xclbin";
  } else if (!fs::exists(package, ec)) {
    return error("file-missing", Place::at(o.package), "there is no such file or folder",
                 "give the folder that `ashlar build` made, or an .xclbin or .pdi");
  }
  ASHLAR_TRY(const Bytes bytes, readFile(package.string()));
  ASHLAR_TRY(in.package, load::readPackage(bytes, package.string(), warnings));
  if (insts.empty())
    return error("run-option", Place::at(o.package),
                 "a package by itself has no instruction stream", "give it with --insts FILE");
  ASHLAR_TRY(const Bytes stream, readFile(insts));
  ASHLAR_TRY(in.stream, load::readStream(stream, insts, warnings));
  // A bare PDI does not say how wide its partition is; the stream was made for one.
  if (in.package.kernels.empty())
    in.package.columns =
        std::max(in.package.columns, std::min(in.stream.columns, device::kMaxColumns));
  if (!o.kernel.empty()) {
    const load::Kernel *found = nullptr;
    std::string names;
    for (const load::Kernel &k : in.package.kernels) {
      if (k.name == o.kernel) found = &k;
      names += (names.empty() ? "" : ", ") + k.name;
    }
    if (!found)
      return error("run-option", Place::at(package.string()),
                   fmt::format("there is no kernel '{}'{}", o.kernel,
                               names.empty() ? "" : "; the package has " + names));
    in.configuration = found->configuration;
  }
  if (in.plan) {
    for (const auto &s : in.plan->sequences)
      if (in.plan->sequences.size() == 1 || s.name == o.sequence) in.sequence = &s;
    // A stream given by hand may be somebody else's: its arguments are not the plan's then.
    if (!o.insts.empty() && o.sequence.empty()) in.sequence = nullptr;
  }
  return Ok{};
}

/// Reports speak of the design's FIFOs, locks and buffers.
emulator::NameTable namesOf(const plan::Plan &plan, const plan::RuntimeSequence *sequence) {
  emulator::NameTable names;
  for (const plan::Lock &l : plan.locks) names.locks[{l.tile, l.id}] = {l.name, l.place.str()};
  for (const plan::Buffer &b : plan.buffers)
    names.buffers[b.tile].push_back({b.address, b.size, b.name, b.place.str()});
  for (const plan::Core &c : plan.cores) {
    names.cores[c.tile] = {c.function, c.place.str()};
    names.layouts[c.tile] = {c.stackSize, c.dataStart};
  }
  for (const plan::ShimAllocation &s : plan.shimAllocations)
    names.channels[{s.tile, s.direction, s.channel}] = {s.name, s.place.str()};
  for (const plan::DmaProgram &p : plan.dmas)
    for (const plan::DmaStart &s : p.starts)
      for (const plan::BdSlot &b : p.bds)
        if (b.id == s.firstBd && !b.buffer.empty()) {
          std::string name = b.buffer;
          if (const size_t cut = name.rfind("_buff_"); cut != std::string::npos) name.resize(cut);
          names.channels[{p.tile, s.direction, s.channel}] = {name, s.place.str()};
        }
  // What is loaded with the package is not in the stream.
  if (sequence)
    for (const plan::SequenceOp &op : sequence->ops)
      if (const auto *load = std::get_if<plan::LoadPdi>(&op.op); !load || !load->loaded)
        names.operations.push_back(op.place.str());
  return names;
}

Json diagnosticsJson(const Diagnostics &diagnostics) {
  Json out = Json::array();
  for (const Diagnostic &d : diagnostics) {
    Json j;
    j["severity"] = severityName(d.severity);
    j["code"] = d.code;
    if (d.place.known()) j["place"] = d.place.str();
    j["message"] = d.message;
    if (!d.remedy.empty()) j["remedy"] = d.remedy;
    if (!d.notes.empty()) j["notes"] = d.notes;
    out.push_back(std::move(j));
  }
  return out;
}

/// Whether a file of `file` may be meant for an argument of `declared`. numpy has no bfloat16 and
/// no halves of bytes, so that integers carry the bits of anything as wide.
bool carries(report::Element file, report::Element declared) {
  using enum report::Element;
  const bool integer = file != F16 && file != F32 && file != F64 && file != BF16;
  return file == declared ||
         (integer && report::elementBytes(file) == report::elementBytes(declared));
}

int run(const Options &o) {
  JsonOutput json(o.json);
  Clock clock;
  for (const std::string &name : {o.device, o.other})
    if (name != "emulator" && name != "xrt" && !name.empty())
      return report({error("device-unavailable", {}, fmt::format("there is no device '{}'", name),
                           "use emulator or xrt")});
  if (o.other == o.device)
    return report({error("run-option", {},
                         fmt::format("--compare {0} with --device {0} compares nothing", o.other),
                         "give the other device: --device xrt --compare emulator")});
  auto tolerance = o.tolerance.empty() ? Result<report::Tolerance>(report::Tolerance{})
                                       : report::parseTolerance(o.tolerance);
  if (!tolerance.ok()) return fail(tolerance);
  Diagnostics warnings;
  Inputs in;
  if (const Status s = readInputs(o, in, warnings); !s.ok()) {
    report(warnings);
    return fail(s);
  }
  auto arguments = runArguments(in.stream, in.sequence, o.files);
  if (!arguments.ok()) return fail(arguments);

  // Input files first: nothing runs when one is wrong.
  std::vector<FileData> data(arguments->size());
  for (size_t i = 0; i < arguments->size(); ++i) {
    RunArgument &a = (*arguments)[i];
    if (a.in.empty()) continue;
    auto file = readData(a.in);
    if (!file.ok()) return fail(file);
    data[i] = std::move(*file);
    if (!a.sized) {
      a.bytes = data[i].data.size();
      a.sized = true;
    }
    // An argument that --size enlarged may be filled as declared.
    const bool declaredFits = a.declared && data[i].data.size() == a.declared;
    if (!declaredFits)
      if (const Status s = checkSize(data[i], a.in, a, i); !s.ok()) return fail(s);
    if (!a.element && data[i].npy) {
      a.element = data[i].npy->element;
      a.shape = data[i].npy->shape;
    } else if (data[i].npy && a.element && !carries(data[i].npy->element, *a.element)) {
      warnings.push_back(warning("argument-type", Place::at(a.in),
                                 fmt::format("the file holds {}; {} is declared {}",
                                             report::describe(*data[i].npy), a.text(i),
                                             report::elementName(*a.element)),
                                 "its bytes are passed as they are"));
    }
  }
  if (const Status s = checkResultFiles(*arguments, {o.trace, o.html}); !s.ok()) return fail(s);
  auto opened = openDevice(o.device);
  if (!opened.ok()) return fail(opened);
  const std::unique_ptr<runtime::Device> device = std::move(*opened);
  runtime::ContextOptions contextOptions;
  contextOptions.sanitize = o.sanitize;
  auto context = device->createContext(in.package, in.configuration, contextOptions);
  if (!context.ok()) {
    report(warnings);
    return fail(context);
  }
  if (in.plan) (*context)->setNames(namesOf(*in.plan, in.sequence));
  std::vector<std::shared_ptr<runtime::Buffer>> buffers;
  for (size_t i = 0; i < arguments->size(); ++i) {
    RunArgument &a = (*arguments)[i];
    auto b = (*context)->allocate(a.bytes, a.text(i));
    if (!b.ok()) return fail(b);
    if (!data[i].data.empty()) std::copy(data[i].data.begin(), data[i].data.end(), (*b)->data());
    buffers.push_back(std::move(*b));
  }
  std::optional<emulator::Timeline> timeline;
  emulator::PcProfile counts;
  std::map<device::TileId, report::ProgramNames> programs;
  emulator::Array *const array = (*context)->array();
  const bool counted = array && (o.stats || o.profile || !o.html.empty());
  if (counted || o.sanitize || !o.trace.empty()) programs = programsOf(o.package, in.plan);
  if (array)
    array->names.code = [&, read = !programs.empty()](device::TileId tile, uint32_t pc) mutable {
      if (!std::exchange(read, true)) programs = programsOf(o.package, in.plan);
      const auto it = programs.find(tile);
      return it == programs.end() ? std::string() : it->second.place(pc);
    };
  if (counted) array->profile = &counts;
  if ((!o.trace.empty() || !o.html.empty()) && array) {
    timeline.emplace();
    for (const auto &[tile, names] : programs) {
      std::vector<emulator::Timeline::Function> functions;
      for (const auto &f : names.functions) functions.push_back({f.address, f.size, f.name});
      timeline->setFunctions(tile, std::move(functions));
    }
    array->timeline = &*timeline;
    array->network().record(&*timeline);
  }
  const double loadMs = clock.lap();

  runtime::RunOptions runOptions;
  if (o.timeout) {
    const auto cycles = static_cast<uint64_t>(o.timeout);
    runOptions.maxCycles = cycles;
    // Two seconds are two thousand million cycles; XRT counts milliseconds.
    runOptions.milliseconds =
        static_cast<uint32_t>(std::clamp<uint64_t>(cycles / 1'000'000, 1, UINT32_MAX));
  }
  std::optional<runtime::RunReport> outcome;
  uint64_t totalCycles = 0;
  double wall = 0;
  Diagnostics runDiagnostics;
  for (int i = 0; i < o.runs; ++i) {
    for (size_t k = 0; k < buffers.size(); ++k)
      if (i && !data[k].data.empty())
        std::copy(data[k].data.begin(), data[k].data.end(), buffers[k]->data());
    auto r = (*context)->run(in.stream, buffers, runOptions);
    if (!r.ok()) return fail(r);
    totalCycles += r->cycles;
    wall += r->milliseconds;
    for (Diagnostic &d : r->diagnostics) runDiagnostics.push_back(std::move(d));
    outcome = std::move(*r);
    if (outcome->state != runtime::State::Completed) break;
  }
  const double runMs = clock.lap();
  const bool completed = outcome->state == runtime::State::Completed;
  if (timeline) {
    array->timeline = nullptr;
    array->network().record(nullptr);
    timeline->finish(array->scheduler.now());
    if (timeline->full())
      warnings.push_back(warning(
          "trace-full", {},
          fmt::format("the trace holds its first {} spans only", emulator::Timeline::kMostSpans)));
    if (!o.trace.empty())
      if (const Status s = writeTextFile(o.trace, traceJson(*timeline, array->names)); !s.ok())
        return fail(s);
  }
  RunFacts facts;
  if (o.stats || !o.html.empty()) facts.statistics = (*context)->statistics();
  analysis::ArrayView view;
  if (counted) {
    array->profile = nullptr;
    view = analysis::viewOf(in.package.configurations[in.configuration], std::span(&in.stream, 1),
                            in.plan ? &*in.plan : nullptr);
    facts.profile = report::profileOf(counts, view, programs);
  }
  report(warnings);
  report(runDiagnostics);

  std::vector<Compared> compared;
  bool equal = true;
  if (completed) {
    for (size_t i = 0; i < arguments->size(); ++i) {
      const RunArgument &a = (*arguments)[i];
      if (a.out.empty()) continue;
      const ByteView bytes(buffers[i]->data(), buffers[i]->size());
      const report::Element e = elementOf(a);
      const Status s = a.out.ends_with(".npy")
                           ? writeFile(a.out, report::writeNpy(e, shapeOf(a, e), bytes))
                           : writeFile(a.out, bytes);
      if (!s.ok()) return fail(s);
    }
    auto c = compareOutputs(*arguments, buffers, *tolerance);
    if (!c.ok()) return fail(c);
    compared = std::move(*c);
    if (!o.other.empty()) {
      auto same = compareDevices(o.other, in.package, in.configuration, in.stream, *arguments, data,
                                 buffers, o.runs, runOptions, *tolerance);
      if (!same.ok()) return fail(same);
      for (Compared &x : *same) compared.push_back(std::move(x));
    }
    for (const Compared &x : compared) equal &= x.result.equal();
  }
  const double compareMs = clock.lap();
  if (timeline && !o.html.empty()) {
    report::RunPage page;
    page.title = o.package;
    page.summary = fmt::format("{}: {} cycles, {} of them in the array",
                               runtime::stateName(outcome->state), outcome->cycles, outcome->array);
    for (const Diagnostic &d : runDiagnostics) page.messages.push_back(d.str());
    page.tables = runTables(facts);
    if (const Status s =
            writeTextFile(o.html, report::runPage(page, *timeline, array->names, &view));
        !s.ok())
      return fail(s);
  }

  if (o.json) {
    Json j;
    j["state"] = runtime::stateName(outcome->state);
    j["cycles"] = outcome->cycles;
    j["array_cycles"] = outcome->array;
    j["off_array_cycles"] = outcome->offArray;
    j["launch_cycles"] = outcome->launch;
    if (o.runs > 1) j["total_cycles"] = totalCycles;
    j["load_ms"] = loadMs;
    j["run_ms"] = runMs;
    j["compare_ms"] = compareMs;
    j["cycles_per_second"] = wall > 0 ? static_cast<double>(totalCycles) * 1000.0 / wall : 0.0;
    j["arguments"] = Json::array();
    for (size_t i = 0; i < arguments->size(); ++i) {
      const RunArgument &a = (*arguments)[i];
      Json row;
      row["index"] = i;
      if (!a.name.empty()) row["name"] = a.name;
      row["bytes"] = a.bytes;
      if (a.element) row["type"] = report::elementName(*a.element);
      if (!a.shape.empty()) row["shape"] = a.shape;
      row["read"] = a.read;
      row["written"] = a.written;
      if (!a.in.empty()) row["in"] = a.in;
      if (!a.out.empty()) row["out"] = a.out;
      j["arguments"].push_back(std::move(row));
    }
    double maxUlp = 0, maxError = 0;
    for (const Compared &c : compared) {
      maxUlp = std::max(maxUlp, c.result.worstUlp);
      maxError = std::max(maxError, c.result.worstError);
      Json row;
      row["argument"] = c.argument;
      if (!c.with.empty()) row["with"] = c.with;
      row["elements"] = c.result.count;
      row["different"] = c.result.different;
      row["inexact"] = c.result.inexact;
      row["max_ulp"] = c.result.worstUlp;
      row["max_error"] = c.result.worstError;
      if (!c.first.empty()) row["first"] = c.first;
      if (!c.worst.empty()) row["worst"] = c.worst;
      j["compare"].push_back(std::move(row));
    }
    if (!compared.empty()) {
      j["max_ulp"] = maxUlp;
      j["max_error"] = maxError;
      j["equal"] = equal;
    }
    if (o.stats) j["statistics"] = statisticsJson(facts);
    if (o.profile) j["profile"] = profileJson(facts.profile);
    Diagnostics all = warnings;
    all.insert(all.end(), runDiagnostics.begin(), runDiagnostics.end());
    j["diagnostics"] = diagnosticsJson(all);
    json.print(j.dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    if (o.device == "xrt")
      fmt::print("{}: {:.3f} ms on {}\n", runtime::stateName(outcome->state), outcome->milliseconds,
                 device->name());
    else
      fmt::print("{}: {} cycles ({} in the array, {} waiting for the controller and DDR)\n",
                 runtime::stateName(outcome->state), outcome->cycles, outcome->array,
                 outcome->offArray);
    if (o.time)
      fmt::print(
          "load {:.1f} ms, run {:.1f} ms, compare {:.1f} ms; {:.2f} million cycles a second\n",
          loadMs, runMs, compareMs,
          wall > 0 ? static_cast<double>(totalCycles) / wall / 1000.0 : 0.0);
    if (o.stats) printStatistics(facts);
    if (o.profile) printProfile(facts.profile);
    for (const Compared &c : compared) {
      const RunArgument &a = (*arguments)[c.argument];
      const std::string what = c.with.empty() ? "as expected" : "as on " + c.with;
      if (c.result.equal()) {
        fmt::print("{}: {} elements {} {}", a.text(c.argument), c.result.count, what,
                   tolerance->str());
        if (c.result.inexact)
          fmt::print("; {} not the same, by at most {:g} ulp ({:g})", c.result.inexact,
                     c.result.worstUlp, c.result.worstError);
        fmt::print("\n");
      } else {
        fmt::print("{}: {} of {} elements differ (not {} {}); first {}; worst {}; at most {:g} ulp "
                   "({:g})\n",
                   a.text(c.argument), c.result.different, c.result.count, what, tolerance->str(),
                   c.first, c.worst, c.result.worstUlp, c.result.worstError);
      }
    }
  }
  if (!completed) return kDeviceFailed;
  const bool clean = std::none_of(runDiagnostics.begin(), runDiagnostics.end(),
                                  [](const auto &d) { return d.code.starts_with("sanitize-"); });
  return equal && clean ? kFine : kWrong;
}

} // namespace

std::function<int()> setupRun(CLI::App &command) {
  auto o = std::make_shared<Options>();
  command.add_option("package", o->package, "folder that `ashlar build` made, .xclbin or .pdi")
      ->required();
  command.add_option("--insts", o->insts, "instruction stream (default: the folder's)");
  command.add_option("--sequence", o->sequence, "which runtime sequence of the folder");
  command.add_option("--kernel", o->kernel, "which kernel of the package (default: the first)");
  command.add_option("--device", o->device, "emulator or xrt");
  command.add_option("--compare", o->other,
                     "emulator or xrt: run there too, and say where the outputs first differ");
  command.add_option("--in", o->files.in, "[K=]FILE: input of argument K, raw or .npy")
      ->allow_extra_args(false);
  command.add_option("--out", o->files.out, "[K=]FILE: where argument K goes afterwards")
      ->allow_extra_args(false);
  command.add_option("--expect", o->files.expect, "[K=]FILE: what argument K must hold afterwards")
      ->allow_extra_args(false);
  command.add_option("--tolerance", o->tolerance,
                     "for --expect: 2ulp, or 1e-3 (absolute and relative)");
  command.add_option("--size", o->files.size, "K=BYTES: room of argument K")
      ->allow_extra_args(false);
  command.add_option("--timeout", o->timeout, "most cycles of a run")
      ->check(CLI::Range(int64_t{1}, INT64_MAX));
  command.add_option("--runs", o->runs, "run so many times; the array keeps its state")
      ->check(CLI::Range(1, 1000000));
  command.add_flag("--stats", o->stats, "cycles, stalls and words of cores and channels");
  command.add_option("--trace", o->trace,
                     "write what cores, channels and locks did when (Perfetto, chrome://tracing)");
  command.add_flag("--profile", o->profile,
                   "cycles of each function, loop and source line of each core");
  command.add_option("--html", o->html,
                     "write one page for a browser: timeline, counters, profile");
  command.add_flag("--sanitize", o->sanitize, "look for mistakes that the chip would not tell");
  command.add_flag("--time", o->time, "wall times");
  command.add_flag("--json", o->json, "the same facts as JSON");
  return [o] { return run(*o); };
}

} // namespace ashlar::cli
