// The peer at its best: npm oidc-provider with everything in memory, nothing durable, codes made beforehand.
// node server.mjs PORT COUNT CHALLENGE REDIRECT SECRET: prints one code a line, then "ready".
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const [port, count, challenge, redirect, secret] = process.argv.slice(2);

// The adapter that comes with the package forgets all but the last thousand entries: a plain map forgets none.
class Memory {
  static all = new Map();
  constructor(name) {
    this.name = name;
  }
  key(id) {
    return `${this.name}:${id}`;
  }
  async upsert(id, payload) {
    Memory.all.set(this.key(id), payload);
  }
  async find(id) {
    return Memory.all.get(this.key(id));
  }
  async consume(id) {
    Memory.all.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    Memory.all.delete(this.key(id));
  }
  async revokeByGrantId() {}
}

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: Memory,
  clients: [
    {
      client_id: "bench",
      client_secret: secret,
      redirect_uris: [redirect],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "client_secret_basic",
      id_token_signed_response_alg: "ES256",
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256", kid: "bench" }] },
  cookies: { keys: ["bench"] },
  pkce: { required: () => true },
  ttl: { AccessToken: 900, AuthorizationCode: 3600, Grant: 3600, IdToken: 600 },
  features: { devInteractions: { enabled: false } },
  findAccount: async (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
});

const client = await provider.Client.find("bench");
const lines = [];
for (let n = 0; n < Number(count); n++) {
  const grant = new provider.Grant({ accountId: "person", clientId: "bench" });
  grant.addOIDCScope("openid");
  const code = new provider.AuthorizationCode({
    accountId: "person",
    acr: "urn:peshtoq:acr:otp",
    authTime: Math.floor(Date.now() / 1000),
    client,
    codeChallenge: challenge,
    codeChallengeMethod: "S256",
    grantId: await grant.save(),
    gty: "authorization_code",
    nonce: "measured",
    redirectUri: redirect,
    scope: "openid",
  });
  lines.push(await code.save());
}
provider.listen(Number(port), "127.0.0.1", () => process.stdout.write(`${lines.join("\n")}\nready\n`));
