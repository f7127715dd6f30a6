// The verifier: the one door from bytes to a View. Whatever it lets pass can be run without another
// check: every offset, index and operand is in range, every jump goes forward, every guard keeps its
// stack, every search ends. It proves memory safety and termination, not intent: an image may grant
// whatever it says; a host that must know the source pins its digest.
// Covered by tests/verify_test.cpp: one mutated image for each rule.
#pragma once

#include <memory>
#include <span>

#include <remit/result.h>

#include "engine/image/view.h"

namespace remit::image {

// Verifies `bytes`, which must be aligned to 8 and outlive the View. Time and memory are linear in the size. Throws only
// std::bad_alloc.
Result<std::shared_ptr<const View>> verify(std::span<const std::byte> bytes);
// The same for a copy of `bytes`, which the View keeps; they may lie anywhere.
Result<std::shared_ptr<const View>> verify_copy(std::span<const std::byte> bytes);

// The checksum of an image's bytes, as its header must state it.
std::uint64_t checksum(std::span<const std::byte> bytes) noexcept;

// Called by verify(), in this order; each gives the sentence of the first rule that is broken, or null.
const char* verify_names(const View& view) noexcept;
const char* verify_guards(const View& view);
const char* verify_index(View& view);      // fills homes to depths

}  // namespace remit::image
