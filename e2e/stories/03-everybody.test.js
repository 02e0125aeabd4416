// R000-034 R003-090 R003-092 R003-093 R003-094 R003-119: in five languages, at 360 px, without JavaScript, by keyboard.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answer, begin, fillBirthRecord, people, send, signIn } from "../lib/people.js";
import { startPortal } from "../lib/portal.js";

let portal;
before(async () => (portal = await startPortal()));
after(() => portal.stop());

const open = ["/", "/services", "/groups/documents", "/life/birth", "/services/298", "/services/308", "/services/306", "/services/285", "/search?q=pasport", "/search?q=zzzzzz", "/verify", "/sign-in", "/register", "/register/foreign", "/preferences", "/staff/sign-in", "/demo", "/developers", "/gallery", "/nothing-here"];

for (const lang of ["uz", "uz-Cyrl", "kaa", "ru", "en"]) {
  test(`public pages in ${lang}, wide and at 360 px`, async () => {
    for (const width of [1280, 360]) {
      const visitor = await portal.person({ lang, width });
      for (const path of open) await visitor.go(path);
      await visitor.close();
    }
  });
}

test("an automatic answer comes at once, in the reader's language", async () => {
  for (const lang of ["uz", "ru", "en", "kaa", "uz-Cyrl"]) {
    const bekzod = await portal.person({ lang, width: 360 });
    await signIn(bekzod, people.bekzod);
    await begin(bekzod, "496");
    while (/\/drafts\/[^/]+\/\d$/.test(new URL(bekzod.page.url()).pathname)) {
      await answer(bekzod);
      await bekzod.submit();
    }
    const sent = await send(bekzod);
    await bekzod.go(sent.path);
    const link = bekzod.page.locator("main a[href*='/documents/']").first();
    const until = Date.now() + 20_000;
    while (!(await link.count()) && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await bekzod.page.reload();
    }
    assert.ok(await link.count(), `a document in ${lang}`);
    await bekzod.look();
    await bekzod.go("/cabinet/cases");
    await bekzod.close();
  }
});

test("Gulnora does it without JavaScript on a small screen; half the fee is hers", async () => {
  const gulnora = await portal.person({ width: 360, javaScript: false });
  await signIn(gulnora, people.gulnora);
  await begin(gulnora, "298");
  // An empty form comes back with an error beside each field.
  await gulnora.submit("main form[method=post] button[type=submit]");
  assert.ok((await gulnora.page.locator(".govuk-error-message").count()) > 0, "errors stand beside the fields");
  await fillBirthRecord(gulnora, 0);
  assert.match((await gulnora.text()).replaceAll("\u00a0", " "), /9 270/, "0.05 BHM × 0.9 × 0.5");
  await send(gulnora);
  for (const path of ["/cabinet", "/cabinet/cases", "/cabinet/documents", "/cabinet/invoices", "/cabinet/messages", "/cabinet/profile", "/cabinet/security", "/cabinet/access"]) {
    await gulnora.go(path);
  }
});

test("what is typed is kept, and the draft waits on another device", async () => {
  const sardor = await portal.person();
  await signIn(sardor, people.sardor);
  await begin(sardor, "285");
  const draft = new URL(sardor.page.url()).pathname.replace("/uz", "");
  const radio = sardor.page.locator("main form input[type=radio]").first();
  await radio.check();
  const name = await radio.getAttribute("name");
  const value = await radio.getAttribute("value");
  await sardor.page.locator("[data-autosave-state]").waitFor({ state: "attached" });
  await sardor.page.waitForResponse((answer) => answer.url().includes("autosave") && answer.ok());
  const phone = await portal.person({ width: 360 });
  await signIn(phone, people.sardor);
  await phone.go(draft);
  assert.ok(await phone.page.locator(`input[name="${name}"][value="${value}"]`).isChecked());
});

test("the keyboard is enough: skip link, focus seen, suggestions by arrow", async () => {
  const visitor = await portal.person();
  await visitor.go("/");
  await visitor.page.keyboard.press("Tab");
  assert.match(await visitor.page.evaluate(() => document.activeElement.className), /p-skip/);
  await visitor.page.locator("main input[name=q]").fill("tonirovk");
  await visitor.page.locator("main input[name=q]").fill("metrka");
  await visitor.page.locator("[role=option]").first().waitFor();
  await visitor.page.keyboard.press("ArrowDown");
  await visitor.page.keyboard.press("Enter");
  await visitor.page.waitForURL(/services\/\d+/);
  await visitor.look();
});

test("dark, high contrast and the largest text: no violation, no sideways scrolling", async () => {
  for (const [theme, text] of [["dark", "normal"], ["contrast", "largest"], ["light", "large"]]) {
    const visitor = await portal.person({ width: 360 });
    await visitor.go("/preferences");
    await visitor.page.locator(`input[name=theme][value=${theme}]`).check({ force: true });
    await visitor.page.locator(`input[name=text][value=${text}]`).check({ force: true });
    await visitor.submit("form[action$='/preferences'] button[type=submit]");
    for (const path of ["/", "/services/298", "/sign-in"]) await visitor.go(path);
    await visitor.close();
  }
});

test("the first view weighs less than 60 KB", async () => {
  const visitor = await portal.person();
  for (const path of ["/uz", "/ru/services/298"]) {
    const context = await portal.browser.newContext();
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    let bytes = 0;
    session.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
    await page.goto(portal.url + path, { waitUntil: "networkidle" });
    assert.ok(bytes > 10_000 && bytes < 60 * 1024, `${path}: ${bytes} bytes`);
    await context.close();
  }
  await visitor.close();
});
