// Remit, the engine: may this agent, for this person, for this task, do this now?
//
//   remit::Program task = remit::Program::load(bytes).value();
//   remit::Layers layers = remit::Layers::link(task).value();
//   remit::Session session = remit::Session::open({.agent = "spiffe://acme.example/agent/a",
//                                                  .user = "mike@acme.example", .layers = layers}, now).value();
//   remit::Decision d = session.check({"read", "docs:/clinical/A/x.pdf"}, now);
//   if (d.allowed()) ...
//
// Nothing here throws, prints or aborts on input; whatever cannot be decided is denied with a reason.
// The caller gives the time. Programs come from remit::lang::compile (remit/lang/compile.h) or from
// compiled image files.
#pragma once

#include <remit/decision.h>
#include <remit/identity.h>
#include <remit/layers.h>
#include <remit/program.h>
#include <remit/request.h>
#include <remit/result.h>
#include <remit/session.h>
#include <remit/value.h>
