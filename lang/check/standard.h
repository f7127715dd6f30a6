// The standard library as text, embedded at build time from stdlib/ (generated file, see
// stdlib/embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace remit::lang {

struct StandardFile {
  std::string_view path;  // `hipaa/minimum_necessary.scope`, `systems/docs.scope`
  std::string_view text;
};

// All files of stdlib/, sorted by path. Those under systems/ are declarations that are always in scope.
std::span<const StandardFile> standard_library() noexcept;

}  // namespace remit::lang
