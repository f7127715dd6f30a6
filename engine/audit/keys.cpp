// Ed25519 keys of a log, and checkpoints as notes signed by them. See remit/audit_proof.h.
// Covered by tests/audit_checkpoint_test.cpp.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <new>

#include "engine/audit/checkpoint.h"
#include "engine/audit/note.h"

namespace remit {
namespace {

using namespace audit;

constexpr std::uint8_t kEd25519 = 1;  // c2sp.org/signed-note, "Signature types"
constexpr std::size_t kKeySize = 32, kSignatureSize = 64;
constexpr std::size_t kMaxPem = std::size_t{16} << 10;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Stream = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

// What fails where this is used, fails for want of memory.
void require(bool worked) {
  if (worked) return;
  ERR_clear_error();
  throw std::bad_alloc();
}

// The doors throw nothing: a note that is refused and a lack of memory become Errors.
template <class T, class Work>
Result<T> guarded(const Work& work) noexcept {
  try {
    return work();
  } catch (const BadNote& problem) {
    try {
      return Error{ErrorCode::bad_argument, problem.what()};
    } catch (...) {
      return out_of_memory();
    }
  } catch (...) {
    return out_of_memory();
  }
}

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// As notes have a public key: its kind, then its bytes.
std::array<std::uint8_t, kKeySize + 1> with_kind(const std::array<std::uint8_t, kKeySize>& key) {
  std::array<std::uint8_t, kKeySize + 1> out{kEd25519};
  std::copy(key.begin(), key.end(), out.begin() + 1);
  return out;
}

std::string eight_digits(std::uint32_t hash) {
  std::array<char, 8> digits{};
  const auto [end, fault] = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16);
  const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  return std::string(digits.size() - text.size(), '0').append(text);
}

bool is_right(const VerifierKey& key, std::string_view text,
              std::span<const std::uint8_t> signature) {
  const Key handle(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes().data(),
                                               key.bytes().size()));
  const Context context(EVP_MD_CTX_new());
  require(handle && context &&
          EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1);
  const bool right = signature.size() == kSignatureSize &&
                     EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                      octets(text), text.size()) == 1;
  ERR_clear_error();
  return right;
}

// A file with a passphrase is refused; otherwise OpenSSL would ask the terminal for it.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

struct SigningKey::Secret {
  Key key;
};

Result<VerifierKey> VerifierKey::parse(std::string_view text) noexcept {
  return guarded<VerifierKey>([&] {
    const std::size_t first = text.find('+');
    const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos)
      throw BadNote("a verifier key is written name+hash+base64");
    VerifierKey key;
    key.name_ = text.substr(0, first);
    check_key_name(key.name_);
    const auto bytes = from_base64(text.substr(second + 1), "the last part of the verifier key");
    if (bytes.size() != kKeySize + 1 || bytes[0] != kEd25519)
      throw BadNote("the verifier key is not one of Ed25519");
    std::copy(bytes.begin() + 1, bytes.end(), key.bytes_.begin());
    key.hash_ = key_hash(key.name_, bytes);
    if (key.text() != text)
      throw BadNote("the verifier key's hash is not that of its name and key: it should be " +
                    eight_digits(key.hash_));
    return key;
  });
}

std::string VerifierKey::text() const {
  return name_ + "+" + eight_digits(hash_) + "+" + to_base64(with_kind(bytes_));
}

Result<Checkpoint> open_checkpoint(std::string_view text, const VerifierKey& key) noexcept {
  return guarded<Checkpoint>([&] {
    const Note note = split_note(text);
    bool found = false;
    for (const NoteSignature& one : note.signatures) {
      if (one.name != key.name() || one.hash != key.hash()) continue;
      if (!is_right(key, note.text, one.bytes))
        throw BadNote("the signature of " + key.name() +
                      " is wrong: the checkpoint was changed, "
                      "or another key signed it");
      found = true;
    }
    if (!found) throw BadNote("the checkpoint has no signature of the key " + key.text());
    Checkpoint checkpoint = parse_checkpoint(note.text);
    if (checkpoint.origin != key.name())
      throw BadNote("the checkpoint is of the log " + checkpoint.origin + ", not of " + key.name());
    return checkpoint;
  });
}

// Fills in the public half; `secret` holds an Ed25519 key.
SigningKey::SigningKey(std::shared_ptr<const Secret> secret, std::string_view name)
    : secret_(std::move(secret)) {
  std::size_t size = kKeySize;
  verifier_.name_ = name;
  require(EVP_PKEY_get_raw_public_key(secret_->key.get(), verifier_.bytes_.data(), &size) == 1);
  verifier_.hash_ = key_hash(name, with_kind(verifier_.bytes_));
}

Result<SigningKey> SigningKey::generate(std::string_view name) noexcept {
  return guarded<SigningKey>([&] {
    check_key_name(name);
    auto secret = std::make_shared<Secret>();
    secret->key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    require(secret->key != nullptr);
    return SigningKey(std::move(secret), name);
  });
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem, std::string_view name) noexcept {
  return guarded<SigningKey>([&] {
    check_key_name(name);
    if (pem.size() > kMaxPem) throw BadNote("the key file is longer than 16 KiB");
    const Stream stream(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    require(stream != nullptr);
    auto secret = std::make_shared<Secret>();
    secret->key.reset(PEM_read_bio_PrivateKey(stream.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (secret->key == nullptr)
      throw BadNote("the key file holds no private key in PEM (PKCS#8, without a passphrase)");
    if (EVP_PKEY_get_base_id(secret->key.get()) != EVP_PKEY_ED25519)
      throw BadNote("the private key is not one of Ed25519: make one with `remit audit key`");
    return SigningKey(std::move(secret), name);
  });
}

Result<std::string> SigningKey::to_pem() const noexcept {
  return guarded<std::string>([&] {
    const Stream stream(BIO_new(BIO_s_secmem()));  // wiped when freed
    require(stream && PEM_write_bio_PKCS8PrivateKey(stream.get(), secret_->key.get(), nullptr,
                                                    nullptr, 0, nullptr, nullptr) == 1);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(stream.get(), &bytes);
    return std::string(bytes, static_cast<std::size_t>(size));
  });
}

Result<std::string> SigningKey::sign(const Checkpoint& checkpoint) const noexcept {
  return guarded<std::string>([&] {
    if (checkpoint.origin != verifier_.name())
      throw BadNote("the key " + verifier_.name() + " signs no checkpoints of another log");
    const std::string text = checkpoint_text(checkpoint);
    std::array<std::uint8_t, kSignatureSize> signature{};
    std::size_t size = signature.size();
    const Context context(EVP_MD_CTX_new());
    require(context != nullptr &&
            EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, secret_->key.get()) == 1 &&
            EVP_DigestSign(context.get(), signature.data(), &size, octets(text), text.size()) == 1);
    return join_note(text, verifier_.name(), verifier_.hash(), signature);
  });
}

}  // namespace remit
