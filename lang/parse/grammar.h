// The grammar of language.md, one rule per line: no actions (actions.h), no messages (labels.h).
//
// It is written so that one word decides every choice: nothing is read twice, so time is linear, and
// what an action put in the builder is never taken back but by the failure of its whole statement.
// `_gap` stands for what may separate words here: blanks, or, inside brackets, line ends and comments
// too. `spread` is that wider kind; it follows every comma and operator.
//
// Included by parse.cpp and by the test that calls analyze<>. Covered by tests/parse_test.cpp.
#pragma once

#include "lang/parse/tokens.h"

namespace remit::lang::grammar {

using tao::pegtl::eof;
using tao::pegtl::list;
using tao::pegtl::opt;
using tao::pegtl::plus;
using tao::pegtl::seq;
using tao::pegtl::sor;
using tao::pegtl::star;
using tao::pegtl::until;

// clang-format off

// Between words
struct gap : maybe<parsing::scan_gap> {};
struct spread : maybe<parsing::scan_spread> {};
struct to_clause : maybe<parsing::scan_to_clause> {};
struct comma : seq<gap, sign<','>, spread> {};
struct inner_comma : seq<spread, sign<','>, spread> {};
struct open_paren : sign<'('> {};
struct open_bracket : sign<'['> {};
struct open_brace : sign<'{'> {};
struct open_body : sign<'{'> {};
struct excess : nothing_more {};
struct overrun : seq<sor<to_clause, gap>, excess> {};
struct statement_end : sor<maybe<parsing::scan_statement_end>, overrun> {};
struct member_end : sor<maybe<parsing::scan_member_end>, overrun> {};
struct separator : token<parsing::scan_separators> {};

// Names
struct name : token<parsing::scan_name> {};
struct type_name : token<parsing::scan_word> {};
struct module_name : token<parsing::scan_dotted> {};
struct document_name : token<parsing::scan_dotted> {};
struct system_name : token<parsing::scan_system> {};
struct plain_action : token<parsing::scan_action> {};
struct quoted_action : token<parsing::scan_string> {};
struct action_name : sor<quoted_action, plain_action> {};

// Values
struct number : token<parsing::scan_number> {};
struct string_value : token<parsing::scan_string> {};
struct truth_value : sor<key<"true">, key<"false">> {};
struct resource_value : token<parsing::scan_resource> {};
struct variable_value : token<parsing::scan_variable> {};
struct attribute : token<parsing::scan_attribute> {};
struct item : sor<string_value, number, resource_value, variable_value, truth_value> {};
struct list_value : seq<open_bracket, spread, opt<list<item, inner_comma>, spread>, sign<']'>> {};
struct literal : sor<item, list_value> {};
struct quantity : sor<number, variable_value> {};
struct duration : quantity {};
struct moment : quantity {};
struct end_of_life : quantity {};
struct count : quantity {};
struct clock : sor<number> {};
struct prose : sor<string_value> {};

// ACTIONS RESOURCES
struct any_action : key<"any"> {};
struct actions : sor<any_action, list<action_name, comma>> {};
struct anything : key<"anything"> {};
struct pattern : token<parsing::scan_resource> {};
struct variable : token<parsing::scan_variable> {};
struct only : key<"only"> {};
struct target : sor<anything, pattern, variable> {};
struct resource : seq<opt<only, gap>, target> {};
struct resources : list<resource, comma> {};
struct subject : seq<actions, gap, resources> {};

// Conditions
struct comparison_sign : token<parsing::scan_comparison> {};
struct in_word : key<"in"> {};
struct like_word : key<"like"> {};
struct operand : sor<literal, attribute> {};
struct operation : sor<comparison_sign, in_word, like_word> {};
template <class Gap> struct any_of;
template <class Gap> struct unary;
struct parenthesis : seq<open_paren, spread, any_of<spread>, spread, sign<')'>> {};
struct presence : seq<key<"has">, spread, attribute> {};
template <class Gap> struct negation : seq<key<"not">, spread, unary<Gap>> {};
template <class Gap> struct compared : seq<Gap, operation, spread, operand> {};
template <class Gap> struct comparison : seq<operand, opt<compared<Gap>>> {};
template <class Gap> struct unary : sor<negation<Gap>, parenthesis, presence, comparison<Gap>> {};
template <class Gap> struct all_of : list<unary<Gap>, seq<Gap, key<"and">, spread>> {};
template <class Gap> struct any_of : list<all_of<Gap>, seq<Gap, key<"or">, spread>> {};
struct condition : sor<any_of<gap>> {};

// Amounts
struct times : key<"times"> {};
struct of_attribute : seq<key<"of">, gap, attribute> {};
struct per : seq<key<"per">, gap, duration> {};
struct amount : seq<quantity, opt<gap, sor<times, of_attribute>>, opt<gap, per>> {};

// Clauses
struct day : token<parsing::scan_day> {};
struct days : seq<day, opt<sign<'-'>, day>> {};
struct zone : token<parsing::scan_zone> {};
struct window : seq<clock, gap, key<"and">, spread, clock> {};
struct except_clause : seq<key<"except">, gap, resources> {};
struct when_clause : seq<key<"when">, gap, condition> {};
struct unless_clause : seq<key<"unless">, gap, condition> {};
struct between_clause : seq<key<"between">, gap, window, opt<gap, key<"on">, gap, list<days, comma>>, opt<gap, key<"in">, spread, zone>> {};
struct after_clause : seq<key<"after">, gap, subject> {};
struct because_clause : seq<key<"because">, gap, prose> {};
struct at_most_clause : seq<key<"at">, gap, key<"most">, gap, amount> {};
struct clause : sor<except_clause, when_clause, unless_clause, between_clause, after_clause, because_clause, at_most_clause> {};
struct clauses : star<sor<to_clause, gap>, clause> {};

// Rules and limits
struct allow : key<"allow"> {};
struct deny : key<"deny"> {};
struct ask : key<"ask"> {};
struct rule_subject : subject {};
struct rule : seq<opt<sor<allow, deny, ask>, gap>, rule_subject, clauses> {};
struct limit_amount : amount {};
struct limit : seq<key<"limit">, gap, rule_subject, gap, key<"to">, gap, limit_amount, clauses> {};

// Documents, modules, lets
struct header_kind : sor<key<"scope">, key<"grants">, key<"guardrail">> {};
struct parameter : seq<name, spread, sign<':'>, spread, type_name> {};
struct parameters : seq<open_paren, spread, list<parameter, inner_comma>, spread, sign<')'>> {};
struct header : seq<header_kind, gap, document_name, opt<gap, parameters>> {};
struct binding : seq<attribute, gap, sign<'='>, spread, literal> {};
struct inner_binding : seq<name, spread, sign<'='>, spread, literal> {};
struct arguments : seq<open_paren, spread, list<inner_binding, inner_comma>, spread, sign<')'>> {};
struct use : seq<key<"use">, gap, module_name, opt<gap, arguments>> {};
struct let_value : sor<string_value, number, truth_value, list_value> {};
struct let : seq<key<"let">, gap, name, gap, sign<'='>, spread, sor<let_value, resources>> {};

// Systems
struct members : seq<open_brace, spread, list<action_name, comma>, spread, sign<'}'>> {};
struct group : seq<gap, members> {};
struct first_action : seq<key<"action">, gap, action_name> {};
struct more_actions : seq<comma, action_name> {};
struct action_declaration : seq<first_action, sor<group, star<more_actions>>> {};
struct list_type : seq<key<"list">, gap, key<"of">, gap, type_name> {};
struct attribute_name : name {};
struct attribute_type : sor<list_type, type_name> {};
struct attribute_declaration : seq<key<"attribute">, gap, attribute_name, gap, sign<':'>, gap, attribute_type> {};
struct declaration : sor<action_declaration, attribute_declaration> {};
struct member : seq<declaration, member_end> {};
struct title : string_value {};
struct system_head : seq<key<"system">, gap, system_name, opt<gap, title>> {};
struct system : seq<system_head, gap, open_body, star<sor<separator, member, skip_member>>, sign<'}'>> {};

// Lifetime and identity
struct identifier : token<parsing::scan_identifier> {};
struct quoted_identifier : token<parsing::scan_string> {};
struct principal : sor<quoted_identifier, identifier> {};
struct principals : list<principal, comma> {};
struct expires : seq<key<"expires">, gap, end_of_life> {};
struct starts : seq<key<"starts">, gap, moment> {};
struct idle : seq<key<"idle">, gap, duration> {};
struct purpose : seq<key<"purpose">, gap, prose> {};
struct agent : seq<key<"agent">, gap, principals> {};
struct on_behalf_of : seq<key<"on">, gap, key<"behalf">, gap, key<"of">, gap, principals> {};
struct sponsor : seq<key<"sponsor">, gap, principal> {};
struct review : seq<key<"review">, gap, key<"every">, gap, duration> {};
struct trigger_kind : sor<key<"schedule">, key<"event">> {};
struct trigger : seq<key<"trigger">, gap, trigger_kind, gap, string_value> {};
struct up_to : seq<key<"up">, gap, key<"to">, gap, count, gap, sor<key<"levels">, key<"level">>> {};
struct delegate : seq<key<"delegate">, opt<gap, up_to>, opt<gap, key<"to">, gap, principals>> {};

// Tests
struct approve : key<"approve"> {};
struct request : sor<resource_value, variable_value> {};
struct outcome : sor<allow, deny, ask> {};
struct with : seq<key<"with">, gap, list<binding, comma>> {};
struct at_time : seq<key<"at">, gap, duration> {};
struct repeat : seq<key<"repeat">, gap, count> {};
struct reason_word : token<parsing::scan_word> {};
struct reason : seq<key<"because">, gap, sor<string_value, reason_word>> {};
struct asked : seq<outcome, gap, action_name, gap, request, opt<gap, with>, opt<sor<to_clause, gap>, at_time>, opt<gap, repeat>, opt<sor<to_clause, gap>, reason>> {};
struct expectation : seq<sor<asked, approve>, member_end> {};
struct test_name : string_value {};
struct test_head : seq<key<"test">, gap, test_name, opt<gap, with>> {};
struct test : seq<test_head, gap, open_body, star<sor<separator, expectation, skip_member>>, sign<'}'>> {};

// The document
struct lifetime : sor<expires, starts, idle, purpose, agent, on_behalf_of, sponsor, review, trigger, delegate> {};
struct statement_body : sor<rule, limit, let, use, system, test, lifetime, header> {};
struct statement : seq<statement_body, statement_end> {};
struct document : until<eof, sor<separator, statement, skip_statement>> {};

// clang-format on

}  // namespace remit::lang::grammar
