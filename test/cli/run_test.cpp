// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar run` on a package that copies its input through a core tile's DMA: files in and out,
// comparisons, wrong sizes, hangs, and what JSON says of them.
#include "cli/run.h"
#include "package/package.h"
#include "plan/sample_plan.h"
#include "plan/text.h"
#include "report/npy.h"

#include <gmock/gmock.h>
#include <map>
#include <nlohmann/json.hpp>

using namespace ashlar;
using namespace ashlar::cli_test;
using testing::HasSubstr;

namespace {

/// The sample plan without its program: MM2S 0 sends what S2MM 0 stored.
plan::Plan copyPlan() {
  plan::Plan p = plan_test::samplePlan();
  p.cores.clear();
  for (plan::BdSlot &slot : p.dmas[0].bds)
    if (slot.id >= 2) {
      slot.bd.address = slot.id == 2 ? 0xC00 : 0x1000;
      slot.buffer = slot.id == 2 ? "in0" : "in1";
      slot.bd.acquire->id = 1;
      slot.bd.release->id = 0;
    }
  return p;
}

class Run : public testing::Test {
protected:
  Run() { build(copyPlan()); }

  void build(const plan::Plan &p) {
    const auto made = package::package(p, {});
    ASSERT_TRUE(made.ok()) << made.errors()[0].str();
    ASSERT_TRUE(writeFile(dir / "main.xclbin", made->xclbin).ok());
    ASSERT_TRUE(writeFile(dir / "main.pdi", made->pdi).ok());
    ASSERT_TRUE(writeFile(dir / "main.insts.bin", made->sequences[0].stream).ok());
    ASSERT_TRUE(writeTextFile(dir / "plan.json", plan::print(p)).ok());
  }
  std::string file(const std::string &name, const Bytes &bytes) {
    EXPECT_TRUE(writeFile(dir / name, bytes).ok());
    return dir / name;
  }
  static Bytes pattern(size_t n) {
    Bytes b(n);
    for (size_t i = 0; i < n; ++i) b[i] = static_cast<uint8_t>(i * 7 + i / 256);
    return b;
  }
  TempDir dir;
};

TEST_F(Run, MovesItsInputToItsOutput) {
  const std::string in = file("in.bin", pattern(1024));
  const Outcome r = cli_test::ashlar(
      {"run", dir.path(), "--in", in, "--out", dir / "out.bin", "--expect", in, "--stats"});
  EXPECT_EQ(r.exit, 0) << r.err;
  EXPECT_EQ(*readFile(dir / "out.bin"), pattern(1024));
  EXPECT_THAT(r.out, HasSubstr("completed: "));
  EXPECT_THAT(r.out, HasSubstr("argument 1 (out): 512 elements as expected exactly"));
  EXPECT_THAT(r.out, HasSubstr("(0,2) MM2S 0"));
}

TEST_F(Run, TheTraceIsInTheChromeTraceEventFormat) {
  const std::string in = file("in.bin", pattern(1024)), trace = dir / "trace.json";
  const Outcome r = cli_test::ashlar({"run", dir.path(), "--in", in, "--trace", trace});
  ASSERT_EQ(r.exit, 0) << r.err;
  const auto json = nlohmann::json::parse(*readTextFile(trace), nullptr, false);
  ASSERT_TRUE(json.is_object() && json["traceEvents"].is_array());
  using Track = std::pair<int, int>;
  std::map<int, std::string> processes;
  std::map<Track, std::string> threads;
  std::map<Track, double> ends;                         // of the last span on each track
  std::map<std::pair<int, std::string>, double> counts; // when each counter was last said
  size_t spans = 0;
  for (const auto &e : json["traceEvents"]) {
    ASSERT_TRUE(e["ph"].is_string() && e["pid"].is_number_integer()) << e;
    ASSERT_TRUE(e["name"].is_string() && !e["name"].get<std::string>().empty()) << e;
    const std::string ph = e["ph"], name = e["name"];
    const int pid = e["pid"];
    if (ph == "M") {
      ASSERT_TRUE(e["args"]["name"].is_string()) << e;
      const std::string title = e["args"]["name"];
      EXPECT_FALSE(title.empty());
      // Names come once, and before what they name.
      if (name == "process_name")
        EXPECT_TRUE(processes.emplace(pid, title).second) << e;
      else if (name == "thread_name")
        EXPECT_TRUE(threads.emplace(Track(pid, e["tid"].get<int>()), title).second) << e;
      else
        ADD_FAILURE() << "metadata of no known name: " << e;
      continue;
    }
    ASSERT_TRUE(e["ts"].is_number()) << e;
    const double ts = e["ts"];
    EXPECT_GE(ts, 0) << e;
    EXPECT_TRUE(processes.count(pid)) << e;
    if (ph == "X") {
      ++spans;
      ASSERT_TRUE(e["dur"].is_number() && e["tid"].is_number_integer()) << e;
      const double duration = e["dur"];
      EXPECT_GT(duration, 0) << e;
      const Track track(pid, e["tid"].get<int>());
      EXPECT_TRUE(threads.count(track)) << e;
      // One after the other: spans of one track neither overlap nor go back.
      if (const auto last = ends.find(track); last != ends.end())
        EXPECT_GE(ts, last->second - 1e-6) << e;
      ends[track] = ts + duration;
    } else if (ph == "C") {
      ASSERT_TRUE(e["args"]["value"].is_number()) << e;
      const auto [last, first] = counts.try_emplace({pid, name}, ts);
      if (!first) EXPECT_GE(ts, last->second) << e;
      last->second = ts;
    } else {
      ADD_FAILURE() << "an event of kind " << ph;
    }
  }
  EXPECT_GE(spans, 4u);
  EXPECT_FALSE(counts.empty());
  bool channel = false;
  for (const auto &[track, title] : threads) channel |= title.starts_with("S2MM 0");
  EXPECT_TRUE(channel);
}

TEST_F(Run, FilesThatGitLfsHasNotFetchedSaySo) {
  const std::string pointer =
      dir.write("pointer.xclbin", "version https://git-lfs.github.com/spec/v1\noid "
                                  "sha256:0123\nsize 12\n");
  for (const std::string verb : {"run", "check", "inspect"}) {
    std::vector<std::string> words{verb, pointer};
    if (verb == "run") words.insert(words.end(), {"--insts", dir / "main.insts.bin"});
    const Outcome r = cli_test::ashlar(words);
    EXPECT_NE(r.exit, 0) << verb;
    EXPECT_THAT(r.out + r.err, HasSubstr("Git LFS pointer")) << verb;
    EXPECT_THAT(r.out + r.err, HasSubstr("git lfs pull")) << verb;
  }
}

TEST_F(Run, NumpyFilesAndJson) {
  const std::string in =
      file("in.npy", report::writeNpy(report::Element::BF16, {2, 256}, pattern(1024)));
  const Outcome r = cli_test::ashlar({"run", dir.path(), "--in", "0=" + in, "--out",
                                      "1=" + (dir / "out.npy"), "--expect", "1=" + in, "--json"});
  EXPECT_EQ(r.exit, 0) << r.err;
  const Bytes out = *readFile(dir / "out.npy");
  const auto npy = report::readNpy(out, "out.npy");
  ASSERT_TRUE(npy.ok());
  EXPECT_EQ(report::describe(*npy), "bf16 [512]"); // the sequence's own shape
  const auto j = nlohmann::json::parse(r.out);
  EXPECT_EQ(j["state"], "completed");
  EXPECT_GT(j["cycles"], 256);
  EXPECT_EQ(j["cycles"], j["array_cycles"].get<int>() + j["off_array_cycles"].get<int>());
  EXPECT_EQ(j["arguments"][0]["type"], "bf16");
  EXPECT_EQ(j["equal"], true);
  EXPECT_EQ(j["compare"][0]["elements"], 512);
}

/// Bits of another kind of float are no input; integers are how numpy keeps bfloat16.
TEST_F(Run, FilesOfAnotherTypeAreTold) {
  const auto err = [&](report::Element e, std::vector<int64_t> shape) {
    const std::string in = file("in.npy", report::writeNpy(e, std::move(shape), pattern(1024)));
    const Outcome r = cli_test::ashlar({"run", dir.path(), "--in", in});
    EXPECT_EQ(r.exit, 0) << r.err;
    return r.err;
  };
  using enum report::Element;
  EXPECT_THAT(err(F16, {512}), HasSubstr("the file holds f16 [512]; argument 0 (in) is declared "
                                         "bf16 [argument-type]"));
  EXPECT_THAT(err(F32, {256}), HasSubstr("[argument-type]"));
  EXPECT_THAT(err(I8, {1024}), HasSubstr("[argument-type]"));
  EXPECT_EQ(err(BF16, {512}), "");
  EXPECT_EQ(err(U16, {512}), "");
  EXPECT_EQ(err(I16, {512}), "");
}

TEST_F(Run, ADifferenceIsShownAndFails) {
  Bytes wrong = pattern(1024);
  wrong[200] ^= 1; // element 100, last bit
  const std::string in = file("in.bin", pattern(1024)), expect = file("e.bin", wrong);
  const Outcome r = cli_test::ashlar({"run", dir.path(), "--in", in, "--expect", expect});
  EXPECT_EQ(r.exit, 1);
  EXPECT_THAT(r.out, HasSubstr("1 of 512 elements differ"));
  EXPECT_THAT(r.out, HasSubstr("first [100]: got "));
  const Outcome fine =
      cli_test::ashlar({"run", dir.path(), "--in", in, "--expect", expect, "--tolerance", "1ulp"});
  EXPECT_EQ(fine.exit, 0) << fine.out;
  EXPECT_THAT(fine.out, HasSubstr("1 not the same, by at most 1 ulp"));
}

// The file's own shape and type say where the difference lies; another kind of float is refused.
TEST_F(Run, ExpectedNumpyArrays) {
  Bytes wrong = pattern(1024);
  wrong[2 * (256 + 7) + 1] ^= 0x40;
  const std::string in = file("in.bin", pattern(1024));
  const auto expect = [&](report::Element e, const std::vector<int64_t> &shape) {
    return cli_test::ashlar({"run", dir.path(), "--in", in, "--expect",
                             file("e.npy", report::writeNpy(e, shape, wrong))});
  };
  const Outcome bf16 = expect(report::Element::BF16, {2, 256});
  EXPECT_EQ(bf16.exit, 1);
  EXPECT_THAT(bf16.out, HasSubstr("1 of 512 elements differ (not as expected exactly); first [1, "
                                  "7]: got "));
  const Outcome bits = expect(report::Element::U16, {4, 128});
  EXPECT_EQ(bits.exit, 1);
  EXPECT_THAT(bits.out, HasSubstr("first [2, 7]: got ")) << "bf16 as numpy has it";
  const auto values = [](const std::string &out) {
    const size_t at = out.find("got ");
    return at == out.npos ? out : out.substr(at, out.find(';', at) - at);
  };
  EXPECT_EQ(values(bits.out), values(bf16.out)) << "compared as numbers";
  const Outcome f32 = expect(report::Element::F32, {256});
  EXPECT_EQ(f32.exit, 1);
  EXPECT_THAT(f32.err, HasSubstr("[argument-type]"));
  EXPECT_THAT(f32.err,
              HasSubstr("argument 1 (out) has elements of bf16, the file holds f32 [256]"));
  Bytes fortran = report::writeNpy(report::Element::BF16, {2, 256}, wrong);
  std::string text(fortran.begin(), fortran.end());
  text.replace(text.find("False,"), 6, "True, ");
  const Outcome order = cli_test::ashlar(
      {"run", dir.path(), "--in", in, "--expect", file("f.npy", Bytes(text.begin(), text.end()))});
  EXPECT_EQ(order.exit, 1);
  EXPECT_THAT(order.err, HasSubstr("[npy-order]"));
  const Outcome none =
      cli_test::ashlar({"run", dir.path(), "--in", in, "--expect",
                        file("n.npy", report::writeNpy(report::Element::BF16, {0, 256}, {}))});
  EXPECT_EQ(none.exit, 1) << "nothing compared is nothing proved";
  EXPECT_THAT(none.err, HasSubstr("the file has 0 bytes of data"));
}

TEST_F(Run, WrongSizesNameBoth) {
  const std::string in = file("in.bin", pattern(1000));
  const Outcome r = cli_test::ashlar({"run", dir.path(), "--in", in, "--out", dir / "out.bin"});
  EXPECT_EQ(r.exit, 1);
  EXPECT_THAT(r.err, HasSubstr("the file has 1000 bytes of data; argument 0 (in) has 1024"));
  EXPECT_THAT(r.err, HasSubstr("[argument-size]"));
  EXPECT_FALSE(fs::exists(dir / "out.bin"));
}

TEST_F(Run, BarePackagesTakeSizesFromTheStreamAndTheFiles) {
  const std::string in = file("in.bin", pattern(1024));
  for (const char *package : {"main.pdi", "main.xclbin"}) {
    const Outcome r = cli_test::ashlar({"run", dir / package, "--insts", dir / "main.insts.bin",
                                        "--in", in, "--out", dir / "out.bin"});
    EXPECT_EQ(r.exit, 0) << r.err;
    EXPECT_EQ(*readFile(dir / "out.bin"), pattern(1024));
  }
}

TEST_F(Run, MoreRoomOnRequest) {
  const std::string in = file("in.bin", pattern(1024));
  const Outcome r = cli_test::ashlar({"run", dir.path(), "--in", in, "--size", "1=4096", "--size",
                                      "2=64", "--out", dir / "out.bin"});
  EXPECT_EQ(r.exit, 0) << r.err;
  EXPECT_EQ(readFile(dir / "out.bin")->size(), 4096u);
  const Outcome less = cli_test::ashlar({"run", dir.path(), "--size", "1=100"});
  EXPECT_EQ(less.exit, 1);
  EXPECT_THAT(less.err, HasSubstr("declares 1024 bytes"));
}

TEST_F(Run, ATooSmallBufferIsAFault) {
  Bytes small = pattern(512);
  const std::string in = file("in.bin", small);
  const Outcome r = cli_test::ashlar({"run", dir / "main.pdi", "--insts", dir / "main.insts.bin",
                                      "--size", "0=512", "--in", in, "--out", dir / "out.bin"});
  EXPECT_EQ(r.exit, 3);
  EXPECT_THAT(r.err, HasSubstr("byte 512 of argument 0, which has 512 bytes"));
  EXPECT_FALSE(fs::exists(dir / "out.bin"));
}

TEST_F(Run, AHangSpeaksOfTheDesignAndExits3) {
  plan::Plan p = copyPlan();
  for (plan::Lock &l : p.locks)
    if (l.name == "in_c_prod") l.init = 0; // the first buffer is never free
  build(p);
  const std::string in = file("in.bin", pattern(1024));
  const Outcome r = cli_test::ashlar({"run", dir.path(), "--in", in, "--json"});
  EXPECT_EQ(r.exit, 3);
  EXPECT_THAT(r.err, HasSubstr("waits for lock in_c_prod (number 0 of core (0,2)) >= 1; its value "
                               "is 0"));
  EXPECT_EQ(nlohmann::json::parse(r.out)["state"], "hang");
}

TEST_F(Run, TheTimeoutIsInCycles) {
  const std::string in = file("in.bin", pattern(1024));
  const Outcome r = cli_test::ashlar({"run", dir.path(), "--in", in, "--timeout", "500"});
  EXPECT_EQ(r.exit, 3);
  EXPECT_THAT(r.err, HasSubstr("not over after 500 cycles"));
}

TEST_F(Run, SeveralRunsKeepTheState) {
  const std::string in = file("in.bin", pattern(1024));
  const Outcome r =
      cli_test::ashlar({"run", dir.path(), "--in", in, "--expect", in, "--runs", "5", "--json"});
  EXPECT_EQ(r.exit, 0) << r.err;
  const auto j = nlohmann::json::parse(r.out);
  EXPECT_GE(j["total_cycles"], 4 * j["cycles"].get<int>());
}

/// A long run is not lost to a mistake in where its results go.
TEST_F(Run, WhereResultsGoIsCheckedBeforeTheRun) {
  const std::string in = file("in.bin", pattern(1024)), small = file("e.bin", pattern(1000));
  const auto err = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"run", dir.path(), "--in", in});
    const Outcome r = cli_test::ashlar(more);
    EXPECT_EQ(r.exit, 1) << r.out;
    EXPECT_EQ(r.out, "");
    return r.err;
  };
  const std::string out = dir / "nowhere/out.bin";
  EXPECT_THAT(err({"--out", out}), HasSubstr("there is no folder " + (dir / "nowhere")));
  EXPECT_THAT(err({"--trace", out}), HasSubstr("[file-write]"));
  EXPECT_THAT(err({"--html", out}), HasSubstr("[file-write]"));
  EXPECT_THAT(err({"--out", dir.path()}), HasSubstr("it is a folder"));
  EXPECT_THAT(err({"--expect", dir / "absent.bin"}), HasSubstr("[file-missing]"));
  EXPECT_THAT(err({"--expect", small}),
              HasSubstr("the file has 1000 bytes of data; argument 1 (out) has 1024"));
  EXPECT_THAT(err({"--in", dir.path()}), HasSubstr("reads no further argument"));
}

TEST_F(Run, WhatIsNoPackageIsCalledByItsName) {
  const auto err = [&](const std::string &package) {
    const Outcome r = cli_test::ashlar({"run", package});
    EXPECT_EQ(r.exit, 1) << r.out;
    return r.err;
  };
  EXPECT_THAT(err(dir / "main.xclbin"), HasSubstr("give it with --insts FILE"));
  EXPECT_THAT(err(dir / "main.insts.bin"),
              HasSubstr("this file is an instruction stream, not a package"));
  EXPECT_THAT(err(dir / "plan.json"), HasSubstr("[foreign]"));
  EXPECT_THAT(err(file("noise", pattern(100))), HasSubstr("noise"));
  EXPECT_THAT(err(file("nothing", {})), HasSubstr("nothing"));
  EXPECT_THAT(err(dir / "absent"), HasSubstr("there is no such file or folder"));
  TempDir empty;
  EXPECT_THAT(err(empty.path()), HasSubstr("the folder has no main.xclbin"));
  // Half a folder names the half that is missing.
  fs::remove(dir / "main.insts.bin");
  EXPECT_THAT(err(dir.path()), HasSubstr("no instruction stream (main.insts.bin)"));
  ASSERT_TRUE(writeFile(dir / "main.insts.bin", Bytes(16)).ok());
  fs::remove(dir / "main.xclbin");
  EXPECT_THAT(err(dir.path()), HasSubstr("main.xclbin"));
}

TEST_F(Run, OptionsThatMakeNoSense) {
  const std::string in = file("in.bin", pattern(1024));
  const auto err = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"run", dir.path()});
    const Outcome r = cli_test::ashlar(more);
    EXPECT_EQ(r.exit, 1) << r.out;
    return r.err;
  };
  EXPECT_THAT(err({"--in", "7=" + in}), HasSubstr("there is no argument 7"));
  EXPECT_THAT(err({"--in", in, "--in", in}), HasSubstr("reads no further argument"));
  EXPECT_THAT(err({"--in", "0=" + in, "--in", "0=" + in}), HasSubstr("argument 0 has"));
  EXPECT_THAT(err({"--size", "x"}), HasSubstr("not ARGUMENT=BYTES"));
  EXPECT_THAT(err({"--size", "0=99999999999999"}), HasSubstr("an argument has 1 to 4294967296"));
  EXPECT_THAT(err({"--size", "99=64"}), HasSubstr("there is no argument 99"));
  for (const char *timeout : {"-5", "0"})
    EXPECT_EQ(cli_test::ashlar({"run", dir.path(), "--timeout", timeout}).exit, 2) << timeout;
  EXPECT_THAT(err({"--tolerance", "much"}), HasSubstr("not a tolerance"));
  EXPECT_THAT(err({"--sequence", "other"}), HasSubstr("there is no sequence 'other'"));
  EXPECT_THAT(err({"--kernel", "other"}), HasSubstr("there is no kernel 'other'"));
  EXPECT_THAT(err({"--device", "cuda"}), HasSubstr("there is no device 'cuda'"));
  EXPECT_THAT(err({"--in", dir / "absent.bin"}), HasSubstr("absent.bin"));
}

TEST(Devices, SaysWhatIsHereAndWhatIsMissing) {
  const Outcome r = cli_test::ashlar({"devices"});
  EXPECT_EQ(r.exit, 0);
  EXPECT_THAT(r.out, HasSubstr("emulated Phoenix"));
  const Outcome json = cli_test::ashlar({"devices", "--json"});
  EXPECT_EQ(nlohmann::json::parse(json.out)["devices"][0]["name"], "emulator");
}

TEST(Devices, FindsAPhoenixByItsPciId) {
  TempDir root;
  const std::string pci = "sys/bus/pci/devices/0000:c5:00.1/";
  root.write(pci + "vendor", "0x1022\n");
  root.write(pci + "device", "0x1502\n");
  root.write(pci + "fw_version", "1.5.5.391\n");
  root.write(pci + "accel/accel0/dev", "261:0\n");
  root.write("sys/bus/pci/devices/0000:00:02.0/vendor", "0x1022\n");
  root.write("sys/bus/pci/devices/0000:00:02.0/device", "0x1636\n");
  setenv("ASHLAR_SYSROOT", root.path().c_str(), 1);
  const Outcome r = cli_test::ashlar({"devices", "--json"});
  unsetenv("ASHLAR_SYSROOT");
  const auto j = nlohmann::json::parse(r.out);
  ASSERT_EQ(j["devices"].size(), 2u);
  EXPECT_EQ(j["devices"][1]["pci"], "0000:c5:00.1");
  EXPECT_EQ(j["devices"][1]["firmware"], "1.5.5.391");
  EXPECT_EQ(j["devices"][1]["usable"], false);
  EXPECT_FALSE(j["driver_loaded"]);
  EXPECT_THAT(j["missing"].dump(), HasSubstr("modprobe amdxdna"));
}

} // namespace
