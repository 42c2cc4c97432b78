// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What all pages share.
#include "report/page.h"

namespace ashlar::report {

std::string htmlEscape(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += "&quot;"; break;
    default:
      if (static_cast<unsigned char>(c) >= 0x20 || c == '\n') out += c;
    }
  return out;
}

namespace {
const char *const kStyle = R"css(
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1c2330;--soft:#667085;--line:#d5dae3;
--stack:#e5a54b;--buffer:#4a8fe0;--data:#9a7fe0;--unnamed:#6fb3a8;--prog:#52a56a;--well:#e9ecf2;--bad:#c9372c}
@media(prefers-color-scheme:dark){:root{--bg:#12151b;--card:#1b2029;--ink:#e6e9ef;--soft:#98a2b3;
--line:#323a48;--stack:#c78a35;--buffer:#3f7fcb;--data:#8467cf;--unnamed:#4f958a;--prog:#418a57;--well:#272e3a;--bad:#ff7b72}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:14px/1.45 system-ui,-apple-system,"Segoe UI",
Roboto,"DejaVu Sans",sans-serif}
main{max-width:1500px;margin:0 auto;padding:20px 24px 60px}
h1{font-size:20px;margin:0 0 4px}h2{font-size:16px;margin:28px 0 8px}h3{font-size:14px;margin:16px 0 6px}
p{margin:4px 0 10px;color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;
margin:12px 0;overflow-x:auto}
table{border-collapse:collapse;font-size:13px}
th{text-align:left;color:var(--soft);font-weight:600}
td,th{padding:3px 14px 3px 0;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
tr:last-child td{border-bottom:0}
code,pre{font:12px/1.5 ui-monospace,"DejaVu Sans Mono",monospace}
pre{margin:0;overflow-x:auto}
summary{cursor:pointer;font-weight:600;padding:2px 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(680px,1fr));gap:12px}
.tiles .card{margin:0}
.legend{display:flex;gap:18px;flex-wrap:wrap;color:var(--soft);font-size:12px;margin-top:8px}
.legend i{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:6px;vertical-align:-1px}
.bad{color:var(--bad)}
svg text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--ink)}
svg .t{font-weight:600;font-size:13px}svg .s{fill:var(--soft)}
svg .tile{fill:var(--card);stroke:var(--line);stroke-width:1.5}
svg .well{fill:var(--well)}svg .band{fill:var(--well);opacity:.55}
svg .bank{stroke:var(--card);stroke-width:1}
svg .on{fill:#fff}svg .zoom{fill:var(--well);opacity:.6}
svg .lock{fill:none;stroke:var(--soft)}
svg .route{fill:none;stroke-width:2;stroke-linecap:round;opacity:.9}
svg .packet{stroke-dasharray:5 3}
svg.dim .route{opacity:.12}svg.dim .route.on{opacity:1;stroke-width:3.5}
#timeline{position:relative}#timeline canvas{display:block;width:100%;cursor:grab;touch-action:none}
#tip{position:absolute;pointer-events:none;background:var(--ink);color:var(--card);border-radius:6px;
padding:4px 8px;font-size:12px;display:none;white-space:pre;z-index:2}
)css";
} // namespace

std::string pageHead(const std::string &title) {
  return fmt::format("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width\">\n"
                     "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
                     htmlEscape(title), kStyle);
}
std::string pageEnd() { return "</main>\n</body>\n</html>\n"; }

std::string htmlTable(const Table &table) {
  if (table.rows.empty()) return "";
  const auto number = [](const std::string &s) {
    return !s.empty() && s.find_first_not_of("0123456789.,%x-+ ") == std::string::npos;
  };
  std::string out;
  if (!table.title.empty()) out += "<h3>" + htmlEscape(table.title) + "</h3>\n";
  if (!table.note.empty()) out += "<p>" + htmlEscape(table.note) + "</p>\n";
  out += "<table><tr>";
  for (size_t i = 0; i < table.head.size(); ++i) {
    const bool right = i < table.rows[0].size() && number(table.rows[0][i]);
    out += fmt::format("<th{}>{}</th>", right ? " class=n" : "", htmlEscape(table.head[i]));
  }
  out += "</tr>\n";
  for (const auto &row : table.rows) {
    out += "<tr>";
    for (const std::string &cell : row)
      out += fmt::format("<td{}>{}</td>", number(cell) ? " class=n" : "", htmlEscape(cell));
    out += "</tr>\n";
  }
  return out + "</table>\n";
}

} // namespace ashlar::report
