// Conditions: expressions -> typed conditions (language.md sections 4 and 5). Every type rule of
// expressions is here. Covered by tests/check_test.cpp.
#pragma once

#include <optional>

#include "lang/check/context.h"

namespace remit::lang::checker {

// The condition over the attributes of the systems in `ground`; nothing where it is wrong (reported).
std::optional<Condition> resolve_condition(Context& context, Scope& scope, const syntax::Expr& expr, const Ground& ground);

// The attribute that `name` means there; nothing where there is none (reported). Its type is `any` where
// only the request shows it: `user.NAME`, `agent.NAME`, or while a resource is still unknown.
std::optional<AttributeRef> resolve_attribute(Context& context, const Scope& scope, std::string_view name, Span span, const Ground& ground);

}  // namespace remit::lang::checker
