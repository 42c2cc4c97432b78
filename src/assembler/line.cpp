// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lexing is by hand because the syntax has only words, strings and punctuation.
#include "assembler/line.h"

namespace ashlar::assembler {

std::string withoutComments(std::string_view line, bool &inComment) {
  std::string out;
  if (!inComment) {
    size_t first = line.find_first_not_of(" \t");
    if (first != std::string_view::npos && line[first] == '#') return out; // `# 1 "file.c"`
  }
  for (size_t i = 0; i < line.size(); ++i) {
    if (inComment) {
      if (line.substr(i).starts_with("*/")) {
        inComment = false;
        ++i;
        out += ' ';
      }
      continue;
    }
    if (line[i] == '"') {
      size_t end = i + 1;
      while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
      end = std::min(end, line.size() - 1);
      out += line.substr(i, end - i + 1);
      i = end;
    } else if (line.substr(i).starts_with("//")) {
      break;
    } else if (line.substr(i).starts_with("/*")) {
      inComment = true;
      ++i;
    } else if (line[i] == '\'' && i + 2 < line.size() && line[i + 2] == '\'') {
      out += line.substr(i, 3); // '"' and '/' are characters
      i += 2;
    } else {
      out += line[i] == '\r' ? ' ' : line[i];
    }
  }
  return out;
}

void Words::skip() {
  while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\t')) text_.remove_prefix(1);
}

bool Words::take(char c) {
  skip();
  if (peek() != c) return false;
  text_.remove_prefix(1);
  skip();
  return true;
}

std::string Words::word() {
  skip();
  std::string out;
  if (peek() == '"') {
    string(out);
    return out;
  }
  size_t end = 0;
  while (end < text_.size() &&
         std::string_view(" \t,;=\"").find(text_[end]) == std::string_view::npos)
    ++end;
  out = text_.substr(0, end);
  text_.remove_prefix(end);
  skip();
  return out;
}

bool Words::string(std::string &out) {
  skip();
  if (peek() != '"') return false;
  size_t i = 1;
  for (; i < text_.size() && text_[i] != '"'; ++i) {
    char c = text_[i];
    if (c == '\\' && i + 1 < text_.size()) {
      c = text_[++i];
      auto octal = [&](size_t at) {
        return at < text_.size() && text_[at] >= '0' && text_[at] <= '7';
      };
      auto hex = [&](size_t at) {
        return at < text_.size() && std::isxdigit(static_cast<unsigned char>(text_[at]));
      };
      if (octal(i)) {
        unsigned v = 0;
        size_t n = 0;
        for (; n < 3 && octal(i + n); ++n) v = v * 8 + static_cast<unsigned>(text_[i + n] - '0');
        i += n - 1;
        c = static_cast<char>(v);
      } else if (c == 'x' && hex(i + 1)) {
        unsigned v = 0;
        size_t n = 1;
        for (; n < 3 && hex(i + n); ++n) {
          char d = text_[i + n];
          v = v * 16 + static_cast<unsigned>(d <= '9' ? d - '0' : (d | 0x20) - 'a' + 10);
        }
        i += n - 1;
        c = static_cast<char>(v);
      } else {
        size_t at = std::string_view("nrtbfv").find(c);
        if (at != std::string_view::npos) c = "\n\r\t\b\f\v"[at];
      }
    }
    out += c;
  }
  if (i >= text_.size()) {
    text_ = {};
    return false;
  }
  text_.remove_prefix(i + 1);
  skip();
  return true;
}

} // namespace ashlar::assembler
