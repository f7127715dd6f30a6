// Columns of a table as the engine reads them: a block of rows at a time, nothing copied that can
// be borrowed. Made with the GIL held; what was read may be used without it until the next
// read.
#pragma once

#include <limits>
#include <memory>

#include "python/src/values.h"

namespace remit::python {

// One row's value. Absent: null in the column.
struct Cell {
  Value value;
  bool present = false;
};

class Column {
 public:
  static constexpr std::size_t kAnyRows = std::numeric_limits<std::size_t>::max();

  Column() = default;
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;
  virtual ~Column() = default;

  // Its rows; kAnyRows for one value that holds for every row.
  virtual std::size_t rows() const = 0;
  // Does reading touch Python objects, and so need the GIL?
  virtual bool reads_objects() const = 0;
  // Rows [first, first + count) to `out`. Texts and lists are borrowed until the next read.
  virtual void read(std::size_t first, std::size_t count, Cell* out) = 0;
};

// Reads a column of Python's:
//   a value           holds for every row
//   list or tuple     of values and None
//   a buffer          of bools, ints, objects or fixed-width text, such as a NumPy array
//   Arrow             an array or stream with the C data interface: __arrow_c_array__,
//   __arrow_c_stream__ Column            (remit.bulk) another column whose ints or texts are of the
//   type that it names, or codes into others
// TypeError naming the column for anything else, and for values that are none of Remit.
std::unique_ptr<Column> read_column(const py::object& given, const std::string& name);

// The same over the Arrow C data interface (arrow.cpp). Null where `given` has none.
std::unique_ptr<Column> read_arrow(const py::object& given, const std::string& name);

}  // namespace remit::python
