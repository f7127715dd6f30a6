// The audit trail: writing it (AuditLog), reading it (AuditReader), verifying and replaying it.
// Covered by tests/python/test_audit.py.
#include <pybind11/stl.h>

#include <map>
#include <mutex>

#include <remit/audit.h>
#include <remit/audit_reader.h>

#include "engine/audit/verify.h"
#include "python/src/values.h"
#include "tools/audit_replay.h"
#include "tools/audit_sentence.h"
#include "tools/errors.h"

namespace remit::python {
namespace {

using Class = std::tuple<std::string, std::vector<std::string>, py::object>;

std::string hex(std::span<const std::uint8_t> bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

Duration duration_from(const py::object& given, const char* name) {
  AttributeValues values;
  const Value value = values.read(given.ptr(), name);
  if (value.type() != Type::duration) throw py::type_error(std::string(name) + " is a timedelta");
  return Duration(value.number());
}

// A log ends by waiting for its own thread, which may be in a callback that wants the GIL: so the
// last one who lets go of it does so without.
std::shared_ptr<AuditLog> released_last(std::shared_ptr<AuditLog> log) {
  AuditLog* const held = log.get();
  return {held, [log = std::move(log)](AuditLog*) mutable {
            std::optional<py::gil_scoped_release> released;
            if (PyGILState_Check() != 0) released.emplace();
            log.reset();
          }};
}

std::shared_ptr<AuditLog> open_log(const std::string& path, bool buffered,
                                   const std::string& origin, const std::string& key,
                                   std::vector<std::string> sensitive, const std::string& seal_key,
                                   std::vector<std::string> unrecorded_actions, std::size_t queue,
                                   const py::object& keep, const std::vector<Class>& retention,
                                   const py::object& on_checkpoint) {
  AuditOptions options;
  options.mode = buffered ? AuditMode::buffered : AuditMode::durable;
  options.origin = origin;
  options.key = key;
  options.sensitive = std::move(sensitive);
  options.seal_key = seal_key;
  options.unrecorded_actions = std::move(unrecorded_actions);
  options.queue = queue;
  if (!keep.is_none()) options.keep = duration_from(keep, "keep");
  for (const auto& [name, systems, kept] : retention)
    options.classes.push_back({name, systems, duration_from(kept, "keep")});
  if (!on_checkpoint.is_none()) {
    const auto callback =
        std::shared_ptr<py::object>(new py::object(on_checkpoint), [](py::object* last) {
          const py::gil_scoped_acquire acquired;
          delete last;
        });
    options.on_checkpoint = [callback](std::string_view note) {
      const py::gil_scoped_acquire acquired;
      try {
        (*callback)(to_str(note));
      } catch (py::error_already_set& error) {
        error.discard_as_unraisable("AuditLog on_checkpoint");
      }
    };
  }
  std::optional<Result<std::shared_ptr<AuditLog>>> opened;
  {
    const py::gil_scoped_release released;
    opened = AuditLog::open(path, options);
  }
  return released_last(value_or_raise(std::move(*opened)));
}

py::object to_status(const AuditStatus& status) {
  return classes().log_status(status.records, status.queued, status.checkpointed, status.unrecorded,
                              status.denied, status.failing, str_or_none(status.fault));
}

// `filter` maps the names of AuditFilter's members to what they must be.
AuditFilter filter_from(const py::dict& filter) {
  AuditFilter out;
  const std::map<std::string, std::string AuditFilter::*> texts{
      {"session", &AuditFilter::session},   {"agent", &AuditFilter::agent},
      {"person", &AuditFilter::person},     {"system", &AuditFilter::system},
      {"kind", &AuditFilter::kind},         {"action", &AuditFilter::action},
      {"effect", &AuditFilter::effect},     {"reason", &AuditFilter::reason},
      {"decision", &AuditFilter::decision}, {"resource_prefix", &AuditFilter::resource_prefix}};
  for (const auto& [key, given] : filter) {
    if (given.is_none()) continue;
    const auto name = py::cast<std::string>(key);
    if (const auto text = texts.find(name); text != texts.end())
      out.*text->second = py::cast<std::string>(given);
    if (name == "from") out.from = py::cast<std::uint64_t>(given);
    if (name == "to") out.to = py::cast<std::uint64_t>(given);
    if (name == "limit") out.limit = py::cast<std::uint64_t>(given);
    if (name == "newest_first") out.newest_first = py::cast<bool>(given);
    if (name == "since") out.since = time_from(given.ptr());
    if (name == "until") out.until = time_from(given.ptr());
  }
  return out;
}

// A reader serves one call at a time; Python's threads may share it.
struct PythonReader {
  std::mutex one_at_a_time;
  AuditReader reader;

  explicit PythonReader(AuditReader opened) : reader(std::move(opened)) {}
  template <class F>
  auto call(F&& what) {
    const py::gil_scoped_release released;
    const std::lock_guard lock(one_at_a_time);
    return what(reader);
  }
};

std::unique_ptr<PythonReader> open_reader(const std::string& path) {
  return std::make_unique<PythonReader>(value_or_raise(AuditReader::open(path)));
}

// (seq, leaf, time, kind, body or None) of one batch of records.
py::list read_records(PythonReader& self, const py::dict& filter) {
  struct Kept {
    std::uint64_t seq;
    TreeHash leaf;
    Time time;
    std::string kind;
    std::optional<std::string> body;
  };
  std::vector<Kept> kept;
  const AuditFilter wanted = filter_from(filter);
  raise_unless(self.call([&](const AuditReader& reader) {
    return reader.each(wanted, [&](const AuditRecord& record) {
      kept.push_back({record.seq, record.leaf, record.time, std::string(record.kind),
                      record.body ? std::optional<std::string>(*record.body) : std::nullopt});
      return true;
    });
  }));
  py::list out;
  for (const Kept& one : kept) {
    out.append(py::make_tuple(one.seq, hex(one.leaf), to_datetime(one.time), to_str(one.kind),
                              one.body ? py::object(to_str(*one.body)) : py::object(py::none())));
  }
  return out;
}

py::list programs_of(PythonReader& self) {
  py::list out;
  for (const AuditProgram& one :
       value_or_raise(self.call([](const AuditReader& reader) { return reader.programs(); })))
    out.append(py::make_tuple(one.digest, to_str(one.name)));
  return out;
}

py::object program_of(PythonReader& self, const std::string& digest) {
  const auto found =
      value_or_raise(self.call([&](const AuditReader& reader) { return reader.program(digest); }));
  if (!found) return py::none();
  return py::bytes(reinterpret_cast<const char*>(found->data()), found->size());
}

py::list checkpoints_of(PythonReader& self) {
  py::list out;
  for (const AuditCheckpoint& one :
       value_or_raise(self.call([](const AuditReader& reader) { return reader.checkpoints(); })))
    out.append(classes().checkpoint(one.size, to_str(one.note)));
  return out;
}

py::object meta_of(PythonReader& self, const std::string& key) {
  const auto found =
      value_or_raise(self.call([&](const AuditReader& reader) { return reader.meta(key); }));
  return found ? py::object(to_str(*found)) : py::object(py::none());
}

py::object verify(const std::string& path, const std::string& key, std::vector<std::string> earlier,
                  const py::object& progress) {
  audit::VerifyOptions options;
  if (!key.empty()) options.key = value_or_raise(VerifierKey::parse(key));
  options.earlier = std::move(earlier);
  if (!progress.is_none()) {
    options.progress = [&progress](std::uint64_t done, std::uint64_t total) {
      const py::gil_scoped_acquire acquired;
      progress(done, total);
    };
  }
  std::optional<Result<audit::VerifyReport>> done;
  {
    const py::gil_scoped_release released;
    done = audit::verify_log(path, options);
  }
  const audit::VerifyReport report = value_or_raise(std::move(*done));
  py::list findings;
  for (const audit::Finding& one : report.findings)
    findings.append(classes().finding(
        audit::to_string(one.code),
        one.seq == 0 ? py::object(py::none()) : py::object(py::int_(one.seq)), to_str(one.text)));
  return classes().verification(
      to_str(report.origin),
      report.key ? py::object(py::str(report.key->text())) : py::object(py::none()), report.records,
      report.removed, report.programs, report.checkpoints, report.checkpointed, report.earlier,
      hex(report.root), findings, report.further);
}

// (counts by verdict, what is not the same: (seq, verdict, effect, reason, place, why)).
py::tuple replay(const std::string& path, const std::string& session) {
  struct Kept {
    std::uint64_t seq;
    tools::Replayed replayed;
  };
  std::array<std::size_t, 3> counts{};
  std::vector<Kept> kept;
  try {
    const py::gil_scoped_release released;
    const tools::AuditTrail trail(path);
    tools::ReplaySettings settings;
    settings.session = session;
    tools::Replay play(trail, settings,
                       [&](const tools::Json& record, const tools::Replayed& replayed) {
                         ++counts[static_cast<std::size_t>(replayed.verdict)];
                         if (replayed.verdict != tools::Replayed::Verdict::same)
                           kept.push_back({record.value("seq", std::uint64_t{0}), replayed});
                       });
    play.run([](std::uint64_t) {});
  } catch (const tools::BadInput& problem) {
    raise_error("audit_unavailable", problem.what());
  }
  static constexpr std::array<const char*, 3> kVerdicts{"same", "differs", "undecidable"};
  py::list differences;
  for (const Kept& one : kept) {
    differences.append(
        classes().replayed(one.seq, kVerdicts[static_cast<std::size_t>(one.replayed.verdict)],
                           str_or_none(one.replayed.effect), str_or_none(one.replayed.reason),
                           str_or_none(one.replayed.place), to_str(one.replayed.why)));
  }
  return py::make_tuple(counts[0], counts[1], counts[2], differences);
}

py::tuple generate_key(const std::string& origin) {
  const SigningKey key = value_or_raise(SigningKey::generate(origin));
  return py::make_tuple(value_or_raise(key.to_pem()), key.verifier().text());
}

}  // namespace

void bind_audit(py::module_& module) {
  py::class_<AuditLog, AuditSink, std::shared_ptr<AuditLog>>(module, "AuditLog")
      .def(py::init(&open_log), py::arg("path"), py::kw_only(), py::arg("buffered"),
           py::arg("origin"), py::arg("key"), py::arg("sensitive"), py::arg("seal_key"),
           py::arg("unrecorded_actions"), py::arg("queue"), py::arg("keep"), py::arg("retention"),
           py::arg("on_checkpoint"))
      .def(
          "flush",
          [](AuditLog& self) {
            std::optional<Status> done;
            {
              const py::gil_scoped_release released;
              done = self.flush();
            }
            raise_unless(*done);
          },
          "Returns when all that was written before is on the disk, under a checkpoint where there "
          "is a key. Raises `RemitError`.")
      .def(
          "close",
          [](AuditLog& self) {
            std::optional<Status> done;
            {
              const py::gil_scoped_release released;
              done = self.close();
            }
            raise_unless(*done);
          },
          "Flushes, and ends the log: what is written after is refused. Raises `RemitError` where "
          "records could not be written.")
      .def(
          "_remove_expired",
          [](AuditLog& self, const py::object& now) {
            const Time at = time_from(now.ptr());
            std::optional<Result<std::uint64_t>> done;
            {
              const py::gil_scoped_release released;
              done = self.remove_expired(at);
            }
            return value_or_raise(std::move(*done));
          },
          py::arg("now"))
      .def_property_readonly(
          "status", [](const AuditLog& self) { return to_status(self.status()); },
          "How the log stands, as a `LogStatus`.");

  py::class_<PythonReader>(module, "AuditReader")
      .def(py::init(&open_reader), py::arg("path"))
      .def("_records", read_records, py::arg("filter"))
      .def("_programs", programs_of)
      .def("_program", program_of, py::arg("digest"))
      .def("_checkpoints", checkpoints_of)
      .def("_meta", meta_of, py::arg("key"))
      .def("__len__", [](PythonReader& self) {
        return value_or_raise(self.call([](const AuditReader& reader) { return reader.size(); }));
      });

  module.def("audit_verify", verify, py::arg("path"), py::arg("key"), py::arg("earlier"),
             py::arg("progress"));
  module.def("audit_replay", replay, py::arg("path"), py::arg("session"));
  module.def("audit_generate_key", generate_key, py::arg("origin"));
  module.def(
      "audit_sentence",
      [](const std::string& body) {
        return to_str(tools::audit_sentence(tools::parse_json(body)));
      },
      py::arg("body"));
}

}  // namespace remit::python
