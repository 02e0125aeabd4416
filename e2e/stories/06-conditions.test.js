// Questions that hang on an answer (service 363: by what right one lives there), with a script and without.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { begin, people, signIn } from "../lib/people.js";
import { startPortal } from "../lib/portal.js";

let portal;
before(async () => (portal = await startPortal()));
after(() => portal.stop());

const field = (page, name) => page.locator(`[data-field="${name}"]`);

test("with a script a question appears and goes as it is answered, and what was typed comes back", async () => {
  const visitor = await portal.person({ width: 360 });
  const { page } = visitor;
  await signIn(visitor, people.dilnoza);
  await begin(visitor, "363");
  const owner = field(page, "owner_pinfl");
  assert.equal(await owner.isVisible(), false, "nothing is answered yet");
  await page.check("input[name=basis][value=rent]");
  assert.equal(await owner.isVisible(), true);
  assert.equal(await field(page, "own_object").isVisible(), false);
  await page.fill("#owner_pinfl", "41705900010016");
  await page.check("input[name=basis][value=owner]");
  assert.equal(await owner.isVisible(), false);
  assert.equal(await page.locator("#owner_pinfl").isDisabled(), true, "what is hidden is not sent");
  assert.ok((await field(page, "own_object").locator("input[type=radio],option").count()) > 0, "the options of the register are there");
  await visitor.look();
  await page.check("input[name=basis][value=relative]");
  assert.equal(await page.inputValue("#owner_pinfl"), "41705900010016");
  // By keyboard: the next radio of the group.
  await page.focus("input[name=basis][value=relative]");
  await page.keyboard.press("ArrowUp");
  assert.equal(await owner.isVisible(), false);
});

test("without a script the server asks what the answer brings up", async () => {
  const visitor = await portal.person({ javaScript: false, width: 360 });
  const { page } = visitor;
  await signIn(visitor, people.jasur);
  await begin(visitor, "363");
  assert.equal(await field(page, "owner_pinfl").isVisible(), false);
  await page.check("input[name=basis][value=rent]");
  await visitor.submit("main form button[type=submit]:not([name])");
  assert.equal(await field(page, "owner_pinfl").isVisible(), true, "the question is asked now");
  assert.equal(await page.locator("input[name=basis][value=rent]").isChecked(), true, "the answer is kept");
  assert.equal(await field(page, "own_object").isVisible(), false);
});
