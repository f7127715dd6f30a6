// The grammar's smallest rules: scan functions (scan.h) and fixed spellings as PEGTL rules, and the
// hook for recovery. Included by grammar.h only.
// Covered by tests/parse_test.cpp.
#pragma once

#include <cstddef>
#include <string_view>

#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/analyze_traits.hpp>

#include "lang/parse/scan.h"

namespace remit::lang::grammar {

// A spelling as a template argument.
template <std::size_t N>
struct Spelling {
  char chars[N]{};
  constexpr Spelling(const char (&text)[N]) {  // not explicit: `key<"allow">`
    for (std::size_t i = 0; i < N; ++i) chars[i] = text[i];
  }
  constexpr std::string_view view() const { return {chars, N - 1}; }
};

template <class Input>
parsing::Cursor cursor(const Input& in) {
  return {in.begin(), in.current(), in.end()};
}

using ScanFunction = const char* (*)(parsing::Cursor) noexcept;

// What a scan function finds; at least one byte.
template <ScanFunction Scan>
struct token {
  using rule_t = token;
  using subs_t = tao::pegtl::empty_list;
  template <class Input>
  static bool match(Input& in) {
    const char* const end = Scan(cursor(in));
    if (end == nullptr) return false;
    in.bump_in_this_line(static_cast<std::size_t>(end - in.current()));
    return true;
  }
};

// The same where a scan function may find nothing at all.
template <ScanFunction Scan>
struct maybe : token<Scan> {
  using rule_t = maybe;
};

// A word of the language: this spelling, and no more letters behind it.
template <Spelling S>
struct key {
  static constexpr std::string_view kSpelling = S.view();
  using rule_t = key;
  using subs_t = tao::pegtl::empty_list;
  template <class Input>
  static bool match(Input& in) {
    const std::string_view rest(in.current(), static_cast<std::size_t>(in.end() - in.current()));
    if (rest.substr(0, kSpelling.size()) != kSpelling) return false;
    if (rest.size() > kSpelling.size() && parsing::is_word_character(rest[kSpelling.size()])) return false;
    in.bump_in_this_line(kSpelling.size());
    return true;
  }
};

// A sign: one character.
template <char C>
struct sign {
  static constexpr char kSpelling = C;
  using rule_t = sign;
  using subs_t = tao::pegtl::empty_list;
  template <class Input>
  static bool match(Input& in) {
    if (in.current() == in.end() || *in.current() != C) return false;
    in.bump_in_this_line(1);
    return true;
  }
};

// Never matches: a place where only what stood before could have gone on.
struct nothing_more {
  using rule_t = nothing_more;
  using subs_t = tao::pegtl::empty_list;
  template <class Input>
  static bool match(Input& /*in*/) {
    return false;
  }
};

// After a statement or member that did not match: the state says how far to skip (its recover_statement
// or recover_member; null: not here).
struct skip_statement {
  using rule_t = skip_statement;
  using subs_t = tao::pegtl::empty_list;
  template <tao::pegtl::apply_mode, tao::pegtl::rewind_mode, template <class...> class, template <class...> class, class Input,
            class State>
  static bool match(Input& in, State& state) {
    return skip(in, state.recover_statement(in.current()));
  }
  template <class Input>
  static bool skip(Input& in, const char* to) {
    if (to == nullptr) return false;
    in.bump_in_this_line(static_cast<std::size_t>(to - in.current()));
    return true;
  }
};
struct skip_member {
  using rule_t = skip_member;
  using subs_t = tao::pegtl::empty_list;
  template <tao::pegtl::apply_mode, tao::pegtl::rewind_mode, template <class...> class, template <class...> class, class Input,
            class State>
  static bool match(Input& in, State& state) {
    return skip_statement::skip(in, state.recover_member(in.current()));
  }
};

}  // namespace remit::lang::grammar

// For analyze(): which of our own rules take input, and which may not.
namespace tao::pegtl {
template <typename Name, remit::lang::grammar::ScanFunction Scan>
struct analyze_traits<Name, remit::lang::grammar::token<Scan>> : analyze_any_traits<> {};
template <typename Name, remit::lang::grammar::ScanFunction Scan>
struct analyze_traits<Name, remit::lang::grammar::maybe<Scan>> : analyze_opt_traits<> {};
template <typename Name, remit::lang::grammar::Spelling S>
struct analyze_traits<Name, remit::lang::grammar::key<S>> : analyze_any_traits<> {};
template <typename Name, char C>
struct analyze_traits<Name, remit::lang::grammar::sign<C>> : analyze_any_traits<> {};
template <typename Name>
struct analyze_traits<Name, remit::lang::grammar::nothing_more> : analyze_any_traits<> {};
template <typename Name>
struct analyze_traits<Name, remit::lang::grammar::skip_statement> : analyze_any_traits<> {};
template <typename Name>
struct analyze_traits<Name, remit::lang::grammar::skip_member> : analyze_any_traits<> {};
}  // namespace tao::pegtl
