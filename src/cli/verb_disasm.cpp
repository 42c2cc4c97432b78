// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar disasm FILE`: assembly text of objects, executables, archives, and of the program
// memories that a PDI or XCLBIN loads. The text assembles again to the same bytes.
#ifdef ASHLAR_HAS_ASSEMBLER
#include "assembler/disassembler.h"
#include "cli/verbs.h"
#include "format/ar.h"
#ifdef ASHLAR_HAS_LOAD
#include "device/registers.h"
#include "load/load.h"
#endif

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

namespace ashlar::cli {

namespace {

namespace elf = format::elf;

struct Part {
  std::string name; ///< archive member or configuration; may be empty
  elf::File file;
};

#ifdef ASHLAR_HAS_LOAD
/// The program memories that a package writes, as sections of one file each configuration.
Result<std::vector<Part>> programMemories(ByteView data, const std::string &name) {
  Diagnostics warnings;
  ASHLAR_TRY(load::Package package, load::readPackage(data, name, warnings));
  report(warnings);
  std::vector<Part> parts;
  for (size_t c = 0; c < package.configurations.size(); ++c) {
    struct Image {
      Bytes bytes;
      size_t used = 0;
    };
    std::map<device::TileId, Image> images;
    auto word = [&](uint32_t address, uint32_t value) {
      device::TileId tile = device::tileOfAddress(address);
      uint32_t offset = device::offsetOfAddress(address);
      if (tile.row >= device::kRows || device::tileKind(tile) != device::TileKind::Core ||
          offset < device::reg::kProgramMemory ||
          offset + 4 > device::reg::kProgramMemory + device::kProgramMemoryBytes)
        return;
      Image &image = images[tile];
      image.bytes.resize(device::kProgramMemoryBytes);
      size_t at = (offset - device::reg::kProgramMemory) & ~3u;
      writeU32(&image.bytes[at], value);
      image.used = std::max(image.used, at + 4);
    };
    for (const load::Operation &operation : package.configurations[c].operations) {
      if (auto *w = std::get_if<load::Write32>(&operation.op)) word(w->address, w->value);
      if (auto *b = std::get_if<load::BlockWrite>(&operation.op))
        for (size_t i = 0; i < b->words.size(); ++i)
          word(b->address + static_cast<uint32_t>(4 * i), b->words[i]);
      if (auto *f = std::get_if<load::BlockFill>(&operation.op))
        for (uint32_t i = 0; i < f->words && i < device::kProgramMemoryBytes / 4; ++i)
          word(f->address + 4 * i, f->value);
    }
    Part part;
    if (package.configurations.size() > 1) part.name = fmt::format("configuration {}", c);
    part.file.type = elf::FileType::Executable;
    for (auto &[tile, image] : images) {
      elf::Section s;
      s.name = fmt::format(".text.core_{}_{}", tile.col, tile.row);
      s.flags = elf::kAlloc | elf::kExec;
      s.align = 16;
      s.size = static_cast<uint32_t>(image.used);
      image.bytes.resize(image.used);
      s.data = std::move(image.bytes);
      part.file.sections.push_back(std::move(s));
    }
    parts.push_back(std::move(part));
  }
  return parts;
}
#endif

Result<std::vector<Part>> readParts(const std::string &path) {
  ASHLAR_TRY(Bytes data, readFile(path));
  std::vector<Part> parts;
  if (elf::looksLikeElf(data)) {
    ASHLAR_TRY(elf::File file, elf::read(data, path));
    parts.push_back({"", std::move(file)});
    return parts;
  }
  if (format::ar::looksLikeArchive(data)) {
    ASHLAR_TRY(auto members, format::ar::read(data, path));
    for (const auto &member : members) {
      std::string name = fmt::format("{}({})", path, member.name);
      if (!elf::looksLikeElf(member.data)) continue;
      ASHLAR_TRY(elf::File file, elf::read(member.data, name));
      parts.push_back({member.name, std::move(file)});
    }
    return parts;
  }
#ifdef ASHLAR_HAS_LOAD
  return programMemories(data, path);
#else
  return error("foreign", Place::at(path), "this is neither an ELF file nor an archive");
#endif
}

} // namespace

std::function<int()> setupDisasm(CLI::App &command) {
  struct Options {
    std::string input, output;
    bool json = false, plain = false, codeOnly = false;
  };
  auto o = std::make_shared<Options>();
  command.add_option("FILE", o->input, "object, executable, archive, PDI or XCLBIN")->required();
  command.add_option("-o", o->output, "write here instead of to standard output");
  command.add_flag("--json", o->json, "sections, bundles and instructions as JSON");
  command.add_flag("--plain", o->plain, "without addresses and bytes");
  command.add_flag("--code", o->codeOnly, "only sections of code");
  return [o]() -> int {
    auto parts = readParts(o->input);
    if (!parts) return fail(parts);
    assembler::Counts counts;
    std::string out;
    if (o->json) {
      nlohmann::json all = nlohmann::json::array();
      for (const Part &part : *parts) {
        nlohmann::json j = assembler::disassembleJson(part.file, counts);
        j["name"] = part.name;
        all.push_back(std::move(j));
      }
      nlohmann::json j = {{"file", o->input},
                          {"parts", std::move(all)},
                          {"bundles", counts.bundles},
                          {"unknown", counts.unknown}};
      out = j.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    } else {
      for (const Part &part : *parts) {
        if (!part.name.empty()) out += fmt::format("// ---- {} ----\n", part.name);
        assembler::disassemble(part.file, {!o->plain, !o->codeOnly}, out, counts);
      }
    }
    if (!o->output.empty()) {
      auto written = writeTextFile(o->output, out);
      if (!written) return fail(written);
    } else {
      std::fwrite(out.data(), 1, out.size(), stdout);
    }
    if (counts.unknown && !o->json)
      std::fprintf(stderr, "%s: %llu of %llu places in code are no bundle (written as .byte)\n",
                   o->input.c_str(), static_cast<unsigned long long>(counts.unknown),
                   static_cast<unsigned long long>(counts.unknown + counts.bundles));
    return kFine;
  };
}

} // namespace ashlar::cli
#endif
