// The words of a command that asks one thing: documents, an action, a resource, attributes.
// Covered by tests/tools_test.py.
#pragma once

#include <string>
#include <vector>

#include <remit/decision.h>

#include "tools/documents.h"

namespace remit::tools {

// The words, told apart: documents first, as long as they look like documents.
struct Question {
  std::vector<DocumentSource> documents;
  std::string action, resource;
  std::vector<std::string> attributes;  // NAME=VALUE, as written
};

// `texts` are documents themselves and come before the files among `words`. BadInput where no
// action and resource are left.
Question read_question(const std::vector<std::string>& texts,
                       const std::vector<std::string>& words);

// 0 allow, 1 deny, 3 ask.
int exit_code(Effect effect);

}  // namespace remit::tools
