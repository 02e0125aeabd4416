// The administrator of an agency gives a role; a second one confirms; the role works at once and is taken back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { signInStaff } from "../lib/people.js";
import { startPortal } from "../lib/portal.js";

let portal;
before(async () => (portal = await startPortal()));
after(() => portal.stop());

for (const width of [1280, 360]) {
  test(`a sensitive role is given by two administrators and taken back at ${width} px`, async () => {
    const [first, second] = [await portal.person({ width }), await portal.person({ width })];
    await signInStaff(first, "av-admin");
    await first.go("/staff/people");
    await first.go("/staff/people?show=due");
    await first.page.getByRole("link", { name: "Tursunov Behzod Komilovich" }).click();
    await first.page.waitForLoadState();
    await first.look();
    const member = new URL(first.page.url()).pathname.replace(/^\/[^/]+/, "");
    await first.page.locator("input[name=role][value=head]").check();
    await first.page.fill("#days", "9999");
    await first.submit("#give ~ form button[type=submit]");
    assert.ok(await first.page.locator("#days-error").isVisible(), "told beside the field");
    assert.equal(await first.page.inputValue("#days"), "9999", "what was typed is kept");
    await first.page.fill("#days", "30");
    await first.submit("#give ~ form button[type=submit]");
    assert.equal(await first.page.locator("button[value=confirm]").count(), 0, "nobody confirms what they gave");

    await signInStaff(second, "av-admin2");
    await second.go("/staff/people?show=waiting");
    await second.go(member);
    await second.submit("button[name=do][value=confirm]");
    assert.equal(await second.page.locator("input[name=role][value=head][type=hidden]").count(), 1, "the member has it");
    await second.submit("form:has(input[type=hidden][value=head]) button[value=withdraw]");
    assert.equal(await second.page.locator("input[name=role][value=head][type=hidden]").count(), 0, "and has it no more");
  });
}

test("a foreign citizen finds what is open to them", async () => {
  const visitor = await portal.person({ width: 360, lang: "en" });
  await visitor.go("/foreign");
  const links = await visitor.page.locator("main a[href*='/services/']").count();
  assert.ok(links > 0, "services open to foreign citizens");
  await visitor.go("/register/foreign");
});
