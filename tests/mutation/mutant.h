// What a mutated source calls at each of its mutation points: the point says what the source says, or,
// where it is the one that is on, what the mutant says. Before every file of a mutated build (-include).
#pragma once
#include <type_traits>

namespace mutation {

inline constexpr int kMost = 1 << 17;  // build.py gives no higher number
extern int active;                  // REMIT_MUTANT; 0 is the program as it was written
extern unsigned char reached[kMost];  // written to REMIT_MUTANTS_REACHED when the process ends

constexpr bool on(int id) noexcept {
  if (std::is_constant_evaluated()) return false;
  reached[id] = 1;
  return id == active;
}

#define REMIT_MUTATION_ORDER(name, sign, other) \
  template <class A, class B> constexpr bool name(int id, const A& a, const B& b) { return on(id) ? a other b : a sign b; }
REMIT_MUTATION_ORDER(less, <, <=)
REMIT_MUTATION_ORDER(less_equal, <=, <)
REMIT_MUTATION_ORDER(greater, >, >=)
REMIT_MUTATION_ORDER(greater_equal, >=, >)
#undef REMIT_MUTATION_ORDER

#define REMIT_MUTATION_ARITHMETIC(name, sign, other) \
  template <class A, class B> constexpr auto name(int id, const A& a, const B& b) { \
    using R = decltype(a sign b); \
    return on(id) ? static_cast<R>(a other b) : static_cast<R>(a sign b); \
  }
REMIT_MUTATION_ARITHMETIC(plus, +, -)
REMIT_MUTATION_ARITHMETIC(minus, -, +)
REMIT_MUTATION_ARITHMETIC(times, *, /)
REMIT_MUTATION_ARITHMETIC(divided, /, *)
REMIT_MUTATION_ARITHMETIC(modulo, %, /)
REMIT_MUTATION_ARITHMETIC(left, <<, >>)
REMIT_MUTATION_ARITHMETIC(right, >>, <<)
REMIT_MUTATION_ARITHMETIC(bits_and, &, |)
REMIT_MUTATION_ARITHMETIC(bits_or, |, &)
REMIT_MUTATION_ARITHMETIC(bits_xor, ^, |)
#undef REMIT_MUTATION_ARITHMETIC

template <class A> constexpr A more(int id, A a) { return on(id) ? static_cast<A>(a + 1) : a; }
template <class A> constexpr A sign(int id, A a) { return on(id) ? static_cast<A>(A{} - a) : a; }
template <class A> constexpr A pick(int id, A a, A other) { return on(id) ? other : a; }

struct Least {
  int id;
  template <class A> constexpr A operator()(const A& a, const A& b) const { return (b < a) != on(id) ? b : a; }
};
struct Most {
  int id;
  template <class A> constexpr A operator()(const A& a, const A& b) const { return (a < b) != on(id) ? b : a; }
};

}  // namespace mutation
