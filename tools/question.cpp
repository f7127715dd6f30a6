// See question.h.
#include "tools/question.h"

#include <filesystem>

#include <fmt/format.h>

#include "tools/errors.h"

namespace remit::tools {
namespace {

bool is_document_name(std::string_view word) {
  return word == "-" || word.ends_with(".scope") || is_image_name(word);
}

}  // namespace

Question read_question(const std::vector<std::string>& texts,
                       const std::vector<std::string>& words) {
  Question out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    out.documents.push_back({i == 0 ? "<text>" : fmt::format("<text {}>", i + 1), texts[i]});
  }
  std::size_t at = 0;
  for (; at < words.size() && is_document_name(words[at]); ++at) {
    out.documents.push_back({words[at], std::nullopt});
  }
  std::error_code ignored;
  if (at < words.size() && std::filesystem::is_regular_file(words[at], ignored)) {
    throw BadInput(
        fmt::format("{}: a document's name ends in .scope, an image's in .remit", words[at]));
  }
  // Which of the two is missing: said in the order in which they are written.
  if (out.documents.empty() && words.size() < 2)
    throw BadInput("a document comes first: FILE.scope, or --text \"...\"");
  if (words.size() < at + 2) throw BadInput("an ACTION and a RESOURCE come after the documents");
  out.action = words[at];
  out.resource = words[at + 1];
  out.attributes.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 2, words.end());
  return out;
}

int exit_code(Effect effect) {
  return effect == Effect::allow ? kFine : effect == Effect::ask ? kAsk : kNo;
}

}  // namespace remit::tools
