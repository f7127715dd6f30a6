// See values.h.
#include "python/src/values.h"

#include <datetime.h>

#include <chrono>
#include <ctime>
#include <limits>

namespace remit::python {
namespace {

constexpr std::int64_t kSecond = 1'000'000, kDay = 86'400 * kSecond;

// Python wants its datetime functions imported in each unit that uses them; only this one does.
void need_datetime() {
  if (PyDateTimeAPI != nullptr) return;
  PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw py::error_already_set();
}

std::string where(std::string_view name) {
  return name.empty() ? std::string("the value") : "`" + std::string(name) + "`";
}

std::int64_t micros_of_delta(PyObject* delta) {
  const std::int64_t days = PyDateTime_DELTA_GET_DAYS(delta);
  const std::int64_t rest =
      PyDateTime_DELTA_GET_SECONDS(delta) * kSecond + PyDateTime_DELTA_GET_MICROSECONDS(delta);
  std::int64_t out = 0;
  if (__builtin_mul_overflow(days, kDay, &out) || __builtin_add_overflow(out, rest, &out)) {
    PyErr_SetString(
        PyExc_OverflowError,
        "a duration is at most 106751991 days, which is what 64 bits of microseconds hold");
    throw py::error_already_set();
  }
  return out;
}

[[noreturn]] void naive(std::string_view name) {
  throw py::value_error(
      where(name) +
      " is a datetime without a time zone, so it names no point in time: say which, as in "
      "datetime(2026, 12, 1, 9, 0, tzinfo=timezone.utc), or datetime.now(timezone.utc)");
}

Time time_of(PyObject* given, std::string_view name) {
  using namespace std::chrono;
  PyObject* zone = reinterpret_cast<PyDateTime_DateTime*>(given)->hastzinfo
                       ? reinterpret_cast<PyDateTime_DateTime*>(given)->tzinfo
                       : nullptr;
  if (zone == nullptr) naive(name);
  std::int64_t offset = 0;
  if (zone != PyDateTime_TimeZone_UTC) {
    // A zone may answer None: then the datetime is naive after all.
    const py::object answer = py::handle(given).attr("utcoffset")();
    if (answer.is_none()) naive(name);
    offset = micros_of_delta(answer.ptr());
  }
  const sys_days day = year_month_day{
      year{PyDateTime_GET_YEAR(given)}, month{static_cast<unsigned>(PyDateTime_GET_MONTH(given))},
      std::chrono::day{static_cast<unsigned>(PyDateTime_GET_DAY(given))}};
  const std::int64_t in_day =
      ((PyDateTime_DATE_GET_HOUR(given) * 60 + PyDateTime_DATE_GET_MINUTE(given)) * 60 +
       PyDateTime_DATE_GET_SECOND(given)) *
          kSecond +
      PyDateTime_DATE_GET_MICROSECOND(given);
  return time_from_micros(day.time_since_epoch().count() * kDay + in_day - offset);
}

bool is_a(PyObject* given, const py::object& type) {
  return PyType_IsSubtype(Py_TYPE(given), reinterpret_cast<PyTypeObject*>(type.ptr())) != 0;
}

std::int64_t whole(PyObject* number, std::string_view name) {
  int overflow = 0;
  const long long out = PyLong_AsLongLongAndOverflow(number, &overflow);
  if (overflow != 0) {
    PyErr_SetString(PyExc_OverflowError, (where(name) + " does not fit into 64 bits").c_str());
    throw py::error_already_set();
  }
  if (out == -1 && PyErr_Occurred()) throw py::error_already_set();
  return out;
}

}  // namespace

std::string_view Texts::kept(PyObject* text) {
  if (!PyUnicode_Check(text)) {
    throw py::type_error(std::string("a str is wanted, not ") + Py_TYPE(text)->tp_name);
  }
  PyErr_Clear();
  PyObject* bytes = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
  if (bytes == nullptr) throw py::error_already_set();
  kept_.emplace_back(PyBytes_AS_STRING(bytes), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes)));
  Py_DECREF(bytes);
  return kept_.back();
}

void AttributeValues::add(PyObject* name, PyObject* given) {
  if (!PyUnicode_Check(name))
    throw py::type_error(std::string("names of attributes are str, not ") + Py_TYPE(name)->tp_name);
  const std::string_view text = texts_.view(name);
  items_.push_back({text, value(given, text, false)});
}

void AttributeValues::add_all(const py::handle& mapping) {
  if (mapping.is_none()) return;
  if (!PyDict_Check(mapping.ptr())) {
    throw py::type_error(std::string("attributes are a dict of names to values, not ") +
                         Py_TYPE(mapping.ptr())->tp_name);
  }
  PyObject *name = nullptr, *given = nullptr;
  for (Py_ssize_t at = 0; PyDict_Next(mapping.ptr(), &at, &name, &given) != 0;) add(name, given);
}

Value AttributeValues::value(PyObject* given, std::string_view name, bool in_list) {
  if (PyUnicode_Check(given)) {
    const std::string_view text = texts_.view(given);
    return is_a(given, classes().resource) ? Value(ResourceName{text}) : Value(text);
  }
  if (PyBool_Check(given)) return Value(given == Py_True);
  if (PyLong_Check(given)) {
    const std::int64_t number = whole(given, name);
    return is_a(given, classes().bytes) ? Value(bytes(number)) : Value(number);
  }
  need_datetime();
  if (PyDelta_Check(given)) return Value(Duration(micros_of_delta(given)));
  if (PyDateTime_Check(given)) return Value(time_of(given, name));
  if (!in_list && (PyList_Check(given) || PyTuple_Check(given))) {
    const Py_ssize_t size = PySequence_Fast_GET_SIZE(given);
    // One more than the engine takes is enough for it to refuse the request.
    const auto kept = std::min(static_cast<std::size_t>(size), kMaxListItems + 1);
    std::vector<Value>& items = lists_.emplace_back(kept);
    for (std::size_t i = 0; i < kept; ++i)
      items[i] = value(PySequence_Fast_GET_ITEM(given, static_cast<Py_ssize_t>(i)), name, true);
    return Value(std::span<const Value>(items));
  }
  if (PyIndex_Check(given)) {  // NumPy's integers and the like
    const auto number = py::reinterpret_steal<py::object>(PyNumber_Index(given));
    if (!number) throw py::error_already_set();
    return Value(whole(number.ptr(), name));
  }
  throw py::type_error(where(name) + " is a " + Py_TYPE(given)->tp_name +
                       "; a value is a bool, int, str, remit.Bytes, remit.Resource, timedelta, "
                       "datetime with a time zone, or a list of these");
}

Time time_from(PyObject* now) {
  if (now == nullptr || now == Py_None) {
    timespec clock{};
    clock_gettime(CLOCK_REALTIME, &clock);
    return time_from_micros(clock.tv_sec * kSecond + clock.tv_nsec / 1000);
  }
  need_datetime();
  if (!PyDateTime_Check(now))
    throw py::type_error(
        std::string("a time is a datetime with a time zone, or None for the clock, not ") +
        Py_TYPE(now)->tp_name);
  return time_of(now, "now");
}

std::optional<Time> optional_time(const py::object& given) {
  if (given.is_none()) return std::nullopt;
  return time_from(given.ptr());
}

py::object to_datetime(Time time) {
  using namespace std::chrono;
  need_datetime();
  static constexpr sys_days kFirst = year{1} / 1 / 1, kLast = year{9999} / 12 / 31;
  const Time within = std::clamp(time, Time(kFirst), Time(kLast) + days(1) - Duration(1));
  const sys_days day = floor<days>(within);
  const year_month_day date(day);
  const hh_mm_ss<Duration> clock(within - day);
  PyObject* made = PyDateTimeAPI->DateTime_FromDateAndTime(
      static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
      static_cast<int>(static_cast<unsigned>(date.day())), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()), PyDateTime_TimeZone_UTC,
      PyDateTimeAPI->DateTimeType);
  if (made == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(made);
}

py::object to_timedelta(Duration duration) {
  using namespace std::chrono;
  need_datetime();
  const auto whole_days = floor<days>(duration);
  const auto rest = duration - whole_days;
  PyObject* made = PyDelta_FromDSU(static_cast<int>(whole_days.count()),
                                   static_cast<int>(floor<seconds>(rest).count()),
                                   static_cast<int>((rest - floor<seconds>(rest)).count()));
  if (made == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(made);
}

py::object to_python(const Value& value) {
  switch (value.type()) {
    case Type::boolean: return py::bool_(value.number() != 0);
    case Type::integer: return py::int_(value.number());
    case Type::size: return classes().bytes(value.number());
    case Type::duration: return to_timedelta(Duration(value.number()));
    case Type::time: return to_datetime(time_from_micros(value.number()));
    case Type::string: return to_str(value.text());
    case Type::resource: return classes().resource(to_str(value.text()));
    default: break;
  }
  py::list items;
  for (const Value& item : value.items()) items.append(to_python(item));
  return items;
}

py::dict to_dict(std::span<const Attribute> attributes) {
  py::dict out;
  for (const Attribute& attribute : attributes)
    out[to_str(attribute.name)] = to_python(attribute.value);
  return out;
}

lang::Argument to_argument(const std::string& name, const py::handle& given) {
  if (PyUnicode_Check(given.ptr()) && !is_a(given.ptr(), classes().resource)) {
    // Whether the parameter is a string shows only to the compiler; quotes make it one without
    // doubt, so a text that could be taken for a quoted one is handed over as the value that it is.
    const auto text = py::cast<std::string>(given);
    const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    if (!quoted && !text.empty()) return lang::Argument::written(name, text);
    lang::Constant constant;
    constant.type = Type::string;
    constant.text = text;
    return lang::Argument::of(name, std::move(constant));
  }
  AttributeValues values;
  values.add(py::str(name).ptr(), given.ptr());
  const Value value = values.view().front().value;
  lang::Constant constant;
  constant.type = value.type();
  if (value.type() == Type::list) throw py::type_error("`" + name + "` is a list; no parameter is");
  if (value.type() == Type::string || value.type() == Type::resource) {
    constant.text = value.text();
  } else {
    constant.number = value.number();
  }
  return lang::Argument::of(name, std::move(constant));
}

py::str to_str(std::string_view text) {
  PyObject* made =
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
  if (made == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(made);
}

}  // namespace remit::python
