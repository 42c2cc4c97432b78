// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MLIR keeps any attribute that somebody writes in braces, so a misspelt `{int = 1}` of a lock is
// legal and changes nothing. Here the names are held against what each operation knows.
#include "design/attributes.h"
#include "base/nearest.h"

#include <llvm/ADT/StringExtras.h>
#include <mlir/IR/Operation.h>

#include <set>

using namespace mlir;

namespace ashlar::design {
namespace {

/// Names separated by blanks: those that designs write in braces, and those that only the readers
/// set from an operation's syntax (they are no advice to anybody).
struct Known {
  const char *op;
  const char *written;
  const char *read;
};
constexpr Known table[] = {
    {"aie.amsel", "", "arbiter msel"},
    {"aie.bd_chain", "", "sym_name"},
    {"aie.buffer", "sym_name address mem_bank", "initial_value"},
    {"aie.cascade_flow", "", ""},
    {"aie.configure_cascade", "", "input_dir output_dir"},
    {"aie.connect", "", "source_bundle source_channel dest_bundle dest_channel"},
    {"aie.core",
     "stack_size link_with link_files link_merge_files elf_file dynamic_objfifo_lowering", ""},
    {"aie.device", "sym_name", "device"},
    {"aie.dma", "loop repeat_count sym_name pad_value", "channel_dir channel_index"},
    {"aie.dma_bd",
     "bd_id next_bd_id packet burst_length len offset pad_value dimensions pad_dimensions",
     "dynamic iteration"},
    {"aie.dma_bd_packet", "", "packet_type packet_id"},
    {"aie.dma_start", "repeat_count sym_name", "channel_dir channel_index"},
    {"aie.event", "", "val"},
    {"aie.external_buffer", "sym_name address", ""},
    {"aie.flow", "", "source_bundle source_channel dest_bundle dest_channel"},
    {"aie.lock", "init sym_name", "id"},
    {"aie.logical_tile", "allocation_scheme controller_id", "kind col row"},
    {"aie.masterset", "keep_pkt_header", "dest_bundle dest_channel"},
    {"aie.objectfifo",
     "via_DMA via_shared_mem plio disable_synchronization repeat_count iter_count padDimensions "
     "padValue packet packet_id prod_dma_channel cons_dma_channels aie_stream aie_stream_port "
     "consumerElemType init_values initValues",
     "sym_name depths dims_to dims_from elem_type consumer_elem_type"},
    {"aie.objectfifo.acquire", "", "fifo port size dynamic"},
    {"aie.objectfifo.link", "", "fifo_ins fifo_outs src_offsets dst_offsets"},
    {"aie.objectfifo.release", "", "fifo port size dynamic"},
    {"aie.packet_dest", "", "port_bundle port_channel"},
    {"aie.packet_flow", "keep_pkt_header priority_route", "id"},
    {"aie.packet_rules", "", "source_bundle source_channel"},
    {"aie.packet_source", "", "port_bundle port_channel"},
    {"aie.rule", "", "mask value"},
    {"aie.shim_dma_allocation", "plio packet", "sym_name channel_dir channel_index col"},
    {"aie.tile", "controller_id allocation_scheme", "col row"},
    {"aie.trace.host_config",
     "buffer_size arg_idx routing reuse_output_buffer egress_shim_col trace_after_last_tensor", ""},
    {"aie.use_lock", "acq_en", "action value blocking dynamic"},
    {"aiex.control_packet", "address length opcode stream_id data", ""},
    {"aiex.dma_configure_task", "issue_token repeat_count packet", "direction channel"},
    {"aiex.dma_configure_task_for", "issue_token repeat_count packet", "alloc"},
    {"aiex.dma_start_bd_chain", "issue_token repeat_count packet", "chain direction channel"},
    {"aiex.dma_start_bd_chain_for", "issue_token repeat_count packet", "chain alloc"},
    {"aiex.npu.address_patch", "addr arg_idx arg_plus", ""},
    {"aiex.npu.blockwrite", "address buffer column row", "value"},
    {"aiex.npu.dma_memcpy_nd",
     "id metadata issue_token packet burst_length d0_zero_before d0_zero_after d1_zero_before "
     "d1_zero_after d2_zero_before d2_zero_after",
     "static_offsets static_sizes static_strides"},
    {"aiex.npu.dma_wait", "symbol", ""},
    {"aiex.npu.load_pdi", "device_ref id size address", ""},
    {"aiex.npu.maskwrite32", "address value mask buffer column row", "dynamic"},
    {"aiex.npu.push_queue", "issue_token repeat_count bd_id",
     "channel column direction row dynamic"},
    {"aiex.npu.rtp_write", "buffer_sym_name", "buffer index value col column row dynamic"},
    {"aiex.npu.sync", "channel column column_num direction row row_num", "dynamic"},
    {"aiex.npu.write32", "address value buffer column row", "dynamic"},
    {"aiex.npu.writebd",
     "bd_id buffer_length buffer_offset burst_length column d0_size d0_stride d0_zero_after "
     "d0_zero_before d1_size d1_stride d1_zero_after d1_zero_before d2_size d2_stride "
     "d2_zero_after d2_zero_before ddr_id enable_packet iteration_current iteration_size "
     "iteration_stride lock_acq_enable lock_acq_id lock_acq_val lock_rel_id lock_rel_val next_bd "
     "out_of_order_id packet_id packet_type row use_next_bd valid_bd",
     ""},
    {"aiex.set_lock", "", "value"},
};

bool holds(StringRef names, StringRef name) {
  SmallVector<StringRef> words;
  names.split(words, ' ', -1, false);
  return is_contained(words, name);
}

/// What the writer probably meant: other capitals and underscores (`via_dma`, `stackSize`), a
/// shortened name (`addr`), or a typo.
std::optional<std::string> meant(StringRef names, StringRef name) {
  auto plain = [](StringRef text) {
    std::string out;
    for (char c : text)
      if (c != '_') out += llvm::toLower(c);
    return out;
  };
  std::vector<std::string> candidates;
  for (StringRef word : llvm::split(names, ' ')) {
    if (!word.empty() && plain(word) == plain(name)) return word.str();
    if (!word.empty()) candidates.push_back(word.str());
  }
  for (const std::string &word : candidates)
    if (name.size() >= 3 && StringRef(word).starts_with(name)) return word;
  return nearestName(name.str(), candidates);
}

} // namespace

void warnOfUnknownAttributes(Operation *root, Diagnostics &warnings) {
  std::set<std::pair<std::string, std::string>> told;
  root->walk([&](Operation *op) {
    StringRef name = op->getName().getStringRef();
    const Known *known = llvm::find_if(table, [&](const Known &k) { return name == k.op; });
    if (known == std::end(table)) return;
    for (NamedAttribute attribute : op->getAttrs()) {
      StringRef word = attribute.getName().strref();
      // A prefix says that the attribute belongs to another tool.
      if (word.contains('.') || holds(known->written, word) || holds(known->read, word)) continue;
      if (!told.emplace(name.str(), word.str()).second) continue;
      std::optional<std::string> other = meant(known->written, word);
      warnings.push_back(warning(
          "unknown-attribute", placeOf(op),
          fmt::format("{} has no attribute `{}`: it changes nothing", name.str(), word.str()),
          other ? fmt::format("did you mean `{}`?", *other) : "take it out"));
    }
  });
}

} // namespace ashlar::design
