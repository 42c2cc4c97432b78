// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which file is which argument of a run: sizes and types from the plan where there is one, else
// from the instruction stream's own transfers, from the files and from --size.
#pragma once

#include "load/load.h"
#include "plan/plan.h"
#include "report/npy.h"

namespace ashlar::cli {

struct RunArgument {
  std::string name; ///< as the sequence calls it; may be empty
  uint64_t bytes = 0;
  bool sized = false;    ///< bytes are known: plan, --size or an input file
  uint64_t declared = 0; ///< what the plan says, 0 without one
  std::optional<report::Element> element;
  std::vector<int64_t> shape;
  bool used = false; ///< by the stream or the plan
  bool read = false, written = false;
  std::string in, out, expect;          ///< files; empty: none
  std::string text(size_t index) const; ///< "argument 1 (of_out)"
};

/// `K=FILE` or `FILE`.
struct FileOption {
  std::optional<size_t> argument;
  std::string file;
};
Result<FileOption> parseFileOption(const std::string &text);
/// `K=BYTES`.
Result<std::pair<size_t, uint64_t>> parseSizeOption(const std::string &text);

/// The arguments that an instruction stream uses: by its address patches, the BDs they patch and
/// the queues that start these. `bytes` is how far its transfers reach.
std::vector<RunArgument> streamArguments(const load::Stream &stream);

struct FileOptions {
  std::vector<std::string> in, out, expect, size;
};
/// Everything together. Errors: `run-option`, `argument-size`.
Result<std::vector<RunArgument>> runArguments(const load::Stream &stream,
                                              const plan::RuntimeSequence *sequence,
                                              const FileOptions &options);

/// The content of an input file: raw bytes, or the data of a .npy file.
struct FileData {
  Bytes file;
  ByteView data;
  std::optional<report::Npy> npy;
};
Result<FileData> readData(const std::string &path);
/// Whether a .npy file's elements can be an argument's: floats of one kind are no other kind's,
/// integers as wide hold their bits, memrefs of integers hold anything. Errors: `argument-type`.
Status checkType(const FileData &data, const std::string &path, const RunArgument &argument,
                 size_t index);
/// The bytes for an argument from its file. Errors: `argument-size` naming both sizes.
Status checkSize(const FileData &data, const std::string &path, const RunArgument &argument,
                 size_t index);

} // namespace ashlar::cli
