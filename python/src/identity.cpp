// Who acts, for whom, and how that is known: identities, tokens, trust, issuing.
// Covered by tests/python/test_identity.py.
#include <pybind11/stl.h>

#include <remit/identifier.h>
#include <remit/mint.h>
#include <remit/token.h>

#include "python/src/values.h"

namespace remit::python {
namespace {

[[noreturn]] void raise_refusal(const Refusal& refusal) {
  raise_error(to_string(refusal.code), refusal.text);
}

template <class T>
T value_or_refuse(Result<T, Refusal> result) {
  if (!result) raise_refusal(result.error());
  return std::move(result).value();
}
void raise_if(const std::optional<Refusal>& refusal) {
  if (refusal) raise_refusal(*refusal);
}

Time required_time(const py::object& given) { return time_from(given.ptr()); }

Identity make_identity(const std::string& agent, const std::string& user,
                       const std::string& sponsor, std::vector<std::string> chain,
                       const std::string& issuer, const py::object& expires) {
  Identity made;
  made.agent = agent;
  made.user = user;
  made.sponsor = sponsor;
  made.chain = std::move(chain);
  made.issuer = issuer;
  made.expires = optional_time(expires);
  return made;
}

// Keys of `tokens` are kinds by name, values the tokens.
Authenticated authenticate_tokens(const std::vector<std::pair<std::string, std::string>>& tokens,
                                  const Trust& trust, const std::string& target,
                                  const py::object& now) {
  std::vector<PresentedToken> presented;
  for (const auto& [kind, text] : tokens) {
    const auto known = token_kind(kind);
    if (!known) {
      throw py::value_error("`" + kind +
                            "` is no kind of token: access_token, on_behalf_of, transaction, "
                            "jwt_svid, workload or workload_proof is wanted");
    }
    presented.push_back({*known, text});
  }
  const Time at = time_from(now.ptr());
  std::optional<Result<Authenticated, Refusal>> found;
  {
    const py::gil_scoped_release released;
    found = authenticate({.tokens = presented, .target = target}, trust, at);
  }
  return value_or_refuse(std::move(*found));
}

std::string mint(const Signer& signer, const Identity& identity, const std::string& trust_domain,
                 const std::string& scope, const py::object& expires,
                 const py::object& session_ends, const std::string& requester,
                 const std::string& transaction, const std::string& purpose,
                 std::vector<std::string> scopes, const py::object& now) {
  TransactionGrant grant{identity,
                         trust_domain,
                         requester,
                         transaction,
                         purpose,
                         scope,
                         std::move(scopes),
                         required_time(expires),
                         required_time(session_ends)};
  return value_or_refuse(mint_transaction(signer, grant, time_from(now.ptr())));
}

std::string replace(const Signer& signer, const std::string& token, const Trust& trust,
                    const std::string& agent, const std::string& scope,
                    std::vector<std::string> scopes, const py::object& expires,
                    const py::object& now) {
  const Narrowing narrowing{agent, scope, std::move(scopes), required_time(expires)};
  return value_or_refuse(mint_replacement(signer, token, trust, narrowing, time_from(now.ptr())));
}

void bind_identities(py::module_& module) {
  py::class_<Identity>(module, "Identity",
                       "Who acts, for whom, and how that is known. Filled in by the host, or made "
                       "by `authenticate`.")
      .def(py::init(&make_identity), py::kw_only(), py::arg("agent") = "", py::arg("user") = "",
           py::arg("sponsor") = "", py::arg("chain") = std::vector<std::string>{},
           py::arg("issuer") = "", py::arg("expires") = py::none())
      .def_property_readonly(
          "agent", [](const Identity& self) { return str_or_none(self.agent); },
          "The acting agent's identifier, or None.")
      .def_property_readonly(
          "user", [](const Identity& self) { return str_or_none(self.user); },
          "On whose behalf, or None.")
      .def_property_readonly(
          "sponsor", [](const Identity& self) { return str_or_none(self.sponsor); },
          "Who answers for an agent that runs by itself, or None.")
      .def_property_readonly(
          "chain", [](const Identity& self) { return self.chain; },
          "Agents before this one, the first one first.")
      .def_property_readonly(
          "issuer", [](const Identity& self) { return str_or_none(self.issuer); },
          "Who vouched for this; None: the host itself.")
      .def_property_readonly(
          "expires",
          [](const Identity& self) {
            return self.expires ? to_datetime(*self.expires) : py::object(py::none());
          },
          "A session ends then at the latest; None: no such end.")
      .def_property_readonly(
          "habit", [](const Identity& self) { return std::string(to_string(self.habit)); },
          "`'none'`, `'impersonation'` (no agent) or `'unaccountable'` (no person): a session is "
          "refused until the host supplies that half.")
      .def_property_readonly(
          "supplied", [](const Identity& self) { return self.supplied; },
          "True where the host has named the half that was missing.");

  py::class_<Authenticated>(module, "Authenticated",
                            "What verified tokens say. `authenticate` makes it.")
      .def_property_readonly(
          "identity", [](const Authenticated& self) { return self.identity; },
          "Who acts, for whom: an `Identity`.")
      .def_property_readonly(
          "scopes", [](const Authenticated& self) { return self.scopes; },
          "Texts of the language that the tokens carry: each is one more document that a session "
          "has to pass. Open nothing where one\n"
          "does not compile.")
      .def_property_readonly(
          "purpose", [](const Authenticated& self) { return str_or_none(self.purpose); },
          "Of a transaction token, or None.")
      .def_property_readonly(
          "transaction", [](const Authenticated& self) { return str_or_none(self.transaction); },
          "`txn`, or None.")
      .def_property_readonly(
          "workload", [](const Authenticated& self) { return str_or_none(self.workload); },
          "The presenter, where a token proves it, or None.")
      .def_property_readonly(
          "client", [](const Authenticated& self) { return str_or_none(self.client); },
          "Which OAuth client it was, or None; never an agent's identity.")
      .def_property_readonly(
          "digests", [](const Authenticated& self) { return self.digests; },
          "SHA-256 of each token, in the order presented: all that a trail may keep.")
      .def(
          "supply_agent",
          [](const Authenticated& self, const std::string& agent) {
            return value_or_refuse(supply_agent(self, agent));
          },
          py::arg("agent"),
          "The host names the agent that acts with a plain user's token. Marked, and so in the "
          "trail. Raises `RemitError`.")
      .def(
          "supply_sponsor",
          [](const Authenticated& self, const std::string& sponsor) {
            return value_or_refuse(supply_sponsor(self, sponsor));
          },
          py::arg("sponsor"),
          "The host names the person who answers for a service account. Marked, and so in the "
          "trail. Raises `RemitError`.");
}

}  // namespace

void bind_identity(py::module_& module) {
  bind_identities(module);
  py::class_<Trust>(module, "Trust",
                    "Which issuers may say what, with which keys; and which tokens were used "
                    "before. Thread-safe.\n\n"
                    "The form of the file is described in docs/identity.md. Raises `RemitError` "
                    "with the code of the fault.")
      .def_static(
          "parse",
          [](const std::string& json, const std::string& folder) {
            return value_or_refuse(Trust::parse(json, folder));
          },
          py::arg("json"), py::kw_only(), py::arg("folder") = "",
          "From JSON text; key files are looked up in `folder`, and refused without one.")
      .def_static(
          "load",
          [](const py::object& file) {
            return value_or_refuse(
                Trust::load(py::cast<std::string>(py::module_::import("os").attr("fspath")(file))));
          },
          py::arg("file"), "From a file; key files are looked up beside it.")
      .def(
          "reload",
          [](Trust& self, const std::string& json, const std::string& folder) {
            raise_if(self.reload(json, folder));
          },
          py::arg("json"), py::kw_only(), py::arg("folder") = "",
          "Replaces the configuration, or leaves it as it is and raises. Used tokens stay "
          "remembered.")
      .def(
          "replace_keys",
          [](Trust& self, const std::string& issuer, const std::string& key_set) {
            raise_if(self.replace_keys(issuer, key_set));
          },
          py::arg("issuer"), py::arg("key_set"),
          "Replaces one issuer's keys by those of a JWK Set, a JSON text.");
  py::class_<Signer>(module, "Signer",
                     "A private key and the issuer whose it is. The key never comes out again.")
      .def_static(
          "from_jwk",
          [](const std::string& jwk, const std::string& issuer) {
            return value_or_refuse(Signer::from_jwk(jwk, issuer));
          },
          py::arg("jwk"), py::arg("issuer"),
          "From a private JWK with `kid`, Ed25519 or P-256, as JSON text. Raises `RemitError`.");

  module.def("authenticate", authenticate_tokens, py::arg("tokens"), py::arg("trust"),
             py::arg("target"), py::arg("now"));
  module.def("mint_transaction", mint, py::arg("signer"), py::arg("identity"),
             py::arg("trust_domain"), py::arg("scope"), py::arg("expires"), py::arg("session_ends"),
             py::arg("requester"), py::arg("transaction"), py::arg("purpose"), py::arg("scopes"),
             py::arg("now"));
  module.def("mint_replacement", replace, py::arg("signer"), py::arg("token"), py::arg("trust"),
             py::arg("agent"), py::arg("scope"), py::arg("scopes"), py::arg("expires"),
             py::arg("now"));
  module.def(
      "parse_identifier",
      [](const std::string& text) {
        const Identifier found = value_or_refuse(parse_identifier(text));
        return classes().identifier(to_string(found.kind), found.text,
                                    str_or_none(found.trust_domain), str_or_none(found.path));
      },
      py::arg("text"));
}

}  // namespace remit::python
