// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The seeds of the fuzz targets: one good file of each format, made by our own writers.
#pragma once

#include "format/ar.h"
#include "package/package.h"
#include "plan/sample_plan.h"
#include "plan/text.h"

namespace ashlar::fuzz {

/// By "TARGET/NAME"; empty when packaging fails.
inline std::vector<std::pair<std::string, Bytes>> seeds() {
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
  if (!p.ok()) return {};
  const std::string json = plan::print(plan);
  return {
      {"elf/program", elf},
      {"elf/object", o},
      {"ar/archive", format::ar::write({{"kernel_with_a_long_name.o", o, 0}, {"b.o", {1}, 0}})},
      {"cdo/stage1", p->cdoInit},
      {"cdo/merged", p->cdo},
      {"pdi/pdi", p->pdi},
      {"xclbin/xclbin", p->xclbin},
      {"txn/stream", p->sequences[0].stream},
      {"plan/plan", Bytes(json.begin(), json.end())},
      {"npy/array",
       [] {
         const std::string head = "{'descr': '<i4', 'fortran_order': False, 'shape': (4,), }";
         std::string text = std::string("\x93NUMPY\x01\x00\x76\x00", 10) + head;
         text.resize(127, ' ');
         text += "\n" + std::string(16, '\1');
         return Bytes(text.begin(), text.end());
       }()},
      {"trace/unit", {1,    0,    2,    0x80, 0,    0,    0,    0xF0, 0x25, 100,  0,
                      0,    0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE,
                      0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE}},
      {"asm/text",
       [] {
         const std::string text =
             "\t.text\nf:\n\tmova r0, #1\n\tret lr\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n";
         return Bytes(text.begin(), text.end());
       }()},
      {"disasm/code", Bytes(16, 1)},
  };
}

} // namespace ashlar::fuzz
