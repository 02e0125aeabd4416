// Issue 3: a change of a service from its author over the reviewer to the publisher, with a script (completion) and on a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { signInStaff } from "../lib/people.js";
import { startPortal } from "../lib/portal.js";

const SERVICE = "/staff/catalogue/services/298";
let portal;
let author;
let reviewer;
let publisher;
let reader;

before(async () => {
  portal = await startPortal();
  [author, reviewer, publisher, reader] = await Promise.all([portal.person(), portal.person(), portal.person(), portal.person()]);
  await signInStaff(author, "av-muallif");
  await signInStaff(reviewer, "av-tekshiruvchi");
  await signInStaff(publisher, "rtv-nashr");
});
after(() => portal.stop());

const yaml = (visitor) => visitor.page.locator("#yaml");
const list = (visitor) => visitor.page.locator("[role=listbox].p-complete__list");
const options = (visitor) => list(visitor).locator("[role=option] .p-mono").allInnerTexts();
const path = (visitor) => new URL(visitor.page.url()).pathname.replace(`/${visitor.lang}`, "");

/** Puts the caret behind a text; with a second one, what stands between them is marked. */
const caret = (visitor, behind, before) =>
  yaml(visitor).evaluate(
    (area, [behind, before]) => {
      const at = area.value.indexOf(behind) + behind.length;
      area.focus();
      area.setSelectionRange(at, before ? area.value.indexOf(before, at) : at);
    },
    [behind, before],
  );

const replaced = async (visitor, from, to) => {
  const text = await yaml(visitor).inputValue();
  assert.ok(text.includes(from), `${from} is not in the definition`);
  await yaml(visitor).fill(text.replace(from, to));
};

const save = (visitor) => visitor.submit("form:has(#yaml) button[type=submit]");

/** At both widths: axe, sideways scrolling, a picture. */
async function lookAtBoth(visitor) {
  await visitor.page.setViewportSize({ width: 360, height: 800 });
  await visitor.look();
  await visitor.page.setViewportSize({ width: 1280, height: 800 });
  await visitor.look();
}

async function beginRevision() {
  await author.go(SERVICE);
  await author.submit("form[action$='/begin'] button");
  assert.match(path(author), /^\/staff\/catalogue\/revisions\//);
  return path(author);
}

/** Opens the part of a page that is closed, and says why in it. */
async function unfold(visitor, form) {
  const closed = visitor.page.locator(`details:not([open]):has(${form})`);
  if (await closed.count()) await closed.locator("summary").click();
}

async function sendToReview(why) {
  await author.page.fill("#note", why);
  await author.submit("form[action$='/submit'] button[type=submit]");
}

async function approve(revision) {
  await reviewer.go(revision);
  await reviewer.submit("form[action$='/review'] button[value=approve]");
}

const passportSays = async (visitor, words) => {
  await visitor.go("/services/298");
  await visitor.until(words);
};

let revision;

test("an author finds the service, begins a change, and a mistake is told with its line", async () => {
  await author.go("/staff/catalogue");
  await lookAtBoth(author);
  await author.page.fill("#q", "298");
  await author.submit(".p-filter button");
  await author.press("Tug‘ilganlik haqida ma’lumotnoma");
  await lookAtBoth(author);
  revision = await beginRevision();
  await lookAtBoth(author);
  await replaced(author, "status: published", "status: publishd");
  await save(author);
  const text = await author.text();
  assert.match(text, /3-qator/);
  assert.match(text, /→\s+3\s+status: publishd/);
  assert.match(text, /Avval xatolarni tuzating/);
  assert.equal(await author.page.locator("form[action$='/submit']").count(), 0, "what has mistakes cannot be sent");
  await lookAtBoth(author);
});

test("by keyboard alone: completion offers what the format allows, and never keeps the keyboard", async () => {
  const { page } = author;
  await caret(author, "status: ", "\n");
  await page.keyboard.press("Delete");
  assert.equal(await list(author).isVisible(), false);
  await page.keyboard.press("Control+Space");
  await list(author).waitFor({ state: "visible" });
  assert.deepEqual(await options(author), ["draft", "published", "retired", "suspended"]);
  await lookAtBoth(author);
  await page.keyboard.press("ArrowDown");
  const chosen = list(author).locator("[aria-selected=true]");
  assert.equal(await chosen.innerText(), "published");
  assert.equal(await yaml(author).getAttribute("aria-activedescendant"), await chosen.getAttribute("id"));
  assert.match(await page.locator("[role=status]").last().innerText(), /Takliflar: 4/);
  await page.keyboard.press("Enter");
  assert.match(await yaml(author).inputValue(), /^status: published\nvalid_from/m);
  assert.equal(await list(author).isVisible(), false);
  // What was put in can be undone like any typing.
  await page.keyboard.press("Control+z");
  assert.doesNotMatch(await yaml(author).inputValue(), /^status: published\n/m);
  await page.keyboard.press("Control+Shift+z");
  assert.match(await yaml(author).inputValue(), /^status: published\nvalid_from/m);

  // While a word is typed; Enter keeps the indentation, a key comes with room for its value.
  await caret(author, "fill_minutes: 5");
  await page.keyboard.press("Enter");
  await page.keyboard.type("conta");
  await list(author).waitFor({ state: "visible" });
  assert.deepEqual(await options(author), ["contacts"]);
  await page.keyboard.press("Tab");
  assert.match(await yaml(author).inputValue(), /^ {2}fill_minutes: 5\n {2}contacts:\n {4}- /m);
  // Within the new element: its keys are listed, the demanded one first. Escape closes, and the text stays.
  await list(author).waitFor({ state: "visible" });
  assert.deepEqual(await options(author), ["title", "phone", "url"]);
  assert.match(await list(author).innerText(), /title\s*majburiy/);
  await page.keyboard.press("Escape");
  assert.equal(await list(author).isVisible(), false);
  const before = await yaml(author).inputValue();
  await page.keyboard.press("Tab");
  assert.equal(await yaml(author).inputValue(), before, "Tab is no letter here");
  assert.equal(await page.evaluate(() => document.activeElement.id === "yaml"), false, "Tab leads on");
  // A long list: eight rows are seen, the arrows reach all of them, round and back.
  await caret(author, "      - id: record\n        ");
  await page.keyboard.press("Control+Space");
  await list(author).waitFor({ state: "visible" });
  const all = await list(author).locator("[role=option]").count();
  assert.ok(all > 8, `${all}`);
  assert.equal(await list(author).locator("[role=option]:visible").count(), 8);
  await lookAtBoth(author);
  await page.keyboard.press("ArrowUp");
  assert.equal(await list(author).locator("[role=option]:visible").last().getAttribute("aria-selected"), "true");
  assert.equal(await list(author).locator("[aria-selected=true]").getAttribute("aria-posinset"), String(all));
  await author.look();
  await page.keyboard.press("Escape");
  // With the mouse.
  await caret(author, "contacts:\n    - ");
  await page.keyboard.press("Control+Space");
  await list(author).locator("[role=option]", { hasText: "title" }).click();
  await page.keyboard.type("{");
  await page.keyboard.press("Control+Space");
  assert.deepEqual(await options(author), ["uz", "uz-Cyrl", "kaa", "ru", "en"]);
  await page.keyboard.press("Escape");
  await page.keyboard.type('uz: "Yordam", kaa: "Járdem", ru: "Помощь", en: "Help"}');
  await page.keyboard.press("Enter");
  await page.keyboard.type("  phone: \"1148\"");
  assert.match(await yaml(author).inputValue(), /^ {4}- title: \{uz: "Yordam"/m);
});

test("the mended text is compared with what is in force, counted and tried; it is seen as people will see it", async () => {
  await replaced(author, "fill_minutes: 5", "fill_minutes: 7");
  await replaced(author, "      phone: \"1148\"", "      phone: \"+998711234567\"");
  await save(author);
  const text = await author.text();
  assert.match(text, /Xatosiz/);
  assert.match(text, /Hammasi to‘g‘ri: [4-9]/, "the golden cases hold");
  assert.match(text, /Yuborishgacha bo‘lgan sahifalar\s+1 \/ 3/);
  assert.match(text, /to‘ldirish vaqti, daqiqa/);
  await lookAtBoth(author);
  await author.page.locator("summary", { hasText: "Telefon ekranida" }).click();
  await author.page.locator("iframe").first().scrollIntoViewIfNeeded();
  await author.look();
  for (const lang of ["ru", "kaa"]) {
    Object.assign(author, { lang });
    for (const width of [360, 1280]) {
      await author.page.setViewportSize({ width, height: 800 });
      await author.go(`${revision}/preview`);
      assert.match((await author.text()).replaceAll("\u00a0", " "), lang === "ru" ? /7 минут/ : /7 minut/);
      await author.go(`${revision}/form/1`);
      assert.ok(await author.page.locator("main form").count());
    }
  }
  author.lang = "uz";
  // Nobody else sees any of it yet.
  await passportSays(reader, "5 daqiqa");
});

test("an author sends to review and cannot approve; a reviewer can", async () => {
  await author.go(revision);
  await sendToReview("Qo‘ng‘iroq markazi raqami");
  assert.match(await author.text(), /Tekshiruvda/);
  assert.equal(await author.page.locator("form[action$='/review']").count(), 0);
  await lookAtBoth(author);
  // Nor by a request made by hand.
  const token = await author.page.locator("main input[type=hidden][name*=csrf]").first().evaluate((input) => ({ [input.name]: input.value }));
  const seq = await author.page.locator("main input[name=seq]").first().inputValue();
  const refused = await author.context.request.post(`${portal.url}/uz${revision}/review`, { form: { ...token, seq, decision: "approve", comment: "" } });
  assert.equal(refused.status(), 403);
  await reviewer.go(revision);
  await lookAtBoth(reviewer);
  await approve(revision);
  assert.match(await reviewer.text(), /Ma’qullangan/);
});

test("a publisher plans a publication for a day to come and cancels it", async () => {
  await publisher.go(revision);
  await lookAtBoth(publisher);
  await publisher.page.fill("#publish_note", "1-yanvardan");
  await publisher.page.check("#when-day");
  const day = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await publisher.page.fill("#day", day);
  await publisher.submit("form[action$='/publish'] button[type=submit]");
  assert.equal(path(publisher), SERVICE);
  assert.match(await publisher.text(), /Kunini kutmoqda/);
  await lookAtBoth(publisher);
  await publisher.go("/staff/catalogue");
  assert.match(await publisher.text(), /kuni kuchga kiradi/);
  await passportSays(reader, "5 daqiqa");
  await publisher.go(SERVICE);
  await publisher.page.fill("#cancel_note", "Muddat o‘zgardi");
  await publisher.submit("form[action$='/cancel'] button[type=submit]");
  assert.match(await publisher.text(), /Nashr bekor qilindi/);
  assert.equal(await publisher.page.locator("form[action$='/cancel']").count(), 0);
  await lookAtBoth(publisher);
});

test("what is published now is on the passport", async () => {
  revision = await beginRevision();
  await replaced(author, "fill_minutes: 5", "fill_minutes: 7");
  await save(author);
  await sendToReview("To‘ldirish vaqti o‘lchandi");
  await approve(revision);
  await publisher.go(revision);
  await publisher.page.fill("#publish_note", "O‘lchov natijasi");
  await publisher.submit("form[action$='/publish'] button[type=submit]");
  assert.match(await publisher.text(), /Nashr etuvchi: Toshmatov .* Muallif: G‘aniyeva .* Tekshiruvchi: Oripova/);
  await passportSays(reader, "7 daqiqa");
});

test("a suspended service says why to everybody; resumed and rolled back it is as before", async () => {
  await publisher.go(SERVICE);
  const suspend = "form:has(input[name=action][value=suspend])";
  await unfold(publisher, suspend);
  await lookAtBoth(publisher);
  await publisher.page.fill("#suspend_note", "Reyestr yangilanmoqda");
  await publisher.page.fill("#notice_uz", "Xizmat ertaga ochiladi.");
  await publisher.submit(`${suspend} button[type=submit]`);
  assert.match(await publisher.text(), /to‘rt tilda/, "a notice in one language is not enough");
  await lookAtBoth(publisher);
  await publisher.page.fill("#notice_kaa", "Xızmet erteń ashıladı.");
  await publisher.page.fill("#notice_ru", "Услуга откроется завтра.");
  await publisher.page.fill("#notice_en", "The service opens tomorrow.");
  await publisher.submit(`${suspend} button[type=submit]`);
  assert.match(await publisher.text(), /To‘xtatib turilgan/);
  await passportSays(reader, "Xizmat ertaga ochiladi.");
  const notice = reader.page.locator(".govuk-inset-text p", { hasText: "ertaga ochiladi" });
  const [words, ink] = await notice.evaluate((notice) => [notice, document.body].map((part) => getComputedStyle(part).color));
  assert.equal(words, ink, "dark on its light ground, within the dark head of the page");
  reader.lang = "ru";
  await passportSays(reader, "Услуга откроется завтра.");
  reader.lang = "uz";

  const resume = "form:has(input[name=action][value=resume])";
  await unfold(publisher, resume);
  await publisher.page.fill("#resume_note", "Reyestr tayyor");
  await publisher.submit(`${resume} button[type=submit]`);
  assert.match(await publisher.text(), /Qayta ochildi/);
  await reader.go("/services/298");
  assert.doesNotMatch(await reader.text(), /Xizmat ertaga ochiladi/);

  await publisher.page.locator("#hash").selectOption({ index: (await publisher.page.locator("#hash option").count()) - 1 });
  await publisher.page.fill("#roll_back_note", "O‘lchov noto‘g‘ri edi");
  await publisher.submit("form[action$='/roll-back'] button[type=submit]");
  assert.match(await publisher.text(), /Oldingi versiya qaytarildi/);
  await lookAtBoth(publisher);
  await passportSays(reader, "5 daqiqa");
});

test("without a script the text box is a text box", async () => {
  const plain = await portal.person({ javaScript: false, width: 360 });
  await signInStaff(plain, "av-muallif2");
  await plain.go(SERVICE);
  await plain.submit("form[action$='/begin'] button");
  assert.doesNotMatch(await plain.text(), /Ctrl\+Space/);
  await replaced(plain, "fill_minutes: 5", "fill_minutes: 6");
  await save(plain);
  assert.match(await plain.text(), /to‘ldirish vaqti, daqiqa/);
});
