// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The common archive format: an 8-byte magic, then 60-byte text headers with even-aligned data.
#include "format/ar.h"

#include <algorithm>

namespace ashlar::format::ar {
namespace {

constexpr std::string_view kMagic = "!<arch>\n", kThinMagic = "!<thin>\n";
constexpr size_t kHeaderSize = 60;

bool startsWith(ByteView data, std::string_view text) {
  return data.size() >= text.size() && std::equal(text.begin(), text.end(), data.begin());
}
std::string field(ByteView header, size_t start, size_t size) {
  std::string s(header.begin() + static_cast<long>(start),
                header.begin() + static_cast<long>(start + size));
  s.erase(s.find_last_not_of(' ') + 1);
  return s;
}
std::optional<uint64_t> decimal(std::string_view s) {
  if (s.empty() || s.size() > 15) return std::nullopt;
  uint64_t v = 0;
  for (const char c : s) {
    if (c < '0' || c > '9') return std::nullopt;
    v = v * 10 + static_cast<uint64_t>(c - '0');
  }
  return v;
}
Diagnostic corrupt(const std::string &name, uint64_t offset, std::string what) {
  return error("ar-corrupt", Place::atOffset(name, offset), std::move(what),
               "the archive is damaged; build it again");
}

/// The name at `offset` of the GNU table of long names: up to "/\n" or NUL.
std::optional<std::string> longName(ByteView table, uint64_t offset) {
  if (offset >= table.size()) return std::nullopt;
  std::string s;
  for (size_t i = offset; i < table.size() && table[i] != '\n' && table[i] != 0; ++i)
    s += static_cast<char>(table[i]);
  if (!s.empty() && s.back() == '/') s.pop_back();
  return s;
}

} // namespace

bool looksLikeArchive(ByteView data) {
  return startsWith(data, kMagic) || startsWith(data, kThinMagic);
}

Result<std::vector<Member>> read(ByteView data, const std::string &name) {
  if (startsWith(data, kThinMagic))
    return error("ar-thin", Place::at(name), "a thin archive holds names only, not the objects",
                 "make it with `ar rcs` without --thin");
  if (!startsWith(data, kMagic)) return corrupt(name, 0, "this is not an archive");
  std::vector<Member> members;
  ByteView longNames;
  size_t at = kMagic.size();
  while (at < data.size()) {
    if (data.size() - at < kHeaderSize) {
      if (data.size() - at == 1 && data[at] == '\n') break; // final padding
      return error("ar-truncated", Place::atOffset(name, at), "a member header is cut off",
                   "copy or build the archive again");
    }
    const ByteView header = data.subspan(at, kHeaderSize);
    if (header[58] != '`' || header[59] != '\n')
      return corrupt(name, at + 58, "a member header does not end in \"`\\n\"");
    const std::optional<uint64_t> size = decimal(field(header, 48, 10));
    if (!size) return corrupt(name, at + 48, "a member's size is not a decimal number");
    const size_t start = at + kHeaderSize;
    if (*size > data.size() - start)
      return error("ar-truncated", Place::atOffset(name, at + 48),
                   fmt::format("a member of {} bytes does not fit in the file of {} bytes", *size,
                               data.size()),
                   "copy or build the archive again");
    ByteView content = data.subspan(start, *size);
    std::string memberName = field(header, 0, 16);
    at = start + *size + (*size & 1);

    if (memberName == "/" || memberName == "/SYM64/" || memberName == "__.SYMDEF") continue;
    if (memberName == "//") {
      longNames = content;
      continue;
    }
    uint64_t dataOffset = start;
    if (memberName.starts_with("#1/")) { // BSD: the name is the first bytes of the data
      const std::optional<uint64_t> length = decimal(std::string_view(memberName).substr(3));
      if (!length || *length > content.size())
        return corrupt(name, start - kHeaderSize, "a BSD member name does not fit in its member");
      memberName.assign(content.begin(), content.begin() + static_cast<long>(*length));
      memberName.erase(std::find(memberName.begin(), memberName.end(), '\0'), memberName.end());
      content = content.subspan(*length);
      dataOffset += *length;
      if (memberName.starts_with("__.SYMDEF")) continue;
    } else if (memberName.size() > 1 && memberName[0] == '/') {
      const std::optional<uint64_t> offset = decimal(std::string_view(memberName).substr(1));
      const std::optional<std::string> text =
          offset ? longName(longNames, *offset) : std::optional<std::string>();
      if (!text)
        return corrupt(name, start - kHeaderSize,
                       fmt::format("member name {} is not in the table of long names", memberName));
      memberName = *text;
    } else if (!memberName.empty() && memberName.back() == '/') {
      memberName.pop_back();
    }
    members.push_back({memberName, Bytes(content.begin(), content.end()), dataOffset});
  }
  return members;
}

Bytes write(const std::vector<Member> &members) {
  ByteWriter out;
  out.text(kMagic);
  const auto header = [&](std::string_view name, size_t size) {
    out.text(fmt::format("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", name, 0, 0, 0, 644, size));
  };
  std::string longNames;
  std::vector<std::string> headerNames;
  for (const Member &m : members) {
    if (m.name.size() <= 15) {
      headerNames.push_back(m.name + "/");
    } else {
      headerNames.push_back(fmt::format("/{}", longNames.size()));
      longNames += m.name + "/\n";
    }
  }
  if (!longNames.empty()) {
    if (longNames.size() % 2) longNames += '\n';
    header("//", longNames.size());
    out.text(longNames);
  }
  for (size_t i = 0; i < members.size(); ++i) {
    header(headerNames[i], members[i].data.size());
    out.bytes(members[i].data);
    if (members[i].data.size() % 2) out.u8('\n');
  }
  return out.take();
}

} // namespace ashlar::format::ar
