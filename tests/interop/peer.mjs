// The npm library jose: makes keys and tokens for us to verify, and verifies what we mint.
//   node peer.mjs make  < {tokens: [{name, typ, claims}], algorithms: [...]}   prints {keys, private, tokens}
//   node peer.mjs check < {token, key, issuer, audience, typ, now}             prints the claims
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

// Node 18 has it, but not where the library looks.
globalThis.crypto ??= (await import("node:crypto")).webcrypto;
const require = createRequire(process.env.INTEROP + "/");
const jose = await import(pathToFileURL(require.resolve("jose")));
const input = JSON.parse(readFileSync(0, "utf8"));

if (process.argv[2] === "make") {
  const out = { keys: [], private: {}, tokens: [] };
  for (const alg of input.algorithms) {
    const pair = await jose.generateKeyPair(alg, { extractable: true });
    const kid = `jose-${alg}`;
    out.keys.push({ ...(await jose.exportJWK(pair.publicKey)), kid, alg, use: "sig" });
    out.private[alg] = { ...(await jose.exportJWK(pair.privateKey)), kid, alg };
    for (const { name, typ, claims } of input.tokens) {
      const token = await new jose.SignJWT(claims).setProtectedHeader({ alg, kid, typ }).sign(pair.privateKey);
      out.tokens.push({ name, alg, token });
    }
  }
  console.log(JSON.stringify(out));
} else {
  const { token, key, issuer, audience, typ, now } = input;
  const { payload } = await jose.jwtVerify(token, await jose.importJWK(key), { issuer, audience, typ, currentDate: new Date(now * 1000) });
  console.log(JSON.stringify(payload));
}
