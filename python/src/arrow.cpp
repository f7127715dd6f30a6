// Columns over the Arrow C data interface: strings of all three forms, dictionaries, bools, whole
// numbers, times, durations and lists of these. Covered by tests/python/test_bulk.py.
#include "python/src/arrow.h"

#include <cstring>
#include <deque>

#include "python/src/columns.h"

namespace remit::python {
namespace {

// Owns what a producer has moved to us, until the release that the interface asks for.
template <class T>
struct Released {
  T value{};
  Released() = default;
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;
  ~Released() {
    if (value.release != nullptr) value.release(&value);
  }
};

template <class T>
const T* buffer(const arrow::Array& array, int index) {
  return index < array.n_buffers ? static_cast<const T*>(array.buffers[index]) : nullptr;
}

// Rows of one array; `index` counts from 0 whatever the array's offset is.
class Reader {
 public:
  explicit Reader(const arrow::Array& array)
      : array_(array), valid_(buffer<std::uint8_t>(array, 0)) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  virtual ~Reader() = default;

  virtual void read(std::int64_t first, std::size_t count, Cell* out) = 0;
  virtual Cell cell(std::int64_t index) = 0;
  virtual void begin() {}  // what was read before is not used any more
  std::int64_t length() const { return array_.length; }

 protected:
  bool valid(std::int64_t at) const {
    return valid_ == nullptr || (valid_[at >> 3] >> (at & 7) & 1) != 0;
  }
  const arrow::Array& array_;

 private:
  const std::uint8_t* valid_;
};

// What all readers do the same way, with one virtual call for a block rather than for a row.
template <class Self>
class RowsOf : public Reader {
 public:
  using Reader::Reader;
  void read(std::int64_t first, std::size_t count, Cell* out) final {
    begin();
    for (std::size_t i = 0; i < count; ++i) out[i] = cell_of(first + static_cast<std::int64_t>(i));
  }
  Cell cell(std::int64_t index) final { return cell_of(index); }

 private:
  Cell cell_of(std::int64_t index) {
    const std::int64_t at = array_.offset + index;
    return valid(at) ? static_cast<Self*>(this)->present(at) : Cell{};
  }
};

template <class Offset>
class TextReader final : public RowsOf<TextReader<Offset>> {
 public:
  explicit TextReader(const arrow::Array& array)
      : RowsOf<TextReader<Offset>>(array),
        offsets_(buffer<Offset>(array, 1)),
        bytes_(buffer<char>(array, 2)) {}

  Cell present(std::int64_t at) {
    const Offset begin = offsets_[at], end = offsets_[at + 1];
    if (begin < 0 || end < begin) throw py::value_error("an Arrow array has offsets that go back");
    if (begin == end) return {Value(std::string_view("")), true};
    return {Value(std::string_view(bytes_ + begin, static_cast<std::size_t>(end - begin))), true};
  }

 private:
  const Offset* offsets_;
  const char* bytes_;
};

// string_view: 16 bytes a row, with texts of up to 12 bytes inside, longer ones in one of many
// buffers.
class ViewReader final : public RowsOf<ViewReader> {
 public:
  explicit ViewReader(const arrow::Array& array) : RowsOf(array), views_(buffer<char>(array, 1)) {}

  Cell present(std::int64_t at) {
    const char* view = views_ + at * 16;
    std::int32_t size = 0, index = 0, offset = 0;
    std::memcpy(&size, view, 4);
    if (size < 0) throw py::value_error("an Arrow array has a text of negative length");
    if (size <= 12)
      return {Value(std::string_view(view + 4, static_cast<std::size_t>(size))), true};
    std::memcpy(&index, view + 8, 4);
    std::memcpy(&offset, view + 12, 4);
    // After validity and views come the data buffers, and last the list of their sizes.
    if (index < 0 || offset < 0 || index >= array_.n_buffers - 3)
      throw py::value_error("an Arrow array points at a buffer that it has not");
    return {Value(std::string_view(static_cast<const char*>(array_.buffers[index + 2]) + offset,
                                   static_cast<std::size_t>(size))),
            true};
  }

 private:
  const char* views_;
};

class BoolReader final : public RowsOf<BoolReader> {
 public:
  explicit BoolReader(const arrow::Array& array)
      : RowsOf(array), bits_(buffer<std::uint8_t>(array, 1)) {}

  Cell present(std::int64_t at) { return {Value((bits_[at >> 3] >> (at & 7) & 1) != 0), true}; }

 private:
  const std::uint8_t* bits_;
};

// Whole numbers, and times and durations of any unit.
template <class T>
class NumberReader final : public RowsOf<NumberReader<T>> {
 public:
  NumberReader(const arrow::Array& array, Type type = Type::integer, std::int64_t times = 1,
               std::int64_t per = 1)
      : RowsOf<NumberReader<T>>(array),
        numbers_(buffer<T>(array, 1)),
        type_(type),
        times_(times),
        per_(per) {}

  Cell present(std::int64_t at) {
    if (!std::in_range<std::int64_t>(numbers_[at]))
      throw py::value_error("a number does not fit into 64 bits with a sign");
    auto number = static_cast<std::int64_t>(numbers_[at]);
    if (type_ == Type::integer) return {Value(number), true};
    if (__builtin_mul_overflow(number, times_, &number))
      throw py::value_error("a time or duration is beyond 64 bits of microseconds");
    number = number / per_ - (number % per_ < 0 ? 1 : 0);
    return {type_ == Type::time ? Value(time_from_micros(number)) : Value(Duration(number)), true};
  }

 private:
  const T* numbers_;
  Type type_;
  std::int64_t times_, per_;
};

class NullReader final : public RowsOf<NullReader> {
 public:
  using RowsOf::RowsOf;

  Cell present(std::int64_t) { return {}; }
};

class DictionaryReader final : public RowsOf<DictionaryReader> {
 public:
  DictionaryReader(const arrow::Array& array, std::unique_ptr<Reader> codes,
                   std::unique_ptr<Reader> values)
      : RowsOf(array), codes_(std::move(codes)), values_(std::move(values)) {}
  void begin() override { values_->begin(); }

  Cell present(std::int64_t at) {
    const std::int64_t code = codes_->cell(at - array_.offset).value.number();
    if (code < 0 || code >= values_->length())
      throw py::value_error("an Arrow array has a code that its dictionary has not");
    return values_->cell(code);
  }

 private:
  std::unique_ptr<Reader> codes_, values_;
};

template <class Offset>
class ListReader final : public RowsOf<ListReader<Offset>> {
 public:
  ListReader(const arrow::Array& array, std::unique_ptr<Reader> items)
      : RowsOf<ListReader<Offset>>(array),
        offsets_(buffer<Offset>(array, 1)),
        items_(std::move(items)) {}
  void begin() override {
    lists_.clear();
    items_->begin();
  }

  Cell present(std::int64_t at) {
    const Offset begin = offsets_[at], end = offsets_[at + 1];
    if (begin < 0 || end < begin) throw py::value_error("an Arrow array has offsets that go back");
    // One more than the engine takes is enough for it to refuse the request.
    const auto count = std::min(static_cast<std::size_t>(end - begin), kMaxListItems + 1);
    std::vector<Value>& list = lists_.emplace_back();
    list.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const Cell item = items_->cell(begin + static_cast<Offset>(i));
      if (!item.present) return {};  // a list with a hole has no value of ours
      list.push_back(item.value);
    }
    return {Value(std::span<const Value>(list)), true};
  }

 private:
  const Offset* offsets_;
  std::unique_ptr<Reader> items_;
  std::deque<std::vector<Value>> lists_;
};

// The unit in a format such as `tsu:UTC` as a fraction of microseconds.
std::pair<std::int64_t, std::int64_t> unit_of(char letter) {
  switch (letter) {
    case 's': return {1'000'000, 1};
    case 'm': return {1'000, 1};
    case 'u': return {1, 1};
    default: return {1, 1'000};
  }
}

std::unique_ptr<Reader> reader_of(const arrow::Schema& schema, const arrow::Array& array,
                                  const std::string& name);

std::unique_ptr<Reader> plain_reader(const arrow::Schema& schema, const arrow::Array& array,
                                     const std::string& name) {
  const std::string_view format = schema.format;
  if (format == "u") return std::make_unique<TextReader<std::int32_t>>(array);
  if (format == "U") return std::make_unique<TextReader<std::int64_t>>(array);
  if (format == "vu") return std::make_unique<ViewReader>(array);
  if (format == "b") return std::make_unique<BoolReader>(array);
  if (format == "n") return std::make_unique<NullReader>(array);
  if (format == "c") return std::make_unique<NumberReader<std::int8_t>>(array);
  if (format == "C") return std::make_unique<NumberReader<std::uint8_t>>(array);
  if (format == "s") return std::make_unique<NumberReader<std::int16_t>>(array);
  if (format == "S") return std::make_unique<NumberReader<std::uint16_t>>(array);
  if (format == "i") return std::make_unique<NumberReader<std::int32_t>>(array);
  if (format == "I") return std::make_unique<NumberReader<std::uint32_t>>(array);
  if (format == "l") return std::make_unique<NumberReader<std::int64_t>>(array);
  if (format == "L") return std::make_unique<NumberReader<std::uint64_t>>(array);
  if (format.starts_with("ts") && format.size() >= 4) {
    if (format.size() == 4) {
      throw py::value_error("column `" + name +
                            "` holds times without a time zone, which name no point in time: say "
                            "which (in pandas, `.dt.tz_localize(\"UTC\")`)");
    }
    const auto [times, per] = unit_of(format[2]);
    return std::make_unique<NumberReader<std::int64_t>>(array, Type::time, times, per);
  }
  if (format.starts_with("tD") && format.size() == 3) {
    const auto [times, per] = unit_of(format[2]);
    return std::make_unique<NumberReader<std::int64_t>>(array, Type::duration, times, per);
  }
  if ((format == "+l" || format == "+L") && schema.n_children == 1 && array.n_children == 1) {
    if (schema.children[0]->format[0] == '+')
      throw py::type_error("column `" + name +
                           "` holds lists of lists, which are no values of Remit");
    auto items = reader_of(*schema.children[0], *array.children[0], name);
    if (format == "+l") return std::make_unique<ListReader<std::int32_t>>(array, std::move(items));
    return std::make_unique<ListReader<std::int64_t>>(array, std::move(items));
  }
  throw py::type_error("column `" + name + "` is of the Arrow format \"" + std::string(format) +
                       "\", which is no type of Remit: strings, bools, whole numbers, timestamps "
                       "with a time zone, durations and lists of these are");
}

std::unique_ptr<Reader> reader_of(const arrow::Schema& schema, const arrow::Array& array,
                                  const std::string& name) {
  auto plain = plain_reader(schema, array, name);
  if (schema.dictionary == nullptr || array.dictionary == nullptr) return plain;
  return std::make_unique<DictionaryReader>(array, std::move(plain),
                                            reader_of(*schema.dictionary, *array.dictionary, name));
}

// All chunks of a stream, or one array. Holding them copies nothing: they are the producer's own.
class ArrowColumn final : public Column {
 public:
  explicit ArrowColumn(std::string name) : name_(std::move(name)) {}

  arrow::Schema& schema() { return schema_.value; }
  // Room for one more array, to be moved in; add() then takes it, and says whether there was one.
  arrow::Array& next() { return chunks_.emplace_back().value; }
  bool add() {
    if (chunks_.back().value.release == nullptr) {
      chunks_.pop_back();
      return false;
    }
    const arrow::Array& array = chunks_.back().value;
    readers_.push_back(reader_of(schema_.value, array, name_));
    starts_.push_back(rows_);
    rows_ += static_cast<std::size_t>(array.length);
    return true;
  }

  std::size_t rows() const override { return rows_; }
  bool reads_objects() const override { return false; }
  void read(std::size_t first, std::size_t count, Cell* out) override {
    std::size_t chunk =
        static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), first) -
                                 starts_.begin()) -
        1;
    for (; count > 0; ++chunk) {
      const std::size_t within = first - starts_[chunk];
      const std::size_t here =
          std::min(count, static_cast<std::size_t>(readers_[chunk]->length()) - within);
      readers_[chunk]->read(static_cast<std::int64_t>(within), here, out);
      first += here;
      count -= here;
      out += here;
    }
  }

 private:
  std::string name_;
  Released<arrow::Schema> schema_;
  std::deque<Released<arrow::Array>> chunks_;  // never moved: readers point into them
  std::vector<std::unique_ptr<Reader>> readers_;
  std::vector<std::size_t> starts_;
  std::size_t rows_ = 0;
};

// Moves what a capsule holds to `out`; the capsule is left with nothing to release.
template <class T>
void move_from(const py::handle& capsule, const char* name, T& out) {
  auto* held = static_cast<T*>(PyCapsule_GetPointer(capsule.ptr(), name));
  if (held == nullptr) throw py::error_already_set();
  out = *held;
  held->release = nullptr;
}

}  // namespace

std::unique_ptr<Column> read_arrow(const py::object& given, const std::string& name) {
  if (py::hasattr(given, "__arrow_c_stream__")) {
    const py::object capsule = given.attr("__arrow_c_stream__")();
    Released<arrow::Stream> stream;
    move_from(capsule, "arrow_array_stream", stream.value);
    auto column = std::make_unique<ArrowColumn>(name);
    const auto checked = [&](int code) {
      if (code == 0) return;
      const char* why = stream.value.get_last_error(&stream.value);
      throw py::value_error("column `" + name + "`: its Arrow stream cannot be read" +
                            (why == nullptr ? "" : ": " + std::string(why)));
    };
    checked(stream.value.get_schema(&stream.value, &column->schema()));
    do checked(stream.value.get_next(&stream.value, &column->next()));
    while (column->add());
    return column;
  }
  if (!py::hasattr(given, "__arrow_c_array__")) return nullptr;
  const auto capsules = py::cast<py::tuple>(given.attr("__arrow_c_array__")());
  auto column = std::make_unique<ArrowColumn>(name);
  move_from(capsules[0], "arrow_schema", column->schema());
  move_from(capsules[1], "arrow_array", column->next());
  column->add();
  return column;
}

}  // namespace remit::python
