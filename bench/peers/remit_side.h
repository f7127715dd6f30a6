// Remit's side of the comparison: the public interface as the README shows it.
#pragma once

#include "bench/folders.h"
#include "bench/peers/workload.h"

namespace remit::peers {

inline Layers link(const Workload& work) {
  const std::vector<lang::Argument> arguments = {
      lang::Argument::written("folder", "docs:/clinical/A"),
      lang::Argument::written("project", "ws:/proj/B")};
  const bool task = work.texts[0].find("(folder: resource") != std::string::npos;
  const Program first = bench::compile_or_die(
      work.texts[0], {.arguments = task ? arguments : std::vector<lang::Argument>{}});
  if (work.texts.size() == 1) return Layers::link(first).value();
  return Layers::link(first, {bench::compile_or_die(work.texts[1])},
                      {bench::compile_or_die(work.texts[2])})
      .value();
}

inline const Facts kFacts = {.agent = "spiffe://acme.example/agent/summarizer",
                             .user = "mike@acme.example"};

inline Decision decide(const Layers& layers, const Query& query, Time now = bench::kNow) {
  if (query.filename.empty()) return layers.decide({query.action, query.resource}, kFacts, now);
  return layers.decide(
      {query.action,
       query.resource,
       {{"size", bytes(query.size)}, {"filename", std::string_view(query.filename)}}},
      kFacts, now);
}

}  // namespace remit::peers
