// Zone files -> offset steps (zones.h). Covered by tests/check_zones_test.cpp.
#include "lang/check/zones.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "lang/check/literals.h"
#include "lang/check/names.h"

namespace remit::lang::checker {
namespace {

constexpr std::array<const char*, 3> kFolders = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo",
                                                 "/usr/share/lib/zoneinfo"};
constexpr std::int64_t kDay = 86'400;
constexpr int kLastYear = 2100;
constexpr std::int64_t kMaxOffset = std::int64_t{26} * 3'600;  // nothing on earth is that far from UTC

struct Moment {
  std::int64_t at;  // seconds since 1970
  std::int32_t offset;
};

// Reads big-endian numbers; past the end it gives zeros and remembers.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::int64_t number(std::size_t width) {
    if (at_ + width > bytes_.size()) {
      bad_ = true;
      return 0;
    }
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < width; ++i) out = out << 8 | static_cast<unsigned char>(bytes_[at_ + i]);
    at_ += width;
    if (width == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(out));
    return static_cast<std::int64_t>(out);
  }
  void skip(std::size_t count) {
    if (count > bytes_.size() - at_) {
      bad_ = true;
      at_ = bytes_.size();
    } else {
      at_ += count;
    }
  }
  bool bad() const { return bad_; }
  std::string_view rest() const { return bytes_.substr(at_); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool bad_ = false;
};

struct Header {
  std::array<std::size_t, 6> counts{};  // isutc, isstd, leap, transitions, types, characters
};
bool read_header(Reader& in, Header& out, char& version) {
  const std::string_view start = in.rest();
  if (start.size() < 44 || start.substr(0, 4) != "TZif") return false;
  version = start[4];
  in.skip(20);
  for (std::size_t& count : out.counts) {
    count = static_cast<std::size_t>(in.number(4));
    if (count > 100'000) return false;
  }
  return !in.bad();
}

// The footer: a POSIX TZ string such as `CET-1CEST,M3.5.0,M10.5.0/3`.
class Footer {
 public:
  struct Rule {
    char kind = 'M';  // M month.week.day, J day without the leap day, 0 day with it
    int month = 0, week = 0, day = 0;
    std::int64_t time = 7'200;
  };
  bool has_summer = false;
  std::int64_t standard = 0, summer = 0;  // seconds east of UTC
  Rule begin, end;

  bool parse(std::string_view text) {
    text_ = text;
    std::int64_t west = 0;
    if (!name() || !hours(west)) return false;
    standard = -west;
    if (text_.empty()) return true;
    has_summer = true;
    if (!name()) return false;
    summer = standard + 3'600;
    if (!text_.empty() && text_[0] != ',') {
      if (!hours(west)) return false;
      summer = -west;
    }
    return rule(begin) && rule(end) && text_.empty() && standard != summer;
  }

  // When the rule strikes in `year`, in local seconds since 1970.
  static std::int64_t local(const Rule& rule, int year) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    std::int64_t days = days_from_civil(year, 1, 1);
    if (rule.kind == 'J') {
      days += rule.day - 1 + (leap && rule.day > 59 ? 1 : 0);
    } else if (rule.kind == '0') {
      days += rule.day;
    } else {
      days = days_from_civil(year, static_cast<unsigned>(rule.month), 1);
      const std::int64_t next = rule.month == 12 ? days_from_civil(year + 1, 1, 1)
                                                 : days_from_civil(year, static_cast<unsigned>(rule.month) + 1, 1);
      const std::int64_t weekday = ((days + 4) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
      days += (rule.day - weekday + 7) % 7 + (std::int64_t{rule.week} - 1) * 7;
      while (days >= next) days -= 7;
    }
    return days * kDay + rule.time;
  }

 private:
  std::string_view text_;

  bool take(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool digits(std::int64_t& out) {
    if (text_.empty() || text_[0] < '0' || text_[0] > '9') return false;
    for (out = 0; !text_.empty() && text_[0] >= '0' && text_[0] <= '9' && out < 10'000; text_.remove_prefix(1))
      out = out * 10 + (text_[0] - '0');
    return true;
  }
  bool name() {
    std::size_t size = 0;
    if (take('<')) {
      while (size < text_.size() && text_[size] != '>') ++size;
      if (size == text_.size()) return false;
      text_.remove_prefix(size + 1);
      return size > 0;
    }
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    while (size < text_.size() && letter(text_[size])) ++size;
    text_.remove_prefix(size);
    return size >= 3;
  }
  bool hours(std::int64_t& seconds) {
    const bool minus = take('-');
    if (!minus) take('+');
    std::int64_t h = 0, m = 0, s = 0;
    if (!digits(h)) return false;
    if (take(':') && !digits(m)) return false;
    if (take(':') && !digits(s)) return false;
    if (h > 167 || m > 59 || s > 59) return false;
    seconds = (h * 3'600 + m * 60 + s) * (minus ? -1 : 1);
    return true;
  }
  bool rule(Rule& out) {
    if (!take(',')) return false;
    std::int64_t a = 0, b = 0, c = 0;
    if (take('M')) {
      if (!digits(a) || !take('.') || !digits(b) || !take('.') || !digits(c)) return false;
      if (a < 1 || a > 12 || b < 1 || b > 5 || c > 6) return false;
      out.month = static_cast<int>(a);
      out.week = static_cast<int>(b);
      out.day = static_cast<int>(c);
    } else {
      out.kind = take('J') ? 'J' : '0';
      if (!digits(a) || a > 365 || (out.kind == 'J' && a < 1)) return false;
      out.day = static_cast<int>(a);
    }
    return !take('/') || hours(out.time);
  }
};

// Daylight saving by the footer, from behind the last listed transition to the end of 2100.
bool add_by_footer(std::string_view text, std::int64_t last, std::vector<Moment>& moments) {
  Footer footer;
  if (!footer.parse(text)) return false;
  if (!footer.has_summer) {
    if (moments.empty()) moments.push_back({last, static_cast<std::int32_t>(footer.standard)});
    return true;
  }
  std::vector<Moment> all;
  // One year more on either side: near New Year local and UTC years differ, and the state in force
  // at `last` must be known.
  for (int year = 1969; year <= kLastYear + 1; ++year) {
    all.push_back({Footer::local(footer.begin, year) - footer.standard, static_cast<std::int32_t>(footer.summer)});
    all.push_back({Footer::local(footer.end, year) - footer.summer, static_cast<std::int32_t>(footer.standard)});
  }
  std::stable_sort(all.begin(), all.end(), [](const Moment& a, const Moment& b) { return a.at < b.at; });
  const std::size_t listed = moments.size();
  for (const Moment& moment : all) {
    // Without a listed transition the footer governs everything: the state before 1970 counts too.
    // Where one year's summer ends as the next one's begins, it never ends (RFC 8536, section 3.3.1).
    if (moments.empty() || moment.at > moments.back().at) moments.push_back(moment);
    else if (moments.size() > listed) moments.back() = moment;
  }
  return true;
}

}  // namespace

std::vector<Zone::Step> read_tzif(std::string_view tzif) {
  Reader in(tzif);
  Header header;
  char version = 0;
  if (!read_header(in, header, version)) return {};
  std::size_t width = 4;
  if (version >= '2') {
    // The first block is for readers of 32 bits; the same follows in 64.
    const auto& c = header.counts;
    in.skip(c[3] * 5 + c[4] * 6 + c[5] + c[2] * 8 + c[1] + c[0]);
    if (!read_header(in, header, version)) return {};
    width = 8;
  }
  const auto [utc_count, std_count, leap_count, transition_count, type_count, char_count] =
      header.counts;
  std::vector<std::int64_t> times(transition_count);
  for (std::int64_t& time : times) time = in.number(width);
  std::vector<std::size_t> kinds(transition_count);
  for (std::size_t& kind : kinds) kind = static_cast<std::size_t>(in.number(1));
  std::vector<std::int32_t> offsets(type_count);
  for (std::int32_t& offset : offsets) {
    offset = static_cast<std::int32_t>(in.number(4));
    in.skip(2);
    if (offset > kMaxOffset || offset < -kMaxOffset) return {};
  }
  in.skip(char_count + leap_count * (width + 4) + std_count + utc_count);
  if (in.bad() || offsets.empty()) return {};

  std::vector<Moment> moments;
  if (!std::is_sorted(times.begin(), times.end())) return {};
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (kinds[i] >= offsets.size()) return {};
    moments.push_back({times[i], offsets[kinds[i]]});
  }
  std::string_view footer = in.rest();
  if (width == 8 && footer.size() >= 2 && footer.front() == '\n') {
    footer.remove_prefix(1);
    footer = footer.substr(0, footer.find('\n'));
    if (!footer.empty() && !add_by_footer(footer, 0, moments)) return {};
  }

  const std::int64_t end = days_from_civil(kLastYear + 1, 1, 1) * kDay;
  std::vector<Zone::Step> steps = {{0, offsets[0]}};
  for (const Moment& moment : moments) {
    if (moment.at >= end) break;
    if (moment.at <= 0)
      steps[0].offset = moment.offset;
    else if (moment.offset != steps.back().offset)
      steps.push_back({moment.at * 1'000'000, moment.offset});
  }
  return steps;
}

std::optional<Zone> find_zone(std::string_view name) {
  if (name == "UTC") return Zone{"UTC", {{0, 0}}};
  // Only names of the database: no absolute path, no way out of its folder, and none of its other
  // trees (`posix/`, and `right/`, which counts leap seconds).
  if (name.empty() || name.size() > kMaxName || name[0] < 'A' || name[0] > 'Z') return {};
  if (name.find("//") != std::string_view::npos) return {};
  for (const char c : name) {
    const bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '/' || c == '_' || c == '-' || c == '+';
    if (!good) return {};
  }
  for (const char* folder : kFolders) {
    const std::filesystem::path path = std::filesystem::path(folder) / std::string(name);
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) continue;
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    std::vector<Zone::Step> steps = read_tzif(bytes);
    if (!steps.empty()) return Zone{std::string(name), std::move(steps)};
  }
  return {};
}

std::string nearest_zone(std::string_view name) {
  Nearest nearest(name);
  for (const char* folder : kFolders) {
    // `Z name ...` and `L target name` lines list every zone and every link.
    std::ifstream file(std::filesystem::path(folder) / "tzdata.zi");
    for (std::string line; std::getline(file, line);) {
      std::string_view rest = line;
      const bool link = rest.substr(0, 2) == "L ";
      if (!link && rest.substr(0, 2) != "Z ") continue;
      rest.remove_prefix(2);
      if (link) rest.remove_prefix(rest.find(' ') + 1);
      const std::string_view zone = rest.substr(0, rest.find(' '));
      nearest.offer(zone);
      // A city alone (`Zurich`) means the zone that ends with it.
      if (zone.size() > name.size() && zone.substr(zone.size() - name.size()) == name &&
          zone[zone.size() - name.size() - 1] == '/')
        return std::string(zone);
    }
  }
  return nearest.best();
}

bool has_zone_data() {
  std::error_code error;
  for (const char* folder : kFolders)
    if (std::filesystem::is_directory(folder, error)) return true;
  return false;
}

}  // namespace remit::lang::checker
