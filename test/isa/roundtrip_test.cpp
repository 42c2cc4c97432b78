// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every slot word and every bundle format: what decodes encodes back to the same bits (ignored
// bits cleared), and nothing decodes two ways. Slots of up to 22 bits are tried exhaustively.
#include "isa/decode.h"
#include "isa/encode.h"
#include "isa/parse.h"
#include "isa/print.h"
#include "isa/random.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <random>
#include <set>

namespace ashlar::isa {
namespace {

uint64_t ignoredBits(const InstInfo &x) {
  uint64_t used = x.mask;
  for (const OperandInfo &o : x.operands)
    for (unsigned i = 0; i < o.numFields; ++i)
      used |= ((uint64_t{1} << o.fields[i].width) - 1) << o.fields[i].lo;
  return ~used & ((uint64_t{1} << info(x.slot).bits) - 1);
}

/// Decodes one word and encodes it back. Returns whether it is an instruction.
bool roundTrip(Slot slot, uint64_t word, std::set<Opcode> &seen) {
  Inst inst;
  if (!decodeSlot(slot, word, inst)) return false;
  const InstInfo &x = info(inst);
  seen.insert(inst.opcode);
  auto back = encodeSlot(inst);
  EXPECT_TRUE(back.ok()) << x.name;
  if (!back) return true;
  EXPECT_EQ(*back, word & ~ignoredBits(x)) << x.name << std::hex << " word " << word;
  return true;
}

void allSeen(Slot slot, const std::set<Opcode> &seen) {
  for (unsigned n = 1; n < kOpcodeCount; ++n) {
    Opcode opcode = static_cast<Opcode>(n);
    if (info(opcode).slot == slot) EXPECT_TRUE(seen.count(opcode)) << info(opcode).name;
  }
}

class EverySlot : public testing::TestWithParam<unsigned> {};

TEST_P(EverySlot, DecodesAndEncodesBack) {
  Slot slot = static_cast<Slot>(GetParam());
  unsigned bits = info(slot).bits;
  std::set<Opcode> seen;
  std::mt19937_64 random(bits);
  if (bits <= 22) {
    for (uint64_t word = 0; word < uint64_t{1} << bits; ++word)
      if (roundTrip(slot, word, seen) && testing::Test::HasFailure()) return;
  } else {
    for (unsigned n = 0; n < 2'000'000; ++n)
      if (roundTrip(slot, random() >> (64 - bits), seen) && testing::Test::HasFailure()) return;
    // Rare opcodes: their constant bits with random operands.
    for (unsigned n = 1; n < kOpcodeCount; ++n) {
      const InstInfo &x = info(static_cast<Opcode>(n));
      for (unsigned k = 0; x.slot == slot && k < 4000; ++k)
        roundTrip(slot, ((random() >> (64 - bits)) & ~x.mask) | x.value, seen);
    }
  }
  allSeen(slot, seen);
}
std::string slotName(const testing::TestParamInfo<unsigned> &p) {
  return info(static_cast<Slot>(p.param)).name;
}
INSTANTIATE_TEST_SUITE_P(Isa, EverySlot, testing::Range(0u, kSlotCount), slotName);

// A plain search over all rows must agree with the decision tree: at most one instruction fits.
TEST(Isa, EncodingsDoNotOverlap) {
  std::mt19937_64 random(7);
  for (unsigned s = 0; s < kSlotCount; ++s) {
    Slot slot = static_cast<Slot>(s);
    for (unsigned n = 0; n < 20'000; ++n) {
      uint64_t word = random() >> (64 - info(slot).bits);
      if (n % 2) { // every second word is near an instruction
        const InstInfo &x = info(static_cast<Opcode>(1 + random() % (kOpcodeCount - 1)));
        if (x.slot == slot) word = (word & ~x.mask) | x.value;
      }
      unsigned fits = 0;
      Opcode which = Opcode::Invalid;
      for (unsigned k = 1; k < kOpcodeCount; ++k) {
        const InstInfo &x = info(static_cast<Opcode>(k));
        if (x.slot != slot || (word & x.mask) != x.value) continue;
        bool legal = true;
        for (const OperandInfo &o : x.operands) {
          if (!o.isReg || !o.numFields) continue;
          uint64_t v = 0;
          for (unsigned i = 0; i < o.numFields; ++i)
            v |= ((word >> o.fields[i].lo) & ((uint64_t{1} << o.fields[i].width) - 1))
                 << o.fields[i].opLo;
          legal &= info(o.cls).byValue[v] != 0;
        }
        if (legal) ++fits, which = static_cast<Opcode>(k);
      }
      Inst inst;
      bool found = decodeSlot(slot, word, inst);
      ASSERT_LE(fits, 1u) << info(slot).name << std::hex << " " << word;
      ASSERT_EQ(found, fits == 1) << info(slot).name << std::hex << " " << word;
      if (found) ASSERT_EQ(inst.opcode, which);
    }
  }
}

/// A random legal instruction of a slot.
Inst randomInst(Slot slot, std::mt19937_64 &random) {
  Inst inst;
  for (;;) {
    const InstInfo &x = info(static_cast<Opcode>(1 + random() % (kOpcodeCount - 1)));
    if (x.slot != slot) continue;
    uint64_t word = ((random() >> (64 - info(slot).bits)) & ~x.mask) | x.value;
    word &= ~ignoredBits(x);
    if (decodeSlot(slot, word, inst)) return inst;
  }
}

TEST(Isa, EveryFormatRoundTrips) {
  std::mt19937_64 random(11);
  for (unsigned f = 1; f < kFormatIdCount; ++f) {
    FormatId format = static_cast<FormatId>(f);
    for (unsigned n = 0; n < 500; ++n) {
      Bundle bundle;
      bundle.format = format;
      bundle.size = info(format).bytes;
      for (const FormatSlot &s : info(format).slots)
        bundle.insts[bundle.count++] = randomInst(s.slot, random);
      auto bytes = encode(bundle);
      ASSERT_TRUE(bytes.ok());
      ASSERT_EQ(bytes->size, bundle.size);
      ASSERT_EQ(bundleBytes(bytes->bytes[0]), bundle.size);
      Bundle back;
      ASSERT_EQ(decode(bytes->view(), 0, back), DecodeError::None) << info(format).name;
      ASSERT_EQ(back.format, format) << info(format).name << " " << info(back.format).name;
      ASSERT_EQ(print(back), print(bundle));
      for (unsigned i = 0; i < bundle.count; ++i)
        ASSERT_EQ(back.insts[i], bundle.insts[i]) << print(bundle.insts[i]);
    }
  }
}

// Bits that the hardware ignores may be anything in other people's programs.
TEST(Isa, IgnoredBitsOfFormatsDoNotMatter) {
  std::mt19937_64 random(13);
  for (unsigned f = 1; f < kFormatIdCount; ++f) {
    const FormatInfo &x = info(static_cast<FormatId>(f));
    std::vector<Inst> nops;
    Bundle bundle;
    bundle.format = static_cast<FormatId>(f);
    bundle.size = x.bytes;
    std::array<bool, 128> used{};
    for (unsigned b = 0; b < 64; ++b) used[b] = x.mask >> b & 1;
    for (const FormatSlot &s : x.slots) {
      bundle.insts[bundle.count++] = randomInst(s.slot, random);
      for (unsigned b = 0; b < info(s.slot).bits; ++b) used[s.lo + b] = true;
    }
    auto bytes = encode(bundle);
    ASSERT_TRUE(bytes.ok());
    for (unsigned b = 0; b < x.bytes * 8u; ++b)
      if (!used[b]) {
        EXPECT_EQ(bytes->bytes[b / 8] >> (b % 8) & 1, 0) << x.name << " bit " << b;
        bytes->bytes[b / 8] |= static_cast<uint8_t>(random() % 2 << (b % 8));
      }
    Bundle back;
    ASSERT_EQ(decode(bytes->view(), 0, back), DecodeError::None) << x.name;
    EXPECT_EQ(print(back), print(bundle)) << x.name;
  }
}

TEST(Isa, RandomBundlesRoundTrip) {
  std::mt19937_64 random(17);
  unsigned good = 0;
  for (unsigned n = 0; n < 1'000'000; ++n) {
    std::array<uint8_t, 16> raw;
    writeU64(raw.data(), random());
    writeU64(raw.data() + 8, random());
    Bundle bundle;
    if (decode(raw, 0, bundle) != DecodeError::None) continue;
    ++good;
    auto bytes = encode(bundle);
    ASSERT_TRUE(bytes.ok());
    Bundle again;
    ASSERT_EQ(decode(bytes->view(), 0, again), DecodeError::None);
    ASSERT_EQ(again.format, bundle.format);
    for (unsigned i = 0; i < bundle.count; ++i) ASSERT_EQ(again.insts[i], bundle.insts[i]);
  }
  EXPECT_GT(good, 10'000u);
}

/// Millions of legal bundles through bytes, and one in sixteen through text too. ASHLAR_ROUNDS=N
/// makes it N times as long.
TEST(Isa, MillionsOfLegalBundlesRoundTrip) {
  const char *times = std::getenv("ASHLAR_ROUNDS");
  const unsigned rounds = 2'000'000 * (times != nullptr ? std::max(1, std::atoi(times)) : 1);
  std::array<std::vector<Opcode>, 8> bySlot;
  for (unsigned n = 1; n < kOpcodeCount; ++n)
    bySlot[static_cast<size_t>(info(static_cast<Opcode>(n)).slot)].push_back(
        static_cast<Opcode>(n));
  uint64_t state = 20260407;
  const auto next = [&state](size_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<size_t>(state >> 33) % below;
  };
  for (unsigned n = 0; n < rounds; ++n) {
    Bundle bundle;
    bundle.format = static_cast<FormatId>(1 + next(kFormatIdCount - 1));
    bundle.size = info(bundle.format).bytes;
    for (const FormatSlot &s : info(bundle.format).slots) {
      const auto &list = bySlot[static_cast<size_t>(s.slot)];
      bundle.insts[bundle.count++] = randomInst(list[next(list.size())], state);
    }
    const auto bytes = encode(bundle);
    ASSERT_TRUE(bytes.ok()) << print(bundle);
    Bundle back;
    ASSERT_EQ(decode(bytes->view(), 0, back), DecodeError::None) << print(bundle);
    ASSERT_EQ(back.format, bundle.format) << print(bundle);
    for (unsigned i = 0; i < bundle.count; ++i)
      ASSERT_EQ(back.insts[i], bundle.insts[i]) << print(bundle);
    if (n % 16 != 0) continue;
    const std::string text = print(bundle);
    const auto parsed = parseBundle(text, Place::at("random"));
    ASSERT_TRUE(parsed.ok()) << text << ": " << parsed.errors()[0].str();
    const auto again = makeBundle(parsed->insts);
    ASSERT_TRUE(again.ok()) << text;
    const auto same = encode(*again);
    ASSERT_TRUE(same.ok()) << text;
    ASSERT_TRUE(std::equal(same->view().begin(), same->view().end(), bytes->view().begin(),
                           bytes->view().end()))
        << text << " became " << print(*again);
  }
}

TEST(Isa, ChooseFormatIsSmallestAndSufficient) {
  for (unsigned mask = 0; mask < 1u << kSlotCount; ++mask)
    for (unsigned least = 0; least <= 16; least += 2) {
      FormatId chosen = chooseFormat(static_cast<uint8_t>(mask), least);
      unsigned best = 99;
      for (unsigned f = 1; f < kFormatIdCount; ++f) {
        const FormatInfo &x = info(static_cast<FormatId>(f));
        if ((mask & ~x.slotMask) == 0 && x.bytes >= least) best = std::min<unsigned>(best, x.bytes);
      }
      if (chosen == FormatId::Invalid) {
        EXPECT_EQ(best, 99u);
        continue;
      }
      EXPECT_EQ(info(chosen).bytes, best);
      EXPECT_EQ(mask & ~info(chosen).slotMask, 0u);
    }
  for (unsigned bytes = 2; bytes <= 16; bytes += 2) EXPECT_EQ(nopBundle(bytes).size, bytes);
}

TEST(Isa, DamagedCodeIsNamed) {
  Bundle bundle;
  Bytes code = {0x01, 0x00};
  EXPECT_EQ(decode(code, 0, bundle), DecodeError::None);
  EXPECT_EQ(print(bundle), "nop");
  EXPECT_EQ(decodeBundle(code, 1, "a.o").errors()[0].code, "odd-address");
  EXPECT_EQ(decodeBundle(code, 2, "a.o").errors()[0].code, "truncated-bundle");
  code = {0x00, 0x00};
  EXPECT_EQ(decodeBundle(code, 0, "a.o").errors()[0].code, "truncated-bundle");
  // 4 bytes, reserved format selector.
  code = {0x19, 0x00, 0x00, 0x48};
  EXPECT_EQ(decodeBundle(code, 0, "a.o").errors()[0].code, "unknown-bundle");
  // The alu slot with a word that no instruction has.
  for (uint32_t word = 0; word < 1u << 20; ++word) {
    Inst inst;
    if (decodeSlot(Slot::alu, word, inst)) continue;
    code.assign(4, 0);
    writeU32(code.data(), 0x10000019u | word << 7);
    auto result = decodeBundle(code, 0, "a.o");
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.errors()[0].code, "unknown-instruction");
    EXPECT_EQ(result.errors()[0].place.str(), "a.o@0x0");
    break;
  }
}

TEST(Isa, EncoderRefusesWhatDoesNotFit) {
  Inst inst{Opcode::MOVX_alu_cg, {static_cast<int32_t>(Reg::r3), 1024}};
  EXPECT_EQ(encodeSlot(inst).errors()[0].code, "operand-range");
  inst.ops[1] = 1023;
  EXPECT_TRUE(encodeSlot(inst).ok());
  inst.ops[0] = static_cast<int32_t>(Reg::wl0);
  EXPECT_EQ(encodeSlot(inst).errors()[0].code, "operand-register");
  Inst load{Opcode::LDA_dms_lda_idx_imm,
            {static_cast<int32_t>(Reg::r0), static_cast<int32_t>(Reg::p1), 6}};
  EXPECT_EQ(encodeSlot(load).errors()[0].code, "operand-range");
  load.ops[2] = 8;
  EXPECT_EQ(print(load), "lda r0, [p1, #8]");
  Inst two[] = {load, load};
  EXPECT_EQ(makeBundle(two).errors()[0].code, "slot-twice");
  Inst clash[] = {{Opcode::NOPXM, {}}, {Opcode::NOPX, {}}};
  EXPECT_EQ(makeBundle(clash).errors()[0].code, "no-format");
  Bundle wrong = nopBundle(2);
  wrong.insts[0].opcode = Opcode::NOPA;
  EXPECT_EQ(encode(wrong).errors()[0].code, "bundle-slots");
}

} // namespace
} // namespace ashlar::isa
