// A director gives an employee a mandate; the employee applies for the firm; the director takes it back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answer, people, send, signIn } from "../lib/people.js";
import { startPortal } from "../lib/portal.js";

let portal;
before(async () => (portal = await startPortal()));
after(() => portal.stop());

const FIRM = /Nókis dárilik egin/;

for (const width of [1280, 360]) {
  test(`a director gives an employee a mandate, who applies for the firm until it is revoked, at ${width} px`, async () => {
    const [holder, surname, name] = width === 360 ? [people.gulnora, "Rahimova", "Gulnora"] : [people.bekzod, "Tursunov", "Bekzod"];
    const boss = await portal.person({ width });
    await signIn(boss, people.aybek);
    await boss.go("/cabinet/mandates");
    assert.match(await boss.text(), FIRM, "the register names the firm");
    await boss.go("/cabinet/organisations/300000005");
    await boss.go("/cabinet/organisations/300000005/give");
    // A first try with a mistake: said beside the field, what was typed is kept.
    await boss.page.fill("#holder", "123");
    await boss.page.fill("#surname", surname);
    await boss.page.fill("#name", name);
    await boss.submit("main form[method=post] button[type=submit]");
    assert.equal(await boss.page.inputValue("#surname"), surname);
    assert.ok(await boss.page.locator("#holder-error").isVisible());
    await boss.page.fill("#holder", holder.login);
    await boss.page.locator("input[name=scope][value=all]").check();
    await boss.page.locator("input[name=powers][value=pay]").check();
    await boss.page.fill("[name='until.day']", "1");
    await boss.page.fill("[name='until.month']", "12");
    await boss.page.fill("[name='until.year']", String(new Date().getFullYear() + 1));
    await boss.submit("main form[method=post] button[type=submit]");
    const mandate = new URL(boss.page.url()).pathname.replace(/^\/[^/]+/, "");
    assert.match(mandate, /\/cabinet\/mandates\//);

    const employee = await portal.person({ width });
    await signIn(employee, holder);
    await employee.go("/apply/306");
    assert.doesNotMatch(await employee.text(), FIRM, "not accepted yet");
    await employee.go("/cabinet/mandates");
    await employee.go(mandate);
    await employee.submit("button[name=do][value=accept]");
    // Acting for the firm is chosen once, shown on every page, and ticked in the form.
    await employee.go("/cabinet/acting");
    await employee.page.getByLabel(FIRM).check();
    await employee.submit("main form[method=post] button[type=submit]");
    assert.match(await employee.page.locator(".p-acting").innerText(), FIRM);
    await employee.go("/apply/306");
    assert.ok(await employee.page.getByLabel(FIRM).isChecked(), "the firm is chosen ahead");
    await employee.submit("main form[method=post] button[type=submit]");
    assert.match(employee.page.url(), /\/drafts\//);
    await employee.page.fill("#account", "1000101");
    await employee.page.fill("#meter_number", "E-1");
    await answer(employee);
    await employee.submit("main form button[type=submit]:not([name])");
    assert.match(employee.page.url(), /\/check$/);
    await send(employee);
    assert.match(employee.page.url(), /\/cases\//);
    assert.match(await employee.text(), FIRM, "the case says for whom it is");
    // Both see it in the list of the firm, which is written a moment after.
    for (const visitor of [employee, boss]) {
      const until = Date.now() + 10_000;
      do await visitor.go("/cabinet/organisations/300000005/cases");
      while (!new RegExp(surname).test(await visitor.text()) && Date.now() < until);
      assert.match(await visitor.text(), new RegExp(surname));
    }
    // Back to oneself from any page.
    await employee.submit(".p-acting__back");
    assert.equal(await employee.page.locator(".p-acting").count(), 0);

    await boss.go(mandate);
    await boss.submit("button[name=do][value=revoke]");
    await employee.go("/apply/306");
    assert.equal(await employee.page.getByLabel(FIRM).count(), 0, "the firm is not offered any more");
    const answerNow = await employee.page.request.get(`/${employee.lang}/cabinet/organisations/300000005/cases`);
    assert.equal(answerNow.status(), 404, "nor does the employee see what was sent for it");
  });
}
