// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs each program of this folder on the emulated core at -O0 to -O3 and compares what `run(seed)`
// returns with the host's answer.
#include "base/file.h"

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

extern "C" {
#define PROGRAM(name, file) int run_##name(int seed);
#include "programs.inc"
#undef PROGRAM
}

namespace {

struct Program {
  const char *name;
  const char *file;
  int (*run)(int);
};
const Program programs[] = {
#define PROGRAM(name, file) {#name, file, run_##name},
#include "programs.inc"
#undef PROGRAM
};

class ProgramTest : public testing::TestWithParam<std::tuple<Program, int>> {};

int execute(const std::string &command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_P(ProgramTest, ReturnsWhatTheHostReturns) {
  const auto &[program, level] = GetParam();
  // Templates that nobody inlines may not fit into program memory: `// levels: 123`.
  const auto source =
      ashlar::readTextFile(ASHLAR_SOURCE_DIR "/test/programs/" + std::string(program.file));
  ASSERT_TRUE(source.ok());
  if (const size_t at = source->find("// levels: "); at != std::string::npos)
    if (source->substr(at, source->find('\n', at) - at).find(std::to_string(level), 11) ==
        std::string::npos)
      return;
  const std::string ashlar = ASHLAR_BINARY_DIR "/bin/ashlar";
  const std::string work =
      testing::TempDir() + "/ashlar_program_" + program.name + std::to_string(level);
  std::filesystem::create_directories(work);
  const std::string object = work + "/program.o", log = work + "/log";
  ASSERT_EQ(execute(ashlar + " cc -w -c -O" + std::to_string(level) +
                    " " ASHLAR_SOURCE_DIR "/test/programs/" + program.file + " -o " + object +
                    " > " + log + " 2>&1"),
            0)
      << *ashlar::readTextFile(log);
  for (const int seed : {0, 1, -77, 123456789}) {
    const std::string command = ashlar + " core " + object +
                                " --call run --arg=" + std::to_string(seed) +
                                " --stack-size 16384 --timeout 20000000 --json";
    ASSERT_EQ(execute(command + " > " + log + " 2> " + log + ".err"), 0)
        << command << "\n"
        << *ashlar::readTextFile(log + ".err");
    const auto answer = nlohmann::json::parse(*ashlar::readTextFile(log), nullptr, false);
    ASSERT_TRUE(answer.is_object() && answer.contains("result")) << *ashlar::readTextFile(log);
    EXPECT_EQ(answer["result"].get<int64_t>(), program.run(seed)) << command;
  }
  std::filesystem::remove_all(work);
}

INSTANTIATE_TEST_SUITE_P(All, ProgramTest,
                         testing::Combine(testing::ValuesIn(programs), testing::Values(0, 1, 2, 3)),
                         [](const auto &info) {
                           return std::string(std::get<0>(info.param).name) + "_O" +
                                  std::to_string(std::get<1>(info.param));
                         });

} // namespace
