// npm openid-client, unchanged, against the built program.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as openid from "openid-client";
import { Browser, registrar, startProvider } from "../lib/sso.js";

let provider, register, browser;

before(async () => {
  provider = await startProvider();
  register = await registrar(provider);
  browser = new Browser(provider.url);
  await browser.signIn();
});
after(() => provider?.stop());

// The demo speaks plain HTTP on this machine; nothing else is relaxed.
const discover = (client, auth, metadata = {}) =>
  openid.discovery(new URL(provider.url), client.id, metadata, auth, { execute: [openid.allowInsecureRequests] });

async function begin(config, client, scope, more = {}) {
  const verifier = openid.randomPKCECodeVerifier();
  const [state, nonce] = [openid.randomState(), openid.randomNonce()];
  const params = {
    redirect_uri: client.redirect,
    scope,
    state,
    nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...more,
  };
  return { params, checks: { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true } };
}

async function signIn(config, client, scope, more, options) {
  const { params, checks } = await begin(config, client, scope, more);
  const back = await browser.authorize(openid.buildAuthorizationUrl(config, params));
  return openid.authorizationCodeGrant(config, back, checks, undefined, options);
}

test("openid-client: code, ID token, userinfo, renewal, introspection, revocation", async () => {
  const client = await register();
  const config = await discover(client, openid.ClientSecretBasic(client.secret));
  const tokens = await signIn(config, client, "openid profile email offline_access", { max_age: "3600" });
  const claims = tokens.claims();
  assert.equal(claims.acr, "urn:peshtoq:acr:otp");
  const info = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
  assert.equal(info.given_name, "Dilnoza");
  const renewed = await openid.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(renewed.claims().sub, claims.sub);
  assert.equal((await openid.tokenIntrospection(config, renewed.access_token)).active, true);
  await openid.tokenRevocation(config, renewed.refresh_token);
  assert.equal((await openid.tokenIntrospection(config, renewed.access_token)).active, false);
  await assert.rejects(openid.refreshTokenGrant(config, renewed.refresh_token), (error) => error.error === "invalid_grant");
});

test("openid-client: EdDSA, client_secret_post, form_post", async () => {
  const client = await register({ auth: "client_secret_post", id_token_alg: "EdDSA" });
  const config = await discover(client, openid.ClientSecretPost(client.secret));
  const tokens = await signIn(config, client, "openid", { response_mode: "form_post" });
  assert.ok(tokens.claims().sub);
});

test("openid-client: private_key_jwt", async () => {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  const client = await register({ auth: "private_key_jwt", jwks: { keys: [{ kty, crv, x, y, kid: "one" }] } });
  const config = await discover(client, openid.PrivateKeyJwt({ key: keys.privateKey, kid: "one" }));
  const tokens = await openid.clientCredentialsGrant(config);
  assert.equal(tokens.token_type, "bearer");
});

test("openid-client: pushed request and tokens bound to a key", async () => {
  const client = await register({ require_par: true, require_dpop: true });
  const config = await discover(client, openid.ClientSecretBasic(client.secret));
  const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair("ES256"));
  const { params, checks } = await begin(config, client, "openid email offline_access");
  const address = await openid.buildAuthorizationUrlWithPAR(config, params, { DPoP });
  assert.deepEqual([...address.searchParams.keys()].sort(), ["client_id", "request_uri"]);
  const tokens = await openid.authorizationCodeGrant(config, await browser.authorize(address), checks, undefined, { DPoP });
  assert.equal(tokens.token_type, "dpop");
  const info = await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP });
  assert.ok(info.email);
  const renewed = await openid.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  assert.equal(renewed.token_type, "dpop");
  // Without the key the token is worth nothing.
  await assert.rejects(openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub));
});

test("openid-client: a device without a browser", async () => {
  const client = await register({ auth: "none", grants: ["urn:ietf:params:oauth:grant-type:device_code"], redirect_uris: [] });
  const config = await discover(client, openid.None());
  const waiting = await openid.initiateDeviceAuthorization(config, { scope: "openid email" });
  const polling = openid.pollDeviceAuthorizationGrant(config, waiting);
  await browser.agreeToDevice(waiting.user_code);
  const tokens = await polling;
  assert.ok((await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).email);
});

test("openid-client: what the person refuses is told, and silence is answered", async () => {
  const client = await register();
  const config = await discover(client, openid.ClientSecretBasic(client.secret));
  const { params, checks } = await begin(config, client, "openid", { prompt: "none" });
  const back = await browser.authorize(openid.buildAuthorizationUrl(config, params));
  await assert.rejects(openid.authorizationCodeGrant(config, back, checks), (error) => error.error === "consent_required");
});

test("openid-client: signing out", async () => {
  const client = await register();
  const config = await discover(client, openid.ClientSecretBasic(client.secret));
  const visitor = new Browser(provider.url);
  await visitor.signIn();
  const { params, checks } = await begin(config, client, "openid");
  const tokens = await openid.authorizationCodeGrant(config, await visitor.authorize(openid.buildAuthorizationUrl(config, params)), checks);
  const address = openid.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: "https://client.example/bye",
    state: "s",
  });
  const left = await visitor.open(address);
  assert.equal(left.href, "https://client.example/bye?state=s");
  assert.ok(!visitor.cookies.has("ps"));
});
