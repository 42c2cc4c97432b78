// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ashlar::runtime on the real XRT: one behaviour a mode, one line printed. Runs inside the root on
// the emulated device; run_test.cpp knows what should come out.
//   api MODE good.xclbin good.bin hang.bin
#include "runtime/runtime.h"

#include <atomic>
#include <cstdio>
#include <cstring>
#include <thread>

using namespace ashlar;
using namespace ashlar::runtime;

namespace {

constexpr size_t kBytes = 1024;
using Pointer = std::shared_ptr<Buffer>;

template <class T> T need(Result<T> r) {
  if (r.ok()) return std::move(*r);
  std::printf("error %s\n", r.errors()[0].str().c_str());
  std::exit(1);
}

Pointer buffer(Context &c, uint8_t seed = 0) {
  Pointer b = need(c.allocate(kBytes, "data"));
  for (size_t i = 0; i < kBytes; ++i) b->data()[i] = static_cast<uint8_t>(i * seed + (i >> 8));
  return b;
}

std::string outcome(const Result<RunReport> &r) {
  if (!r.ok()) return "error " + r.errors()[0].code;
  std::string text = stateName(r->state);
  for (const Diagnostic &d : r->diagnostics) text += " " + d.code;
  return text + " " + std::to_string(r->launches);
}

int rounds(Context &c, const load::Stream &stream, int n) {
  const Pointer in = buffer(c), out = buffer(c);
  const Pointer arguments[] = {in, out};
  int good = 0;
  for (int r = 0; r < n; ++r) {
    for (size_t i = 0; i < kBytes; ++i) in->data()[i] = static_cast<uint8_t>(i * 3 + size_t(r) * 7);
    const auto report = c.run(stream, arguments);
    good += report.ok() && report->state == State::Completed &&
            std::memcmp(in->data(), out->data(), kBytes) == 0;
  }
  return good;
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const std::string mode = argv[1];
  Diagnostics warnings;
  const load::Package package = need(load::readPackage(need(readFile(argv[2])), argv[2], warnings));
  const load::Stream good = need(load::readStream(need(readFile(argv[3])), argv[3], warnings));
  const load::Stream hang = need(load::readStream(need(readFile(argv[4])), argv[4], warnings));
  const std::unique_ptr<Device> device = need(xrtDevice());
  const auto context = [&] { return need(device->createContext(package)); };

  if (mode == "run") {
    const auto c = context();
    std::printf("run %d on %s\n", rounds(*c, good, 5), device->name().c_str());
  } else if (mode == "list") {
    const auto c = context();
    const Pointer a = buffer(*c, 3), b = buffer(*c), d = buffer(*c), e = buffer(*c);
    const Launch launches[] = {{&good, {a, b}}, {&good, {b, d}}, {&good, {d, e}}};
    const auto r = c->runList(launches);
    std::printf("list %s %d\n", outcome(r).c_str(), std::memcmp(a->data(), e->data(), kBytes) == 0);
  } else if (mode == "list-fails") {
    const auto c = context();
    const Pointer a = buffer(*c, 3), b = buffer(*c);
    const Launch launches[] = {{&good, {a, b}}, {&hang, {a, b}}, {&good, {a, b}}};
    std::printf("list-fails %s\n", outcome(c->runList(launches)).c_str());
  } else if (mode == "list-wait") { // as "wait", for a list; then with time enough
    const auto c = context();
    const Pointer a = buffer(*c, 3), b = buffer(*c), d = buffer(*c);
    const Launch hangs[] = {{&good, {a, b}}, {&hang, {a, b}}}, works[] = {{&good, {a, d}}};
    RunOptions options;
    options.milliseconds = 50;
    const auto first = c->runList(hangs, options);
    options.milliseconds = 20'000;
    const auto second = c->runList(works, options);
    std::printf("list-wait %s in %s, then %s %d\n", outcome(first).c_str(),
                first.ok() && first->milliseconds < 1000 ? "time" : "too long",
                outcome(second).c_str(), std::memcmp(a->data(), d->data(), kBytes) == 0);
  } else if (mode == "contexts") {
    std::vector<std::unique_ptr<Context>> all;
    for (int i = 0; i < 6; ++i) all.push_back(context());
    int sum = 0;
    for (const auto &c : all) sum += rounds(*c, good, 1);
    const auto seventh = device->createContext(package);
    std::printf("contexts %d, seventh: %s\n", sum,
                seventh.ok() ? "made" : seventh.errors()[0].str().c_str());
  } else if (mode == "threads") {
    std::vector<std::unique_ptr<Context>> all;
    for (int i = 0; i < 4; ++i) all.push_back(context());
    std::atomic<int> sum{0};
    std::vector<std::thread> threads;
    for (const auto &c : all) threads.emplace_back([&] { sum += rounds(*c, good, 10); });
    for (std::thread &t : threads) t.join();
    std::printf("threads %d\n", sum.load());
  } else if (mode == "hang") {
    const auto c = context();
    const Pointer a = buffer(*c, 3), b = buffer(*c);
    const Pointer arguments[] = {a, b};
    const std::string first = outcome(c->run(hang, arguments));
    const std::string second = outcome(c->run(good, arguments));
    std::printf("hang %s, then %s\n", first.c_str(), second.c_str());
  } else if (mode == "wait") { // the limit of our own is shorter than the driver's
    const auto c = context();
    const Pointer a = buffer(*c, 3), b = buffer(*c);
    const Pointer arguments[] = {a, b};
    RunOptions options;
    options.milliseconds = 50;
    std::printf("wait %s\n", outcome(c->run(hang, arguments, options)).c_str());
  } else if (mode == "damaged") {
    const auto c = context();
    load::Stream noise = good;
    noise.bytes[0] ^= 0xFF;
    const Pointer a = buffer(*c, 3), b = buffer(*c);
    const Pointer arguments[] = {a, b};
    const std::string first = outcome(c->run(noise, arguments));
    std::printf("damaged %s, then %s\n", first.c_str(), outcome(c->run(good, arguments)).c_str());
  } else {
    return 2;
  }
  return 0;
}
