// The findings of a run: kept, put in order, written as JSON (diagnostics.h). Rendering for people is
// in render.cpp. Covered by tests/diagnostics_test.cpp.
#include <remit/lang/diagnostics.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

namespace remit::lang {

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Severity::error) {
    if (full()) return;
    ++errors_;
  }
  all_.push_back(std::move(diagnostic));
}

void Diagnostics::sort() {
  std::map<std::string, std::size_t, std::less<>> files;
  for (const Diagnostic& finding : all_) files.emplace(finding.file, files.size());
  const auto key = [&](const Diagnostic& finding) {
    return std::make_tuple(files.find(finding.file)->second, finding.line, finding.column, finding.severity);
  };
  std::stable_sort(all_.begin(), all_.end(), [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
}

std::string Diagnostics::to_json() const {
  nlohmann::ordered_json findings = nlohmann::ordered_json::array();
  for (const Diagnostic& finding : all_) {
    findings.push_back({{"severity", finding.severity == Severity::error ? "error" : "warning"},
                        {"code", finding.code},
                        {"file", finding.file},
                        {"line", finding.line},
                        {"column", finding.column},
                        {"end_line", finding.end_line},
                        {"end_column", finding.end_column},
                        {"message", finding.message},
                        {"help", finding.help}});
  }
  // A message may quote bytes that are no UTF-8; JSON must be.
  const nlohmann::ordered_json whole = {{"diagnostics", std::move(findings)}};
  return whole.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace remit::lang
