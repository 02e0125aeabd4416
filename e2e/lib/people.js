// The invented people of the demo (services/people.yaml, crates/server/src/demo.rs), and what stories do often.
import { PASSWORD } from "./portal.js";

export const people = {
  dilnoza: { login: "41404910261017", phone: "998900000001" },
  jasur: { login: "30211880261028", phone: "998900000002" },
  bekzod: { login: "32309850181118", phone: "998900000003" },
  gulnora: { login: "40503620031121", phone: "998900000004" },
  /** Heads of firms. */
  aybek: { login: "33001790351136", phone: "998900000005" },
  otabek: { login: "31608760331170", phone: "998900000009" },
  sardor: { login: "31104900141217", phone: "998900000013" },
  /** In the registers, without a cabinet. */
  kamola: { login: "60609000241248", passport: "AD0000016", phone: "998900000016" },
};

// In the order of `staff()`: the demo gives them telephones by it.
const staffOrder = [
  ...["av-xodim", "av-xodim2", "av-rahbar", "iiv-xodim", "iiv-xodim2", "iiv-rahbar", "tv-xodim", "qujkv-xodim", "het-xodim", "tjts-xodim"],
  ...["tkg-xodim", "eko-xodim", "ssv-xodim", "yia-azo1", "yia-azo2", "yia-azo3", "yia-rahbar", "qxv-azo1", "qxv-azo2", "qxv-azo3"],
  ...["qxv-rahbar", "mmtv-xodim", "otfiv-xodim", "uas-xodim", "operator", "av-muallif", "av-muallif2", "av-tekshiruvchi", "rtv-nashr", "av-admin", "av-admin2"],
];

export async function signIn(visitor, person) {
  await visitor.go("/sign-in");
  await visitor.page.fill("#login", person.login);
  await visitor.page.fill("#password", PASSWORD);
  await visitor.submit();
  if (visitor.page.url().includes("/sign-in/code")) {
    await visitor.page.fill("#code", await visitor.code(person.phone));
    await visitor.submit();
  }
}

export async function signInStaff(visitor, login) {
  const at = staffOrder.indexOf(login);
  if (at < 0) throw new Error(`${login} is not among the officials of the demo`);
  const phone = `99871200${String(at + 1).padStart(4, "0")}`;
  await visitor.go("/staff/sign-in");
  await visitor.page.fill("#login", login);
  await visitor.page.fill("#password", PASSWORD);
  await visitor.submit();
  await visitor.page.fill("#code", await visitor.code(phone));
  await visitor.submit();
}

/** From the passport to the page of answers. */
export async function begin(visitor, service) {
  await visitor.go(`/apply/${service}`);
  if (!visitor.page.url().includes("/drafts/")) await visitor.submit("main form[action*='/apply/'] button, main form[method=post] button");
}

/** Gives an answer to everything that a page of a form asks, but files. */
export async function answer(visitor) {
  const { page } = visitor;
  const names = await page.locator("main form input[type=radio]").evaluateAll((all) => [...new Set(all.map((input) => input.name))]);
  for (const name of names) {
    const group = page.locator(`input[name="${name}"]`);
    if (!(await group.evaluateAll((all) => all.some((input) => input.checked)))) await group.first().check();
  }
  for (const box of await page.locator("main form input[type=checkbox]:visible").all()) await box.check();
  for (const field of await page.locator("main form input[type=tel]:visible").all()) {
    if (!(await field.inputValue()) && (await field.isEditable())) await field.fill("+998901234567");
  }
}

/** The form of service 298: which entry, what for, consent. */
export async function fillBirthRecord(visitor, entry = 0) {
  const { page } = visitor;
  await page.locator("input[name=record]").nth(entry).check();
  await page.locator("input[name=purpose]").first().check();
  const phone = page.locator("input[name=phone]");
  if ((await phone.count()) && (await phone.isEditable()) && !(await phone.inputValue())) await phone.fill("+998901234567");
  await page.locator("main form input[type=checkbox]").first().check();
  await visitor.submit();
}

/** Confirms and sends; gives the case's path and number. */
export async function send(visitor) {
  const { page } = visitor;
  await page.locator("form[action$='/submit'] input[type=checkbox]").check();
  await visitor.submit("form[action$='/submit'] button[type=submit]");
  const path = new URL(page.url()).pathname.replace(`/${visitor.lang}`, "");
  const number = (await visitor.text()).match(/\d{4}\s\d{4}\s\d{4}\s\d{4}/)[0].replace(/\s/g, "");
  return { path, number };
}

/** Pays the open invoice of a case at the demo bank. */
export async function pay(visitor, path) {
  const { page } = visitor;
  const link = page.locator("main a[href*='/invoices/']").first();
  const until = Date.now() + 15_000;
  while (!(await link.count()) && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    await page.goto(`/${visitor.lang}${path}`);
  }
  await link.click();
  await page.waitForLoadState();
  await visitor.look();
  await page.locator("main a.govuk-button--primary").first().click();
  await page.waitForLoadState();
  await page.locator("button[type=submit]").first().click();
  await page.waitForURL(/\/invoices\//);
  await visitor.look();
}
