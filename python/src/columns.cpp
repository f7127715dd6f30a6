// Columns of Python objects and buffers; Arrow's are in arrow.cpp. Covered by
// tests/python/test_bulk.py.
#include "python/src/columns.h"

#include <cmath>
#include <cstring>
#include <deque>

namespace remit::python {
namespace {

bool is_null(PyObject* object) {
  if (object == Py_None) return true;
  if (PyFloat_Check(object))
    return std::isnan(PyFloat_AS_DOUBLE(object));  // how object columns write a missing value
  const char* type = Py_TYPE(object)->tp_name;
  const char* dot = std::strrchr(type, '.');
  const std::string_view last = dot == nullptr ? type : dot + 1;
  return last == "NAType" || last == "NaTType";
}

// Python objects, which stay alive and unchanged while a block is used: it holds them.
class Objects {
 public:
  explicit Objects(std::string name) : name_(std::move(name)) {}

  void begin() {
    held_.clear();
    values_.emplace();
    encoded_.clear();
  }
  Cell cell(PyObject* object) {
    if (is_null(object)) return {};
    held_.push_back(py::reinterpret_borrow<py::object>(object));
    // A str caches its UTF-8 for good where that is not its own storage: over millions of rows a
    // second copy of the column. So texts that are not ASCII are encoded for the block only.
    if (PyUnicode_CheckExact(object) && !PyUnicode_IS_COMPACT_ASCII(object)) {
      auto bytes = py::reinterpret_steal<py::object>(
          PyUnicode_AsEncodedString(object, "utf-8", "surrogatepass"));
      if (!bytes) throw py::error_already_set();
      encoded_.push_back(bytes);
      return {Value(std::string_view(PyBytes_AS_STRING(bytes.ptr()),
                                     static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.ptr())))),
              true};
    }
    return {values_->read(object, name_), true};
  }

 private:
  std::string name_;
  std::vector<py::object> held_, encoded_;
  std::optional<AttributeValues> values_;
};

class ConstantColumn final : public Column {
 public:
  ConstantColumn(const py::object& given, const std::string& name) : objects_(name) {
    objects_.begin();
    cell_ = objects_.cell(given.ptr());
  }
  std::size_t rows() const override { return kAnyRows; }
  bool reads_objects() const override { return false; }
  void read(std::size_t, std::size_t count, Cell* out) override { std::fill_n(out, count, cell_); }

 private:
  Objects objects_;
  Cell cell_;
};

class ListColumn final : public Column {
 public:
  ListColumn(py::object list, const std::string& name)
      : list_(std::move(list)),
        objects_(name),
        rows_(static_cast<std::size_t>(PySequence_Fast_GET_SIZE(list_.ptr()))) {}
  std::size_t rows() const override { return rows_; }
  bool reads_objects() const override { return true; }
  void read(std::size_t first, std::size_t count, Cell* out) override {
    objects_.begin();
    for (std::size_t i = 0; i < count; ++i) {
      const auto at = static_cast<Py_ssize_t>(first + i);
      if (at >= PySequence_Fast_GET_SIZE(list_.ptr()))
        throw py::value_error("a column became shorter while it was read");
      out[i] = objects_.cell(PySequence_Fast_GET_ITEM(list_.ptr(), at));
    }
  }

 private:
  py::object list_;
  Objects objects_;
  std::size_t rows_;
};

// A buffer with one dimension: NumPy's arrays, array.array.
class BufferColumn : public Column {
 public:
  explicit BufferColumn(const py::object& given) {
    if (PyObject_GetBuffer(given.ptr(), &view_, PyBUF_STRIDES | PyBUF_FORMAT) != 0)
      throw py::error_already_set();
    rows_ = view_.ndim == 1 ? static_cast<std::size_t>(view_.shape[0]) : 0;
  }
  ~BufferColumn() override { PyBuffer_Release(&view_); }
  std::size_t rows() const override { return rows_; }
  bool reads_objects() const override { return false; }
  // Its element, without byte order and count: 'l', 'w', ... 0 for what is read as nothing. `width`
  // of text.
  char element(std::size_t& width) const {
    std::string_view format = view_.format == nullptr ? "B" : view_.format;
    if (view_.ndim != 1 || format.empty()) return 0;
    if (format.front() == '<' || format.front() == '=' || format.front() == '@' ||
        format.front() == '|')
      format.remove_prefix(1);
    width = 1;
    if (format.size() > 1 && format.back() == 'w')
      width = std::strtoul(std::string(format).c_str(), nullptr, 10);
    return format.size() == 1 || format.back() == 'w' ? format.back() : '\0';
  }
  Py_ssize_t item_size() const { return view_.itemsize; }

 protected:
  const char* row(std::size_t index) const {
    return static_cast<const char*>(view_.buf) + static_cast<Py_ssize_t>(index) * view_.strides[0];
  }

 private:
  Py_buffer view_{};
  std::size_t rows_ = 0;
};

template <class T>
class NumberColumn final : public BufferColumn {
 public:
  using BufferColumn::BufferColumn;
  void read(std::size_t first, std::size_t count, Cell* out) override {
    for (std::size_t i = 0; i < count; ++i) {
      T number;
      std::memcpy(&number, row(first + i), sizeof number);
      if constexpr (std::is_same_v<T, bool>) {
        out[i] = {Value(number), true};
      } else {
        if (!std::in_range<std::int64_t>(number))
          throw py::value_error("a number does not fit into 64 bits with a sign");
        out[i] = {Value(static_cast<std::int64_t>(number)), true};
      }
    }
  }
};

class ObjectColumn final : public BufferColumn {
 public:
  ObjectColumn(const py::object& given, const std::string& name)
      : BufferColumn(given), objects_(name) {}
  bool reads_objects() const override { return true; }
  void read(std::size_t first, std::size_t count, Cell* out) override {
    objects_.begin();
    for (std::size_t i = 0; i < count; ++i) {
      PyObject* object = nullptr;
      std::memcpy(&object, row(first + i), sizeof object);
      out[i] =
          objects_.cell(object == nullptr ? Py_None : object);  // NumPy's empty arrays hold nulls
    }
  }

 private:
  Objects objects_;
};

// NumPy's fixed-width text: code points in 32 bits each, filled up with zeros.
class WideTextColumn final : public BufferColumn {
 public:
  WideTextColumn(const py::object& given, std::size_t width) : BufferColumn(given), width_(width) {}
  void read(std::size_t first, std::size_t count, Cell* out) override {
    texts_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      std::string& text = texts_.emplace_back();
      std::size_t length = width_;
      while (length > 0 && point(first + i, length - 1) == 0) --length;
      for (std::size_t at = 0; at < length; ++at) append(text, point(first + i, at));
      out[i] = {Value(std::string_view(text)), true};
    }
  }

 private:
  std::uint32_t point(std::size_t index, std::size_t at) const {
    std::uint32_t out = 0;
    std::memcpy(&out, row(index) + at * sizeof out, sizeof out);
    return out;
  }
  // Surrogates and what is beyond Unicode come out as bytes that are no UTF-8, for the engine to
  // refuse.
  static void append(std::string& text, std::uint32_t point) {
    const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (point < 0x80) return put(point);
    if (point < 0x800) {
      put(0xC0 | (point >> 6));
    } else {
      if (point < 0x10000) {
        put(0xE0 | (point >> 12));
      } else {
        put(0xF0 | ((point >> 18) & 0xF));
        put(0x80 | ((point >> 12) & 0x3F));
      }
      put(0x80 | ((point >> 6) & 0x3F));
    }
    put(0x80 | (point & 0x3F));
  }

  std::size_t width_;
  std::deque<std::string> texts_;
};

// Ints as sizes, durations or times, texts as resources: what remit.Column(values, type) says.
class TypedColumn final : public Column {
 public:
  TypedColumn(std::unique_ptr<Column> inner, Type type, std::int64_t times, std::int64_t per)
      : inner_(std::move(inner)), type_(type), times_(times), per_(per) {}
  std::size_t rows() const override { return inner_->rows(); }
  bool reads_objects() const override { return inner_->reads_objects(); }
  void read(std::size_t first, std::size_t count, Cell* out) override {
    inner_->read(first, count, out);
    for (std::size_t i = 0; i < count; ++i) {
      if (out[i].present) retype(out[i]);
    }
  }

 private:
  void retype(Cell& cell) const {
    if (type_ == Type::resource) {
      if (cell.value.type() == Type::string) cell.value = Value(ResourceName{cell.value.text()});
      return;
    }
    if (cell.value.type() != Type::integer) return;  // it says itself what it is
    std::int64_t number = cell.value.number();
    // NumPy's and pandas' way to write that there is none.
    constexpr std::int64_t kNotATime = std::numeric_limits<std::int64_t>::min();
    if (type_ != Type::size && number == kNotATime) {
      cell = {};
      return;
    }
    if (times_ != 1 || per_ != 1) {
      if (__builtin_mul_overflow(number, times_, &number))
        throw py::value_error("a time or duration is beyond 64 bits of microseconds");
      number = number / per_ - (number % per_ < 0 ? 1 : 0);
    }
    if (type_ == Type::size) cell.value = Value(bytes(number));
    if (type_ == Type::duration) cell.value = Value(Duration(number));
    if (type_ == Type::time) cell.value = Value(time_from_micros(number));
  }

  std::unique_ptr<Column> inner_;
  Type type_;
  std::int64_t times_, per_;  // from the unit of the column to microseconds
};

// Codes into a list of values: pandas' categories. A code beneath zero is null.
class CodedColumn final : public Column {
 public:
  CodedColumn(std::unique_ptr<Column> codes, std::unique_ptr<Column> values)
      : codes_(std::move(codes)), values_(std::move(values)), table_(values_->rows()) {
    values_->read(0, table_.size(), table_.data());
  }
  std::size_t rows() const override { return codes_->rows(); }
  bool reads_objects() const override { return codes_->reads_objects(); }
  void read(std::size_t first, std::size_t count, Cell* out) override {
    codes_->read(first, count, out);
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t code = out[i].present ? out[i].value.number() : -1;
      out[i] = code < 0 || std::cmp_greater_equal(code, table_.size())
                   ? Cell{}
                   : table_[static_cast<std::size_t>(code)];
    }
  }

 private:
  std::unique_ptr<Column> codes_, values_;
  std::vector<Cell> table_;
};

template <class Signed, class Unsigned>
std::unique_ptr<Column> read_numbers(const py::object& given, bool has_sign) {
  if (has_sign) return std::make_unique<NumberColumn<Signed>>(given);
  return std::make_unique<NumberColumn<Unsigned>>(given);
}

std::unique_ptr<Column> read_buffer(const py::object& given, const std::string& name) {
  class Probe final : public BufferColumn {
   public:
    using BufferColumn::BufferColumn;
    void read(std::size_t, std::size_t, Cell*) override {}
  };
  const Probe probe(given);
  std::size_t width = 0;
  const char element = probe.element(width);
  const bool has_sign = std::string_view("bhilq").find(element) != std::string_view::npos;
  switch (element) {
    case '?': return std::make_unique<NumberColumn<bool>>(given);
    case 'O': return std::make_unique<ObjectColumn>(given, name);
    case 'w': return std::make_unique<WideTextColumn>(given, width);
    case 'b':
    case 'B': return read_numbers<std::int8_t, std::uint8_t>(given, has_sign);
    case 'h':
    case 'H': return read_numbers<std::int16_t, std::uint16_t>(given, has_sign);
    case 'i':
    case 'I': return read_numbers<std::int32_t, std::uint32_t>(given, has_sign);
    case 'l':
    case 'L':
    case 'q':
    case 'Q': return read_numbers<std::int64_t, std::uint64_t>(given, has_sign);
    default: break;
  }
  throw py::type_error("column `" + name +
                       "` is a buffer of elements that are no values of Remit: bools, whole "
                       "numbers, text or objects are wanted, in one dimension");
}

std::unique_ptr<Column> read_described(const py::object& given, const std::string& name) {
  if (!given.attr("codes").is_none())
    return std::make_unique<CodedColumn>(read_column(given.attr("codes"), name),
                                         read_column(given.attr("values"), name));
  const auto type = py::cast<std::string>(given.attr("type"));
  const Type known = type == "size"       ? Type::size
                     : type == "duration" ? Type::duration
                     : type == "time"     ? Type::time
                                          : Type::resource;
  return std::make_unique<TypedColumn>(read_column(given.attr("values"), name), known,
                                       py::cast<std::int64_t>(given.attr("times")),
                                       py::cast<std::int64_t>(given.attr("per")));
}

}  // namespace

std::unique_ptr<Column> read_column(const py::object& given, const std::string& name) {
  if (py::isinstance(given, classes().column)) return read_described(given, name);
  if (PyList_Check(given.ptr()) || PyTuple_Check(given.ptr()))
    return std::make_unique<ListColumn>(given, name);
  if (!PyUnicode_Check(given.ptr())) {
    if (auto arrow = read_arrow(given, name)) return arrow;
    // NumPy's scalars are buffers, too, but have no length.
    if (PyObject_CheckBuffer(given.ptr()) != 0 && !PyBytes_Check(given.ptr()) &&
        py::hasattr(given, "__len__"))
      return read_buffer(given, name);
  }
  return std::make_unique<ConstantColumn>(given, name);
}

}  // namespace remit::python
