// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The header of a .npy file is a Python dictionary with three keys; this reads exactly that.
#include "report/npy.h"

#include <limits>

namespace ashlar::report {

namespace {
constexpr char kMagic[] = "\x93NUMPY";
constexpr size_t kMagicBytes = 6;

struct Type {
  const char *descr;
  Element element;
};
constexpr Type kTypes[] = {
    {"i1", Element::I8},  {"u1", Element::U8},  {"b1", Element::U8},   {"i2", Element::I16},
    {"u2", Element::U16}, {"i4", Element::I32}, {"u4", Element::U32},  {"i8", Element::I64},
    {"u8", Element::U64}, {"f2", Element::F16}, {"V2", Element::BF16}, {"f4", Element::F32},
    {"f8", Element::F64},
};

/// Just enough of Python's syntax.
class Header {
public:
  Header(std::string_view text, const std::string &name) : text_(text), name_(name) {}

  Result<Npy> parse() {
    Npy out;
    bool order = false, descr = false, shape = false, fortran = false;
    ASHLAR_CHECK(expect('{'));
    while (!accept('}')) {
      ASHLAR_TRY(const std::string key, quoted());
      ASHLAR_CHECK(expect(':'));
      if (key == "descr" && !descr) {
        skip();
        if (pos_ < text_.size() && text_[pos_] == '[')
          return error("npy-type", Place::at(name_), "a structured NumPy array cannot be used",
                       "save an array of plain numbers");
        ASHLAR_TRY(out.descr, quoted());
        descr = true;
      } else if (key == "fortran_order" && !order) {
        order = true;
        if (word("True"))
          fortran = true;
        else if (!word("False"))
          return bad("fortran_order is neither True nor False");
      } else if (key == "shape" && !shape) {
        shape = true;
        ASHLAR_CHECK(expect('('));
        while (!accept(')')) {
          ASHLAR_TRY(const int64_t n, number());
          out.shape.push_back(n);
          if (!accept(',')) {
            ASHLAR_CHECK(expect(')'));
            break;
          }
        }
      } else {
        return bad("unexpected key '" + key + "'");
      }
      if (!accept(',')) {
        ASHLAR_CHECK(expect('}'));
        break;
      }
    }
    skip();
    if (pos_ != text_.size()) return bad("text after the dictionary");
    if (!descr || !order || !shape) return bad("descr, fortran_order or shape is missing");
    if (fortran && out.shape.size() > 1)
      return error("npy-order", Place::at(name_), "the array is stored in Fortran order",
                   "save numpy.ascontiguousarray(array)");
    return out;
  }

private:
  Diagnostic bad(const std::string &what) const {
    return error("npy-header", Place::at(name_), "the .npy header is malformed: " + what);
  }
  void skip() {
    while (pos_ < text_.size() &&
           (text_[pos_] == ' ' || text_[pos_] == '\n' || text_[pos_] == '\t'))
      ++pos_;
  }
  bool accept(char c) {
    skip();
    if (pos_ >= text_.size() || text_[pos_] != c) return false;
    ++pos_;
    return true;
  }
  Status expect(char c) {
    if (accept(c)) return Ok{};
    return bad(fmt::format("'{}' expected at byte {}", c, pos_));
  }
  bool word(std::string_view w) {
    skip();
    if (text_.substr(pos_, w.size()) != w) return false;
    pos_ += w.size();
    return true;
  }
  Result<std::string> quoted() {
    skip();
    if (pos_ >= text_.size() || (text_[pos_] != '\'' && text_[pos_] != '"'))
      return bad(fmt::format("a string expected at byte {}", pos_));
    const size_t end = text_.find(text_[pos_], pos_ + 1);
    if (end == std::string_view::npos) return bad("a string does not end");
    std::string out(text_.substr(pos_ + 1, end - pos_ - 1));
    pos_ = end + 1;
    return out;
  }
  Result<int64_t> number() {
    skip();
    int64_t n = 0;
    const size_t start = pos_;
    while (pos_ < text_.size() && text_[pos_] >= '0' && text_[pos_] <= '9') {
      if (n > (std::numeric_limits<int64_t>::max() - 9) / 10)
        return bad("a dimension is too large");
      n = n * 10 + (text_[pos_++] - '0');
    }
    if (pos_ == start) return bad(fmt::format("a number expected at byte {}", pos_));
    if (pos_ < text_.size() && text_[pos_] == 'L') ++pos_; // Python 2 wrote 512L
    return n;
  }

  std::string_view text_;
  const std::string &name_;
  size_t pos_ = 0;
};
} // namespace

bool isNpy(ByteView file) {
  return file.size() >= kMagicBytes && std::memcmp(file.data(), kMagic, kMagicBytes) == 0;
}

Result<Npy> readNpy(ByteView file, const std::string &name) {
  if (!isNpy(file) || file.size() < 10)
    return error("npy-header", Place::at(name), "this is not a .npy file");
  const int major = file[6];
  if (major < 1 || major > 3)
    return error("npy-header", Place::at(name),
                 fmt::format(".npy version {}.{} is not known", major, file[7]));
  const size_t start = major == 1 ? 10 : 12;
  if (file.size() < start)
    return error("npy-header", Place::at(name), "the .npy header is cut off");
  const size_t length = major == 1 ? readU16(&file[8]) : readU32(&file[8]);
  if (length > file.size() - start)
    return error("npy-header", Place::at(name),
                 fmt::format("the .npy header has {} bytes; the file ends after {}", length,
                             file.size() - start));
  ASHLAR_TRY(Npy out,
             Header({reinterpret_cast<const char *>(file.data()) + start, length}, name).parse());
  std::string_view type = out.descr;
  const char order = type.empty() ? '?' : type[0];
  if (order == '<' || order == '|' || order == '=' || order == '>') type.remove_prefix(1);
  const Type *found = nullptr;
  for (const Type &t : kTypes)
    if (type == t.descr) found = &t;
  if (!found || (order == '>' && elementBytes(found->element) > 1))
    return error("npy-type", Place::at(name),
                 fmt::format("arrays of type '{}' cannot be used", out.descr),
                 "save little-endian integers, float16/32/64, or bfloat16");
  out.element = found->element;
  uint64_t bytes = elementBytes(out.element);
  for (int64_t n : out.shape) {
    if (n != 0 && bytes > (uint64_t{1} << 62) / static_cast<uint64_t>(n))
      return error("npy-size", Place::at(name), "the array's shape is larger than memory");
    bytes *= static_cast<uint64_t>(n);
  }
  out.data = file.subspan(start + length);
  if (out.data.size() != bytes)
    return error(
        "npy-size", Place::at(name),
        fmt::format("the .npy header promises {} bytes; {} follow", bytes, out.data.size()));
  return out;
}

Bytes writeNpy(Element element, const std::vector<int64_t> &shape, ByteView data) {
  std::string type;
  for (const Type &t : kTypes)
    if (t.element == element && std::string_view(t.descr) != "b1") type = t.descr;
  const bool plain = elementBytes(element) == 1 || element == Element::BF16;
  std::string header = "{'descr': '" + std::string(plain ? "|" : "<") + type +
                       "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < shape.size(); ++i)
    header += std::to_string(shape[i]) + (shape.size() == 1 || i + 1 < shape.size() ? "," : "") +
              (i + 1 < shape.size() ? " " : "");
  header += "), }";
  // The data begin at a multiple of 64, the header ends with a newline.
  const size_t total = (kMagicBytes + 4 + header.size() + 1 + 63) / 64 * 64;
  header.append(total - kMagicBytes - 4 - header.size() - 1, ' ');
  header += '\n';
  ByteWriter w;
  w.text({kMagic, kMagicBytes}).u8(1).u8(0).u16(static_cast<uint16_t>(header.size()));
  w.text(header).bytes(data);
  return w.take();
}

std::string describe(const Npy &npy) {
  std::string s = elementName(npy.element);
  s += " [";
  for (size_t i = 0; i < npy.shape.size(); ++i) s += (i ? ", " : "") + std::to_string(npy.shape[i]);
  return s + "]";
}

} // namespace ashlar::report
