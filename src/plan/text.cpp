// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The two archives over the plan's description: one makes JSON, one reads it. Small things have a
// short form: a tile is [col, row], a port "North:1", a place "file:line:col", bytes hexadecimal.
#include "plan/text.h"

#include "plan/text_fields.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace ashlar::plan {
namespace {

using Json = nlohmann::ordered_json;

template <class T> constexpr bool isList = false;
template <class T> constexpr bool isList<std::vector<T>> = true;

template <class T> bool equal(const T &a, const T &b) {
  if constexpr (isList<T>)
    return a.empty() && b.empty(); // lists: their only fallback is the empty one
  else
    return a == b;
}
bool equal(const Place &a, const Place &b) {
  return a.file == b.file && a.line == b.line && a.column == b.column && a.offset == b.offset;
}

std::string hexText(ByteView bytes) {
  std::string s;
  for (const uint8_t b : bytes) s += fmt::format("{:02x}", b);
  return s;
}

class Printer {
public:
  Json json = Json::object();

  template <class T> void operator()(const char *name, const T &value) {
    json[name] = toJson(value);
  }
  template <class T> void operator()(const char *name, const T &value, const T &fallback) {
    if (!equal(value, fallback)) json[name] = toJson(value);
  }
  template <class T, size_t N>
  void array(const char *name, const T (&value)[N], const T (&fallback)[N]) {
    size_t used = N;
    while (used && value[used - 1] == fallback[used - 1]) --used;
    if (!used) return;
    Json list = Json::array();
    for (size_t i = 0; i < used; ++i) list.push_back(toJson(value[i]));
    json[name] = list;
  }
  void bytes(const char *name, const Bytes &value) {
    if (!value.empty()) json[name] = hexText(value);
  }
  void choice(const char *name, const SequenceOpKind &op) {
    json[name] = kOpNames[op.index()];
    std::visit(
        [&](const auto &kind) {
          Printer inner;
          auto copy = kind;
          fields(inner, copy);
          json.update(inner.json);
        },
        op);
  }

  template <class T> static Json toJson(const T &value) {
    if constexpr (std::is_same_v<T, TileId>) {
      return Json::array({value.col, value.row});
    } else if constexpr (std::is_same_v<T, Port>) {
      return fmt::format("{}:{}", bundleName(value.bundle), value.channel);
    } else if constexpr (std::is_same_v<T, Place>) {
      return value.str();
    } else if constexpr (std::is_same_v<T, DmaDirection>) {
      return dmaDirectionName(value);
    } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
      return value;
    } else if constexpr (requires { value.has_value(); }) {
      return toJson(*value); // an absent one equals its fallback and is not printed
    } else if constexpr (isList<T>) {
      Json list = Json::array();
      for (const auto &v : value) list.push_back(toJson(v));
      return list;
    } else {
      Printer inner;
      T copy = value;
      fields(inner, copy);
      return inner.json;
    }
  }
};

class Reader {
public:
  Reader(const Json &json, std::string path, std::optional<Diagnostic> &problem,
         const std::string &file)
      : json_(json), path_(std::move(path)), problem_(problem), file_(file) {
    if (!json_.is_object()) fail(path_, "must be an object");
  }

  /// Members that no field names are mistakes, not extensions.
  void finish() {
    if (problem_ || !json_.is_object()) return;
    for (const auto &[key, value] : json_.items())
      if (std::find(known_.begin(), known_.end(), key) == known_.end())
        return fail(member(key.c_str()), "is not a member that is known here");
  }

  template <class T> void operator()(const char *name, T &value) {
    known_.emplace_back(name);
    if (problem_) return;
    if (const auto it = json_.find(name); it != json_.end())
      read(*it, value, member(name));
    else
      fail(member(name), "is missing");
  }
  template <class T> void operator()(const char *name, T &value, const T &fallback) {
    known_.emplace_back(name);
    if (problem_) return;
    const auto it = json_.find(name);
    if (it == json_.end())
      value = fallback;
    else if (std::is_same_v<T, std::vector<Plan>> && !path_.empty())
      fail(member(name), "stands in the plan itself only"); // or a text could nest without end
    else
      read(*it, value, member(name));
  }
  template <class T, size_t N> void array(const char *name, T (&value)[N], const T (&fallback)[N]) {
    known_.emplace_back(name);
    std::copy(std::begin(fallback), std::end(fallback), std::begin(value));
    if (problem_) return;
    const auto it = json_.find(name);
    if (it == json_.end()) return;
    if (!it->is_array() || it->size() > N)
      return fail(member(name), fmt::format("must be a list of at most {}", N));
    for (size_t i = 0; i < it->size(); ++i)
      read((*it)[i], value[i], fmt::format("{}[{}]", member(name), i));
  }
  void bytes(const char *name, Bytes &value) {
    std::string text;
    (*this)(name, text, std::string());
    if (problem_) return;
    value.clear();
    for (size_t i = 0; i < text.size(); i += 2) {
      unsigned byte = 0;
      const char *p = text.data() + i;
      const auto [end, status] =
          std::from_chars(p, p + std::min<size_t>(2, text.size() - i), byte, 16);
      if (status != std::errc() || end != p + 2)
        return fail(member(name), "must be pairs of hexadecimal digits");
      value.push_back(static_cast<uint8_t>(byte));
    }
  }
  void choice(const char *name, SequenceOpKind &op) {
    std::string text;
    (*this)(name, text);
    if (problem_) return;
    choose<0>(name, text, op);
  }

private:
  template <size_t I> void choose(const char *name, const std::string &text, SequenceOpKind &op) {
    if constexpr (I == std::variant_size_v<SequenceOpKind>) {
      fail(member(name), fmt::format("\"{}\" is no operation", text));
    } else {
      if (text != kOpNames[I]) return choose<I + 1>(name, text, op);
      std::variant_alternative_t<I, SequenceOpKind> kind;
      fields(*this, kind); // the operation's members stand beside its name
      op = std::move(kind);
    }
  }

  std::string member(const char *name) const {
    return path_.empty() ? std::string(name) : path_ + "." + name;
  }
  void fail(const std::string &path, const std::string &what) {
    if (!problem_)
      problem_ = error("plan-value", Place::at(file_),
                       fmt::format("{} {}", path.empty() ? "the plan" : path, what),
                       "`ashlar build --stop-after lower` prints a plan to compare with");
  }

  template <class T> void read(const Json &json, T &value, const std::string &path) {
    if (problem_) return;
    if constexpr (std::is_same_v<T, TileId>) {
      if (!json.is_array() || json.size() != 2) return fail(path, "must be [column, row]");
      readNumber(json[0], value.col, 0, device::kMaxColumns - 1, path + "[0]");
      readNumber(json[1], value.row, 0, device::kRows - 1, path + "[1]");
    } else if constexpr (std::is_same_v<T, Port>) {
      readPort(json, value, path);
    } else if constexpr (std::is_same_v<T, Place>) {
      readPlace(json, value, path);
    } else if constexpr (std::is_same_v<T, DmaDirection>) {
      if (json == "S2MM")
        value = DmaDirection::S2MM;
      else if (json == "MM2S")
        value = DmaDirection::MM2S;
      else
        fail(path, "must be \"S2MM\" or \"MM2S\"");
    } else if constexpr (std::is_same_v<T, bool>) {
      if (!json.is_boolean()) return fail(path, "must be true or false");
      value = json.get<bool>();
    } else if constexpr (std::is_arithmetic_v<T>) {
      readNumber(json, value, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), path);
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (!json.is_string()) return fail(path, "must be a text");
      value = json.get<std::string>();
    } else if constexpr (requires { value.has_value(); }) {
      value.emplace();
      read(json, *value, path);
    } else if constexpr (isList<T>) {
      if (!json.is_array()) return fail(path, "must be a list");
      value.clear();
      for (size_t i = 0; i < json.size() && !problem_; ++i) {
        value.emplace_back();
        read(json[i], value.back(), fmt::format("{}[{}]", path, i));
      }
    } else {
      Reader inner(json, path, problem_, file_);
      fields(inner, value);
      inner.finish();
    }
  }

  template <class T>
  void readNumber(const Json &json, T &value, T low, T high, const std::string &path) {
    if (problem_) return;
    bool fits = false;
    if (json.is_number_unsigned()) {
      const uint64_t v = json.get<uint64_t>();
      fits = std::cmp_less_equal(v, high) && std::cmp_greater_equal(v, low);
      value = static_cast<T>(v);
    } else if (json.is_number_integer()) {
      const int64_t v = json.get<int64_t>();
      fits = std::cmp_less_equal(v, high) && std::cmp_greater_equal(v, low);
      value = static_cast<T>(v);
    }
    if (!fits) fail(path, fmt::format("must be a whole number in {}..{}", +low, +high));
  }

  void readPort(const Json &json, Port &value, const std::string &path) {
    const std::string text = json.is_string() ? json.get<std::string>() : std::string();
    const size_t colon = text.find(':');
    if (colon != std::string::npos) {
      const std::string_view bundle = std::string_view(text).substr(0, colon);
      const char *first = text.data() + colon + 1, *last = text.data() + text.size();
      const auto [end, status] = std::from_chars(first, last, value.channel);
      for (int b = 0; b <= static_cast<int>(Bundle::TileControl); ++b)
        if (bundle == bundleName(static_cast<Bundle>(b)) && status == std::errc() && end == last &&
            value.channel >= 0) {
          value.bundle = static_cast<Bundle>(b);
          return;
        }
    }
    fail(path, "must be a port as \"North:1\"");
  }

  void readPlace(const Json &json, Place &value, const std::string &path) {
    if (!json.is_string()) return fail(path, "must be a place as \"file:line:column\"");
    const std::string text = json.get<std::string>();
    value = Place();
    // Up to two numbers from the end; the file's own name may hold colons.
    uint32_t numbers[2] = {};
    size_t count = 0, end = text.size();
    while (count < 2) {
      const size_t colon = text.rfind(':', end ? end - 1 : 0);
      if (colon == std::string::npos || colon + 1 >= end || colon == 0) break;
      uint32_t n = 0;
      const auto [stop, status] = std::from_chars(text.data() + colon + 1, text.data() + end, n);
      if (status != std::errc() || stop != text.data() + end || n == 0) break;
      numbers[count++] = n;
      end = colon;
    }
    value.file = text.substr(0, end);
    value.line = count == 2 ? numbers[1] : numbers[0];
    value.column = count == 2 ? numbers[0] : 0;
  }

  const Json &json_;
  std::string path_;
  std::optional<Diagnostic> &problem_;
  const std::string &file_;
  std::vector<std::string> known_;
};

/// nlohmann-json counts bytes; people count lines.
Place placeOfByte(std::string_view text, size_t byte, const std::string &name) {
  uint32_t line = 1, column = 1;
  for (size_t i = 0; i < text.size() && i + 1 < byte; ++i) {
    ++column;
    if (text[i] != '\n') continue;
    ++line;
    column = 1;
  }
  return Place::at(name, line, column);
}

} // namespace

std::string print(const Plan &plan) {
  return Printer::toJson(plan).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Plan> parse(std::string_view text, const std::string &name) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error &e) { // the library's only way to say where
    return error("plan-syntax", placeOfByte(text, e.byte, name),
                 "this is not JSON: " + std::string(e.what()), "correct the text");
  } catch (const Json::exception &e) { // a number that no type holds
    return error("plan-syntax", Place::at(name), "this is not JSON: " + std::string(e.what()),
                 "correct the text");
  }
  Plan plan;
  std::optional<Diagnostic> problem;
  Reader reader(json, "", problem, name);
  fields(reader, plan);
  reader.finish();
  if (problem) return *problem;
  return plan;
}

} // namespace ashlar::plan
