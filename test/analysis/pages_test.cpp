// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The examples of docs/checks are carried out: each page changes one thing in the good design, and
// the check that the page is about must find it. The unchanged design is the near twin of all.
#include "analysis/fixture.h"
#include "format/xclbin_sections.h"
#include "plan/text.h"

#include <charconv>
#include <filesystem>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace ashlar::analysis_test {
namespace {

namespace xclbin = format::xclbin;
using device::DmaDirection;
using testing::Contains;
using testing::IsEmpty;

struct Block {
  std::string kind;
  std::vector<std::string> lines;
};

std::vector<Block> blocksOf(const std::string &page) {
  std::vector<Block> out;
  std::istringstream in(page);
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) out.push_back({line.substr(3), {}});
    } else if (inside && !line.empty()) {
      out.back().lines.push_back(line);
    }
  }
  return out;
}

uint64_t number(std::string_view text) {
  uint64_t value = 0;
  const bool hex = text.starts_with("0x");
  const char *end = text.data() + text.size();
  const auto r = std::from_chars(text.data() + (hex ? 2 : 0), end, value, hex ? 16 : 10);
  EXPECT_TRUE(r.ec == std::errc{} && r.ptr == end) << text;
  return value;
}

/// The good design with a page's changes.
class Example {
public:
  Example() { design_.goodSequence(); }

  void change(const Block &block) {
    if (block.kind == "plan") return plan(block.lines);
    if (block.kind == "asm") return assembly(block.lines);
    if (block.kind == "sequence") return sequence(block.lines);
    if (block.kind == "package" || block.kind == "xclbin") {
      late_.push_back(block);
      return;
    }
    FAIL() << "unknown block " << block.kind;
  }

  Diagnostics check() {
    load::Configuration configuration = design_.configuration();
    Diagnostics all;
    const auto add = [&](const Diagnostics &more) {
      all.insert(all.end(), more.begin(), more.end());
    };
    Diagnostics problems;
    auto file = xclbin::read(design_.xclbin(), "main.xclbin", problems);
    EXPECT_TRUE(file.ok());
    for (const Block &b : late_)
      for (const std::string &line : b.lines)
        b.kind == "package" ? package(line, configuration, all) : edit(line, *file);
    add(analysis::checkXclbin(xclbin::write(*file), "main.xclbin"));
    load::Stream stream;
    stream.source = "main.insts.bin";
    stream.operations = design_.operations;
    add(analysis::checkConfiguration(configuration, "main.pdi", &design_.plan,
                                     std::span(&stream, 1)));
    add(analysis::checkConfiguration(configuration, "main.pdi", nullptr, std::span(&stream, 1)));
    add(analysis::checkStream(configuration, stream, &design_.plan));
    return all;
  }

private:
  void plan(const std::vector<std::string> &lines) {
    nlohmann::json patch = nlohmann::json::array();
    for (const std::string &line : lines) {
      if (line.starts_with("remove ")) {
        patch.push_back({{"op", "remove"}, {"path", line.substr(7)}});
        continue;
      }
      const size_t equals = line.find(" = ");
      ASSERT_NE(equals, std::string::npos) << line;
      patch.push_back({{"op", "add"},
                       {"path", line.substr(0, equals)},
                       {"value", nlohmann::json::parse(line.substr(equals + 3))}});
    }
    const auto changed = nlohmann::json::parse(plan::print(design_.plan)).patch(patch);
    auto parsed = plan::parse(changed.dump(), "plan.json");
    ASSERT_TRUE(parsed.ok()) << text(parsed.errors());
    design_.plan = std::move(*parsed);
  }
  void assembly(const std::vector<std::string> &lines) {
    std::string body, data;
    for (const std::string &line : lines) {
      std::string &into = data.empty() && line != ".data" ? body : data;
      into += line.ends_with(":") ? line + "\n" : "\t" + line + "\n";
    }
    design_.program = goodProgram(body) + data;
  }
  void sequence(const std::vector<std::string> &lines) {
    design_.operations.clear();
    for (const std::string &line : lines) {
      std::istringstream in(line);
      std::string word;
      in >> word;
      if (word == "wait") {
        design_.wait();
        continue;
      }
      ASSERT_TRUE(word == "send" || word == "receive") << line;
      Task task;
      task.direction = word == "send" ? DmaDirection::MM2S : DmaDirection::S2MM;
      task.argument = word == "receive";
      while (in >> word) {
        const std::string value = word.substr(word.find('=') + 1);
        if (word == "token")
          task.token = true;
        else if (word.starts_with("id="))
          task.id = static_cast<int>(number(value));
        else if (word.starts_with("argument="))
          task.argument = static_cast<uint32_t>(number(value));
        else if (word.starts_with("offset="))
          task.offset = number(value);
        else if (word.starts_with("words="))
          task.words = static_cast<uint32_t>(number(value));
        else
          FAIL() << line;
      }
      design_.task(task);
    }
  }

  static bool programs(const load::Operation &o) {
    const auto *b = std::get_if<load::BlockWrite>(&o.op);
    if (!b) return false;
    const uint32_t offset = device::offsetOfAddress(b->address);
    return device::tileOfAddress(b->address) == kCore && offset >= device::reg::kProgramMemory &&
           offset < device::reg::kCoreRegisters;
  }
  static void package(const std::string &line, load::Configuration &c, Diagnostics &findings) {
    const std::string last = line.substr(line.rfind(' ') + 1);
    if (line == "no program") {
      std::erase_if(c.operations, programs);
    } else if (line.starts_with("program of ")) {
      const size_t words = number(line.substr(11, line.find(" bytes") - 11)) / 4;
      c.operations.push_back(
          {load::BlockWrite{device::tileAddress(kCore, device::reg::kProgramMemory),
                            std::vector<uint32_t>(words, 0x00010001)},
           0});
    } else if (line.starts_with("write (0,2) ")) {
      const std::string address = line.substr(12, line.find(" = ") - 12);
      c.operations.push_back(
          {load::Write32{device::tileAddress(kCore, static_cast<uint32_t>(number(address))),
                         static_cast<uint32_t>(number(last))},
           0});
    } else if (line.starts_with("flip pdi ")) {
      Bytes pdi = c.pdi;
      ASSERT_LT(number(last), pdi.size());
      pdi[number(last)] ^= 1;
      const auto read = load::readPdi(pdi, "main.pdi", findings);
      if (!read.ok()) findings.insert(findings.end(), read.errors().begin(), read.errors().end());
    } else {
      FAIL() << line;
    }
  }
  static void edit(const std::string &line, xclbin::File &file) {
    const auto section = [&](uint32_t kind) -> xclbin::Section & {
      for (xclbin::Section &s : file.sections)
        if (s.kind == kind) return s;
      ADD_FAILURE() << "no section " << kind;
      return file.sections.front();
    };
    const auto drop = [&](uint32_t kind) {
      std::erase_if(file.sections, [&](const xclbin::Section &s) { return s.kind == kind; });
    };
    const auto partition = [&](auto change) {
      xclbin::Section &s = section(xclbin::kAiePartition);
      auto p = xclbin::decodePartition(s, "main.xclbin");
      ASSERT_TRUE(p.ok());
      change(*p);
      s.data = xclbin::encodePartition(*p);
    };
    const std::string last = line.substr(line.rfind(' ') + 1);
    if (line == "no uuid")
      file.uuid = {};
    else if (line == "no kernels")
      section(xclbin::kIpLayout).data = xclbin::encodeIps({});
    else if (line == "no connectivity") {
      section(xclbin::kConnectivity).data = xclbin::encodeConnections({});
      drop(xclbin::kGroupConnectivity);
    } else if (line.starts_with("drop "))
      drop(static_cast<uint32_t>(number(last)));
    else if (line.starts_with("columns "))
      partition([&](xclbin::Partition &p) { p.columnWidth = static_cast<uint16_t>(number(last)); });
    else if (line.starts_with("kernel ids of the PDI "))
      partition([&](xclbin::Partition &p) { p.pdis[0].groups[0].kernelIds = {number(last)}; });
    else
      FAIL() << line;
  }

  Design design_;
  std::vector<Block> late_;
};

std::string pageOf(const std::string &check) {
  const auto page = readTextFile(std::string(ASHLAR_SOURCE_DIR) + "/docs/checks/" + check + ".md");
  EXPECT_TRUE(page.ok()) << check;
  return page.ok() ? *page : "";
}

TEST(Pages, TheUnchangedDesignHasNoFindings) {
  const Diagnostics findings = Example().check();
  EXPECT_THAT(findings, IsEmpty()) << text(findings);
}

constexpr std::string_view kTwin = " twin";

TEST(Pages, NearTwinsDoNot) {
  int twins = 0;
  for (const analysis::CheckInfo &c : analysis::checks()) {
    SCOPED_TRACE(c.code);
    Example example;
    bool any = false;
    for (Block b : blocksOf(pageOf(c.code))) {
      if (!b.kind.ends_with(kTwin)) continue;
      b.kind.resize(b.kind.size() - kTwin.size());
      example.change(b);
      any = true;
    }
    if (!any) continue; // the unchanged design
    ++twins;
    const Diagnostics findings = example.check();
    EXPECT_THAT(codes(findings), testing::Not(Contains(c.code))) << text(findings);
  }
  EXPECT_GE(twins, 20);
}

TEST(Pages, EachExampleTriggersItsCheck) {
  for (const analysis::CheckInfo &c : analysis::checks()) {
    SCOPED_TRACE(c.code);
    std::vector<Block> blocks = blocksOf(pageOf(c.code));
    std::erase_if(blocks, [](const Block &b) { return b.kind.ends_with(kTwin); });
    EXPECT_THAT(blocks, testing::Not(IsEmpty())) << "the page has no example";
    if (blocks.size() == 1 && blocks[0].kind == "mlir") continue; // test/e2e/check_test.cpp
    Example example;
    for (const Block &b : blocks) example.change(b);
    const Diagnostics findings = example.check();
    EXPECT_THAT(codes(findings), Contains(c.code)) << text(findings);
  }
}

TEST(Pages, TheListNamesEachCheckAndNothingElse) {
  const std::string list = pageOf("README");
  size_t links = 0;
  for (size_t at = 0; (at = list.find("\n* [", at)) != std::string::npos; ++at) ++links;
  for (const analysis::CheckInfo &c : analysis::checks())
    EXPECT_THAT(list, testing::HasSubstr(fmt::format("\n* [{0}]({0}.md)", c.code)));
  EXPECT_EQ(links, analysis::checks().size());
}

} // namespace
} // namespace ashlar::analysis_test
