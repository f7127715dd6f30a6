// Compiling, loading and looking at programs. Covered by tests/python/test_programs.py.
#include <pybind11/stl.h>

#include <remit/lang/compile.h>

#include "engine/image/disassemble.h"
#include "lang/check/resolved.h"
#include "lang/format/format.h"
#include "python/src/decisions.h"
#include "python/src/values.h"
#include "tools/test_runner.h"

namespace remit::python {
namespace {

py::object to_diagnostic(const lang::Diagnostic& found) {
  return classes().diagnostic(found.severity == lang::Severity::error ? "error" : "warning",
                              found.code, to_str(found.file), found.line, found.column,
                              found.end_line, found.end_column, to_str(found.message),
                              to_str(found.help), to_str(found.excerpt), found.excerpt_column);
}

py::list to_list(const lang::Diagnostics& diagnostics) {
  py::list out;
  for (const lang::Diagnostic& one : diagnostics.all()) out.append(to_diagnostic(one));
  return out;
}

lang::CompileOptions options_of(const std::string& file, const py::dict& arguments,
                                const std::vector<std::string>& module_path,
                                const std::vector<std::pair<std::string, std::string>>& modules) {
  lang::CompileOptions options;
  options.file = file;
  options.module_path = module_path;
  options.modules = modules;
  for (const auto& [name, given] : arguments)
    options.arguments.push_back(to_argument(py::cast<std::string>(name), given));
  return options;
}

// Errors and warnings in words, as the command prints them, and as objects; the program, where
// there is one; and the parameters that have no value. The package makes exceptions of it.
py::tuple compile(const std::string& text, const std::string& file, const py::dict& arguments,
                  const std::vector<std::string>& module_path,
                  const std::vector<std::pair<std::string, std::string>>& modules) {
  const lang::CompileOptions options = options_of(file, arguments, module_path, modules);
  std::optional<lang::Compiled> compiled;
  std::string rendered;
  {
    const py::gil_scoped_release released;
    compiled = lang::compile(text, options);
    rendered = compiled->diagnostics().render();
  }
  py::list lacking;
  for (const lang::ParameterInfo& parameter : compiled->resolved().parameters) {
    if (!arguments.contains(parameter.name.c_str())) lacking.append(parameter.name);
  }
  const py::object program =
      compiled->program() ? py::cast(*compiled->program()) : py::object(py::none());
  return py::make_tuple(program, to_list(compiled->diagnostics()), to_str(rendered), lacking);
}

Program load(const py::bytes& image) {
  const auto bytes = static_cast<std::string_view>(image);
  std::optional<Result<Program>> loaded;
  {
    const py::gil_scoped_release released;
    loaded = Program::load(std::as_bytes(std::span<const char>(bytes)));
  }
  return value_or_raise(std::move(*loaded));
}

py::list rules_of(const Program& program) {
  py::list out;
  for (std::uint32_t i = 0; i < program.rule_count(); ++i) out.append(to_rule(program.rule(i)));
  return out;
}

py::bytes image_of(const Program& program) {
  const auto image = program.image();
  return py::bytes(reinterpret_cast<const char*>(image.data()), image.size());
}

std::string digest_of(const Program& program) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : program.digest()) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

py::tuple run_tests(const std::string& text, const std::string& file,
                    const std::vector<std::string>& module_path,
                    const std::vector<std::pair<std::string, std::string>>& modules,
                    bool coverage) {
  const lang::CompileOptions options = options_of(file, {}, module_path, modules);
  tools::DocumentTests tests;
  std::string rendered;
  {
    const py::gil_scoped_release released;
    tests = tools::run_document_tests(text, options, coverage);
    rendered = tests.diagnostics.render();
  }
  py::list outcomes;
  for (const tools::TestOutcome& one : tests.outcomes) {
    const bool passed = one.status == tools::TestOutcome::Status::passed;
    outcomes.append(
        classes().test_outcome(to_str(one.name), passed, to_str(one.expected), to_str(one.got),
                               passed ? py::object(py::none()) : to_diagnostic(one.failure)));
  }
  return py::make_tuple(outcomes, to_list(tests.diagnostics), to_str(rendered),
                        to_list(tests.untested));
}

}  // namespace

void bind_programs(py::module_& module) {
  module.def("compile", compile, py::arg("text"), py::arg("file"), py::arg("arguments"),
             py::arg("module_path"), py::arg("modules"));
  module.def("run_tests", run_tests, py::arg("text"), py::arg("file"), py::arg("module_path"),
             py::arg("modules"), py::arg("coverage"));

  module.def(
      "disassemble", [](const Program& program) { return to_str(disassemble(program)); },
      py::arg("program"));

  py::class_<Program>(module, "Program")
      .def(py::init<const Program&>(), py::arg("program"))
      .def_static("_load", load, py::arg("image"))
      .def_property_readonly("image", image_of,
                             "The compiled form, as bytes: what `save` writes and `load` reads.")
      .def_property_readonly("digest", digest_of,
                             "SHA-256 of the image, 64 hexadecimal digits: the program's name in "
                             "saved states and audit trails.")
      .def_property_readonly(
          "kind", [](const Program& self) { return to_string(self.kind()); },
          "`'scope'`, `'guardrail'` or `'grants'`.")
      .def_property_readonly(
          "name", [](const Program& self) { return to_str(self.name()); },
          "The document's name; empty for a scope without one.")
      .def_property_readonly("rules", rules_of,
                             "Every rule and limit, as `Rule` objects in the order of the text.")
      .def_property_readonly(
          "memory_use",
          [](const Program& self) {
            const MemoryUse use = self.memory_use();
            return classes().memory_use(use.limits, use.history, use.idle, use.delegation);
          },
          "What of the document speaks of more than the request at hand, as a `MemoryUse`.")
      .def_property_readonly(
          "worst_case_steps", &Program::worst_case_steps,
          "The bound on the steps of one decision, over all requests; worked out when it is first read.");
}

}  // namespace remit::python
