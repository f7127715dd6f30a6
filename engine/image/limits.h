// The limits of an image, each with its reason. The compiler keeps them and says so where a document
// is beyond one, the verifier refuses what is beyond, linking counts on them. Those of documents are in
// lang/, those of requests in remit/request.h. Covered by tests/emit_test.cpp and tests/verify_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>

namespace remit::image {

// Linking works on all pairs of layers for each system, and a table has a row for each system.
inline constexpr std::size_t kMaxSystems = 4096;
// A node is for 64 actions: a rule for `any` action has an entry in the node of every 64.
inline constexpr std::size_t kMaxActions = 4096;     // of one system
inline constexpr std::size_t kMaxDeclared = 4096;    // attributes of one system
// A document has at most 2^20 statements (language.md section 1), of which `at most` makes two.
inline constexpr std::size_t kMaxRules = std::size_t{1} << 22;
// Entry::bits has 27 for them; a document with more is no policy.
inline constexpr std::size_t kMaxPatterns = std::size_t{1} << 24;
// Members of all groups together, transitively: a chain of groups has half the square of its length.
inline constexpr std::size_t kMaxMembers = std::size_t{1} << 22;
// Instruction::reference has 16 bits.
inline constexpr std::size_t kMaxReferences = 65'535;
// The table of which system declares which reference is read at random: it should stay in memory.
inline constexpr std::size_t kMaxDeclaredTable = std::size_t{1} << 26;
// A rule over `anything` has an entry for every system. What is beyond this is no policy, and would
// take gigabytes to compile.
inline constexpr std::size_t kMaxEntries = std::size_t{1} << 22;
// Bytes of a node's key. A pattern has at most 4096 with its system (language.md section 1).
inline constexpr std::size_t kMaxKey = 4096;
// Forms of one-star patterns below one node: each costs every request that passes it a look. Patterns
// of further forms go into the node's list.
inline constexpr std::size_t kMaxShapes = 32;
// A search that must look at more groups of slots than this says that somebody chose names that collide.
inline constexpr std::size_t kMaxProbe = 42;
// The same of an action's name among those of all layers: every decision looks one up. Sixty-five thousand names that
// nobody chose so have none beyond forty (tests/collision_test.cpp).
inline constexpr std::size_t kMaxNameProbe = 1024;
// What linking may work out for rules over `anything` in systems that their document does not know:
// pairs of rule and action.
inline constexpr std::size_t kMaxStandIns = std::size_t{1} << 22;

}  // namespace remit::image
