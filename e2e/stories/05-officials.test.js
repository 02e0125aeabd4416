// R000-034 R003-081 R003-092 R003-093: the officials' side in five languages, on a small screen, and without JavaScript.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { signInStaff } from "../lib/people.js";
import { startPortal } from "../lib/portal.js";

let portal;
before(async () => (portal = await startPortal()));
after(() => portal.stop());

/** The paths of the pages to which links of a page lead. */
async function linked(official, pattern) {
  const hrefs = await official.page.locator("main a[href]").evaluateAll((all) => all.map((link) => new URL(link.href).pathname));
  return [...new Set(hrefs.filter((path) => pattern.test(path)))].map((path) => path.replace(`/${official.lang}`, ""));
}

const logins = { uz: "av-xodim", "uz-Cyrl": "av-xodim2", kaa: "iiv-xodim", ru: "iiv-xodim2", en: "av-rahbar" };

for (const [lang, login] of Object.entries(logins)) {
  test(`an official works in ${lang}: queue, cases and unit at 1280 and 360 px`, async () => {
    for (const width of [1280, 360]) {
      const official = await portal.person({ lang, width });
      await signInStaff(official, login);
      for (const whose of ["", "?whose=mine", "?whose=free", "?whose=all"]) await official.go(`/staff${whose}`);
      const cases = await linked(official, /\/staff\/cases\/\d+$/);
      assert.ok(cases.length > 0, `${login} has no case to look at`);
      for (const path of cases.slice(0, 2)) await official.go(path);
      if (login.endsWith("rahbar")) {
        await official.go("/staff/unit");
        await official.go(`${cases[0]}`);
      }
      await official.close();
    }
  });
}

test("an official takes a case and asks for a correction without JavaScript on a telephone", async () => {
  const nigora = await portal.person({ width: 360, javaScript: false });
  await signInStaff(nigora, "av-xodim");
  await nigora.go("/staff?whose=free");
  const [path] = await linked(nigora, /\/staff\/cases\/\d+$/);
  assert.ok(path, "nobody's case is in the queue");
  await nigora.go(path);
  await nigora.submit("form[action$='/take'] button");
  const form = "form:has(input[name=action][value=return])";
  const closed = nigora.page.locator(`details:not([open]):has(${form})`);
  if (await closed.count()) await closed.first().locator("summary").click();
  await nigora.page.locator(`${form} textarea`).fill("Maqsadni aniqlashtiring");
  await nigora.submit(`${form} button[type=submit]`);
  await nigora.go(path);
  assert.match(await nigora.text(), /Maqsadni aniqlashtiring/);
});
