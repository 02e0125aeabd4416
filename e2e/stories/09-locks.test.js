// R000-010: a passkey is made, signs in and confirms; a face opens more; an app for codes; "this was not me"; without JavaScript, too.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { people, signIn } from "../lib/people.js";
import { PASSWORD, startPortal } from "../lib/portal.js";

let portal;
before(async () => (portal = await startPortal()));
after(() => portal.stop());

/** The code that an app shows (RFC 6238), `ahead` steps from now. */
function appCode(key, ahead = 0) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...key.replace(/\s/g, "")].map((c) => letters.indexOf(c).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac("sha1", secret).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Shows the face of a person to the stand-in of MyID, in the same window, and comes back. */
async function face(visitor, who, verdict = "same") {
  const page = visitor.page;
  await visitor.submit("main form[method=post] button[type=submit]");
  await page.click("main a.govuk-button");
  await page.waitForURL(/session_id=/);
  await page.fill("#who", who);
  await page.click(`button[value=${verdict}]`);
  // The link back leads to the public address; a story that stands on another name of the same host goes there itself.
  await visitor.go("/face/done");
  await page.click("main form[method=post] button[type=submit]");
  await page.waitForURL((url) => !url.pathname.endsWith("/face/done"));
  await visitor.look();
}

/** Password and face: two proofs, as a change of the locks needs. */
async function proveTwo(visitor, who) {
  await visitor.go("/step-up/password?why=locks&next=/cabinet/security/ways");
  await visitor.page.fill("#password", PASSWORD);
  await visitor.submit();
  await visitor.go("/face?next=/cabinet/security/ways");
  await face(visitor, who);
}

async function authenticator(visitor) {
  const cdp = await visitor.context.newCDPSession(visitor.page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, authenticatorId };
}

test("a passkey is made after password and face, and signs in from then on", async () => {
  // Passkeys belong to a name, not to an address of numbers.
  const local = portal.url.replace("127.0.0.1", "localhost");
  const visitor = await portal.person({ baseURL: local });
  await signIn(visitor, people.dilnoza);
  await proveTwo(visitor, people.dilnoza.login);
  const { cdp, authenticatorId } = await authenticator(visitor);
  await visitor.go("/cabinet/security/ways/passkey");
  await visitor.page.fill("#name", "Mening telefonim");
  await visitor.page.click("main form[data-passkey] button");
  await visitor.page.waitForURL(/ways\?done=changed/);
  await visitor.look();
  assert.match(await visitor.text(), /Mening telefonim/);
  await visitor.context.clearCookies({ name: "ps" });
  await visitor.go("/sign-in");
  await visitor.page.click("form[data-passkey] button");
  await visitor.page.waitForURL(/\/cabinet$/);
  await visitor.go("/cabinet/security/history");
  const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
  assert.equal(credentials.length, 1);
  // A copy of the key whose counter stands still is refused.
  await cdp.send("WebAuthn.removeCredential", { authenticatorId, credentialId: credentials[0].credentialId });
  await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: { ...credentials[0], signCount: 0 } });
  await visitor.context.clearCookies({ name: "ps" });
  await visitor.go("/sign-in");
  await visitor.page.click("form[data-passkey] button");
  await visitor.page.waitForURL(/sign-in\/passkey/);
  assert.ok(await visitor.page.locator(".govuk-error-summary").count(), "a cloned key is refused");
  await visitor.close();
});

test("without JavaScript: app, printed codes, a lost password recovered by face and app, and a freeze", async () => {
  const visitor = await portal.person({ width: 360, javaScript: false });
  await signIn(visitor, people.gulnora);
  await visitor.go("/cabinet/security/ways/passkey");
  assert.match(visitor.page.url(), /step-up\?why=locks/, "password and SMS, and no address that hears of it: not enough");
  await proveTwo(visitor, people.gulnora.login);
  await visitor.go("/cabinet/security/ways/totp");
  const key = await visitor.page.locator("main .p-mono").innerText();
  await visitor.page.fill("#name", "Ilova");
  await visitor.page.fill("#code", appCode(key));
  await visitor.submit("main form[method=post] button[type=submit]");
  assert.match(visitor.page.url(), /done=changed/);
  await visitor.go("/cabinet/security/ways/printed");
  await visitor.submit("main form[method=post] button[type=submit]");
  const codes = await visitor.page.locator("main ol .p-mono, main ol li.p-mono").allInnerTexts();
  assert.equal(codes.length, 10);
  // Lost: password unknown. A false face is refused, the right one and a printed code let in.
  await visitor.context.clearCookies();
  await visitor.go("/recover");
  await visitor.page.fill("#login", people.gulnora.login);
  await visitor.submit("main form[method=post] button[type=submit]");
  await visitor.go("/recover/prove/face");
  await face(visitor, people.gulnora.login, "photo");
  assert.ok(await visitor.page.locator(".govuk-error-summary").count());
  await visitor.go("/recover/prove/face");
  await face(visitor, people.gulnora.login);
  await visitor.go("/recover/prove/printed");
  await visitor.page.fill("#code", codes[0]);
  await visitor.submit("main form[method=post] button[type=submit]");
  await visitor.page.fill("#password", "yangi yashil choynak");
  await visitor.submit("main form[method=post] button[type=submit]");
  assert.match(visitor.page.url(), /recover\/done/);
  // The notice carries a link by which it is undone.
  await visitor.go("/demo/phone");
  const link = (await visitor.text()).match(/\/uz\/not-me\/[\w-]+/g)?.at(0);
  assert.ok(link, "the message carries the link");
  await visitor.page.goto(link);
  await visitor.look();
  await visitor.submit("main form[method=post] button[type=submit]");
  await visitor.go("/sign-in");
  await visitor.page.fill("#login", people.gulnora.login);
  await visitor.page.fill("#password", "yangi yashil choynak");
  await visitor.submit("main form[method=post] button[type=submit]");
  assert.match(visitor.page.url(), /recover\?frozen=1/);
  await visitor.close();
});
