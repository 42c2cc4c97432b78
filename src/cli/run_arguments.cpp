// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pairing files with arguments.
#include "cli/run_arguments.h"

#include "device/bd.h"
#include "device/registers.h"

#include <algorithm>
#include <limits>
#include <map>

namespace ashlar::cli {

namespace reg = device::reg;
using device::DmaDirection;
using device::TileKind;

namespace {
constexpr size_t kMostArguments = 64;
constexpr uint64_t kMostBytes = uint64_t{1} << 32;

std::optional<uint64_t> number(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  uint64_t v = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    v = v * 10 + static_cast<uint64_t>(c - '0');
  }
  return v;
}

/// Bytes from the BD's address to the end of its farthest word.
uint64_t reach(const device::Bd &bd) {
  uint64_t farthest = 0, left = bd.length ? bd.length - 1 : 0;
  if (bd.dims[0].size == 0 && bd.dims[0].step == 1)
    farthest = left;
  else {
    for (int d = 0; d < 3; ++d) {
      const uint64_t size = bd.dims[d].size ? bd.dims[d].size : left + 1;
      farthest += std::min(left, size - 1) * bd.dims[d].step;
      left /= size;
    }
  }
  if (bd.iterationSize > 1) farthest += uint64_t{bd.iterationSize - 1} * bd.iterationStep;
  return (farthest + 1) * 4;
}
} // namespace

std::string RunArgument::text(size_t index) const {
  return name.empty() ? fmt::format("argument {}", index)
                      : fmt::format("argument {} ({})", index, name);
}

Result<FileOption> parseFileOption(const std::string &text) {
  FileOption out;
  const size_t equals = text.find('=');
  if (equals != std::string::npos)
    if (const auto k = number(std::string_view(text).substr(0, equals))) {
      if (*k >= kMostArguments)
        return error("run-option", {}, fmt::format("there is no argument {} ('{}')", *k, text));
      out.argument = static_cast<size_t>(*k);
      out.file = text.substr(equals + 1);
    }
  if (!out.argument) out.file = text;
  if (out.file.empty()) return error("run-option", {}, fmt::format("'{}' names no file", text));
  return out;
}

Result<std::pair<size_t, uint64_t>> parseSizeOption(const std::string &text) {
  const size_t equals = text.find('=');
  const auto k = number(std::string_view(text).substr(0, equals));
  const auto n = equals == std::string::npos ? std::nullopt
                                             : number(std::string_view(text).substr(equals + 1));
  if (!k || !n)
    return error("run-option", {}, fmt::format("'{}' is not ARGUMENT=BYTES", text),
                 "for example --size 2=8192");
  if (*k >= kMostArguments)
    return error("run-option", {}, fmt::format("there is no argument {} ('{}')", *k, text));
  if (*n == 0 || *n > kMostBytes)
    return error("run-option", {},
                 fmt::format("--size {}: an argument has 1 to {} bytes", text, kMostBytes));
  return std::pair<size_t, uint64_t>{static_cast<size_t>(*k), *n};
}

std::vector<RunArgument> streamArguments(const load::Stream &stream) {
  std::vector<RunArgument> out;
  struct Patched {
    uint32_t argument;
    uint64_t offset;
  };
  std::map<uint32_t, std::array<uint32_t, 8>> bds; ///< by address of the BD
  std::map<uint32_t, Patched> patched;
  const auto store = [&](uint32_t address, uint32_t value) {
    const uint32_t offset = device::offsetOfAddress(address);
    if (device::tileKind(device::tileOfAddress(address)) != TileKind::Shim) return;
    const uint32_t base = reg::bdBase(TileKind::Shim);
    if (offset < base ||
        offset >= base + static_cast<uint32_t>(device::bdCount(TileKind::Shim)) * reg::kBdStride)
      return;
    bds[address & ~(reg::kBdStride - 1)][(offset & (reg::kBdStride - 1)) / 4] = value;
  };
  const auto start = [&](uint32_t address, uint32_t value) {
    const device::TileId tile = device::tileOfAddress(address);
    const uint32_t offset = device::offsetOfAddress(address);
    if (device::tileKind(tile) != TileKind::Shim) return;
    for (DmaDirection d : {DmaDirection::S2MM, DmaDirection::MM2S})
      for (int c = 0; c < device::dmaChannels(TileKind::Shim); ++c) {
        if (offset != reg::dmaQueue(TileKind::Shim, d, c)) continue;
        // The whole chain moves data.
        int id = static_cast<int>(value & 15);
        for (int hops = 0; hops < device::bdCount(TileKind::Shim); ++hops) {
          const uint32_t bdAddress =
              device::tileAddress(tile, device::bdRegister(TileKind::Shim, id));
          const auto p = patched.find(bdAddress);
          const device::Bd bd = device::decodeBd(TileKind::Shim, bds[bdAddress]);
          if (p != patched.end() && p->second.argument < out.size()) {
            RunArgument &a = out[p->second.argument];
            (d == DmaDirection::S2MM ? a.written : a.read) = true;
            a.bytes = std::max(a.bytes, p->second.offset + reach(bd));
          }
          if (!bd.next) break;
          id = *bd.next;
        }
      }
  };
  for (const load::Operation &o : stream.operations) {
    if (const auto *b = std::get_if<load::BlockWrite>(&o.op)) {
      for (size_t i = 0; i < b->words.size(); ++i)
        store(b->address + 4 * static_cast<uint32_t>(i), b->words[i]);
    } else if (const auto *w = std::get_if<load::Write32>(&o.op)) {
      store(w->address, w->value);
      start(w->address, w->value);
    } else if (const auto *p = std::get_if<load::AddressPatch>(&o.op)) {
      if (p->argument >= kMostArguments) continue;
      if (out.size() <= p->argument) out.resize(p->argument + 1);
      out[p->argument].used = true;
      patched[p->address & ~(reg::kBdStride - 1)] = {p->argument, p->offset};
    }
  }
  return out;
}

Result<FileData> readData(const std::string &path) {
  FileData out;
  ASHLAR_TRY(out.file, readFile(path));
  if (report::isNpy(out.file)) {
    ASHLAR_TRY(out.npy, report::readNpy(out.file, path));
    out.data = out.npy->data;
  } else if (path.ends_with(".npy")) {
    return error("npy-header", Place::at(path), "this is not a .npy file");
  } else {
    out.data = out.file;
  }
  return out;
}

Status checkType(const FileData &data, const std::string &path, const RunArgument &argument,
                 size_t index) {
  if (!data.npy || !argument.element) return Ok{};
  const report::Element declared = *argument.element, given = data.npy->element;
  if (declared == given || !report::elementIsFloat(declared)) return Ok{};
  if (!report::elementIsFloat(given) &&
      report::elementBytes(given) == report::elementBytes(declared))
    return Ok{}; // the bits: numpy has no bfloat16
  return error("argument-type", Place::at(path),
               fmt::format("{} has elements of {}, the file holds {}", argument.text(index),
                           report::elementName(declared), report::describe(*data.npy)),
               fmt::format("save the array as {}, or its bytes as a file of another name",
                           report::elementName(declared)));
}

Status checkSize(const FileData &data, const std::string &path, const RunArgument &argument,
                 size_t index) {
  if (data.data.size() == argument.bytes) return Ok{};
  Diagnostic d = error("argument-size", Place::at(path),
                       fmt::format("the file has {} bytes of data; {} has {}", data.data.size(),
                                   argument.text(index), argument.bytes));
  if (argument.declared && argument.element)
    d.notes.push_back(fmt::format("{} elements of {}",
                                  argument.declared / report::elementBytes(*argument.element),
                                  report::elementName(*argument.element)));
  if (data.npy) d.notes.push_back("the file holds " + report::describe(*data.npy));
  d.remedy = fmt::format("give a file of {} bytes, or --size {}=BYTES", argument.bytes, index);
  return d;
}

Result<std::vector<RunArgument>> runArguments(const load::Stream &stream,
                                              const plan::RuntimeSequence *sequence,
                                              const FileOptions &options) {
  std::vector<RunArgument> out = streamArguments(stream);
  if (sequence) {
    if (out.size() < sequence->arguments.size()) out.resize(sequence->arguments.size());
    for (size_t i = 0; i < sequence->arguments.size(); ++i) {
      const plan::Argument &a = sequence->arguments[i];
      RunArgument &r = out[i];
      r.name = a.name;
      r.used = true;
      r.declared = a.bytes;
      r.bytes = a.bytes;
      r.sized = true;
      r.element = report::elementFromName(a.elementType);
      r.shape = a.shape;
      r.read |= a.read;
      r.written |= a.written;
    }
  }
  for (const std::string &text : options.size) {
    ASHLAR_TRY(const auto size, parseSizeOption(text));
    const auto [k, bytes] = size;
    if (out.size() <= k) out.resize(k + 1);
    if (bytes < out[k].declared)
      return error("argument-size", {},
                   fmt::format("--size {}: the sequence declares {} bytes for {}", text,
                               out[k].declared, out[k].text(k)));
    out[k].bytes = bytes;
    out[k].sized = true;
    out[k].used = true;
  }
  enum class Role { In, Out, Expect };
  const auto place = [&](const std::vector<std::string> &files, Role role) -> Status {
    const char *option = role == Role::In ? "--in" : role == Role::Out ? "--out" : "--expect";
    const auto slot = [&](RunArgument &a) -> std::string & {
      return role == Role::In ? a.in : role == Role::Out ? a.out : a.expect;
    };
    std::vector<FileOption> parsed;
    for (const std::string &text : files) {
      ASHLAR_TRY(FileOption o, parseFileOption(text));
      if (o.argument) {
        if (out.size() <= *o.argument) {
          if (sequence || role != Role::In)
            return error("run-option", {},
                         fmt::format("{} {}: there is no argument {}; the run has {}", option, text,
                                     *o.argument, out.size()),
                         "--size K=BYTES adds one");
          out.resize(*o.argument + 1);
        }
        std::string &s = slot(out[*o.argument]);
        if (!s.empty())
          return error(
              "run-option", {},
              fmt::format("{} {}: argument {} has {} already", option, text, *o.argument, s));
        s = o.file;
        out[*o.argument].used = true;
      }
      parsed.push_back(std::move(o));
    }
    for (const FileOption &o : parsed) {
      if (o.argument) continue;
      const auto free = std::find_if(out.begin(), out.end(), [&](RunArgument &a) {
        return (role == Role::In ? a.read : a.written) && slot(a).empty();
      });
      if (free == out.end())
        return error("run-option", {},
                     fmt::format("{} {}: the sequence {} no further argument", option, o.file,
                                 role == Role::In ? "reads" : "writes"),
                     fmt::format("name it: {} K={}", option, o.file));
      slot(*free) = o.file;
    }
    return Ok{};
  };
  ASHLAR_CHECK(place(options.in, Role::In));
  ASHLAR_CHECK(place(options.out, Role::Out));
  ASHLAR_CHECK(place(options.expect, Role::Expect));
  return out;
}

} // namespace ashlar::cli
