// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cycles of functions as another compiler built them beside our build of the same source, both on
// the emulated core: `bench_objects TABLE [-O LEVEL]`. Each line of the table:
//
//   FUNCTION THEIRS.o OURS.c [-I FOLDER | -D NAME]... ARGUMENT...
//
// An argument is a number, or a buffer of N bytes: `~N` random, `+N` random from 0 to 15, `:N`
// zeros. All buffers must be equal behind both calls, or the line says so and the exit code is 1.
#include "base/base.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <unistd.h>

namespace {
namespace fs = std::filesystem;

struct Outcome {
  uint64_t cycles = 0;
  std::vector<std::string> buffers;
  std::string message;
};

class Bench {
public:
  explicit Bench(std::string level)
      : dir_(fs::temp_directory_path() / fmt::format("ashlar_objects_{}", ::getpid())),
        level_(std::move(level)) {
    fs::create_directories(dir_);
  }
  ~Bench() { fs::remove_all(dir_); }

  /// False when the two disagree.
  bool line(const std::string &text) {
    std::istringstream words(text);
    std::string function, theirs, ours, flags, arguments;
    words >> function >> theirs >> ours;
    std::mt19937 random(11);
    size_t count = 0;
    std::vector<size_t> buffers;
    for (std::string word; words >> word;) {
      if (word == "-I" || word == "-D") {
        std::string value;
        words >> value;
        flags += " " + word + " '" + value + "'";
        continue;
      }
      if (std::string("~=:").find(word[0]) == std::string::npos) {
        arguments += " --arg " + word;
      } else {
        ashlar::Bytes bytes(std::strtoul(word.c_str() + 1, nullptr, 0));
        if (word[0] == '~')
          for (uint8_t &b : bytes) b = static_cast<uint8_t>(random());
        if (word[0] == '=')
          for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
            const float x = static_cast<float>(random() % 8001) / 1000 - 4;
            std::memcpy(&bytes[i], reinterpret_cast<const char *>(&x) + 2, 2);
          }
        const std::string file = (dir_ / fmt::format("arg{}", count)).string();
        if (!ashlar::writeFile(file, bytes).ok()) return say(function, "cannot write " + file);
        arguments += " --arg @" + file;
        buffers.push_back(count);
      }
      ++count;
    }
    const Outcome a = run("'" + theirs + "'", function, arguments, buffers),
                  b = run(sources(ours) + " -O " + level_ + flags, function, arguments, buffers);
    if (!a.message.empty()) return say(function, "theirs: " + a.message);
    if (!b.message.empty()) return say(function, "ours: " + b.message);
    const double ratio = static_cast<double>(b.cycles) / static_cast<double>(a.cycles);
    const bool same = a.buffers == b.buffers;
    std::printf("| %s (%s) | %llu | %llu | %.2f | %s |\n", function.c_str(),
                fs::path(ours).filename().c_str(), static_cast<unsigned long long>(a.cycles),
                static_cast<unsigned long long>(b.cycles), ratio, same ? "equal" : "DIFFERENT");
    std::fflush(stdout);
    logs_ += std::log(ratio);
    ++measured_;
    return same;
  }
  void summary() const {
    if (measured_ != 0)
      std::printf("| all, geometric mean | | | %.2f | |\n", std::exp(logs_ / measured_));
  }

private:
  static std::string sources(std::string list) {
    for (size_t at = 0; (at = list.find(',', at)) != std::string::npos; at += 3)
      list.replace(at, 1, "' '");
    return "'" + list + "'";
  }
  static bool say(const std::string &function, const std::string &message) {
    std::printf("| %s | | | | %s |\n", function.c_str(), message.c_str());
    return false;
  }
  Outcome run(const std::string &file, const std::string &function, const std::string &arguments,
              const std::vector<size_t> &buffers) {
    std::string dumps;
    for (const size_t b : buffers) dumps += fmt::format(" --dump arg{}", b);
    const std::string log = (dir_ / "log").string();
    const int status = std::system(
        fmt::format(
            "timeout 300 {}/bin/ashlar core {} --call {} --returns void{}{} --stack-size 8192 "
            "--json > {} 2> {}.err",
            ASHLAR_BINARY_DIR, file, function, arguments, dumps, log, log)
            .c_str());
    Outcome out;
    const auto text = ashlar::readTextFile(log), err = ashlar::readTextFile(log + ".err");
    const auto report = nlohmann::json::parse(text.ok() ? *text : "", nullptr, false);
    if (status != 0 || report.is_discarded()) {
      std::string why = err.ok() ? *err : "failed";
      if (why.empty() && text.ok()) why = *text;
      out.message = why.substr(0, why.find('\n'));
      return out;
    }
    out.cycles = report.value("cycles", uint64_t{0});
    for (const size_t b : buffers)
      out.buffers.push_back(report["dumps"].value(fmt::format("arg{}", b), ""));
    return out;
  }

  fs::path dir_;
  std::string level_;
  double logs_ = 0;
  int measured_ = 0;
};
} // namespace

int main(int argc, char **argv) {
  if (argc == 1) {
    std::printf("no table of objects given: see bench/objects.cpp\n");
    return 0;
  }
  if (argc != 2 && !(argc == 4 && std::string(argv[2]) == "-O")) {
    std::fprintf(stderr, "usage: bench_objects TABLE [-O LEVEL]\n");
    return 2;
  }
  std::ifstream table(argv[1]);
  if (!table) {
    std::fprintf(stderr, "%s: cannot be read\n", argv[1]);
    return 1;
  }
  Bench bench(argc == 4 ? argv[3] : "2");
  std::printf("| function | theirs | ours | ratio | results |\n|---|---:|---:|---:|---|\n");
  bool fine = true;
  for (std::string line; std::getline(table, line);)
    if (!line.empty() && line[0] != '#') fine &= bench.line(line);
  bench.summary();
  return fine ? 0 : 1;
}
