// See signature.h.
#include "engine/identity/signature.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <memory>

#include "engine/identity/base64url.h"
#include "engine/identity/refuse.h"

namespace remit::identity {
namespace {

constexpr std::size_t kHalf = 32;  // bytes of r and of s: RFC 7518 section 3.4
constexpr std::size_t kRaw = 2 * kHalf;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;
struct FreePair {
  void operator()(ECDSA_SIG* pair) const { ECDSA_SIG_free(pair); }
};
using Pair = std::unique_ptr<ECDSA_SIG, FreePair>;

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void require(bool worked) {
  if (worked) return;
  ERR_clear_error();
  refuse(RefusalCode::crypto_failed);
}

Context make_context() {
  Context context(EVP_MD_CTX_new());
  require(context != nullptr);
  return context;
}

const EVP_MD* digest_of(Algorithm algorithm) {
  return algorithm == Algorithm::eddsa ? nullptr : EVP_sha256();
}

// OpenSSL takes ECDSA signatures in DER, JWS has r and s side by side.
std::string der_from_raw(std::string_view raw) {
  BIGNUM* r = BN_bin2bn(octets(raw), kHalf, nullptr);
  BIGNUM* s = BN_bin2bn(octets(raw) + kHalf, kHalf, nullptr);
  const Pair pair(ECDSA_SIG_new());
  if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    require(false);
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  require(size > 0);
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

std::string raw_from_der(std::string_view der) {
  const unsigned char* at = octets(der);
  const Pair pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  require(pair != nullptr);
  std::string out(kRaw, '\0');
  unsigned char* raw = reinterpret_cast<unsigned char*>(out.data());
  require(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), raw, kHalf) == kHalf &&
          BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), raw + kHalf, kHalf) == kHalf);
  return out;
}

}  // namespace

void verify_signature(const Key& key, std::string_view text, std::string_view signature) {
  const bool rsa = key.algorithm == Algorithm::rs256 || key.algorithm == Algorithm::ps256;
  const std::size_t wanted =
      rsa ? static_cast<std::size_t>(EVP_PKEY_get_size(key.handle.get())) : kRaw;
  if (signature.size() != wanted) refuse(RefusalCode::signature_length);
  const std::string der =
      key.algorithm == Algorithm::es256 ? der_from_raw(signature) : std::string(signature);
  const Context context = make_context();
  EVP_PKEY_CTX* how = nullptr;
  require(EVP_DigestVerifyInit(context.get(), &how, digest_of(key.algorithm), nullptr,
                               key.handle.get()) == 1);
  if (rsa)
    require(EVP_PKEY_CTX_set_rsa_padding(how, key.algorithm == Algorithm::ps256
                                                  ? RSA_PKCS1_PSS_PADDING
                                                  : RSA_PKCS1_PADDING) == 1);
  // RFC 7518 section 3.5: the salt is as long as the hash. Any other length is refused.
  if (key.algorithm == Algorithm::ps256)
    require(EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1);
  const bool right =
      EVP_DigestVerify(context.get(), octets(der), der.size(), octets(text), text.size()) == 1;
  ERR_clear_error();  // what OpenSSL thought of it is not for the host's own error queue
  if (!right) refuse(RefusalCode::signature_wrong);
}

std::string make_signature(const Key& key, std::string_view text) {
  const Context context = make_context();
  require(EVP_DigestSignInit(context.get(), nullptr, digest_of(key.algorithm), nullptr,
                             key.handle.get()) == 1);
  std::size_t size = 0;
  require(EVP_DigestSign(context.get(), nullptr, &size, octets(text), text.size()) == 1);
  std::string out(size, '\0');
  require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                         octets(text), text.size()) == 1);
  out.resize(size);
  return key.algorithm == Algorithm::es256 ? raw_from_der(out) : out;
}

std::string sha256(std::string_view bytes) {
  std::string out(32, '\0');
  require(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()),
                     nullptr, EVP_sha256(), nullptr) == 1);
  return out;
}

std::string sha256_hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : sha256(bytes)) {
    const unsigned value = static_cast<unsigned char>(c);
    out.push_back(kDigits[value >> 4]);
    out.push_back(kDigits[value & 15]);
  }
  return out;
}

std::string random_text(std::size_t bytes) {
  std::string out(bytes, '\0');
  require(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(bytes)) == 1);
  return encode_base64url(out);
}

}  // namespace remit::identity
