// R000-014 R000-035 R003-076 R003-079 R003-082 R003-088: register → apply → pay → decide → document → verify.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { begin, fillBirthRecord, pay, people, send, signIn, signInStaff } from "../lib/people.js";
import { PASSWORD, startPortal } from "../lib/portal.js";

let portal;
before(async () => (portal = await startPortal()));
after(() => portal.stop());

test("Kamola opens a cabinet, asks for her birth record, pays, gets the document, and anybody can check it", async () => {
  const kamola = await portal.person();
  const { page } = kamola;

  await kamola.go("/register");
  await page.fill("#pinfl", people.kamola.login);
  await page.fill("#passport", people.kamola.passport);
  await page.fill("#phone", "+998 90 000 00 16");
  await kamola.submit();
  await page.fill("#code", await kamola.code(people.kamola.phone));
  await kamola.submit();
  assert.match(await kamola.text(), /Kamola/, "the name comes from the register");
  await page.locator("input[type=password]").first().fill(PASSWORD);
  const repeat = page.locator("input[type=password]").nth(1);
  if (await repeat.count()) await repeat.fill(PASSWORD);
  await kamola.submit();

  await kamola.go("/search?q=metrka");
  await page.locator("main a[href$='/services/298']").first().click();
  await page.waitForLoadState();
  await kamola.look();
  assert.match((await kamola.text()).replaceAll("\u00a0", " "), /18 540/, "0.9 of the counter's price");

  await begin(kamola, "298");
  await fillBirthRecord(kamola);
  assert.match((await kamola.text()).replaceAll("\u00a0", " "), /18 540/, "the fee is shown before sending");
  const sent = await send(kamola);
  await pay(kamola, sent.path);

  const official = await portal.person();
  await signInStaff(official, "av-rahbar");
  await official.go(`/staff/cases/${sent.number}`);
  await official.submit("form[action$='/take'] button");
  await official.page.locator("summary", { hasText: "Tasdiqlash" }).click().catch(() => {});
  await official.submit("form:has(input[name=action][value=approve]) button[type=submit]");

  await kamola.go(sent.path);
  await kamola.until(/ma’qullandi|Xizmat ko‘rsatildi|Tasdiqlandi/i);
  const pdfLink = page.locator("main a[href*='/documents/']").first();
  const until = Date.now() + 20_000;
  while (!(await pdfLink.count()) && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await page.reload();
  }
  const href = await pdfLink.getAttribute("href");
  const answer = await kamola.context.request.get(href);
  const pdf = await answer.body();
  assert.equal(answer.headers()["content-type"], "application/pdf");
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");

  // The paper goes to a stranger, who checks the file without signing in.
  const stranger = await portal.person({ lang: "ru" });
  const good = join(portal.data, "good.pdf");
  const bad = join(portal.data, "altered.pdf");
  writeFileSync(good, pdf);
  const altered = Buffer.from(pdf);
  altered[Math.floor(altered.length / 2)] ^= 1;
  writeFileSync(bad, altered);
  for (const [file, wanted] of [
    [good, /действителен|подлинн/i],
    [bad, /измен/i],
  ]) {
    await stranger.go("/verify");
    await stranger.page.setInputFiles("input[type=file]", file);
    await stranger.submit("form:has(input[type=file]) button[type=submit]");
    assert.match(await stranger.text(), wanted);
  }

  // She rates the service, and sees who looked at her data.
  await kamola.go(sent.path);
  await page.locator("input[name=stars][value='5']").check({ force: true });
  await kamola.submit("form[action$='/rate'] button[type=submit]");
  await kamola.go("/cabinet/access");
  assert.match(await kamola.text(), /Yusupov Rustam/);
  await kamola.go("/cabinet/documents");
  await kamola.go("/cabinet/messages");
  await kamola.go("/cabinet");
});

test("pressing the button twice files one application", async () => {
  const dilnoza = await portal.person();
  await signIn(dilnoza, people.dilnoza);
  await begin(dilnoza, "298");
  await fillBirthRecord(dilnoza, 1);
  const form = dilnoza.page.locator("form[action$='/submit']");
  await form.locator("input[type=checkbox]").check();
  const action = await form.getAttribute("action");
  const fields = Object.fromEntries(
    await form.evaluate((element) => [...new FormData(element)].map(([name, value]) => [name, String(value)])),
  );
  const send = () =>
    dilnoza.context.request.post(portal.url + action, { form: fields, maxRedirects: 0, headers: { origin: portal.url } });
  const answers = await Promise.all([send(), send(), send(), send()]);
  const places = new Set(answers.map((answer) => answer.headers().location));
  assert.equal(places.size, 1, `one receipt for all: ${[...places]}`);
  assert.ok(answers.every((answer) => answer.status() === 303));
});
