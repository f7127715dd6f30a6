// A page being written, in which nothing is markup but what stands in this program: literals go in
// as they are, everything else is text and escaped. Covered by tests/audit_report_test.py.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace remit::tools {

class Html {
 public:
  // Markup. An array of known size: no text from elsewhere fits.
  template <std::size_t N>
  Html& operator<<(const char (&markup)[N]) {
    out_.append(markup, N - 1);
    return *this;
  }
  Html& operator<<(std::integral auto number) {
    out_ += std::to_string(number);
    return *this;
  }
  Html& operator<<(const Html& part) {
    out_ += part.out_;
    return *this;
  }
  // Text, in an element or between the quotes of an attribute. What acts on a reader without being
  // seen (controls, bidirectional marks) is shown as an escape.
  Html& text(std::string_view text);
  // The same for several lines: line ends and tabs stay.
  Html& lines(std::string_view text);
  // A coordinate, with one decimal.
  Html& at(double value);

  const std::string& str() const { return out_; }

 private:
  std::string out_;
};

}  // namespace remit::tools
