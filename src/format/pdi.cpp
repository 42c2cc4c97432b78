// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All header words are little-endian; offsets in headers count words from the file's start. Every
// header ends in the complement of the sum of its other words.
#include "format/pdi.h"

#include <algorithm>

namespace ashlar::format::pdi {
namespace {

constexpr uint32_t kBusWidth[4] = {0x000000DD, 0x11223344, 0x55667788, 0x99AABBCC};
constexpr size_t kTable = 0x10, kTableWords = 32; ///< image header table
constexpr size_t kImage = 0x90, kImageWords = 16;
constexpr size_t kPartition = 0xD0, kPartitionWords = 32;
constexpr uint32_t kTableVersion = 0x00040000;
constexpr uint32_t kPartialMark = 0x50504449, kFullMark = 0x46504449; ///< "PPDI", "FPDI"
constexpr uint32_t kIdCode = 0x14CA8093, kExtendedIdCode = 1, kImageId = 0x1C000000;
constexpr uint32_t kNoAddress = 0xFFFFFFFF;
/// Type CDO, exception level 3.
constexpr uint32_t kAttributes = 0x02000006;
/// Low half of reserved word 30 in every transformed PDI; its high half repeats word 29.
constexpr uint32_t kTransformMark = 0x8966;

uint32_t checksum(const std::vector<uint32_t> &words) {
  uint32_t sum = 0;
  for (const uint32_t w : words) sum += w;
  return ~sum;
}

std::vector<uint32_t> wordsAt(ByteView data, size_t offset, size_t count) {
  std::vector<uint32_t> words;
  for (size_t i = 0; i < count; ++i) words.push_back(readU32(&data[offset + 4 * i]));
  return words;
}

/// The header with its last word made the checksum of the others.
void put(ByteWriter &out, std::vector<uint32_t> words) {
  words.back() = 0;
  words.back() = checksum(words);
  for (const uint32_t w : words) out.u32(w);
}

} // namespace

bool looksLikePdi(ByteView data) {
  return data.size() >= 16 && readU32(&data[4]) == kBusWidth[1] &&
         readU32(&data[8]) == kBusWidth[2];
}

Result<File> read(ByteView data, const std::string &name, Diagnostics &problems) {
  const char *damaged = "the file is damaged; build or copy it again";
  const auto at = [&](size_t offset) { return Place::atOffset(name, offset); };
  const auto corrupt = [&](size_t offset, std::string what) {
    return error("pdi-corrupt", at(offset), std::move(what), damaged);
  };
  if (!looksLikePdi(data)) return corrupt(0, "this is not a PDI: the bus-width words are missing");
  if (data.size() < kDataOffset)
    return error(
        "pdi-truncated", at(data.size()),
        fmt::format("a PDI's headers need {} bytes, {} are there", kDataOffset, data.size()),
        damaged);
  const auto check = [&](const char *what, size_t offset, const std::vector<uint32_t> &words,
                         bool skip) {
    std::vector<uint32_t> body(words.begin(), words.end() - 1);
    if (!skip && checksum(body) != words.back())
      problems.push_back(error("pdi-checksum", at(offset + 4 * body.size()),
                               fmt::format("the {}'s checksum is {:#010x}, computed {:#010x}", what,
                                           words.back(), checksum(body)),
                               damaged));
  };
  const std::vector<uint32_t> table = wordsAt(data, kTable, kTableWords);
  if (table[10] != kPartialMark && table[10] != kFullMark)
    return corrupt(kTable + 40, fmt::format("the image header table's mark is {:#010x}, expected "
                                            "{:#010x}",
                                            table[10], kPartialMark));
  check("image header table", kTable, table, false);
  if (table[1] != 1 || table[3] != 1)
    return corrupt(kTable + 4, fmt::format("the PDI has {} images and {} partitions; the NPU's "
                                           "have one of each",
                                           table[1], table[3]));
  if (table[2] != kImage / 4 || table[4] != kPartition / 4)
    return corrupt(kTable + 8, fmt::format("headers at words {:#x} and {:#x}, expected {:#x} and "
                                           "{:#x}",
                                           table[2], table[4], kImage / 4, kPartition / 4));
  const std::vector<uint32_t> image = wordsAt(data, kImage, kImageWords);
  check("image header", kImage, image, false);
  std::vector<uint32_t> partition = wordsAt(data, kPartition, kPartitionWords);

  File file;
  file.idCode = table[6];
  file.imageId = image[8];
  for (size_t i = 0; i < 16 && data[kImage + 16 + i]; ++i)
    file.imageName += static_cast<char>(data[kImage + 16 + i]);
  // Words 28..30 are reserved; the transform leaves its marks there after the checksum was made.
  file.transformed = partition[28] == 1 && partition[30] == (partition[29] << 16 | kTransformMark);
  if (file.transformed) std::fill(partition.begin() + 28, partition.begin() + 31, 0);
  check("partition header", kPartition, partition, false);
  const uint32_t total = partition[2], exact = partition[1];
  const size_t start = size_t{partition[8]} * 4;
  if (start < kDataOffset || start > data.size())
    return corrupt(kPartition + 32,
                   fmt::format("partition data at {:#x} lies outside the file", start));
  file.cdoOffset = start;
  const size_t there = data.size() - start;
  if (file.transformed) {
    file.cdo = data.subspan(start);
    file.bytes = data.size();
    return file;
  }
  if (total > there / 4)
    return error("pdi-truncated", at(kPartition + 8),
                 fmt::format("the partition has {} bytes, but only {} follow its headers",
                             size_t{total} * 4, there),
                 damaged);
  if (exact > total || total - exact > 3)
    return corrupt(kPartition + 4,
                   fmt::format("partition lengths {} and {} words do not agree", exact, total));
  file.cdo = data.subspan(start, size_t{exact} * 4);
  file.bytes = start + size_t{total} * 4;
  for (size_t i = start + size_t{exact} * 4; i < file.bytes; ++i)
    if (data[i]) {
      problems.push_back(
          error("pdi-corrupt", at(i), "the padding after the CDO is not zero", damaged));
      break;
    }
  if (data.size() != file.bytes)
    problems.push_back(error(
        "pdi-trailing", at(file.bytes),
        fmt::format("{} bytes follow the end of the PDI", data.size() - file.bytes), damaged));
  return file;
}

Bytes write(ByteView cdo) {
  const uint32_t exact = static_cast<uint32_t>((cdo.size() + 3) / 4);
  const uint32_t total = (exact + 3) & ~uint32_t{3};
  ByteWriter out;
  for (const uint32_t w : kBusWidth) out.u32(w);
  std::vector<uint32_t> table(kTableWords);
  table[0] = kTableVersion;
  table[1] = table[3] = 1;
  table[2] = kImage / 4;
  table[4] = kPartition / 4;
  table[6] = kIdCode;
  table[10] = kPartialMark;
  table[11] = kTableWords | kImageWords << 8 | kPartitionWords << 16;
  table[12] = kImageWords + kPartitionWords;
  table[17] = kExtendedIdCode;
  put(out, table);
  std::vector<uint32_t> image(kImageWords);
  image[0] = kPartition / 4;
  image[1] = 1;
  const Bytes imageName = ByteWriter().fixedText("aie_image", 16).take();
  for (size_t i = 0; i < 4; ++i) image[4 + i] = readU32(&imageName[4 * i]);
  image[8] = kImageId;
  put(out, image);
  std::vector<uint32_t> partition(kPartitionWords);
  partition[0] = partition[2] = total;
  partition[1] = exact;
  partition[6] = partition[7] = kNoAddress;
  partition[8] = kDataOffset / 4;
  partition[9] = kAttributes;
  partition[10] = 1;
  put(out, partition);
  ASHLAR_ASSERT(out.size() == kDataOffset);
  out.bytes(cdo);
  out.fill(kDataOffset + 4 * size_t{total} - out.size());
  return out.take();
}

} // namespace ashlar::format::pdi
