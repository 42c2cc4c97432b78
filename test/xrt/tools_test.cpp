// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// XRT's own tools on the emulated device: xrt-smi examine and validate, xrt-runner with recipes,
// threads and validation, and the ELF control code that they use. xrt-smi wants an archive of
// packages that Debian has not; ours holds a loopback and an empty stream.
#include "accel/loopback.h"
#include "xrt/root.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace ashlar;
using testing::HasSubstr;
using testing::Not;
using xrt_test::Outcome;
using Json = nlohmann::ordered_json;

namespace {

class XrtTools : public xrt_test::Xrt {
protected:
  void SetUp() override {
    Xrt::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const package::Products p = accel_test::loopback();
    write("design.xclbin", p.xclbin);
    write("good.txn", p.sequences[0].stream);
    write("hang.txn", accel_test::loopback(false).sequences[0].stream);
    Bytes nothing(p.sequences[0].stream.begin(), p.sequences[0].stream.begin() + 16);
    writeU32(&nothing[8], 0);   // operations
    writeU32(&nothing[12], 16); // bytes
    write("nop.txn", nothing);
    for (const char *name : {"good", "hang", "nop"}) {
      const Outcome made = enter(fmt::format("aiebu-asm -t aie2txn -c {0}.txn -o {0}.elf", name));
      ASSERT_EQ(made.exit, 0) << made.err;
    }
  }
  static void write(const std::string &name, const Bytes &bytes) {
    ASSERT_TRUE(writeFile(folder + "/" + name, bytes).ok());
  }
  static void write(const std::string &name, const Json &json) {
    ASSERT_TRUE(writeTextFile(folder + "/" + name, json.dump(1)).ok());
  }
  /// One run of the kernel with this control code.
  static Json recipe(const std::string &code) {
    const auto buffer = [](const char *name, const char *type) {
      return Json{{"name", name}, {"type", type}, {"size", 1024}};
    };
    const auto constant = [](int index, int value) {
      return Json{{"value", value}, {"type", "int"}, {"argidx", index}};
    };
    return {{"version", "1.0"},
            {"header", {{"xclbin", "design.xclbin"}}},
            {"resources",
             {{"buffers", Json::array({buffer("in", "input"), buffer("out", "output")})},
              {"kernels",
               Json::array({{{"name", "k"}, {"instance", "MLIR_AIE"}, {"ctrlcode", code}}})}}},
            {"execution",
             {{"runs", Json::array({{{"name", "k"},
                                     {"arguments", Json::array({{{"name", "in"}, {"argidx", 3}},
                                                                {{"name", "out"}, {"argidx", 4}}})},
                                     {"constants", Json::array({constant(0, 3), constant(1, 0),
                                                                constant(2, 0)})}}})}}}};
  }
  static Json profile(const Json &executions, const char *key = "executions") {
    return {{"version", "1.0"},
            {"bindings",
             Json::array({{{"name", "in"}, {"size", 1024}, {"init", {{"random", true}}}},
                          {{"name", "out"}, {"size", 1024}, {"validate", {{"name", "in"}}}}})},
            {key, executions}};
  }
};

} // namespace

TEST_F(XrtTools, ExamineShowsAllReports) {
  const Outcome run = with("xrt-smi examine -r all --batch");
  EXPECT_EQ(run.exit, 0) << run.err;
  for (const char *text :
       {"NPU Phoenix", "0000:c5:00.1", "aie2", "6x5", "Total Columns", "No hardware contexts"})
    EXPECT_THAT(run.out, HasSubstr(text));
}

TEST_F(XrtTools, ValidatePasses) {
  for (const char *test : {"latency", "throughput"})
    write(fmt::format("recipe_{}.json", test), recipe("nop.elf"));
  // Its latency test reads the report of the older form with one execution.
  write("profile_latency.json", profile({{"iterations", 50}}, "execution"));
  write("profile_throughput.json",
        profile(Json::array({{{"mode", "throughput"}, {"iterations", 50}}})));
  const std::string bins = inside + "/.local/share/xrt/2.25.00/amdxdna/bins";
  Outcome run = enter(fmt::format("mkdir -p {0} && cp design.xclbin validate.xclbin && "
                                  "sed -i s/design/validate/ recipe_*.json && "
                                  "ar rc {0}/xrt_smi_phx.a validate.xclbin nop.elf recipe_*.json "
                                  "profile_*.json",
                                  bins));
  ASSERT_EQ(run.exit, 0) << run.err;
  run = with("xrt-smi validate --batch");
  EXPECT_EQ(run.exit, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("Average latency"));
  EXPECT_THAT(run.out, HasSubstr("Average throughput"));
  EXPECT_THAT(run.out, Not(HasSubstr("FAILED")));
}

TEST_F(XrtTools, RunnerRunsValidatesAndMeasures) {
  write("recipe.json", recipe("good.elf"));
  write("profile.json", profile(Json::array({{{"iterations", 5},
                                              {"validate", true},
                                              {"iteration", {{"wait", true}, {"validate", true}}}},
                                             {{"mode", "latency"}, {"iterations", 20}},
                                             {{"mode", "throughput"}, {"iterations", 20}}})));
  Outcome run = with("xrt-runner --recipe recipe.json --profile profile.json");
  EXPECT_EQ(run.exit, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("Average Latency"));
  EXPECT_EQ(run.err.find("ashlar:"), std::string::npos) << run.err;
  Json jobs = Json::array();
  for (int i = 0; i < 4; ++i)
    jobs.push_back({{"id", fmt::format("job{}", i)},
                    {"recipe", "recipe.json"},
                    {"profile", "profile.json"},
                    {"dir", "."}});
  write("script.json", Json{{"jobs", jobs}});
  run = with("xrt-runner --script script.json --threads 4");
  EXPECT_EQ(run.exit, 0) << run.out << run.err;
  EXPECT_EQ(run.err.find("ashlar:"), std::string::npos) << run.err;
}

TEST_F(XrtTools, RunnerSeesHangsAndWrongData) {
  write("recipe.json", recipe("hang.elf"));
  write("profile.json", profile(Json::array({{{"iterations", 1}}})));
  Outcome run = with("xrt-runner --recipe recipe.json --profile profile.json");
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.out + run.err, HasSubstr("ERT_CMD_STATE_TIMEOUT"));
  EXPECT_THAT(run.err, HasSubstr("does not complete"));
  // With one worker XRT's runner waits forever for room in its queue once a job has failed, and
  // with several it crashes (docs/accel.md); with room for all jobs it ends.
  const auto job = [](const char *id) {
    return Json{{"id", id}, {"recipe", "recipe.json"}, {"profile", "profile.json"}, {"dir", "."}};
  };
  write("script.json", Json{{"jobs", Json::array({job("a"), job("b")})}});
  run = with("xrt-runner --script script.json --threads 1 --queue-limit 2");
  EXPECT_EQ(run.exit, 1) << run.out << run.err;
  EXPECT_THAT(run.err, HasSubstr("does not complete"));
  write("recipe.json", recipe("nop.elf")); // writes nothing, so the output is not the input
  write("profile.json", profile(Json::array({{{"iterations", 1}, {"validate", true}}})));
  run = with("xrt-runner --recipe recipe.json --profile profile.json");
  EXPECT_EQ(run.exit, 1) << run.out << run.err;
}
