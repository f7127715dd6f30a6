// Checkpoints, signed notes and keys: every rule of their form, and what a forger may try.
#include <catch2/catch.hpp>

#include <random>

#include "engine/audit/checkpoint.h"
#include "engine/audit/note.h"

using namespace remit;

namespace {

constexpr std::string_view kName = "audit.acme.example";
constexpr std::string_view kDash = "\xE2\x80\x94";

const SigningKey& signer() {
  static const SigningKey one = SigningKey::generate(kName).value();
  return one;
}
Checkpoint checkpoint() {
  return {.origin = std::string(kName), .size = 1234, .root = leaf_hash("x"), .extensions = {}};
}
std::string note() { return signer().sign(checkpoint()).value(); }

std::string refusal(std::string_view text, const VerifierKey& key = signer().verifier()) {
  const auto opened = open_checkpoint(text, key);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == ErrorCode::bad_argument);
  return opened.error().text;
}
std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("what is signed opens, and says the same") {
  Checkpoint with_more = checkpoint();
  with_more.extensions = {"one more line", "and another"};
  for (const Checkpoint& one :
       {checkpoint(), with_more, Checkpoint{std::string(kName), 0, empty_root(), {}},
        Checkpoint{std::string(kName), ~std::uint64_t{0}, {}, {}}}) {
    const std::string text = signer().sign(one).value();
    CHECK(open_checkpoint(text, signer().verifier()).value() == one);
    CHECK(audit::parse_checkpoint(audit::checkpoint_text(one)) == one);
  }
  CHECK(note().starts_with(std::string(kName) + "\n1234\n"));
  CHECK(note() == note());  // Ed25519 is deterministic
}

TEST_CASE("any change of a byte of a note is noticed") {
  const std::string right = note();
  for (std::size_t at = 0; at < right.size(); ++at) {
    for (const int change : {0x01, 0x20, 0x80}) {
      std::string wrong = right;
      wrong[at] = static_cast<char>(wrong[at] ^ change);
      INFO(at << " " << change);
      CHECK_FALSE(open_checkpoint(wrong, signer().verifier()).ok());
    }
    CHECK_FALSE(open_checkpoint(right.substr(0, at), signer().verifier()).ok());
  }
  CHECK_FALSE(open_checkpoint(right + "\n", signer().verifier()).ok());
}

TEST_CASE("forms that no note has") {
  const std::string right = note();
  const std::string line = right.substr(right.find("\n\n") + 2);
  CHECK(refusal("") == "the note has no empty line before its signatures");
  CHECK(refusal(right.substr(0, right.size() - line.size())) == "the note has no signature");
  CHECK(refusal(right.substr(0, right.size() - 1)) == "the note does not end with a line end");
  CHECK(refusal(replaced(right, "1234\n", "1234\r\n")) ==
        "the note has a control character other than line ends");
  CHECK(refusal(right + "- x AAAAAAA=\n") ==
        "a signature line of the note does not begin with an em dash and a blank");
  CHECK(refusal(right + std::string(kDash) + " x\n") ==
        "a signature line of the note has no signature");
  CHECK(refusal(right + std::string(kDash) + " x AAAA AAAA\n") ==
        "a signature of the note is not base64");
  CHECK(refusal(right + std::string(kDash) + " x AAAAAA==\n") ==
        "a signature of the note is too short");
  CHECK(refusal(right + std::string(kDash) + "  AAAAAAAA\n") == "a key's name has 1 to 256 bytes");
  CHECK(refusal(right + std::string(kDash) + " a\xE2\x80\x83z AAAAAAAA\n") ==
        "a key's name has no white space, control character or `+`");
  CHECK(refusal(std::string(70000, 'x') + right) == "the note is longer than 64 KiB");
  CHECK(refusal("\xFF" + right) == "the note is not UTF-8");
  std::string many = right;
  for (int i = 0; i < 100; ++i) many += line;
  CHECK(refusal(many) == "the note has more than 100 signatures");
}

TEST_CASE("signatures of others are passed over, a wrong one of the key is not") {
  const std::string right = note();
  const std::string line = right.substr(right.find("\n\n") + 2);
  const SigningKey other = SigningKey::generate(kName).value();
  const std::string others = other.sign(checkpoint()).value();
  const std::string other_line = others.substr(others.find("\n\n") + 2);
  CHECK(open_checkpoint(right + other_line, signer().verifier()).ok());
  CHECK(open_checkpoint(right + other_line, other.verifier()).ok());
  CHECK(open_checkpoint(right + line, signer().verifier()).ok());
  CHECK(refusal(others) ==
        "the checkpoint has no signature of the key " + signer().verifier().text());
  // The key's own line over another text.
  Checkpoint larger = checkpoint();
  larger.size = 9999;
  const std::string moved = audit::checkpoint_text(larger) + "\n" + line;
  CHECK(refusal(moved).starts_with("the signature of audit.acme.example is wrong"));
}

TEST_CASE("forms that no checkpoint has") {
  const std::string root = audit::to_base64(leaf_hash("x"));
  const auto refused = [](const std::string& text) -> std::string {
    try {
      audit::parse_checkpoint(text);
    } catch (const audit::BadNote& problem) {
      return problem.what();
    }
    return "";
  };
  CHECK(refused("a\n1\n" + root + "\n") == "");
  CHECK(refused("") == "the checkpoint has no line for its origin");
  CHECK(refused("a\n") == "the checkpoint has no line for its size");
  CHECK(refused("a\n1\n") == "the checkpoint has no line for its root hash");
  CHECK(refused("\n1\n" + root + "\n") == "the origin of the checkpoint is empty");
  for (const char* size : {"", "01", "+1", "-1", " 1", "1 ", "0x1", "18446744073709551616", "1e3"})
    CHECK(refused("a\n" + std::string(size) + "\n" + root + "\n") ==
          "the size of the checkpoint is not a decimal number below 2^64");
  for (const std::string& wrong : {root.substr(0, 43), root + "=", " " + root, std::string("====")})
    CHECK(refused("a\n1\n" + wrong + "\n") == "the root hash of the checkpoint is not base64");
  CHECK(refused("a\n1\nAAAA\n") == "the root hash of the checkpoint has not 32 bytes");
  CHECK(refused("a\n1\n" + root + "\n\n") == "an extension line of the checkpoint is empty");
}

TEST_CASE("keys: one text each, and a name that a note can carry") {
  const VerifierKey& key = signer().verifier();
  const std::string text = key.text();
  CHECK(VerifierKey::parse(text).value().text() == text);
  CHECK(VerifierKey::parse(text)->bytes() == key.bytes());
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string wrong = text;
    wrong[at] = wrong[at] == 'x' ? 'y' : 'x';
    CHECK_FALSE(VerifierKey::parse(wrong).ok());
  }
  CHECK(VerifierKey::parse("a+b").error().text == "a verifier key is written name+hash+base64");
  CHECK(VerifierKey::parse("a+00000000+AAAA").error().text ==
        "the verifier key is not one of Ed25519");
  // The published example of Go's note package.
  CHECK(VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
            .ok());
  for (const char* name : {"", "a b", "a+b", "a\nb", "a\tb", "\xC2\xA0", "\xFF"})
    CHECK_FALSE(SigningKey::generate(name).ok());
  CHECK_FALSE(SigningKey::generate(std::string(257, 'a')).ok());
  Checkpoint elsewhere = checkpoint();
  elsewhere.origin = "other.example";
  CHECK_FALSE(signer().sign(elsewhere).ok());
}

TEST_CASE("a key survives PEM, and no other key is taken") {
  const std::string pem = signer().to_pem().value();
  const SigningKey again = SigningKey::from_pem(pem, kName).value();
  CHECK(again.verifier().text() == signer().verifier().text());
  CHECK(again.sign(checkpoint()).value() == note());
  CHECK(SigningKey::from_pem(pem, "other.example")->verifier().text() != again.verifier().text());
  CHECK_FALSE(SigningKey::from_pem("", kName).ok());
  CHECK_FALSE(SigningKey::from_pem(pem.substr(0, pem.size() / 2), kName).ok());
  CHECK_FALSE(SigningKey::from_pem(std::string(20000, 'x'), kName).ok());
}

TEST_CASE("checkpoints that differ in any part are two") {
  CHECK(checkpoint() == checkpoint());
  for (const int part : {0, 1, 2, 3}) {
    Checkpoint other = checkpoint();
    if (part == 0) other.origin += "x";
    if (part == 1) other.size += 1;
    if (part == 2) other.root = leaf_hash("y");
    if (part == 3) other.extensions = {"x"};
    CHECK_FALSE(other == checkpoint());
  }
}

TEST_CASE("the example note of Go's package opens for its key") {
  // golang.org/x/mod/sumdb/note documents this key, text and signature.
  const auto key =
      VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
          .value();
  const std::string text =
      "If you think cryptography is the answer to your problem,\n"
      "then you don't know what your problem is.\n\n" +
      std::string(kDash) +
      " PeterNeumann "
      "x08go/ZJkuBS9UG/"
      "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
  // Its signature is right; what it signs is no checkpoint.
  CHECK(refusal(text, key) == "the size of the checkpoint is not a decimal number below 2^64");
  CHECK(refusal(replaced(text, "answer", "Answer"), key)
            .starts_with("the signature of PeterNeumann is wrong"));
}
