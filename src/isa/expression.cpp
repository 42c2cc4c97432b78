// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Precedence climbing over a string_view. Arithmetic wraps at 64 bits, like every assembler's.
#include "isa/expression.h"

namespace ashlar::isa {
namespace {

constexpr unsigned kMaxDepth =
    200; // nested parentheses, so that bad input cannot exhaust the stack

Diagnostic bad(std::string message) { return error("asm-expression", {}, std::move(message)); }

class Parser {
public:
  Parser(std::string_view text, const SymbolValue &value) : text_(text), value_(value) {}
  std::string_view rest() const { return text_; }

  Result<Expression> binary(unsigned least) {
    if (++depth_ > kMaxDepth) return bad("the expression is nested too deeply");
    ASHLAR_TRY(Expression left, unary());
    for (;;) {
      std::string op = peekOperator();
      unsigned p = precedence(op);
      if (!p || p < least) break;
      text_.remove_prefix(op.size());
      ASHLAR_TRY(Expression right, binary(p + 1));
      ASHLAR_CHECK(apply(op, left, right));
    }
    --depth_;
    return left;
  }

private:
  void space() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\t')) text_.remove_prefix(1);
  }
  std::string peekOperator() {
    space();
    if (text_.starts_with("<<") || text_.starts_with(">>")) return std::string(text_.substr(0, 2));
    if (!text_.empty() && std::string_view("*/%+-&^|").find(text_[0]) != std::string_view::npos &&
        !text_.starts_with("//") && !text_.starts_with("/*"))
      return std::string(text_.substr(0, 1));
    return {};
  }
  static unsigned precedence(std::string_view op) {
    if (op == "*" || op == "/" || op == "%") return 6;
    if (op == "+" || op == "-") return 5;
    if (op == "<<" || op == ">>") return 4;
    if (op == "&") return 3;
    if (op == "^") return 2;
    return op == "|" ? 1 : 0;
  }

  static Status apply(std::string_view op, Expression &a, const Expression &b) {
    uint64_t x = static_cast<uint64_t>(a.constant), y = static_cast<uint64_t>(b.constant);
    if (op == "+" || op == "-") {
      a.constant = static_cast<int64_t>(op == "+" ? x + y : x - y);
      for (auto [name, sign] : b.terms) a.terms.emplace_back(name, op == "+" ? sign : -sign);
      cancel(a);
      return Ok{};
    }
    if (!a.terms.empty() || !b.terms.empty())
      return bad(fmt::format("'{}' needs numbers; only + and - take symbols", op));
    if (op == "*") {
      x *= y;
    } else if (op == "/" || op == "%") {
      if (!b.constant) return bad("division by zero");
      if (b.constant == -1)
        x = op == "/" ? 0 - x : 0;
      else
        x = static_cast<uint64_t>(op == "/" ? a.constant / b.constant : a.constant % b.constant);
    } else if (op == "<<") {
      x = y < 64 ? x << y : 0;
    } else if (op == ">>") {
      x = y < 64 ? x >> y : 0;
    } else if (op == "&") {
      x &= y;
    } else if (op == "^") {
      x ^= y;
    } else {
      x |= y;
    }
    a.constant = static_cast<int64_t>(x);
    return Ok{};
  }

  static void cancel(Expression &a) {
    for (size_t i = 0; i < a.terms.size(); ++i)
      for (size_t k = i + 1; k < a.terms.size(); ++k)
        if (a.terms[i].first == a.terms[k].first && a.terms[i].second == -a.terms[k].second) {
          a.terms.erase(a.terms.begin() + static_cast<long>(k));
          a.terms.erase(a.terms.begin() + static_cast<long>(i));
          --i;
          break;
        }
  }

  Result<Expression> unary() {
    if (++depth_ > kMaxDepth) return bad("the expression is nested too deeply");
    auto result = unaryBody();
    --depth_;
    return result;
  }

  Result<Expression> unaryBody() {
    space();
    if (text_.empty()) return bad("a number or symbol is missing");
    char c = text_[0];
    if (c == '-' || c == '+' || c == '~') {
      text_.remove_prefix(1);
      ASHLAR_TRY(Expression e, unary());
      if (c == '+') return e;
      if (c == '~' && !e.terms.empty()) return bad("'~' needs a number");
      uint64_t v = static_cast<uint64_t>(e.constant);
      e.constant = static_cast<int64_t>(c == '-' ? 0 - v : ~v);
      for (auto &term : e.terms) term.second = -term.second;
      return e;
    }
    if (c == '(') {
      text_.remove_prefix(1);
      ASHLAR_TRY(Expression e, binary(1));
      space();
      if (!text_.starts_with(')')) return bad("')' is missing");
      text_.remove_prefix(1);
      return e;
    }
    if (c == '\'') return character();
    if (c >= '0' && c <= '9') return number();
    if (c == '"' || isSymbolStart(c)) return symbol();
    return bad(fmt::format("'{}' begins neither a number nor a symbol", c));
  }

  Result<Expression> character() {
    if (text_.size() >= 3 && text_[1] != '\\' && text_[2] == '\'') {
      Expression e{static_cast<unsigned char>(text_[1]), {}};
      text_.remove_prefix(3);
      return e;
    }
    if (text_.size() >= 4 && text_[1] == '\\' && text_[3] == '\'') {
      size_t at = std::string_view("ntr0\\'\"").find(text_[2]);
      if (at != std::string_view::npos) {
        Expression e{"\n\t\r\0\\'\"" [at], {}};
        text_.remove_prefix(4);
        return e;
      }
    }
    return bad("a character is written 'c'");
  }

  Result<Expression> number() {
    std::string_view digits = text_;
    unsigned base = 10;
    if (digits.size() > 1 && digits[0] == '0') {
      char x = static_cast<char>(digits[1] | 0x20);
      base = x == 'x' ? 16 : x == 'b' ? 2 : 8;
      digits.remove_prefix(base == 8 ? 1 : 2);
    }
    // `1b` and `2f` are references to numbered labels.
    size_t end = 0;
    while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') ++end;
    bool numbered = end < text_.size() && (text_[end] == 'b' || text_[end] == 'f') &&
                    (end + 1 == text_.size() || !isSymbolPart(text_[end + 1])) && base != 16;
    if (numbered && !(base == 2 && end > 1)) return symbol();
    uint64_t v = 0;
    size_t n = 0;
    for (; n < digits.size(); ++n) {
      char c = digits[n];
      unsigned d = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                   : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                   : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10)
                                          : 99;
      if (d >= base) break;
      if (v > (UINT64_MAX - d) / base) return bad("the number has more than 64 bits");
      v = v * base + d;
    }
    if ((n == 0 && base != 8) || (n < digits.size() && isSymbolPart(digits[n])))
      return bad(fmt::format("'{}' is not a number",
                             text_.substr(0, text_.size() - digits.size() + n + 1)));
    digits.remove_prefix(n);
    text_ = digits;
    return Expression{static_cast<int64_t>(v), {}};
  }

  Result<Expression> symbol() {
    std::string name;
    if (text_[0] == '"') {
      size_t end = text_.find('"', 1);
      if (end == std::string_view::npos || end == 1) return bad("a quoted symbol has no end");
      name = text_.substr(1, end - 1);
      text_.remove_prefix(end + 1);
    } else {
      size_t end = 0;
      while (end < text_.size() && isSymbolPart(text_[end])) ++end;
      name = text_.substr(0, end);
      text_.remove_prefix(end);
    }
    if (value_)
      if (auto known = value_(name)) return Expression{*known, {}};
    return Expression{0, {{name, 1}}};
  }

  std::string_view text_;
  const SymbolValue &value_;
  unsigned depth_ = 0;
};

} // namespace

bool isSymbolStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '$';
}
bool isSymbolPart(char c) { return isSymbolStart(c) || (c >= '0' && c <= '9') || c == '@'; }

Result<Expression> parseExpression(std::string_view &text, const SymbolValue &value) {
  Parser parser(text, value);
  auto result = parser.binary(1);
  text = parser.rest();
  return result;
}

} // namespace ashlar::isa
