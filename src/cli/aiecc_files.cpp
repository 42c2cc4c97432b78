// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names and values are those of the vendor's flow, so that its tools and ours read the same.
#include "cli/aiecc_files.h"

#include <nlohmann/json.hpp>

namespace ashlar::cli {

using Json = nlohmann::ordered_json;

std::string bifText(const std::string &folder, const std::string &device) {
  std::string files;
  for (const char *part : {"elfs", "init", "enable"})
    files += fmt::format(" file={}/{}_aie_cdo_{}.bin", folder, device, part);
  return fmt::format("all:\n{{\n  id_code = 0x14ca8093\n  extended_id_code = 0x01\n  image\n  {{\n"
                     "    name=aie_image, id=0x1c000000\n    {{ type=cdo{} }}\n  }}\n}}\n",
                     files);
}

std::string partitionJson(const plan::Plan &plan, const std::string &pdiPath,
                          const std::string &uuid, const std::string &kernelId) {
  Json starts = Json::array();
  // A whole-array partition starts at 0, a smaller one wherever it fits.
  if (plan.columns == *device::deviceColumns("npu1"))
    starts.push_back(0);
  else
    for (int c = 1; c <= device::kMaxColumns - plan.columns; ++c) starts.push_back(c);
  const Json json = {
      {"aie_partition",
       {{"name", "QoS"},
        {"operations_per_cycle", "2048"},
        {"inference_fingerprint", "23423"},
        {"pre_post_fingerprint", "12345"},
        {"partition", {{"column_width", plan.columns}, {"start_columns", starts}}},
        {"PDIs", Json::array({{{"uuid", uuid},
                               {"file_name", pdiPath},
                               {"cdo_groups",
                                Json::array({{{"name", "DPU"},
                                              {"type", "PRIMARY"},
                                              {"pdi_id", "0x01"},
                                              {"dpu_kernel_ids", Json::array({kernelId})},
                                              {"pre_cdo_groups", Json::array({"0xC1"})}}})}}})}}}};
  return json.dump(2) + "\n";
}

std::string memTopologyJson() {
  auto bank = [](const char *size, const char *tag) {
    return Json{{"m_type", "MEM_DRAM"},
                {"m_used", "1"},
                {"m_sizeKB", size},
                {"m_tag", tag},
                {"m_base_address", "0x4000000"}};
  };
  const Json json = {
      {"mem_topology",
       {{"m_count", "2"},
        {"m_mem_data", Json::array({bank("0x10000", "HOST"), bank("0xc000", "SRAM")})}}}};
  return json.dump(2) + "\n";
}

std::string kernelsJson(const plan::Plan &plan, const package::Options &options) {
  Json arguments = Json::array();
  arguments.push_back({{"name", "opcode"},
                       {"address-qualifier", "SCALAR"},
                       {"type", "uint64_t"},
                       {"offset", "0x00"}});
  arguments.push_back({{"name", "instr"},
                       {"memory-connection", "SRAM"},
                       {"address-qualifier", "GLOBAL"},
                       {"type", "char *"},
                       {"offset", "0x8"}});
  arguments.push_back({{"name", "ninstr"},
                       {"address-qualifier", "SCALAR"},
                       {"type", "uint32_t"},
                       {"offset", "0x10"}});
  size_t count = package::kLeastArguments;
  for (const plan::RuntimeSequence &s : plan.sequences) count = std::max(count, s.arguments.size());
  for (size_t i = 0; i < count; ++i)
    arguments.push_back({{"name", fmt::format("bo{}", i)},
                         {"memory-connection", "HOST"},
                         {"address-qualifier", "GLOBAL"},
                         {"type", "void*"},
                         {"offset", fmt::format("0x{:x}", 0x14 + 8 * i)}});
  const Json json = {
      {"ps-kernels",
       {{"kernels",
         Json::array({{{"name", options.kernelName},
                       {"type", "dpu"},
                       {"extended-data",
                        {{"subtype", "DPU"},
                         {"functional", "0"},
                         {"dpu_kernel_id", fmt::format("0x{:x}", options.kernelId)}}},
                       {"arguments", arguments},
                       {"instances", Json::array({{{"name", options.instanceName}}})}}})}}}};
  return json.dump(2) + "\n";
}

std::string linkerScript(const plan::Plan &plan, const plan::Core &core) {
  const uint32_t data = device::kCoreWindowOwn + core.dataStart;
  std::string out = fmt::format(
      "MEMORY\n{{\n   program (RX) : ORIGIN = 0, LENGTH = 0x{:x}\n   data (!RX) : ORIGIN = 0x{:X}, "
      "LENGTH = 0x{:X}\n}}\nENTRY(__start)\nSECTIONS\n{{\n  . = 0x0;\n  .text : {{\n"
      "     *crt0.o(.text*)\n     _ctors_start = .;\n     _init_array_start = .;\n"
      "     KEEP(SORT(*.init_array))\n     _ctors_end = .;\n     _init_array_end = .;\n"
      "     _dtors_start = .;\n     _dtors_end = .;\n     *(.text*)\n  }} > program\n  .data : {{\n"
      "     *(.data*)\n     *(.rodata*)\n  }} > data\n",
      device::kProgramMemoryBytes, data, device::kCoreMemoryBytes - core.dataStart);
  out += fmt::format("  . = 0x{:x};\n  _sp_start_value_DM_stack = .;\n  . += 0x{:x};\n",
                     device::kCoreWindowOwn, core.stackSize);
  for (const plan::CoreSymbol &symbol : core.symbols)
    out += fmt::format("  . = 0x{:X};\n  {} = .;\n  . += 0x{:x};\n", symbol.address, symbol.name,
                       symbol.size);
  out += "  .bss : { *(.bss*) } > data\n}\n";
  for (const std::string &object : core.linkWith) out += fmt::format("INPUT({})\n", object);
  (void)plan;
  return out + fmt::format("PROVIDE(main = {});\n", core.function);
}

std::string npuInstsText(const plan::Plan &plan) {
  std::string globals, body;
  int data = 0;
  for (const plan::RuntimeSequence &s : plan.sequences) {
    std::string arguments;
    for (const plan::Argument &a : s.arguments)
      arguments += fmt::format("{}%{}: memref<{}{}{}>", arguments.empty() ? "" : ", ", a.name,
                               fmt::join(a.shape, "x"), a.shape.empty() ? "" : "x", a.elementType);
    body += fmt::format("    aie.runtime_sequence @{}({}) {{\n", s.name, arguments);
    for (const plan::SequenceOp &op : s.ops)
      body += std::visit(
          [&](const auto &o) -> std::string {
            using T = std::decay_t<decltype(o)>;
            if constexpr (std::is_same_v<T, plan::Write32>) {
              return fmt::format(
                  "      aiex.npu.write32 {{address = {} : ui32, value = {} : ui32}}\n", o.address,
                  o.value);
            } else if constexpr (std::is_same_v<T, plan::MaskWrite32>) {
              return fmt::format("      aiex.npu.maskwrite32 {{address = {} : ui32, mask = {} : "
                                 "ui32, value = {} : ui32}}\n",
                                 o.address, o.mask, o.value);
            } else if constexpr (std::is_same_v<T, plan::BlockWrite>) {
              std::vector<int32_t> words(o.words.begin(), o.words.end());
              globals += fmt::format("    memref.global \"private\" constant @blockwrite_data_{} : "
                                     "memref<{}xi32> = dense<[{}]>\n",
                                     data, words.size(), fmt::join(words, ", "));
              const std::string text = fmt::format(
                  "      %d{0} = memref.get_global @blockwrite_data_{0} : memref<{1}xi32>\n      "
                  "aiex.npu.blockwrite(%d{0}) {{address = {2} : ui32}} : memref<{1}xi32>\n",
                  data, words.size(), o.address);
              ++data;
              return text;
            } else if constexpr (std::is_same_v<T, plan::AddressPatch>) {
              return fmt::format("      aiex.npu.address_patch {{addr = {} : ui32, arg_idx = {} : "
                                 "i32, arg_plus = {} : i64}}\n",
                                 o.address, o.argument, o.offset);
            } else if constexpr (std::is_same_v<T, plan::Sync>) {
              return fmt::format("      aiex.npu.sync {{channel = {} : i32, column = {} : i32, "
                                 "column_num = {} : i32, direction = {} : i32, row = {} : i32, "
                                 "row_num = {} : i32}}\n",
                                 o.channel, o.column, o.columns, static_cast<int>(o.direction),
                                 o.row, o.rows);
            } else if constexpr (std::is_same_v<T, plan::LoadPdi>) {
              return fmt::format(
                  "      aiex.npu.load_pdi {{id = {} : i32, size = {} : i32, address "
                  "= {} : ui64}}\n",
                  o.id, o.size, o.address);
            } else {
              return fmt::format("      aiex.npu.preempt {{level = {} : ui8}}\n", o.level);
            }
          },
          op.op);
    body += "    }\n";
  }
  return fmt::format("module {{\n  aie.device({}) @{} {{\n{}{}  }}\n}}\n", plan.device, plan.name,
                     globals, body);
}

} // namespace ashlar::cli
