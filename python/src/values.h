// Values between Python and the engine. Strictly typed both ways: an int is never a size, a naive
// datetime never a time.
//
//   bool bool, int int, remit.Bytes size, timedelta duration, datetime (with a time zone) time,
//   str string, remit.Resource resource, list or tuple list
#pragma once

#include <list>
#include <optional>
#include <string>
#include <vector>

#include <remit/lang/constant.h>
#include <remit/layers.h>

#include "python/src/binding.h"

namespace remit::python {

// Texts of Python as UTF-8. One that is valid is borrowed from its str, which must live on; one
// with lone surrogates has no UTF-8 and is kept here as bytes that are none, for the engine to
// refuse.
class Texts {
 public:
  std::string_view view(PyObject* text) {
    Py_ssize_t size = 0;
    const char* bytes = PyUnicode_AsUTF8AndSize(text, &size);
    if (bytes != nullptr) [[likely]]
      return {bytes, static_cast<std::size_t>(size)};
    return kept(text);
  }

 private:
  std::string_view kept(PyObject* text);
  std::list<std::string> kept_;
};

// Attributes as a request borrows them; the Python objects added must outlive it.
class AttributeValues {
 public:
  // Each `name: value` of a mapping, or of keyword arguments. TypeError, ValueError or
  // OverflowError, naming the attribute, for what is no value.
  void add(PyObject* name, PyObject* value);
  void add_all(const py::handle& mapping);
  std::span<const Attribute> view() const { return items_; }
  // A value alone; what it borrows lives as long as this, and as `given`.
  Value read(PyObject* given, std::string_view name) { return value(given, name, false); }

 private:
  Value value(PyObject* given, std::string_view name, bool in_list);

  std::vector<Attribute> items_;
  std::list<std::vector<Value>> lists_;
  Texts texts_;
};

// The clock where `now` is None, else the datetime's time.
Time time_from(PyObject* now);
std::optional<Time> optional_time(const py::object& given);
py::object to_datetime(
    Time time);  // aware, in UTC; what is beyond a datetime's years comes out as the last of them
py::object to_timedelta(Duration duration);
py::object to_python(const Value& value);
py::dict to_dict(std::span<const Attribute> attributes);
// An argument of a document. A str fits a parameter of any type that it is a literal of.
lang::Argument to_argument(const std::string& name, const py::handle& given);

py::str to_str(std::string_view text);  // bytes that are no UTF-8 come out as U+FFFD
inline py::object str_or_none(std::string_view text) {
  return text.empty() ? py::object(py::none()) : to_str(text);
}

}  // namespace remit::python
