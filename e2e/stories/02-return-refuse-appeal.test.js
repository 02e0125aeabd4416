// R003-081 R003-088: a correction stops the clock; a refusal has a reason from the list and may be appealed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { begin, fillBirthRecord, pay, people, send, signIn, signInStaff } from "../lib/people.js";
import { startPortal } from "../lib/portal.js";

let portal;
before(async () => (portal = await startPortal()));
after(() => portal.stop());

async function paidCase(visitor, entry) {
  await begin(visitor, "298");
  await fillBirthRecord(visitor, entry);
  const sent = await send(visitor);
  await pay(visitor, sent.path);
  await visitor.go(sent.path);
  await visitor.until(/ko‘rib chiqmoqda/);
  return sent;
}

async function act(official, number, action, fill) {
  await official.go(`/staff/cases/${number}`);
  const take = official.page.locator("form[action$='/take'] button");
  if (await take.count()) await official.submit("form[action$='/take'] button");
  const form = official.page.locator(`form:has(input[name=action][value=${action}])`);
  await form.evaluate((element) => element.closest("details")?.setAttribute("open", ""));
  await fill(form);
  await official.submit(`form:has(input[name=action][value=${action}]) button[type=submit]`);
}

test("Dilnoza corrects her application, is refused in the end, and appeals", async () => {
  const dilnoza = await portal.person();
  const nigora = await portal.person();
  await signIn(dilnoza, people.dilnoza);
  const sent = await paidCase(dilnoza, 1);
  await signInStaff(nigora, "av-xodim");

  await act(nigora, sent.number, "return", (form) => form.locator("textarea").fill("Maqsadni aniqlashtiring"));
  await dilnoza.go(sent.path);
  await dilnoza.until("Maqsadni aniqlashtiring");
  await dilnoza.page.locator("main a[href$='/correct']").first().click();
  await dilnoza.page.waitForLoadState();
  await dilnoza.look();
  await dilnoza.page.locator("input[name=purpose]").nth(2).check();
  await dilnoza.submit("main form[method=post] button[type=submit]");
  await dilnoza.go(sent.path);
  await dilnoza.until(/ko‘rib chiqmoqda/);

  await act(nigora, sent.number, "refuse", async (form) => {
    await form.locator("input[name=reason]").first().check();
    await form.locator("textarea").fill("Arxivda bunday yozuv topilmadi");
  });
  await dilnoza.go(sent.path);
  await dilnoza.until("Arxivda bunday yozuv topilmadi");
  await dilnoza.page.locator("main a[href$='/appeal']").first().click();
  await dilnoza.page.waitForLoadState();
  await dilnoza.look();
  await dilnoza.page.locator("main form textarea").fill("Yozuv bor: nusxasini ko‘rganman");
  await dilnoza.submit("main form[method=post] button[type=submit]");
  await dilnoza.go(sent.path);
  await dilnoza.until(/shikoyat/i);

  const head = await portal.person();
  await signInStaff(head, "av-rahbar");
  await head.go("/staff");
  await head.go(`/staff/cases/${sent.number}`);
  assert.match(await head.text(), /Yozuv bor/);
  await head.go("/staff/unit");
});

test("two officials act on one case: the second gets the fresh state, nothing is overwritten", async () => {
  const jasur = await portal.person();
  await signIn(jasur, people.jasur);
  const sent = await paidCase(jasur, 0);
  const first = await portal.person();
  const second = await portal.person();
  await signInStaff(first, "av-xodim");
  await signInStaff(second, "av-xodim2");
  await first.go(`/staff/cases/${sent.number}`);
  await second.go(`/staff/cases/${sent.number}`);
  await first.submit("form[action$='/take'] button");
  const [answer] = await Promise.all([
    second.page.waitForNavigation(),
    second.page.locator("form[action$='/take'] button").click(),
  ]);
  assert.equal(answer.status(), 409);
  await second.look();
  assert.match(await second.text(), /Salimova Nigora/);
});

test("Bekzod withdraws, and may start again", async () => {
  const bekzod = await portal.person();
  await signIn(bekzod, people.bekzod);
  await begin(bekzod, "298");
  await fillBirthRecord(bekzod, 0);
  const sent = await send(bekzod);
  await bekzod.go(`${sent.path}/withdraw`);
  await bekzod.submit("main form[method=post] button[type=submit]");
  await bekzod.go(sent.path);
  await bekzod.until(/qaytarib olin/i);
});
