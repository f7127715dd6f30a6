// Actions for headers, modules, lets, systems, lifetime statements and tests. Included by actions.h
// only. Covered by tests/parse_test.cpp.
#pragma once

namespace remit::lang::parsing {

// --- header, let, use

REMIT_ACTION(header_kind) { b.words.push_back({text, span, false}); }
REMIT_ACTION(parameter) {
  const syntax::Word type = take_last(b.words);
  b.parameters.push_back({take_last(b.words), type});
}
REMIT_ACTION(parameters) { b.open.pop_back(); }
REMIT_ACTION(header) {
  syntax::Header header;
  header.name = take_last(b.words);
  header.kind = take_last(b.words);
  header.parameters = take(b.parameters);
  header.span = span;
  if (b.document.header)
    b.fault(span, "header-twice",
            fmt::format("a second header, `{}`: the document is `{} {}` already", header.kind.text, b.document.header->kind.text,
                        b.document.header->name.text),
            "a document is one thing: leave out one of them");
  else if (!b.document.statements.empty())
    b.fault(span, "header-not-first", fmt::format("`{}` stands behind other statements", header.kind.text),
            "make it the first statement of the document");
  b.header = std::move(header);
}
REMIT_ACTION(binding) {
  syntax::Value value = take_last(b.values);
  const syntax::Value name = take_last(b.values);
  b.bindings.push_back({{name.text, name.span, false}, std::move(value)});
}
REMIT_ACTION(inner_binding) { b.bindings.push_back({take_last(b.words), take_last(b.values)}); }
REMIT_ACTION(arguments) { b.open.pop_back(); }
REMIT_ACTION(use) {
  b.kind = syntax::StatementKind::use;
  b.use = {take_last(b.words), take(b.bindings)};
}
REMIT_ACTION(let) {
  b.kind = syntax::StatementKind::let;
  b.let.name = take_last(b.words);
  if (!b.values.empty()) b.let.value = take_last(b.values);
  b.let.resources = take(b.resources);
  for (const syntax::Resource& resource : b.let.resources)
    if (resource.kind == syntax::ResourceKind::anything)
      b.fault(resource.span, "anything-alone", "`let` cannot name `anything`", "write `anything` where it is meant");
}

// --- systems

inline void add_action(Builder& b, Span span) {
  b.system.members.push_back({true, b.system.actions.size(), span});
  b.system.actions.push_back({take_last(b.words), {}});
}
REMIT_ACTION(system_head) {
  b.system.name = take_last(b.words);
  if (!b.values.empty()) b.system.title = take_last(b.values);
}
REMIT_ACTION(first_action) { add_action(b, span); }
REMIT_ACTION(more_actions) { add_action(b, b.words.back().span); }
REMIT_ACTION(open_brace) { b.open.push_back(in.begin()); }
REMIT_ACTION(open_body) { b.open.push_back(b.body = in.begin()); }
REMIT_ACTION(members) {
  b.open.pop_back();
  b.system.actions.back().members = take(b.words);
  b.system.members.back().span.end = span.end;
}
REMIT_ACTION(list_type) { b.list_type = true; }
REMIT_ACTION(attribute_declaration) {
  syntax::AttributeDecl attribute;
  attribute.type = take_last(b.words);
  attribute.name = take_last(b.words);
  attribute.list = b.list_type;
  attribute.type_span = {b.type_begin, span.end};
  b.system.members.push_back({false, b.system.attributes.size(), span});
  b.system.attributes.push_back(attribute);
}
REMIT_ACTION(attribute_type) { b.type_begin = span.begin; }
template <>
struct action<g::system> {
  template <class Input>
  static void apply(const Input& /*in*/, Builder& b) {
    b.kind = syntax::StatementKind::system;
  }
};

// --- lifetime and identity

inline syntax::Lifetime& lifetime(Builder& b, syntax::Lifetime::Kind kind) {
  b.kind = syntax::StatementKind::lifetime;
  b.lifetime.kind = kind;
  if (!b.values.empty()) b.lifetime.value = take_last(b.values);
  b.lifetime.patterns = take(b.identifiers);
  return b.lifetime;
}
REMIT_ACTION(identifier) {
  refuse_hash(b, in.begin(), text);
  if (const std::size_t quote = text.find('"'); quote != std::string_view::npos)
    b.fault(b.span(in.begin() + quote, in.begin() + quote + 1), "bad-identifier", "a quote stands inside an identifier",
            "put the whole identifier in quotes");
  b.identifiers.push_back({{syntax::ValueKind::resource, text, span, {}}});
}
REMIT_ACTION(quoted_identifier) {
  b.fault(in.begin(), check_string(text, true));
  b.identifiers.push_back({{syntax::ValueKind::string, text, span, {}}});
}
REMIT_ACTION(expires) { lifetime(b, syntax::Lifetime::Kind::expires); }
REMIT_ACTION(starts) { lifetime(b, syntax::Lifetime::Kind::starts); }
REMIT_ACTION(idle) { lifetime(b, syntax::Lifetime::Kind::idle); }
REMIT_ACTION(purpose) { lifetime(b, syntax::Lifetime::Kind::purpose); }
REMIT_ACTION(agent) { lifetime(b, syntax::Lifetime::Kind::agent); }
REMIT_ACTION(on_behalf_of) { lifetime(b, syntax::Lifetime::Kind::on_behalf_of); }
REMIT_ACTION(sponsor) { lifetime(b, syntax::Lifetime::Kind::sponsor); }
REMIT_ACTION(review) { lifetime(b, syntax::Lifetime::Kind::review); }
REMIT_ACTION(trigger_kind) { b.words.push_back({text, span, false}); }
REMIT_ACTION(trigger) {
  syntax::Value quoted = take_last(b.values);
  syntax::Lifetime& trigger = lifetime(b, syntax::Lifetime::Kind::trigger);
  trigger.trigger_kind = take_last(b.words);
  trigger.trigger_text = std::move(quoted);
}
REMIT_ACTION(delegate) { lifetime(b, syntax::Lifetime::Kind::delegate); }

// --- tests

REMIT_ACTION(test_head) {
  b.test.bindings = take(b.bindings);
  b.test.name = take_last(b.values);
}
template <>
struct action<g::test> {
  template <class Input>
  static void apply(const Input& /*in*/, Builder& b) {
    b.kind = syntax::StatementKind::test;
  }
};
REMIT_ACTION(approve) { b.expectation->kind = syntax::Expectation::Kind::approve; }
REMIT_ACTION(at_time) { b.expectation->at = take_last(b.values); }
REMIT_ACTION(repeat) { b.expectation->repeat = take_last(b.values); }
REMIT_ACTION(reason_word) { b.expectation->reason = syntax::Word{text, span, false}; }
REMIT_ACTION(request) {
  const syntax::Value value = take_last(b.values);
  const bool variable = value.kind == syntax::ValueKind::variable;
  b.expectation->resource = {variable ? syntax::ResourceKind::variable : syntax::ResourceKind::pattern, false, value.text, span, span};
}
REMIT_ACTION(reason) {
  if (!b.values.empty()) b.expectation->because = take_last(b.values);
}
REMIT_ACTION(asked) {
  b.expectation->action = take_last(b.words);
  b.expectation->attributes = take(b.bindings);
}
template <class Rule>
struct commit_member_action {
  template <class Input>
  static bool apply(const Input& in, Builder& b) {
    if (b.expectation) b.expectation->span = span_of(in, b);
    return b.commit_member();
  }
};
template <>
struct action<g::member> : commit_member_action<g::member> {};
template <>
struct action<g::expectation> : commit_member_action<g::expectation> {};

// --- every statement

template <>
struct action<g::statement> {
  template <class Input>
  static bool apply(const Input& in, Builder& b) {
    return b.commit(in.end());
  }
};

}  // namespace remit::lang::parsing
