// Time zones: every zone of the system against the C library, far beyond 2037; footers that no zone
// uses today; files damaged in any way.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <unistd.h>

#include "lang/check/literals.h"
#include "lang/check/zones.h"
#include "tests/generate/random.h"

using namespace remit;
using namespace remit::lang;
using namespace remit::lang::checker;
using generate::Random;

namespace {

const std::int64_t kEnd = days_from_civil(2101, 1, 1) * 86'400;

// The oracle: what the C library makes of the same zone.
class Libc {
 public:
  explicit Libc(const std::string& zone) {
    ::setenv("TZ", (":" + zone).c_str(), 1);
    ::tzset();
  }
  Libc(const Libc&) = delete;
  Libc& operator=(const Libc&) = delete;
  ~Libc() {
    ::unsetenv("TZ");
    ::tzset();
  }
  static std::int32_t offset(std::int64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm local{};
    ::localtime_r(&time, &local);
    return static_cast<std::int32_t>(local.tm_gmtoff);
  }
};

std::int32_t offset_of(const std::vector<Zone::Step>& steps, std::int64_t seconds) {
  std::int32_t offset = steps.front().offset;
  for (const Zone::Step& step : steps) {
    if (step.start > seconds * 1'000'000) break;
    offset = step.offset;
  }
  return offset;
}

bool in_order(const std::vector<Zone::Step>& steps) {
  if (steps.empty() || steps.front().start != 0) return false;
  for (std::size_t i = 1; i < steps.size(); ++i) {
    if (steps[i].start <= steps[i - 1].start || steps[i].offset == steps[i - 1].offset)
      return false;
  }
  return steps.back().start < kEnd * 1'000'000;
}

// Where the two differ first; -1 for nowhere. Looks at both sides of each step, and in between.
std::int64_t first_difference(const std::vector<Zone::Step>& steps) {
  std::vector<std::int64_t> times;
  for (const Zone::Step& step : steps) {
    const std::int64_t at = step.start / 1'000'000;
    for (const std::int64_t near : {at - 1, at, at + 1}) {
      if (near >= 0) times.push_back(near);
    }
  }
  // A step that we lack shows in a sample between its neighbours.
  for (std::int64_t at = 0; at < kEnd; at += 11 * 86'400 + 12'345) times.push_back(at);
  std::sort(times.begin(), times.end());
  std::size_t step = 0;
  for (const std::int64_t at : times) {
    while (step + 1 < steps.size() && steps[step + 1].start <= at * 1'000'000) ++step;
    if (steps[step].offset != Libc::offset(at)) return at;
  }
  return -1;
}

const std::filesystem::path kFolder = "/usr/share/zoneinfo";

std::set<std::string> all_zones() {
  std::set<std::string> names;
  std::ifstream file(kFolder / "tzdata.zi");
  for (std::string line; std::getline(file, line);) {
    if (line.substr(0, 2) == "Z ") names.insert(line.substr(2, line.find(' ', 2) - 2));
    if (line.substr(0, 2) == "L ") names.insert(line.substr(line.rfind(' ') + 1));
  }
  return names;
}

std::string bytes_of(const std::string& zone) {
  std::ifstream file(kFolder / zone, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string big_endian(std::int64_t number, int width) {
  std::string out;
  for (int shift = (width - 1) * 8; shift >= 0; shift -= 8)
    out += static_cast<char>(static_cast<std::uint64_t>(number) >> shift & 0xff);
  return out;
}

// A file of version 2 with one offset from the start on, the given transitions to others, and a
// footer.
std::string tzif(std::int32_t first,
                 const std::vector<std::pair<std::int64_t, std::int32_t>>& transitions,
                 const std::string& footer) {
  const auto header = [](std::size_t times, std::size_t types, std::size_t characters) {
    std::string out = "TZif2" + std::string(15, '\0');
    for (const std::size_t count :
         {std::size_t{0}, std::size_t{0}, std::size_t{0}, times, types, characters})
      out += big_endian(static_cast<std::int64_t>(count), 4);
    return out;
  };
  std::string out =
      header(0, 1, 4) + big_endian(0, 4) + std::string("\0\0", 2) + std::string("XXX\0", 4);
  out += header(transitions.size(), transitions.size() + 1, 4);
  for (const auto& [at, offset] : transitions) out += big_endian(at, 8);
  for (std::size_t i = 0; i < transitions.size(); ++i) out += static_cast<char>(i + 1);
  out += big_endian(first, 4) + std::string("\0\0", 2);
  for (const auto& [at, offset] : transitions)
    out += big_endian(offset, 4) + std::string("\0\0", 2);
  return out + std::string("XXX\0", 4) + "\n" + footer + "\n";
}

class Temporary {
 public:
  explicit Temporary(const std::string& bytes)
      : path_(std::filesystem::temp_directory_path() / ("zone." + std::to_string(::getpid()))) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("every zone has the offsets that the C library gives it, from 1970 through 2100",
          "[zones]") {
  REQUIRE(has_zone_data());
  const std::set<std::string> names = all_zones();
  REQUIRE(names.size() > 400);
  std::size_t after_2037 = 0;
  for (const std::string& name : names) {
    INFO(name);
    const auto zone = find_zone(name);
    REQUIRE(zone);
    REQUIRE(zone->name == name);
    REQUIRE(in_order(zone->steps));
    const Libc libc(name);
    REQUIRE(first_difference(zone->steps) == -1);
    after_2037 += zone->steps.back().start > days_from_civil(2038, 1, 1) * 86'400'000'000 ? 1 : 0;
  }
  CHECK(after_2037 > 100);  // daylight saving goes on
}

TEST_CASE("footers of every form are worked out as the C library does", "[zones]") {
  for (const char* footer :
       {"CET-1CEST,M3.5.0,M10.5.0/3", "AEST-10AEDT,M10.1.0,M4.1.0/3", "IST-1GMT0,M10.5.0,M3.5.0/1",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "EST5EDT4,M3.2.0/2:30,M11.1.0/1:59:59", "EET-2EEST,M4.4.5/0,M10.5.4/24",
        "<-03>3<-02>,M3.5.6/22,M10.5.6/23", "AAA3BBB,J60,J300", "AAA3BBB,59/0,299/1",
        "AAA3BBB,J59/2,J61/2", "AAA-3BBB,M2.5.1/0,M9.1.6/0", "AAA0BBB-0:20,M1.2.0,M12.4.0",
        "IST-2IDT,M3.4.4/26,M10.5.0", "AAA3BBB,M3.2.0/-100,M11.1.0/100"}) {
    INFO(footer);
    // The C library reads a footer only behind some transition: one in 1874.
    const std::string bytes = tzif(0, {{-3'000'000'000, 0}}, footer);
    const std::vector<Zone::Step> steps = read_tzif(bytes);
    REQUIRE(in_order(steps));
    const Temporary file(bytes);
    const Libc libc(file.path());
    CHECK(first_difference(steps) == -1);
  }
}

TEST_CASE("random footers are worked out as the C library does", "[zones]") {
  // Away from New Year: the C library takes each year by itself, and a change that a time of day
  // moves into the next year is lost on it.
  Random random(28);
  for (int round = 0; round < 300; ++round) {
    const auto rule = [&](std::size_t quarter) {
      std::string out = ",";
      switch (random.below(3)) {
        case 0:
          out += "M" + std::to_string(2 + quarter * 3) + "." + std::to_string(1 + random.below(5)) +
                 "." + std::to_string(random.below(7));
          break;
        case 1: out += "J" + std::to_string(10 + quarter * 90 + random.below(60)); break;
        default: out += std::to_string(10 + quarter * 90 + random.below(60));
      }
      if (random.chance(70))
        out += "/" + std::to_string(random.between(-20, 40)) + (random.chance(30) ? ":30" : "");
      return out;
    };
    const std::size_t first = random.below(2);
    std::string begin = rule(first), end = rule(first + 2);
    if (random.chance(50)) std::swap(begin, end);
    const std::string footer = "AAA" + std::to_string(random.between(-14, 12)) +
                               (random.chance(30) ? ":45" : "") + "BBB" + begin + end;
    const std::string bytes = tzif(0, {{-3'000'000'000, 0}}, footer);
    const std::vector<Zone::Step> steps = read_tzif(bytes);
    INFO(footer);
    REQUIRE(in_order(steps));
    const Temporary file(bytes);
    const Libc libc(file.path());
    REQUIRE(first_difference(steps) == -1);
  }
}

TEST_CASE("daylight saving all year round is one offset", "[zones]") {
  // RFC 8536 section 3.3.1: the end of one year's is the beginning of the next one's.
  for (const char* footer : {"EST5EDT,0/0,J365/25", "XXX3EDT4,0/0,J365/23"}) {
    const std::vector<Zone::Step> steps = read_tzif(tzif(-14'400, {}, footer));
    INFO(footer);
    REQUIRE(steps.size() == 1);
    CHECK(steps[0].offset == -14'400);
  }
}

TEST_CASE("listed transitions go before the footer", "[zones]") {
  const std::int64_t y2000 = days_from_civil(2000, 1, 1) * 86'400;
  const auto steps = read_tzif(tzif(3'600, {{-5, 7'200}, {y2000, 10'800}}, "<+03>-3"));
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].offset == 7'200);
  CHECK(steps[1].start == y2000 * 1'000'000);
  CHECK(steps[1].offset == 10'800);
  CHECK(read_tzif(tzif(3'600, {}, "")).size() == 1);
  CHECK(read_tzif(tzif(0, {}, "XXX-5:45:15")).front().offset == 20'715);
  // The footer takes over behind the last of them.
  const auto more = read_tzif(tzif(0, {{y2000, 3'600}}, "CET-1CEST,M3.5.0,M10.5.0/3"));
  REQUIRE(more.size() > 150);
  CHECK(more[1].start == y2000 * 1'000'000);
  CHECK(more[2].start == (days_from_civil(2000, 3, 26) * 86'400 + 3'600) * 1'000'000);
  CHECK(offset_of(more, days_from_civil(2099, 7, 1) * 86'400) == 7'200);
}

TEST_CASE("a file that is not in order gives nothing", "[zones]") {
  for (const char* footer :
       {"C", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J1",
        "CET-1CEST,J366,J1", "CET-1CEST,M3.5.0/168,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0,",
        "CET-1CEST-1,M3.5.0,M10.5.0", "<CET-1", "CET-999", "CET-1:60", "CET-1x", "CET-123456", "CET-1:x", "CET-1:00:x", "CET-1:00:60",
        "CET-1CEST,M0.5.0,M10.5.0", "CET-1CEST,M3.0.0,M10.5.0", "CET-1CEST,M3.5.0/x,M10.5.0", "<>-1"}) {
    INFO(footer);
    CHECK(read_tzif(tzif(0, {}, footer)).empty());
  }
  CHECK(read_tzif("").empty());
  CHECK(read_tzif("TZif").empty());
  CHECK(read_tzif(tzif(0, {{5, 0}, {4, 0}}, "")).empty());  // backwards
  CHECK(read_tzif(tzif(26 * 3'600 + 1, {}, "")).empty());   // further from UTC than any place
  CHECK(read_tzif(tzif(0, {{1, -26 * 3'600 - 1}}, "")).empty());
  std::string typeless = tzif(0, {}, "");
  typeless[54 + 20 + 4 * 4 + 3] = 0;  // of the second block's types: there is no offset at all
  CHECK(read_tzif(typeless).empty());
}

TEST_CASE("damaged files are refused or give steps in order", "[zones]") {
  Random random(27);
  std::size_t refused = 0;
  for (const char* name : {"Europe/Zurich", "America/New_York", "Africa/Casablanca", "Asia/Tokyo",
                           "Antarctica/Troll", "UTC"}) {
    const std::string whole = bytes_of(name);
    REQUIRE(whole.size() > 100);
    const auto judge = [&](const std::string& bytes) {
      const std::vector<Zone::Step> steps = read_tzif(bytes);
      if (steps.empty()) ++refused;
      REQUIRE((steps.empty() || in_order(steps)));
    };
    for (std::size_t cut = 0; cut < whole.size(); ++cut) judge(whole.substr(0, cut));
    for (int round = 0; round < 4'000; ++round) {
      std::string bytes = whole;
      for (std::size_t left = 1 + random.below(4); left > 0; --left) {
        // Counts and footers decide most.
        const std::size_t at = random.chance(40)   ? random.below(44)
                               : random.chance(50) ? bytes.size() - 1 - random.below(30)
                                                   : random.below(bytes.size());
        bytes[at] = static_cast<char>(random.chance(30) ? 0xff : random.below(256));
      }
      judge(bytes);
    }
  }
  CHECK(refused > 5'000);
  // Counts that multiply beyond any memory.
  std::string large = tzif(0, {}, "");
  for (std::size_t at = 20; at < 44; ++at) large[at] = '\xff';
  CHECK(read_tzif(large).empty());
}

TEST_CASE("only names of the database are zones", "[zones]") {
  CHECK(find_zone("UTC"));
  CHECK(find_zone("Europe/Zurich"));
  for (const char* bad :
       {"", "/etc/passwd", "../zoneinfo/UTC", "Europe/../UTC", "posix/UTC", "right/UTC",
        "tzdata.zi", "Europe", "Europe/", "europe/zurich", "Europe/Zurich ", "UTC\n",
        "/usr/share/zoneinfo/UTC", "Europe//Zurich", "Zone1970.tab", "Europe/Zurich{", "Europe/Z[rich", "Europe/Z:rich"})
    CHECK_FALSE(find_zone(bad));
  CHECK_FALSE(find_zone(std::string(65, 'A')));
  CHECK_FALSE(find_zone(std::string("UTC\0", 4)));
  CHECK(nearest_zone("Europe/Zurch") == "Europe/Zurich");
  CHECK(nearest_zone("Zurich") == "Europe/Zurich");
  CHECK(nearest_zone("Nowhere/At_All").empty());
  // The end of a zone's name is a city only behind a slash.
  CHECK(nearest_zone("York").empty());
}
