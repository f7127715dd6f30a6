// `python -m remit`: the command itself, in this process. Covered by tests/python/test_command.py.
#include "tools/command.h"

#include <pybind11/stl.h>

#include "python/src/binding.h"

namespace remit::python {

void bind_command(py::module_& module) {
  module.def(
      "run_command",
      [](std::vector<std::string> words) {
        std::vector<char*> pointers;
        pointers.reserve(words.size() + 1);
        for (std::string& word : words) pointers.push_back(word.data());
        pointers.push_back(nullptr);
        const py::gil_scoped_release released;
        return tools::run_command(static_cast<int>(words.size()), pointers.data());
      },
      py::arg("words"));
}

}  // namespace remit::python
