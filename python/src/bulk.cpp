// Many requests at once: columns in, arrays out. Rows are read in blocks and decided without the
// GIL, so memory beyond inputs and outputs does not grow with their number. Covered by
// tests/python/test_bulk.py and test_backtest.py; scripts/python-bars measures it.
#include <pybind11/stl.h>

#include <deque>
#include <map>

#include "engine/image/view.h"
#include "engine/session/rehearse.h"
#include "python/src/columns.h"
#include "python/src/sessions.h"
#include "tools/documents.h"

namespace remit::python {
namespace {

// Rows read at a time. Few, so that they are still in the processor's cache when they are decided;
// more where reading needs the GIL, since every block then waits for it.
constexpr std::size_t kBlock = 256, kObjectBlock = 4096;
// Rows between two looks at signals and the progress bar.
constexpr std::size_t kStretch = std::size_t{1} << 16;

// One array of the caller's that answers are written to.
template <class T>
class Output {
 public:
  Output(const py::buffer& buffer, std::size_t rows) : info_(buffer.request(true)) {
    if (info_.ndim != 1 || info_.itemsize != static_cast<Py_ssize_t>(sizeof(T)) ||
        info_.strides[0] != info_.itemsize || info_.shape[0] != static_cast<Py_ssize_t>(rows)) {
      throw py::value_error("an array for answers has another form than it must");
    }
  }
  T& operator[](std::size_t row) { return static_cast<T*>(info_.ptr)[row]; }

 private:
  py::buffer_info info_;
};

struct Outputs {
  Outputs(const py::tuple& arrays, std::size_t rows)
      : effect(py::cast<py::buffer>(arrays[0]), rows),
        reason(py::cast<py::buffer>(arrays[1]), rows),
        layer(py::cast<py::buffer>(arrays[2]), rows),
        rule(py::cast<py::buffer>(arrays[3]), rows) {}

  void write(std::size_t row, const Decision& decision) {
    effect[row] = static_cast<std::uint8_t>(decision.effect);
    reason[row] = static_cast<std::uint8_t>(decision.reason);
    layer[row] =
        decision.layer == kNoLayer ? std::int16_t{-1} : static_cast<std::int16_t>(decision.layer);
    rule[row] = decision.rule == kNoRule ? -1 : static_cast<std::int32_t>(decision.rule);
  }

  Output<std::uint8_t> effect, reason;
  Output<std::int16_t> layer;
  Output<std::int32_t> rule;
};

// A column and the block of it that was read.
struct Block {
  std::string name;
  std::unique_ptr<Column> column;
  std::vector<Cell> cells;

  Block(std::string name_, const py::object& given)
      : name(std::move(name_)), column(read_column(given, name)), cells(kObjectBlock) {}

  void read(std::size_t first, std::size_t count, std::initializer_list<Type> wanted) {
    column->read(first, count, cells.data());
    if (wanted.size() == 0) return;
    for (std::size_t i = 0; i < count; ++i) {
      if (!cells[i].present) continue;
      const Type type = cells[i].value.type();
      if (std::find(wanted.begin(), wanted.end(), type) == wanted.end()) {
        throw py::type_error("column `" + name + "` holds a value of type " + to_string(type) +
                             " in row " + std::to_string(first + i) + "; " +
                             to_string(*wanted.begin()) + " is wanted");
      }
    }
  }
};

// The columns of requests.
class Requests {
 public:
  Requests(const py::object& actions, const py::object& resources, const py::dict& attributes,
           const py::object& times)
      : action_("action", actions), resource_("resource", resources), clock_(time_from(nullptr)) {
    if (!times.is_none()) time_.emplace("now", times);
    for (const auto& [name, given] : attributes)
      attributes_.emplace_back(py::cast<std::string>(name),
                               py::reinterpret_borrow<py::object>(given));
    scratch_.reserve(attributes_.size());
    rows_ = Column::kAnyRows;
    agree(action_);
    agree(resource_);
    if (time_) agree(*time_);
    for (const Block& attribute : attributes_) agree(attribute);
    if (rows_ == Column::kAnyRows)
      throw py::value_error(
          "one column at least has to have rows: a list, an array or an Arrow column");
  }

  void agree(const Block& block) {
    reads_objects_ = reads_objects_ || block.column->reads_objects();
    const std::size_t rows = block.column->rows();
    if (rows == Column::kAnyRows || rows == rows_) return;
    if (rows_ != Column::kAnyRows) {
      throw py::value_error("column `" + block.name + "` has " + std::to_string(rows) +
                            " rows, others have " + std::to_string(rows_));
    }
    rows_ = rows;
  }
  std::size_t rows() const { return rows_; }
  bool reads_objects() const { return reads_objects_; }

  void read(std::size_t first, std::size_t count) {
    action_.read(first, count, {Type::string});
    resource_.read(first, count, {Type::string, Type::resource});
    if (time_) time_->read(first, count, {Type::time});
    for (Block& attribute : attributes_) attribute.read(first, count, {});
  }
  // Row `i` of the block. False where a null makes it no request at all.
  bool complete(std::size_t i) const {
    return action_.cells[i].present && resource_.cells[i].present &&
           (!time_ || time_->cells[i].present);
  }
  Time time(std::size_t i) const {
    return time_ ? time_from_micros(time_->cells[i].value.number()) : clock_;
  }
  Request request(std::size_t i) {
    scratch_.clear();
    for (const Block& attribute : attributes_) {
      if (attribute.cells[i].present)
        scratch_.push_back({attribute.name, attribute.cells[i].value});
    }
    return {action_.cells[i].value.text(), resource_.cells[i].value.text(), scratch_};
  }

 private:
  Block action_, resource_;
  std::optional<Block> time_;
  std::deque<Block> attributes_;
  std::vector<Attribute> scratch_;
  Time clock_;  // one for all rows: that of the call
  std::size_t rows_ = 0;
  bool reads_objects_ = false;
};

constexpr Decision kNoRequest{Effect::deny, Reason::malformed_request, kNoLayer, kNoRule};

// Decides every row. `read` reads further columns of a block; `decide` is called without the GIL,
// with the row's index in the block.
template <class Read, class Decide>
void decide_all(Requests& requests, const py::tuple& arrays, const py::object& progress,
                Read&& read, Decide&& decide) {
  const std::size_t rows = requests.rows();
  Outputs out(arrays, rows);
  const auto read_block = [&](std::size_t first, std::size_t count) {
    requests.read(first, count);
    read(first, count);
  };
  const auto decide_block = [&](std::size_t first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      out.write(first + i, requests.complete(i) ? decide(i, requests.request(i), requests.time(i))
                                                : kNoRequest);
  };
  const std::size_t block = requests.reads_objects() ? kObjectBlock : kBlock;
  for (std::size_t start = 0; start < rows; start += kStretch) {
    const std::size_t end = std::min(rows, start + kStretch);
    std::optional<py::gil_scoped_release> released;
    if (!requests.reads_objects()) released.emplace();
    for (std::size_t first = start; first < end; first += block) {
      const std::size_t count = std::min(block, end - first);
      read_block(first, count);
      std::optional<py::gil_scoped_release> meanwhile;
      if (!released) meanwhile.emplace();
      decide_block(first, count);
    }
    released.reset();
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (!progress.is_none()) progress(end, rows);
  }
}

py::tuple check_many(SessionHandle& handle, const py::object& actions, const py::object& resources,
                     const py::dict& attributes, const py::object& now, bool charge,
                     const py::function& arrays, const py::object& progress) {
  Requests requests(actions, resources, attributes, now);
  const auto out = py::cast<py::tuple>(arrays(requests.rows()));
  const auto nothing_more = [](std::size_t, std::size_t) {};
  Session& session = handle.session;
  if (charge) {
    decide_all(
        requests, out, progress, nothing_more,
        [&](std::size_t, const Request& request, Time at) { return session.check(request, at); });
  } else {
    decide_all(
        requests, out, progress, nothing_more,
        [&](std::size_t, const Request& request, Time at) { return session.would(request, at); });
  }
  return out;
}

// The facts of each row's session.
class FactColumns {
 public:
  FactColumns(const Program& task, const py::dict& facts, Requests& requests)
      : stated_(tools::stated_facts(task)) {
    for (const auto& [name, given] : facts) {
      Block& block = columns_.emplace_back(py::cast<std::string>(name),
                                           py::reinterpret_borrow<py::object>(given));
      requests.agree(block);
    }
    named_.reserve(columns_.size());
  }
  void read(std::size_t first, std::size_t count) {
    for (Block& block : columns_) {
      if (is_text(block.name)) {
        block.read(first, count, {Type::string});
      } else {
        block.read(first, count, {});
      }
    }
  }
  Facts facts(std::size_t i, Time opened) {
    Facts out;
    out.purpose = stated_.purpose;
    out.sponsor = stated_.sponsor;
    out.trigger = stated_.trigger;
    out.opened = opened;
    named_.clear();
    for (const Block& block : columns_) {
      const Cell& cell = block.cells[i];
      if (!cell.present) continue;
      if (block.name == "agent")
        out.agent = cell.value.text();
      else if (block.name == "user")
        out.user = cell.value.text();
      else if (block.name == "purpose")
        out.purpose = cell.value.text();
      else
        named_.push_back({block.name, cell.value});
    }
    out.named = named_;
    return out;
  }

 private:
  static bool is_text(const std::string& name) {
    return name == "agent" || name == "user" || name == "purpose";
  }

  tools::StatedFacts stated_;
  std::deque<Block> columns_;
  std::vector<Attribute> named_;
};

Layers link_all(const std::vector<Program>& programs) {
  return value_or_raise(Layers::link_groups({&programs, 1}));
}

constexpr Decision kNoSession{Effect::deny, Reason::internal_error, kNoLayer, kNoRule};

// Each row by itself: as the first request of a session opened at its time.
py::tuple backtest_rows(const std::vector<Program>& programs, const py::object& actions,
                        const py::object& resources, const py::dict& attributes,
                        const py::object& times, const py::dict& facts, const py::function& arrays,
                        const py::object& progress) {
  const Layers layers = link_all(programs);
  Requests requests(actions, resources, attributes, times);
  FactColumns known(programs.front(), facts, requests);
  const auto out = py::cast<py::tuple>(arrays(requests.rows()));
  const auto read = [&](std::size_t first, std::size_t count) { known.read(first, count); };
  if (!layers.memory_use().any()) {
    decide_all(requests, out, progress, read, [&](std::size_t i, const Request& request, Time at) {
      return layers.decide(request, known.facts(i, at), at);
    });
  } else {
    decide_all(requests, out, progress, read, [&](std::size_t i, const Request& request, Time at) {
      Result<Session> session = rehearse(layers, known.facts(i, at));
      return session ? session->check(request, at) : kNoSession;
    });
  }
  return out;
}

// Rows in order, in one session for each key, opened at its first row.
py::tuple backtest_sessions(const std::vector<Program>& programs, const py::object& actions,
                            const py::object& resources, const py::dict& attributes,
                            const py::object& times, const py::dict& facts, const py::object& keys,
                            const py::function& arrays, const py::object& progress) {
  struct Open {
    Session session;
    Time last;
  };
  const Layers layers = link_all(programs);
  Requests requests(actions, resources, attributes, times);
  FactColumns known(programs.front(), facts, requests);
  Block key("session", keys);
  requests.agree(key);
  const auto out = py::cast<py::tuple>(arrays(requests.rows()));
  std::map<std::string, Open, std::less<>> sessions;
  std::optional<std::size_t> backward;  // the first row of a block whose time goes back
  std::size_t start = 0;
  decide_all(
      requests, out, progress,
      [&](std::size_t first, std::size_t count) {
        if (backward)
          throw py::value_error(
              "row " + std::to_string(*backward) +
              " is earlier than one before it in its session: sort the table by time");
        start = first;
        known.read(first, count);
        key.read(first, count, {Type::string});
      },
      [&](std::size_t i, const Request& request, Time at) {
        const std::string_view name =
            key.cells[i].present ? key.cells[i].value.text() : std::string_view();
        auto found = sessions.find(name);
        if (found == sessions.end()) {
          Result<Session> opened = rehearse(layers, known.facts(i, at));
          if (!opened) return kNoSession;
          found = sessions.emplace(std::string(name), Open{std::move(opened).value(), at}).first;
        }
        Open& open = found->second;
        if (at < open.last && !backward) backward = start + i;
        open.last = at;
        return open.session.check(request, at);
      });
  if (backward)
    throw py::value_error("row " + std::to_string(*backward) +
                          " is earlier than one before it in its session: sort the table by time");
  return out;
}

// Attributes that the program's systems declare, with the type that all of them give it.
py::dict declared_attributes(const Program& program) {
  std::map<std::string, std::optional<Type>, std::less<>> found;
  const image::View& view = program.view();
  for (const image::System& system : view.systems) {
    for (const image::AttributeDecl& item :
         image::View::slice(view.attributes, system.attributes)) {
      const auto type = static_cast<Type>(item.type);
      const auto [at, fresh] = found.try_emplace(std::string(view.text(item.name)), type);
      if (!fresh && at->second != type) at->second = std::nullopt;
    }
  }
  py::dict out;
  for (const auto& [name, type] : found)
    out[to_str(name)] = type ? py::object(py::str(to_string(*type))) : py::object(py::none());
  return out;
}

}  // namespace

void bind_bulk(py::module_& module) {
  module.def("check_many", check_many, py::arg("session"), py::arg("actions"), py::arg("resources"),
             py::arg("attributes"), py::arg("now"), py::arg("charge"), py::arg("arrays"),
             py::arg("progress"));
  module.def("backtest_rows", backtest_rows, py::arg("programs"), py::arg("actions"),
             py::arg("resources"), py::arg("attributes"), py::arg("times"), py::arg("facts"),
             py::arg("arrays"), py::arg("progress"));
  module.def("backtest_sessions", backtest_sessions, py::arg("programs"), py::arg("actions"),
             py::arg("resources"), py::arg("attributes"), py::arg("times"), py::arg("facts"),
             py::arg("keys"), py::arg("arrays"), py::arg("progress"));
  module.def("declared_attributes", declared_attributes, py::arg("program"));
}

}  // namespace remit::python
