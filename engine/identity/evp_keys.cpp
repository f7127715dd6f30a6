// See evp_keys.h. OpenSSL checks that a P-256 point is on its curve, but takes any 32 bytes for an
// Ed25519 key: that check is ours.
#include "engine/identity/evp_keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>

#include "engine/identity/refuse.h"

namespace remit::identity {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Number = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using Scratch = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using Handle = std::shared_ptr<EVP_PKEY>;

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Allocation is all that can fail where this is used.
void require(bool worked) {
  if (!worked) refuse(RefusalCode::crypto_failed);
}

Number number(std::string_view big_endian) {
  Number out(BN_bin2bn(octets(big_endian), static_cast<int>(big_endian.size()), nullptr));
  require(out != nullptr);
  return out;
}

Handle own(EVP_PKEY* key) { return Handle(key, EVP_PKEY_free); }

// Null where OpenSSL does not take the parameters.
Handle from_data(const char* type, const Builder& builder, int selection) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  require(parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY* key = nullptr;
  const bool made = EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) == 1;
  ERR_clear_error();
  return made ? own(key) : nullptr;
}

bool passes(const Handle& key, int (*check)(EVP_PKEY_CTX*)) {
  const Context context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  require(context != nullptr);
  const bool passed = check(context.get()) == 1;
  ERR_clear_error();
  return passed;
}

// The five encodings of y (little-endian, sign bit cleared) whose points have an order that divides
// 8: a signature by such a key can be made by anybody.
constexpr std::array<std::array<unsigned char, 32>, 5> kSmallOrder = {{
    {0},  // order 4
    {1},  // the neutral element
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},  // order 2
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},  // order 8
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},  // order 8
}};

// RFC 8032 section 5.1.3: y is below p, and (y^2 - 1) / (d y^2 + 1) is a square.
void check_ed25519(std::string_view encoded) {
  std::array<unsigned char, 32> little{};
  std::copy(encoded.begin(), encoded.end(), little.begin());
  const bool sign = (little[31] & 0x80) != 0;
  little[31] &= 0x7F;
  const Scratch scratch(BN_CTX_new());
  const Number p(BN_new()), y(BN_lebin2bn(little.data(), 32, nullptr)), square(BN_new()),
      above(BN_new()), below(BN_new()), half(BN_new());
  require(scratch && p && y && square && above && below && half);
  BN_CTX* ctx = scratch.get();
  require(BN_set_bit(p.get(), 255) == 1 && BN_sub_word(p.get(), 19) == 1);
  if (BN_cmp(y.get(), p.get()) >= 0) refuse(RefusalCode::key_off_curve);
  if (std::find(kSmallOrder.begin(), kSmallOrder.end(), little) != kSmallOrder.end()) {
    // x is 0 for the neutral element and the point of order 2; with a sign they are no points at
    // all.
    const bool zero_x = little == kSmallOrder[1] || little == kSmallOrder[2];
    refuse(sign && zero_x ? RefusalCode::key_off_curve : RefusalCode::key_weak_point);
  }
  // d = -121665 / 121666; so test (y^2 - 1) * 121666 * (121666 - 121665 y^2), which is the quotient
  // times a square, by Euler's criterion.
  require(BN_mod_sqr(square.get(), y.get(), p.get(), ctx) == 1);
  require(BN_copy(above.get(), square.get()) && BN_sub_word(above.get(), 1) == 1 &&
          BN_mul_word(above.get(), 121666) == 1);
  require(BN_copy(below.get(), square.get()) && BN_mul_word(below.get(), 121665) == 1);
  require(BN_set_word(half.get(), 121666) == 1 &&
          BN_mod_sub(below.get(), half.get(), below.get(), p.get(), ctx) == 1);
  require(BN_mod_mul(square.get(), above.get(), below.get(), p.get(), ctx) == 1);
  require(BN_copy(half.get(), p.get()) && BN_sub_word(half.get(), 1) == 1 &&
          BN_rshift1(half.get(), half.get()) == 1);
  require(BN_mod_exp(square.get(), square.get(), half.get(), p.get(), ctx) == 1);
  if (!BN_is_one(square.get())) refuse(RefusalCode::key_off_curve);
}

}  // namespace

Secret::~Secret() { OPENSSL_cleanse(bytes.data(), bytes.size()); }

Handle make_rsa(std::string_view modulus, std::string_view exponent) {
  // Before anything is computed with it: an attacker's key of a megabyte would cost minutes.
  if (modulus.size() > 1024) refuse(RefusalCode::key_too_large);
  const Number n = number(modulus);
  if (BN_num_bits(n.get()) < 2048) refuse(RefusalCode::key_too_small);
  if (!BN_is_odd(n.get())) refuse(RefusalCode::key_malformed, "n");
  if (exponent.size() > 8) refuse(RefusalCode::key_exponent);
  const Number e = number(exponent);
  if (!BN_is_odd(e.get()) || BN_num_bits(e.get()) < 17) refuse(RefusalCode::key_exponent);
  const Builder builder(OSSL_PARAM_BLD_new());
  require(builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
          OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
  Handle key = from_data("RSA", builder, EVP_PKEY_PUBLIC_KEY);
  if (!key) refuse(RefusalCode::key_malformed, "n");
  return key;
}

Handle make_p256(std::string_view x, std::string_view y, std::string_view secret) {
  const std::string point =
      std::string("\x04").append(x).append(y);  // uncompressed, SEC 1 section 2.3.3
  const Number d = secret.empty() ? nullptr : number(secret);
  const Builder builder(OSSL_PARAM_BLD_new());
  require(builder &&
          OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) ==
              1 &&
          OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                           point.size()) == 1 &&
          (d == nullptr ||
           OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, d.get()) == 1));
  Handle key = from_data("EC", builder, d == nullptr ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR);
  if (!key || !passes(key, EVP_PKEY_public_check)) refuse(RefusalCode::key_off_curve);
  if (d != nullptr && !passes(key, EVP_PKEY_pairwise_check)) refuse(RefusalCode::key_pair_mismatch);
  return key;
}

Handle make_ed25519(std::string_view x, std::string_view secret) {
  check_ed25519(x);
  if (secret.empty()) {
    Handle key = own(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(x), x.size()));
    require(key != nullptr);
    return key;
  }
  Handle key =
      own(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(secret), secret.size()));
  std::array<unsigned char, 32> own_public{};
  std::size_t size = own_public.size();
  require(key && EVP_PKEY_get_raw_public_key(key.get(), own_public.data(), &size) == 1);
  if (!std::equal(own_public.begin(), own_public.end(), octets(x)))
    refuse(RefusalCode::key_pair_mismatch);
  return key;
}

}  // namespace remit::identity
