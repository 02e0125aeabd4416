// Acting for a firm; a family that follows a checklist; what is published about every service.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { begin, people, signIn } from "../lib/people.js";
import { startPortal } from "../lib/portal.js";

let portal;
before(async () => (portal = await startPortal()));
after(() => portal.stop());

for (const width of [1280, 360]) {
  test(`the head of a firm applies for the firm at ${width} px`, async () => {
    const visitor = await portal.person({ width });
    const { page } = visitor;
    await signIn(visitor, width === 360 ? people.aybek : people.otabek);
    await visitor.go("/services/306");
    await visitor.go("/apply/306");
    const firm = width === 360 ? "Nókis dárilik egin" : "Xiva mehmon";
    assert.match(await visitor.text(), new RegExp(firm), "the register of taxpayers names the firm");
    await page.getByLabel(new RegExp(firm)).check();
    await visitor.submit("main form[method=post] button[type=submit]");
    assert.match(page.url(), /\/drafts\//);
    assert.match(await visitor.text(), new RegExp(firm), "the form says for whom it is");
    // The way back, and to the same form again.
    const draft = page.url();
    await visitor.go("/apply/306");
    await page.getByLabel(new RegExp(firm)).check();
    await visitor.submit("main form[method=post] button[type=submit]");
    assert.equal(page.url(), draft, "what was begun is resumed");
  });
}

test("who represents nobody is told so, with the way on", async () => {
  const visitor = await portal.person({ width: 360, lang: "ru" });
  await signIn(visitor, people.gulnora);
  await visitor.go("/apply/306");
  await visitor.page.getByRole("radio", { name: /доверенност/i }).check();
  await visitor.page.locator("main input[type=text]").first().fill("YO-0000");
  await visitor.submit("main form[method=post] button[type=submit]");
  assert.ok((await visitor.page.locator(".govuk-error-summary, .govuk-error-message").count()) > 0, "an error beside the field");
  assert.equal(await visitor.page.locator("main input[type=text]").first().inputValue(), "YO-0000", "what was typed is kept");
});

test("a family follows the checklist after a birth, and it remembers", async () => {
  const visitor = await portal.person({ width: 360 });
  const { page } = visitor;
  await visitor.go("/life/birth");
  assert.equal(await page.locator("button[name=mark]").count(), 0, "a visitor reads only");
  await signIn(visitor, people.dilnoza);
  await visitor.go("/life/birth");
  const before = await page.locator("#step-clinic button[value=done]").count();
  assert.equal(before, 1);
  await visitor.submit("#step-clinic button[value=done]");
  assert.equal(await page.locator("#step-clinic button[value=clear]").count(), 1, "done, and can be taken back");
  await visitor.go("/life/birth");
  assert.equal(await page.locator("#step-clinic button[value=clear]").count(), 1, "remembered");
  await visitor.submit("#step-residence button[value=skip]");
  assert.equal(await page.locator("#step-residence button[value=clear]").count(), 1, "not needed, and can be taken back");
  await visitor.submit("#step-clinic button[value=clear]");
  assert.equal(await page.locator("#step-clinic button[value=done]").count(), 1);
});

for (const width of [1280, 360]) {
  test(`anybody reads lists, statistics and the register of simplification at ${width} px`, async () => {
    for (const lang of ["uz", "kaa", "en"]) {
      const visitor = await portal.person({ width, lang });
      for (const path of ["/life", "/life/business", "/services/298/statistics", "/services/1197/statistics", "/simplification", "/services?free=1&channel=kiosk", "/search?q=zagranpasport", "/search?q=qwertyuiop"]) {
        await visitor.go(path);
      }
      const parts = await visitor.page.evaluate(async (path) => {
        const page = new DOMParser().parseFromString(await (await fetch(path)).text(), "text/html");
        return [...page.querySelectorAll("main a")].map((a) => a.getAttribute("href")).filter((href) => /\/simplification\/[a-z-]+$/.test(href));
      }, `/${lang}/simplification`);
      assert.ok(parts.length > 0, "the lists of the register");
      for (const path of new Set(parts)) await visitor.go(path.replace(`/${lang}`, ""));
      await visitor.context.close();
    }
  });
}

test("every service has a leaflet, a schema and statistics as files", async () => {
  const visitor = await portal.person();
  for (const code of ["298", "306", "496"]) {
    const leaflet = await visitor.context.request.get(`${portal.url}/uz/services/${code}/leaflet.pdf`);
    assert.equal(leaflet.status(), 200);
    assert.equal((await leaflet.body()).subarray(0, 5).toString(), "%PDF-");
    const csv = await visitor.context.request.get(`${portal.url}/uz/services/${code}/statistics.csv`);
    assert.match(csv.headers()["content-type"], /text\/csv/);
    const schema = await (await visitor.context.request.get(`${portal.url}/api/v1/services/${code}/schema`)).json();
    assert.ok(schema.properties ?? schema.$defs, "a JSON Schema of the answers");
  }
});
