// What a pattern covers (language.md section 3), and what a rule's ACTIONS RESOURCES mean (section
// 4).
#pragma once

#include <string>
#include <string_view>

#include "tests/reference/model.h"

namespace remit::reference {

// Does `glob` (kStar, kQuestion and literal bytes) match the whole of `text`, which is UTF-8?
bool glob_matches(std::string_view glob, std::string_view text);

// Does `pattern` of `document` cover the resource?
bool covers(const lang::Resolved& document, const lang::Pattern& pattern, const Asked& asked);
bool any_covers(const lang::Resolved& document, const std::vector<lang::Pattern>& patterns,
                const Asked& asked);

// The declaration by which layer `index` judges requests about `system`: its own, or section 4's
// stand-in; null where there is none.
const lang::SystemInfo* declaration(const std::vector<Setting>& layers, std::size_t index,
                                    const std::string& system);

// The index of `action` in a declaration; nothing where it has no such action.
std::optional<std::uint32_t> find_action(const lang::SystemInfo& system, const std::string& action);

// Do ACTIONS and RESOURCES both speak of the request, judged by `system`'s declaration?
bool subject_matches(const lang::Resolved& document, const lang::SystemInfo& system,
                     const lang::Subject& subject, const Asked& asked);

}  // namespace remit::reference
