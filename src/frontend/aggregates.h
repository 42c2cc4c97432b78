// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Structs by value as the vendor's compiler passes them. Clang's convention for an architecture it
// does not know is a pointer to the caller's object (`byval`) and a pointer to the result (`sret`).
// The vendor's is: an argument is its members, one after the other, each as if it were an argument
// of its own; a result of at most 16 bytes comes back in registers, member by member.
//
// Where the members do not hold all bits of the object (a union whose widest member has padding)
// passing them would lose bits, and beyond kMaxMembers it would make long code: there a pointer to
// a copy is passed.
#pragma once

#include <functional>

namespace llvm {
class Module;
class StructType;
} // namespace llvm

namespace ashlar::frontend {

/// Rewrites functions and calls of the module. `inMemory` tells the types that C++ returns in
/// memory whatever their size, because they have a destructor or copy constructor of their own.
void passAggregates(llvm::Module &module,
                    const std::function<bool(const llvm::StructType *)> &inMemory);

/// Modules that Clang did not just make: `byval` arguments become explicit copies.
void copyAggregates(llvm::Module &module);

} // namespace ashlar::frontend
