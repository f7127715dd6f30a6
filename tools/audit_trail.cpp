// See audit_trail.h.
#include "tools/audit_trail.h"

#include <exception>
#include <utility>

#include <fmt/format.h>

#include "engine/identity/signature.h"
#include "lang/check/write.h"
#include "tools/errors.h"

namespace remit::tools {
namespace {

template <class T>
T usable(Result<T> result, const std::string& path) {
  if (!result.ok()) throw BadInput(fmt::format("{}: {}", path, result.error().text));
  return std::move(result).value();
}

void narrow(std::string& column, const std::vector<std::string>& wanted) {
  if (wanted.size() == 1) column = wanted[0];
}

// What the reader can find by its columns. Several alternatives it cannot.
remit::AuditFilter columns_of(const RecordFilter& filter) {
  remit::AuditFilter out;
  narrow(out.agent, filter.agents);
  narrow(out.person, filter.users);  // a sponsor is in that column only where there is no user
  narrow(out.system, filter.systems);
  narrow(out.action, filter.actions);
  narrow(out.kind, filter.kinds);
  narrow(out.effect, filter.effects);
  narrow(out.reason, filter.reasons);
  narrow(out.resource_prefix, filter.resources);
  if (filter.sessions.size() == 1 && filter.sessions[0].size() == 32)
    out.session = filter.sessions[0];
  out.since = filter.since;
  out.until = filter.until;
  return out;
}

Json remains_of(const AuditRecord& record) {
  return {{"seq", record.seq},
          {"kind", std::string(record.kind)},
          {"time", lang::checker::write_time(record.time.time_since_epoch().count())},
          {"class", std::string(record.retention_class)}};
}

}  // namespace

AuditTrail::AuditTrail(const std::string& path)
    : path_(path), reader_(usable(AuditReader::open(path), path)) {}

void AuditTrail::each(const RecordFilter& filter, const Take& take, std::uint64_t from) const {
  remit::AuditFilter columns = columns_of(filter);
  columns.from = from;
  read(columns, filter, take);
}

void AuditTrail::each_newest_first(const RecordFilter& filter, const Take& take) const {
  remit::AuditFilter columns = columns_of(filter);
  columns.newest_first = true;
  read(columns, filter, take);
}

void AuditTrail::read(const remit::AuditFilter& columns, const RecordFilter& filter,
                      const Take& take) const {
  std::exception_ptr thrown;  // which the reader would turn into an error of its own
  const Status status = reader_.each(columns, [&](const AuditRecord& record) {
    try {
      TrailRecord out;
      out.seq = record.seq;
      out.leaf = record.leaf;
      if (record.body) {
        out.body = *record.body;
        out.fields = parse_json(out.body);
        if (!out.fields.is_object()) throw BadInput("not an object");
      } else {
        out.fields = remains_of(record);
      }
      return !filter.matches(out.fields) || take(out);
    } catch (const BadInput& problem) {
      thrown = std::make_exception_ptr(
          BadInput(fmt::format("{}: record {}: {}", path_, record.seq, problem.what())));
    } catch (const Json::exception&) {
      thrown = std::make_exception_ptr(BadInput(fmt::format(
          "{}: record {}: a member is not of the form that it has in a trail", path_, record.seq)));
    } catch (...) {
      thrown = std::current_exception();
    }
    return false;
  });
  if (thrown) std::rethrow_exception(thrown);
  if (!status.ok()) throw BadInput(fmt::format("{}: {}", path_, status.error().text));
}

std::uint64_t AuditTrail::size() const { return usable(reader_.size(), path_); }

std::string AuditTrail::origin() const {
  return usable(reader_.meta("origin"), path_).value_or("");
}

Program AuditTrail::program(const std::string& digest) const {
  const auto fail = [&](const std::string& why) {
    return BadInput(fmt::format("{}: program {}: {}", path_, digest, why));
  };
  const auto image = usable(reader_.program(digest), path_);
  if (!image) throw fail("is not in the trail");
  Result<Program> program = Program::load(*image);
  if (!program) throw fail(program.error().text);
  const std::string_view bytes(reinterpret_cast<const char*>(image->data()), image->size());
  if (identity::sha256_hex(bytes) != digest)
    throw fail("is another one: it does not have that digest");
  return std::move(program).value();
}

}  // namespace remit::tools
