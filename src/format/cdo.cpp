// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading and writing CDO. The command word holds the opcode in its low half and the payload's
// length in words in bits 23:16; 255 there means that the next word holds the length.
#include "format/cdo.h"

namespace ashlar::format::cdo {
namespace {

constexpr uint32_t kLongForm = 255;
/// First command word of AMD's compacted form.
constexpr uint32_t kOpaqueMark = 3;

struct Form {
  uint16_t opcode;
  const char *name;
  int minWords, maxWords; ///< of the payload; -1 = any
};
constexpr Form forms[] = {
    {kEnd, "END", 0, -1},
    {kMaskPoll, "MASK_POLL", 4, 6},
    {kMaskWrite, "MASK_WRITE", 3, 3},
    {kWrite, "WRITE", 2, 2},
    {kDelay, "DELAY", 1, 1},
    {kDmaWrite, "DMA_WRITE", 2, -1},
    {kMaskPoll64, "MASK_POLL64", 5, 7},
    {kMaskWrite64, "MASK_WRITE64", 4, 4},
    {kWrite64, "WRITE64", 3, 3},
    {0x109, "DMA_XFER", 6, 6},
    {0x10A, "INIT_SEQ", 0, -1},
    {0x10B, "CFRAME_READ", 0, -1},
    {kSet, "SET", 4, 4},
    {0x10D, "DMA_WRITE_KEYHOLE", 3, -1},
    {0x10E, "SSIT_SYNC_MASTER", 0, -1},
    {0x10F, "SSIT_SYNC_SLAVES", 0, -1},
    {0x110, "SSIT_WAIT_SLAVES", 0, -1},
    {kNop, "NOP", 0, -1},
    {0x112, "GET_DEVICE_ID", 0, -1},
    {0x113, "EVENT_LOGGING", 0, -1},
    {0x114, "SET_BOARD", 0, -1},
    {0x117, "LOG_STRING", 0, -1},
    {0x119, "MARKER", 0, -1},
    {0x11A, "PROC", 0, -1},
    {0x11B, "BEGIN", 0, -1},
    {0x11C, "END_BLOCK", 0, -1},
    {0x11D, "BREAK", 0, -1},
    {0x11E, "OT_CHECK", 0, -1},
    {0x11F, "PSM_SEQUENCE", 0, -1},
    {0x121, "SCATTER_WRITE", 0, -1},
    {0x122, "SCATTER_WRITE2", 0, -1},
};

const Form *findForm(uint16_t opcode) {
  for (const Form &f : forms)
    if (f.opcode == opcode) return &f;
  return nullptr;
}

/// Words of a NOP are part of its payload: n words in all.
void nop(ByteWriter &out, uint32_t words) {
  out.u32((words - 1) << 16 | kNop).fill(4 * (words - 1));
}

void header(ByteWriter &out, uint32_t payloadWords) {
  out.u32(4).u32(kIdent).u32(kVersion).u32(payloadWords);
  out.u32(~(4 + kIdent + kVersion + payloadWords));
}

void command(ByteWriter &out, uint16_t opcode, const std::vector<uint32_t> &payload) {
  const uint32_t length = static_cast<uint32_t>(payload.size());
  if (length < kLongForm)
    out.u32(length << 16 | opcode);
  else
    out.u32(kLongForm << 16 | opcode).u32(length);
  for (const uint32_t w : payload) out.u32(w);
}

/// A command with a 64-bit address whose high word is 0 loses that word, as in bootgen.
Command narrowed(const Command &c) {
  uint16_t opcode = 0;
  switch (c.opcode) {
  case kMaskPoll64: opcode = kMaskPoll; break;
  case kMaskWrite64: opcode = kMaskWrite; break;
  case kWrite64: opcode = kWrite; break;
  case kDmaWrite: // a block of one word is a plain write
    if (c.payload.size() == 3 && c.payload[0] == 0)
      return {kWrite, {c.payload[1], c.payload[2]}, c.offset};
    return c;
  default: return c;
  }
  if (c.payload[0] != 0) return c;
  return {opcode, std::vector<uint32_t>(c.payload.begin() + 1, c.payload.end()), c.offset};
}

/// One stage-1 file's commands as they stand in a PDI. Positions for the alignment count from that
/// file's own header, so the payloads are not aligned in the merged list.
void reencode(const File &file, ByteWriter &out) {
  const size_t start = out.size();
  for (const Command &original : file.commands) {
    const Command c = narrowed(original);
    if (c.opcode == kDmaWrite) {
      const uint32_t position = static_cast<uint32_t>((out.size() - start + kHeaderBytes) / 4);
      const uint32_t head = c.payload.size() < kLongForm ? 3 : 4;
      const uint32_t pad = ((c.payload[1] >> 2) - position - head) & 3;
      if (pad) nop(out, pad);
    }
    command(out, c.opcode, c.payload);
  }
}

} // namespace

const char *opcodeName(uint16_t opcode) {
  const Form *f = findForm(opcode);
  return f ? f->name : "";
}

bool looksLikeCdo(ByteView data) { return data.size() >= 8 && readU32(&data[4]) == kIdent; }

Result<File> read(ByteView data, const std::string &name, uint64_t base, Diagnostics &problems) {
  const auto at = [&](uint64_t offset) { return Place::atOffset(name, base + offset); };
  const char *damaged = "the file is damaged; build or copy it again";
  if (data.size() < kHeaderBytes)
    return error(
        "cdo-truncated", at(0),
        fmt::format("the CDO header needs {} bytes, {} are there", kHeaderBytes, data.size()),
        damaged);
  uint32_t head[5];
  for (int i = 0; i < 5; ++i) head[i] = readU32(&data[4 * static_cast<size_t>(i)]);
  if (head[1] != kIdent)
    return error("cdo-corrupt", at(4),
                 fmt::format("this is not a CDO: its mark is {:#010x}, "
                             "expected {:#010x}",
                             head[1], kIdent),
                 damaged);
  if (head[0] != 4)
    return error("cdo-corrupt", at(0),
                 fmt::format("the CDO header says {} words, expected 4", head[0]), damaged);
  if (~(head[0] + head[1] + head[2] + head[3]) != head[4])
    problems.push_back(error("cdo-checksum", at(16),
                             fmt::format("the CDO header's checksum is {:#010x}, computed {:#010x}",
                                         head[4], ~(head[0] + head[1] + head[2] + head[3])),
                             damaged));
  File file;
  file.version = head[2];
  if (data.size() >= kHeaderBytes + 4 && readU32(&data[kHeaderBytes]) == kOpaqueMark) {
    file.opaque = true;
    file.bytes = data.size();
    return file;
  }
  if (head[3] > (data.size() - kHeaderBytes) / 4)
    return error("cdo-truncated", at(12),
                 fmt::format("the CDO has {} words of commands, but only {} bytes follow", head[3],
                             data.size() - kHeaderBytes),
                 damaged);
  file.bytes = kHeaderBytes + 4 * size_t{head[3]};
  size_t offset = kHeaderBytes;
  while (offset < file.bytes) {
    Command c;
    c.offset = offset;
    const uint32_t word = readU32(&data[offset]);
    if (word == 0xFFFFFFFF) { // the other spelling of END
      c.opcode = kEnd;
      file.commands.push_back(std::move(c));
      break;
    }
    c.opcode = static_cast<uint16_t>(word);
    uint32_t length = word >> 16 & 0xFF;
    size_t start = offset + 4;
    if (length == kLongForm) {
      if (file.bytes - start < 4)
        return error("cdo-truncated", at(offset), "a long command has no length word", damaged);
      length = readU32(&data[start]);
      start += 4;
    }
    if (length > (file.bytes - start) / 4)
      return error(
          "cdo-truncated", at(offset),
          fmt::format("a command ({}) of {} words runs past the end of the CDO",
                      *opcodeName(c.opcode) ? opcodeName(c.opcode) : fmt::format("{:#x}", c.opcode),
                      length),
          damaged);
    const Form *form = findForm(c.opcode);
    if (word >> 24 || !form)
      return error("cdo-corrupt", at(offset), fmt::format("{:#010x} is no CDO command", word),
                   damaged);
    if (length < static_cast<uint32_t>(form->minWords) ||
        (form->maxWords >= 0 && length > static_cast<uint32_t>(form->maxWords)))
      return error("cdo-corrupt", at(offset),
                   fmt::format("{} has {} payload words, expected {}", form->name, length,
                               form->maxWords == form->minWords
                                   ? fmt::format("{}", form->minWords)
                                   : fmt::format("at least {}", form->minWords)),
                   damaged);
    for (uint32_t i = 0; i < length; ++i)
      c.payload.push_back(readU32(&data[start + 4 * size_t{i}]));
    offset = start + 4 * size_t{length};
    const bool end = c.opcode == kEnd;
    file.commands.push_back(std::move(c));
    if (end) break;
  }
  return file;
}

Stage1Writer::Stage1Writer() {
  header(out_, 0);
  nop(out_, 1);
}

void Stage1Writer::write(uint32_t address, uint32_t value) {
  command(out_, kWrite64, {0, address, value});
}

void Stage1Writer::maskWrite(uint32_t address, uint32_t mask, uint32_t value) {
  command(out_, kMaskWrite64, {0, address, mask, value});
}

void Stage1Writer::blockWrite(uint32_t address, const std::vector<uint32_t> &words) {
  if (words.empty()) return;
  std::vector<uint32_t> payload = {0, address};
  payload.insert(payload.end(), words.begin(), words.end());
  // The driver takes the short form's head for a length of exactly 255 although it writes the long
  // one; kept, because the bytes must be its bytes.
  const size_t head = payload.size() > kLongForm ? 16 : 12;
  const size_t pad = (16 - (out_.size() + head) % 16) % 16;
  if (pad) nop(out_, static_cast<uint32_t>(pad / 4));
  command(out_, kDmaWrite, payload);
}

Bytes Stage1Writer::take() {
  ByteWriter head;
  header(head, static_cast<uint32_t>((out_.size() - kHeaderBytes) / 4));
  Bytes bytes = out_.take();
  std::copy(head.view().begin(), head.view().end(), bytes.begin());
  return bytes;
}

Result<Bytes> merge(const std::vector<Bytes> &files, const std::vector<std::string> &names) {
  ASHLAR_ASSERT(files.size() == names.size());
  ByteWriter body;
  for (size_t i = 0; i < files.size(); ++i) {
    Diagnostics problems;
    ASHLAR_TRY(const File file, read(files[i], names[i], 0, problems));
    if (!problems.empty()) return problems;
    if (file.opaque || file.bytes != files[i].size())
      return error("cdo-corrupt", Place::atOffset(names[i], file.bytes),
                   "this is not a plain list of CDO commands", "build the file again");
    ByteWriter part;
    reencode(file, part);
    body.bytes(part.view());
  }
  ByteWriter out;
  header(out, static_cast<uint32_t>(body.size() / 4));
  out.bytes(body.view());
  return out.take();
}

} // namespace ashlar::format::cdo
