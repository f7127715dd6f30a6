// The patterns of one `*` that cover a path. See index.h.
#include "engine/vm/index.h"

namespace remit::vm {

bool is_star_node(const Node& node, const image::Shape& shape, const Path& path, std::size_t depth, std::uint32_t word) noexcept {
  if (node.kind != NodeKind::star || node.word != word) return false;
  const char* key = View::key(node);
  const std::size_t begin = path.begin(depth), end = path.end(depth);
  // key: the path up to `before` bytes of the segment, `*`, `after` bytes, the tail.
  if (node.star != begin + shape.before) return false;
  if (std::memcmp(key, path.text.data(), node.star) != 0) return false;
  const std::size_t stop = path.end(depth + shape.tail);  // where the tail ends
  const std::size_t rest = node.key_length - node.star - 1u;
  if (rest != shape.after + (stop - end)) return false;
  return std::memcmp(key + node.star + 1, path.text.data() + end - shape.after, rest) == 0;
}

const Node* StarNodes::next() noexcept {
  const char* const text = path_.text.data();
  while (next_ != end_) {
    const image::Shape& shape = view_.shapes[next_++];
    if (depth_ + shape.tail >= path_.parts.segments) continue;
    const std::size_t begin = path_.begin(depth_), end = path_.end(depth_), stop = path_.end(depth_ + shape.tail);
    if (end - begin < std::size_t{shape.before} + shape.after) continue;
    const std::uint64_t hash = image::hash_star(prefix_, {text + begin, shape.before}, {text + end - shape.after, shape.after + stop - end});
    const Node* node = find_node(view_, image::with_word(hash, word_), [&](const Node& n) { return is_star_node(n, shape, path_, depth_, word_); });
    if (node == nullptr) continue;
    tail_ = shape.tail;
    return node;
  }
  return nullptr;
}

}  // namespace remit::vm
