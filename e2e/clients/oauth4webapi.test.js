// npm oauth4webapi, unchanged, against the built program: the demo's public client with PKCE.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as oauth from "oauth4webapi";
import { Browser, registrar, startProvider } from "../lib/sso.js";

const plain = { [oauth.allowInsecureRequests]: true };
let provider, as, browser;

before(async () => {
  provider = await startProvider();
  const issuer = new URL(provider.url);
  as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, plain));
  browser = new Browser(provider.url);
  await browser.signIn();
});
after(() => provider?.stop());

async function code(client, redirect, scope, more = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const address = new URL(as.authorization_endpoint);
  for (const [name, value] of Object.entries({
    client_id: client.client_id,
    redirect_uri: redirect,
    response_type: "code",
    scope,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...more,
  })) {
    address.searchParams.set(name, value);
  }
  const back = await browser.authorize(address);
  return { params: oauth.validateAuthResponse(as, client, back, state), verifier, nonce };
}

test("oauth4webapi: a program on the person's machine, with a port of its choice", async () => {
  const client = { client_id: "demo-shop" };
  const redirect = "http://127.0.0.1:53123/callback";
  const { params, verifier, nonce } = await code(client, redirect, "openid profile offline_access");
  const response = await oauth.authorizationCodeGrantRequest(as, client, oauth.None(), params, redirect, verifier, plain);
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: nonce, requireIdToken: true });
  // The signature is looked at with the keys that are published.
  await oauth.validateApplicationLevelSignature(as, response, plain);
  const { sub } = oauth.getValidatedIdTokenClaims(tokens);
  const info = await oauth.processUserInfoResponse(as, client, sub, await oauth.userInfoRequest(as, client, tokens.access_token, plain));
  assert.equal(info.family_name, "Karimova");
  const again = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), tokens.refresh_token, plain);
  const renewed = await oauth.processRefreshTokenResponse(as, client, again);
  assert.notEqual(renewed.refresh_token, tokens.refresh_token);
  // Reuse: everything of the sign-in ends.
  const stolen = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), tokens.refresh_token, plain);
  await assert.rejects(oauth.processRefreshTokenResponse(as, client, stolen), (error) => error.error === "invalid_grant");
  const ended = await oauth.userInfoRequest(as, client, renewed.access_token, plain);
  await assert.rejects(oauth.processUserInfoResponse(as, client, sub, ended), (error) => error.status === 401);
});

test("oauth4webapi: a code works once", async () => {
  const client = { client_id: "demo-shop" };
  const redirect = "http://127.0.0.1:53124/callback";
  const { params, verifier } = await code(client, redirect, "openid");
  const redeem = () => oauth.authorizationCodeGrantRequest(as, client, oauth.None(), params, redirect, verifier, plain);
  assert.equal((await redeem()).status, 200);
  assert.equal((await (await redeem()).json()).error, "invalid_grant");
});

test("oauth4webapi: an answer of another provider is refused by the client, because ours says who gives it", async () => {
  const client = { client_id: "demo-shop" };
  assert.equal(as.authorization_response_iss_parameter_supported, true);
  const back = new URLSearchParams({ code: "x", state: "s", iss: "https://evil.example" });
  assert.throws(() => oauth.validateAuthResponse(as, client, back, "s"));
});

test("oauth4webapi: pushed request with a secret", async () => {
  const register = await registrar(provider);
  const made = await register({ auth: "client_secret_post" });
  const client = { client_id: made.id };
  const auth = oauth.ClientSecretPost(made.secret);
  const verifier = oauth.generateRandomCodeVerifier();
  const wanted = new URLSearchParams({
    redirect_uri: made.redirect,
    response_type: "code",
    scope: "openid",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const response = await oauth.pushedAuthorizationRequest(as, client, auth, wanted, plain);
  const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, response);
  const address = new URL(as.authorization_endpoint);
  address.searchParams.set("client_id", made.id);
  address.searchParams.set("request_uri", request_uri);
  const params = oauth.validateAuthResponse(as, client, await browser.authorize(address), oauth.expectNoState);
  const redeemed = await oauth.authorizationCodeGrantRequest(as, client, auth, params, made.redirect, verifier, plain);
  assert.ok((await oauth.processAuthorizationCodeResponse(as, client, redeemed)).id_token);
});
