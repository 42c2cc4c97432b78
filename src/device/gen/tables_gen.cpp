// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Build-time tool: turns registers.txt and events.txt into the tables that registers.cpp and
// events.cpp include. Families are written out one register a row, sorted by module and offset, so
// that finding a register's name is a binary search.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

const char *const kModules[] = {"core", "memory", "memtile", "shim"};

[[noreturn]] void die(const std::string &file, int line, const std::string &what) {
  std::cerr << file << ":" << line << ": error: " << what << "\n";
  std::exit(1);
}

int moduleIndex(const std::string &name) {
  for (int i = 0; i < 4; ++i)
    if (name == kModules[i]) return i;
  return -1;
}

/// All names of a pattern with `{a-b}` groups, the last group running fastest.
std::vector<std::string> expand(const std::string &pattern) {
  const size_t open = pattern.find('{');
  if (open == std::string::npos) return {pattern};
  const size_t dash = pattern.find('-', open), close = pattern.find('}', open);
  const int first = std::atoi(pattern.c_str() + open + 1);
  const int last = std::atoi(pattern.c_str() + dash + 1);
  const std::vector<std::string> tails = expand(pattern.substr(close + 1));
  std::vector<std::string> names;
  for (int i = first; i <= last; ++i)
    for (const std::string &tail : tails)
      names.push_back(pattern.substr(0, open) + std::to_string(i) + tail);
  return names;
}

struct Row {
  int module;
  uint32_t offset;
  std::string name, access;
  int width;
  uint32_t reset;
  int firstField, fields;
};
struct Field {
  std::string name;
  int high, low;
};

void registers(const std::string &path, std::ostream &out) {
  std::ifstream in(path);
  std::vector<Row> rows;
  std::vector<Field> fields;
  size_t familyStart = 0;
  int module = -1, number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string word;
    if (line.rfind("module ", 0) == 0) {
      words >> word >> word;
      module = moduleIndex(word);
      if (module < 0) die(path, number, "unknown module '" + word + "'");
    } else if (line[0] == ' ') {
      while (words >> word) {
        const size_t equals = word.find('=');
        if (equals == std::string::npos) die(path, number, "a field is HI:LO=NAME");
        const std::string bits = word.substr(0, equals);
        const size_t colon = bits.find(':');
        const int high = std::atoi(bits.c_str());
        const int low = colon == std::string::npos ? high : std::atoi(bits.c_str() + colon + 1);
        fields.push_back({word.substr(equals + 1), high, low});
        for (size_t i = familyStart; i < rows.size(); ++i) ++rows[i].fields;
      }
    } else {
      std::string pattern, offset, stride, width, access, option;
      words >> pattern >> offset >> stride;
      const bool strided = !stride.empty() && stride[0] == '+';
      if (strided)
        words >> width;
      else
        width = stride;
      words >> access;
      uint32_t reset = 0;
      if (words >> option) {
        if (option.rfind("reset=", 0) != 0) die(path, number, "unknown option '" + option + "'");
        reset = static_cast<uint32_t>(std::strtoul(option.c_str() + 6, nullptr, 0));
      }
      const std::vector<std::string> names = expand(pattern);
      std::vector<uint32_t> offsets;
      if (strided) {
        const uint32_t base = static_cast<uint32_t>(std::strtoul(offset.c_str(), nullptr, 0));
        const uint32_t step = static_cast<uint32_t>(std::strtoul(stride.c_str() + 1, nullptr, 0));
        for (uint32_t i = 0; i < names.size(); ++i) offsets.push_back(base + i * step);
      } else {
        std::istringstream list(offset);
        for (std::string one; std::getline(list, one, ',');)
          offsets.push_back(static_cast<uint32_t>(std::strtoul(one.c_str(), nullptr, 0)));
      }
      if (offsets.size() != names.size()) die(path, number, "as many offsets as names are needed");
      familyStart = rows.size();
      for (size_t i = 0; i < names.size(); ++i)
        rows.push_back({module, offsets[i], names[i], access, std::atoi(width.c_str()), reset,
                        static_cast<int>(fields.size()), 0});
    }
  }
  std::sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) {
    return a.module != b.module ? a.module < b.module : a.offset < b.offset;
  });
  out << "const RegisterField kFields[] = {\n";
  for (const Field &f : fields)
    out << "  {\"" << f.name << "\", " << f.high << ", " << f.low << "},\n";
  out << "};\nconst RegisterInfo kRegisters[] = {\n";
  for (const Row &r : rows)
    out << "  {Module::" << static_cast<char>(std::toupper(kModules[r.module][0]))
        << (std::string(kModules[r.module]) == "memtile"
                ? "emTile"
                : std::string(kModules[r.module]).substr(1))
        << ", " << r.offset << "u, \"" << r.name << "\", \"" << r.access << "\", " << r.width
        << ", " << r.reset << "u, {kFields + " << r.firstField << ", " << r.fields << "}},\n";
  out << "};\n";
}

void events(const std::string &path, std::ostream &out) {
  std::ifstream in(path);
  std::vector<std::vector<std::string>> names(4);
  int module = -1, number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string word;
    if (line.rfind("module ", 0) == 0) {
      words >> word >> word;
      module = moduleIndex(word);
      if (module < 0) die(path, number, "unknown module '" + word + "'");
      continue;
    }
    while (words >> word) {
      const size_t index = static_cast<size_t>(std::atoi(word.c_str()));
      if (names[module].size() <= index) names[module].resize(index + 1);
      names[module][index] = word.substr(word.find('=') + 1);
    }
  }
  for (int m = 0; m < 4; ++m) {
    out << "const char *const kEvents" << m << "[] = {\n";
    for (const std::string &n : names[m]) out << "  \"" << n << "\",\n";
    out << "};\n";
  }
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  std::ofstream out(argv[3]);
  const std::string kind = argv[1];
  if (kind == "registers")
    registers(argv[2], out);
  else
    events(argv[2], out);
  return out.good() ? 0 : 1;
}
