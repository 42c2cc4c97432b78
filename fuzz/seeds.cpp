// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes the seeds of the fuzz targets: one good file of each format, made by our own writers.
#include "format/ar.h"
#include "package/package.h"
#include "plan/sample_plan.h"
#include "plan/text.h"

#include <cstdio>
#include <filesystem>

using namespace ashlar;

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const std::string root = argv[1];
  const plan::Plan plan = plan_test::samplePlan();
  const Bytes elf = plan_test::sampleElf();
  format::elf::File object;
  format::elf::Section text;
  text.name = ".text";
  text.flags = format::elf::kAlloc | format::elf::kExec;
  text.data = Bytes(16, 1);
  text.size = 16;
  text.relocs = {{0, 49, 0, 4}};
  object.sections = {text};
  object.symbols = {
      {"f", 0, 16, format::elf::Bind::Global, format::elf::SymbolType::Function, 0, 0}};
  object.groups = {{0, true, {0}}};
  const Bytes o = format::elf::write(object);
  const auto p = package::package(plan, {{{0, 2}, elf, "core.elf"}});
  if (!p.ok()) return 1;
  const std::string json = plan::print(plan);
  const std::pair<const char *, Bytes> seeds[] = {
      {"elf/program", elf},
      {"elf/object", o},
      {"ar/archive", format::ar::write({{"kernel_with_a_long_name.o", o, 0}, {"b.o", {1}, 0}})},
      {"cdo/stage1", p->cdoInit},
      {"cdo/merged", p->cdo},
      {"pdi/pdi", p->pdi},
      {"xclbin/xclbin", p->xclbin},
      {"txn/stream", p->sequences[0].stream},
      {"plan/plan", Bytes(json.begin(), json.end())},
  };
  for (const auto &[name, bytes] : seeds) {
    const std::string path = root + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    if (!writeFile(path, bytes).ok()) return 1;
  }
  return 0;
}
