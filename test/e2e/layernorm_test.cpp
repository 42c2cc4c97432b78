// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// First light: the LayerNorm example from C++ and MLIR to bits. The kernel's file is compiled here
// for the host and by `ashlar build` for the core; given the same inputs both give the same bits.
#include "../examples/layernorm/layernorm.cc"
#include "cli/run.h"
#include "load/load.h"
#include "runtime/runtime.h"

#include <bit>
#include <random>

namespace ashlar::cli_test {
namespace {

constexpr size_t kValues = 512;

std::string text(const Diagnostics &diagnostics) {
  std::string all;
  for (const Diagnostic &d : diagnostics) all += d.str() + "\n";
  return all;
}

/// A built design on the emulated device; buffers stay, state persists from run to run.
class Loaded {
public:
  Loaded(const std::string &directory, const std::vector<size_t> &sizes) {
    Diagnostics warnings;
    const auto package =
        load::readPackage(bytes(directory + "/main.xclbin"), "main.xclbin", warnings);
    if (!package.ok()) {
      ADD_FAILURE() << text(package.errors());
      return;
    }
    auto stream =
        load::readStream(bytes(directory + "/main.insts.bin"), "main.insts.bin", warnings);
    auto context = device_->createContext(*package, 0, {.sanitize = true});
    if (!stream.ok() || !context.ok()) {
      ADD_FAILURE() << (stream.ok() ? text(context.errors()) : text(stream.errors()));
      return;
    }
    EXPECT_EQ(text(warnings), "");
    stream_ = std::move(*stream);
    context_ = std::move(*context);
    for (size_t i = 0; i < sizes.size(); ++i)
      buffers.push_back(*context_->allocate(sizes[i], "argument " + std::to_string(i)));
  }
  bool ok() const { return context_ != nullptr; }
  runtime::RunReport run() {
    auto report = context_->run(stream_, buffers);
    if (!report.ok()) {
      ADD_FAILURE() << text(report.errors());
      return {};
    }
    EXPECT_EQ(report->state, runtime::State::Completed) << text(report->diagnostics);
    return *report;
  }

  std::vector<std::shared_ptr<runtime::Buffer>> buffers;

private:
  static Bytes bytes(const std::string &path) {
    auto data = readFile(path);
    EXPECT_TRUE(data.ok()) << path;
    return data.ok() ? *data : Bytes{};
  }
  std::unique_ptr<runtime::Device> device_ = runtime::emulatedDevice();
  std::unique_ptr<runtime::Context> context_;
  load::Stream stream_;
};

std::string built(const TempDir &dir, const char *design, const char *level) {
  const std::string out = dir / (std::string("out") + level);
  const Outcome run = ashlar({"build", source(std::string("examples/layernorm/") + design),
                              source("examples/layernorm/layernorm.cc"), level, "-o", out});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_EQ(run.err, "");
  return out;
}

/// bf16 values of every size, and now and then one with a wild exponent.
uint16_t randomBf16(std::mt19937 &random) {
  if (random() % 64 == 0) {
    uint16_t any = 0;
    do any = static_cast<uint16_t>(random());
    while ((any & 0x7F80) == 0x7F80 || (any & 0x7F80) > 0x5000);
    return any;
  }
  const float value = std::normal_distribution<float>(0.3f, 2.0f)(random);
  return static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16);
}

void fill(runtime::Buffer &buffer, std::mt19937 &random) {
  auto *values = reinterpret_cast<uint16_t *>(buffer.data());
  for (size_t i = 0; i < buffer.size() / 2; ++i) values[i] = randomBf16(random);
}
const __bf16 *bf16(const runtime::Buffer &buffer) {
  return reinterpret_cast<const __bf16 *>(const_cast<runtime::Buffer &>(buffer).data());
}

class LayerNorm : public testing::TestWithParam<const char *> {};

TEST_P(LayerNorm, SameBitsAsTheHostOverAHundredRows) {
  TempDir dir;
  Loaded loaded(built(dir, "design.mlir", GetParam()), {1024, 1024});
  ASSERT_TRUE(loaded.ok());
  const uint32_t seed = 20260804;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int row = 0; row < 100; ++row) {
    fill(*loaded.buffers[0], random);
    const runtime::RunReport report = loaded.run();
    ASSERT_EQ(report.state, runtime::State::Completed) << "row " << row;
    std::vector<__bf16> expected(kValues);
    layernorm_512(bf16(*loaded.buffers[0]), expected.data());
    ASSERT_EQ(std::memcmp(expected.data(), loaded.buffers[1]->data(), 1024), 0) << "row " << row;
  }
}

TEST_P(LayerNorm, GammaAndBeta) {
  TempDir dir;
  Loaded loaded(built(dir, "affine.mlir", GetParam()), {1024, 2048, 1024});
  ASSERT_TRUE(loaded.ok());
  const uint32_t seed = 20260805;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int row = 0; row < 20; ++row) {
    fill(*loaded.buffers[0], random);
    fill(*loaded.buffers[1], random);
    ASSERT_EQ(loaded.run().state, runtime::State::Completed) << "row " << row;
    std::vector<__bf16> expected(kValues);
    layernorm_512_affine(bf16(*loaded.buffers[0]), bf16(*loaded.buffers[1]), expected.data());
    ASSERT_EQ(std::memcmp(expected.data(), loaded.buffers[2]->data(), 1024), 0) << "row " << row;
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, LayerNorm, testing::Values("-O0", "-O1", "-O2", "-O3"),
                         [](const auto &info) { return std::string(info.param + 1); });

// The same inputs give the same bytes, whatever folder they are built in.
TEST(Build, IsReproducible) {
  TempDir one, two;
  const std::string first = built(one, "design.mlir", "-O2");
  const std::string second = built(two, "design.mlir", "-O2");
  for (const char *name :
       {"main.xclbin", "main.pdi", "main.insts.bin", "core_0_2.elf", "plan.json"})
    EXPECT_EQ(contents(first + "/" + name), contents(second + "/" + name)) << name;
}

TEST(Build, StopsAfterEachStage) {
  const std::vector<std::pair<const char *, std::vector<const char *>>> stages = {
      {"design", {"main.mlir"}},
      {"lower", {"plan.json", "core_0.ll"}},
      {"compile", {"plan.json", "core_0_2.o", "layernorm.o"}},
      {"link", {"plan.json", "core_0_2.elf", "core_0_2.map"}}};
  for (const auto &[stage, files] : stages) {
    TempDir dir;
    const Outcome run = ashlar({"build", source("examples/layernorm/design.mlir"),
                                source("examples/layernorm/layernorm.cc"), "--stop-after", stage,
                                "-o", dir / "out"});
    EXPECT_EQ(run.exit, 0) << run.err;
    for (const char *file : files)
      EXPECT_TRUE(fs::exists(dir / ("out/" + std::string(file)))) << file;
    EXPECT_FALSE(fs::exists(dir / "out/main.xclbin"));
  }
}

} // namespace
} // namespace ashlar::cli_test
