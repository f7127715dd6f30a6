// Actions for names, values, resources and conditions. Included by actions.h only.
// Covered by tests/parse_test.cpp.
#pragma once

namespace remit::lang::parsing {

// --- names

inline void add_word(Builder& b, const char* at, std::string_view text, Span span, bool action_name = false) {
  b.fault(at, check_name(text, action_name));
  b.words.push_back({text, span, false});
}

REMIT_ACTION(name) { add_word(b, in.begin(), text, span); }
REMIT_ACTION(attribute_name) { add_word(b, in.begin(), text, span); }
REMIT_ACTION(module_name) { add_word(b, in.begin(), text, span); }
REMIT_ACTION(document_name) { add_word(b, in.begin(), text, span); }
REMIT_ACTION(plain_action) { add_word(b, in.begin(), text, span, true); }
REMIT_ACTION(type_name) { b.words.push_back({text, span, false}); }  // unknown ones are the checker's
REMIT_ACTION(system_name) {
  b.fault(in.begin(), check_system_name(text));
  b.words.push_back({text, span, false});
}
REMIT_ACTION(quoted_action) {
  b.fault(in.begin(), check_quoted_action(text));
  b.words.push_back({text.size() < 2 ? text : text.substr(1, text.size() - 2), span, true});
}
REMIT_ACTION(any_action) { b.any_span = span; }

// --- values

inline void add_value(Builder& b, syntax::ValueKind kind, std::string_view text, Span span) {
  b.values.push_back({kind, text, span, {}});
}
// A `#` in a path, a variable or an identifier would look like a comment that is none.
inline void refuse_hash(Builder& b, const char* at, std::string_view text) {
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos)
    b.fault(b.span(at + hash, at + hash + 1), "touching-comment", "a `#` touches the text before it, so it begins no comment",
            "put a blank before a comment, or the text in quotes");
}
inline void check_resource_token(Builder& b, const char* at, std::string_view text) {
  const std::size_t quote = text.find('"');
  if (quote == std::string_view::npos) return refuse_hash(b, at, text);
  b.fault(at + quote, check_closed(text.substr(quote)));
}
inline void check_variable_token(Builder& b, const char* at, std::string_view text) {
  const std::size_t slash = std::min(text.find_first_of("/#"), text.size());
  b.fault(at + 1, check_name(text.substr(1, slash - 1)));
  refuse_hash(b, at, text);
}

REMIT_ACTION(number) { add_value(b, syntax::ValueKind::scalar, text, span); }
REMIT_ACTION(truth_value) { add_value(b, syntax::ValueKind::truth, text, span); }
REMIT_ACTION(attribute) {
  b.fault(in.begin(), check_name(text));
  add_value(b, syntax::ValueKind::name, text, span);
}
REMIT_ACTION(string_value) {
  b.fault(in.begin(), check_string(text, false));
  add_value(b, syntax::ValueKind::string, text, span);
}
REMIT_ACTION(prose) { b.fault(in.begin(), check_string(text, true)); }
REMIT_ACTION(title) {
  b.fault(in.begin(), check_string(text, true));
  add_value(b, syntax::ValueKind::string, text, span);
}
REMIT_ACTION(test_name) {
  b.fault(in.begin(), check_string(text, true));
  add_value(b, syntax::ValueKind::string, text, span);
}
REMIT_ACTION(resource_value) {
  check_resource_token(b, in.begin(), text);
  add_value(b, syntax::ValueKind::resource, text, span);
}
REMIT_ACTION(variable_value) {
  check_variable_token(b, in.begin(), text);
  add_value(b, syntax::ValueKind::variable, text, span);
}
REMIT_ACTION(open_bracket) {
  b.open.push_back(in.begin());
  b.list_begin = b.values.size();
}
REMIT_ACTION(list_value) {
  const auto first = b.values.begin() + static_cast<std::ptrdiff_t>(b.list_begin);
  syntax::Value list{syntax::ValueKind::list, text, span, {std::make_move_iterator(first), std::make_move_iterator(b.values.end())}};
  b.values.erase(first, b.values.end());
  b.values.push_back(std::move(list));
  b.open.pop_back();
}

// --- resources

REMIT_ACTION(only) { b.only_span = span; }

inline void add_resource(Builder& b, syntax::ResourceKind kind, std::string_view text, Span span) {
  const Span whole{b.only_span ? b.only_span->begin : span.begin, span.end};
  if (kind == syntax::ResourceKind::anything && b.only_span)
    b.fault(whole, "anything-alone", "`only` cannot stand before `anything`", "write `anything`, or name the resources");
  b.resources.push_back({kind, b.only_span.has_value(), text, span, whole});
  b.only_span.reset();
}

REMIT_ACTION(anything) { add_resource(b, syntax::ResourceKind::anything, text, span); }
REMIT_ACTION(pattern) {
  check_resource_token(b, in.begin(), text);
  add_resource(b, syntax::ResourceKind::pattern, text, span);
}
REMIT_ACTION(variable) {
  check_variable_token(b, in.begin(), text);
  add_resource(b, syntax::ResourceKind::variable, text, span);
}
REMIT_ACTION(resources) {
  if (b.resources.size() < 2) return;
  for (const syntax::Resource& resource : b.resources)
    if (resource.kind == syntax::ResourceKind::anything)
      b.fault(resource.span, "anything-alone", "`anything` stands alone: it cannot be in a list", "leave out the other resources");
}
REMIT_ACTION(subject) {
  syntax::Subject subject;
  subject.any = b.any_span.has_value();
  if (b.any_span) subject.any_span = *b.any_span;
  b.any_span.reset();
  subject.actions = take(b.words);
  subject.resources = take(b.resources);
  subject.span = span;
  b.subject = std::move(subject);
}

// --- conditions

inline void set_operation(Builder& b, syntax::ExprKind kind, std::string_view text) {
  b.operation = kind;
  b.operation_text = text;
}
REMIT_ACTION(comparison_sign) { set_operation(b, syntax::ExprKind::compare, text); }
REMIT_ACTION(in_word) { set_operation(b, syntax::ExprKind::in, {}); }
REMIT_ACTION(like_word) { set_operation(b, syntax::ExprKind::like, {}); }
REMIT_ACTION(open_paren) { b.open.push_back(in.begin()); }
REMIT_ACTION(parenthesis) { b.open.pop_back(); }
REMIT_ACTION(presence) {
  syntax::Expr expr;
  expr.kind = syntax::ExprKind::has;
  expr.span = span;
  expr.left = take_last(b.values);
  b.expressions.push_back(std::move(expr));
}
template <class Gap>
struct action<g::compared<Gap>> {
  static void apply0(Builder& b) { b.compared = true; }
};
template <class Gap>
struct action<g::comparison<Gap>> {
  template <class Input>
  static void apply(const Input& in, Builder& b) {
    syntax::Expr expr;
    expr.span = span_of(in, b);
    if (b.compared) {  // not by the sign alone: what follows it may have failed
      expr.kind = b.operation;
      expr.op = b.operation_text;
      expr.right = take_last(b.values);
    }
    expr.left = take_last(b.values);
    b.compared = false;
    b.expressions.push_back(std::move(expr));
  }
};
template <class Gap>
struct action<g::negation<Gap>> {
  template <class Input>
  static void apply(const Input& in, Builder& b) {
    syntax::Expr expr;
    expr.kind = syntax::ExprKind::negation;
    expr.span = span_of(in, b);
    expr.children.push_back(take_last(b.expressions));
    b.expressions.push_back(std::move(expr));
  }
};

// The conditions pushed since `before` become one, where they are several.
inline void fold(Builder& b, std::size_t before, syntax::ExprKind kind) {
  if (b.expressions.size() < before + 2) return;
  syntax::Expr expr;
  expr.kind = kind;
  const auto first = b.expressions.begin() + static_cast<std::ptrdiff_t>(before);
  expr.span = {first->span.begin, b.expressions.back().span.end};
  expr.children.assign(std::make_move_iterator(first), std::make_move_iterator(b.expressions.end()));
  b.expressions.erase(first, b.expressions.end());
  b.expressions.push_back(std::move(expr));
}

}  // namespace remit::lang::parsing
