import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { KNOWN, NAMES, offers, scan, schemasAt } from "./complete.js";

const file = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const schema = JSON.parse(file("crates/definition/tests/data/format.json"));
const teachers = file("services/education/1194.yaml");
const birth = file("services/fhdy/298.yaml");

/// A definition in which the first `from` is replaced by `to`; `|` stands for the caret.
function written(yaml, from, to) {
  const at = yaml.indexOf(from);
  assert.ok(at >= 0, `${from} is not in the definition`);
  const text = yaml.slice(0, at) + to + yaml.slice(at + from.length);
  const caret = at + to.indexOf("|");
  return [text.slice(0, caret) + text.slice(caret + 1), caret];
}

/// What is offered there, as texts.
const offered = (...change) => offers(schema, ...written(...change))?.items.map((item) => item.text) ?? [];

/// The text after the first offer is taken, with the caret: only the lines that differ.
function taken(...change) {
  const [text, caret] = written(...change);
  const { from, to, items } = offers(schema, text, caret);
  const at = from + items[0].insert.length - (items[0].back ?? 0);
  const all = text.slice(0, from) + items[0].insert + text.slice(to);
  const marked = `${all.slice(0, at)}|${all.slice(at)}`;
  const old = new Set(text.split("\n"));
  return marked.split("\n").filter((line) => !old.has(line)).join("\n");
}

test("the path of every caret is found", () => {
  const path = (...change) => scan(...written(...change)).here?.path.join("/") ?? null;
  assert.equal(path(teachers, "status: published", "sta|tus: published"), "");
  assert.equal(path(teachers, "status: published", "status: pub|lished"), "status");
  assert.equal(path(teachers, "  group: education", "  gr|oup: education"), "passport");
  assert.equal(path(teachers, "natural]", "natural, |]"), "passport/audience/#");
  assert.equal(path(teachers, "code: MIG, role", "code: MIG, ro|le"), "passport/agencies/#");
  assert.equal(path(teachers, "mode: fill}", "mode: |fill}"), "pages/#/fields/#/source/mode");
  assert.equal(path(teachers, "max_mb: 5", "max|_mb: 5"), "pages/#/fields/#/file");
  assert.equal(path(teachers, "unit: day}, title: {uz: \"Sertifikatlar", "unit: d|ay}, title: {uz: \"Sertifikatlar"), "flow/states/#/term/unit");
  assert.equal(path(birth, "{bhm: 0.05}", "{b|hm: 0.05}"), "fees/#/amount");
  assert.equal(path(birth, "amount: {bhm: 0.05}", "amount: |"), "fees/#/amount");
  assert.equal(path(birth, "    expect: {refused", "    exp|ect: {refused"), "tests/#");
});

test("keys of the whole definition: those that are not used yet", () => {
  assert.deepEqual(offered(teachers, "term:\n  total", "mig|\nterm:\n  total"), ["migrations"]);
  assert.ok(!offered(teachers, "term:\n  total", "|\nterm:\n  total").includes("code"));
  // `fees` is used in one of them only, below the caret.
  assert.ok(offered(teachers, "registers:\n", "|\nregisters:\n").includes("fees"));
  assert.ok(!offered(birth, "registers:\n", "|\nregisters:\n").includes("fees"));
});

test("keys of a mapping: the demanded ones first, in the order of the format", () => {
  const keys = offered(teachers, "  group: education\n", "  |\n");
  assert.equal(keys[0], "group");
  assert.ok(keys.includes("sphere") && keys.includes("contacts") && !keys.includes("title"), `${keys}`);
  assert.equal(offers(schema, ...written(teachers, "  group: education\n", "  |\n")).items[0].needed, true);
});

test("keys of an element of a list", () => {
  assert.deepEqual(offered(teachers, "        limits: {min_length: 3, max_length: 200}", "        pri|"), ["privacy"]);
  assert.ok(offered(teachers, "      - use: truth", "      - |").includes("type"));
  assert.deepEqual(offered(teachers, "      - use: truth", "      - us|"), ["use"]);
  // Further keys of the element may follow.
  assert.ok(!offered(teachers, "      - id: school\n        type: text", "      - id: school\n        l|\n        type: text").includes("label"));
});

test("keys of a mapping on one line", () => {
  assert.deepEqual(offered(birth, "{id: review, kind: work}", "{id: review, |}").slice(0, 2), ["kind", "title"]);
  assert.deepEqual(offered(birth, "{id: review, kind: work}", "{id: review, kind: work, te|}"), ["term", "note"]);
  assert.deepEqual(offered(teachers, "{min_length: 3, max_length: 200}", "{min_length: 3, max|}"), ["max", "max_length"]);
  assert.deepEqual(offered(teachers, "{n: 25, unit: day}", "{n: 25, |}"), ["unit"]);
  assert.deepEqual(offered(teachers, "{uz: \"Hujjatlar va", "{k|, uz: \"Hujjatlar va"), []);
});

test("of several ways of writing a value only those that agree with what is there", () => {
  assert.deepEqual(new Set(offered(birth, "{bhm: 0.05}", "{|}")), new Set(schema.$defs.Amount.anyOf.flatMap((way) => way.required)));
  assert.deepEqual(offered(birth, "{bhm: 0.05}", "{bhm: 0.05, |}"), []);
  assert.deepEqual(offered(birth, "{bhm: 0.05}", "{table: {field: record, |}}"), ["bhm"]);
});

test("values of an enumeration and of yes and no", () => {
  assert.deepEqual(offered(teachers, "status: published", "status: |"), ["draft", "published", "retired", "suspended"]);
  assert.deepEqual(offered(teachers, "status: published", "status: su|"), ["suspended"]);
  assert.deepEqual(offered(teachers, "channels: [web, mobile", "channels: [w|, mobile"), ["web"]);
  assert.deepEqual(new Set(offered(teachers, "assurance: password", "assurance: |password")), new Set(schema.$defs.Assurance.enum));
  assert.deepEqual(offered(birth, "kind: work}", "kind: ret|}"), ["returned"]);
  assert.deepEqual(offered(birth, "by: citizen}", "by: |}"), schema.$defs.By.enum);
  assert.deepEqual(offered(birth, "unit: workday}", "unit: |}"), schema.$defs.Unit.enum);
  assert.deepEqual(offered(birth, "revocable: false", "revocable: |"), ["true", "false"]);
  assert.deepEqual(offered(birth, "needs: [comment]", "needs: [|]"), schema.$defs.Need.enum);
  assert.deepEqual(offered(birth, "type: choice", "type: c|").slice(0, 4), ["cadastre", "cascade", "choice", "consent"]);
});

test("names that the definition declares", () => {
  const states = ["payment", "review", "returned", "approved", "refused", "withdrawn", "expired"];
  assert.deepEqual(offered(birth, "to: review, by: system", "to: |, by: system"), states);
  assert.deepEqual(offered(birth, "from: [review], to: approved", "from: [re|], to: approved").slice(0, 3), ["review", "returned", "refused"]);
  assert.deepEqual(offered(birth, "on_paid: paid", "on_paid: |")[0], "paid");
  assert.deepEqual(offered(birth, "    when: approved", "    when: app|"), ["approved"]);
  assert.deepEqual(offered(birth, "    when: approved", "    when: appr|oved"), ["approved"]);
  assert.deepEqual(offered(birth, "    when: approved", "    when: approved|"), [], "written in full");
  assert.deepEqual(offered(birth, "    when: approved", "    when: w|"), ["withdrawn", "review"]);
  assert.deepEqual(offered(teachers, "register: teachers", "register: |"), ["population", "teachers"]);
  assert.deepEqual(offered(birth, "visible: [record, purpose", "visible: [record, ph|, purpose"), ["phone"]);
  assert.deepEqual(offered(birth, "answers: {record: \"512\", purpose: study, consent: true}", "answers: {record: \"512\", |}"), ["purpose", "phone", "consent"]);
});

test("names of the installation: common fields and flows, registers, agencies", () => {
  const known = {
    fields: { phone: "Telefon raqami", purpose: "Maqsad" },
    flows: { official_fee: "" },
    registers: { population: "Aholi reyestri", tax: "Soliq to‘lovchilar reyestri" },
    agencies: { AV: "Adliya vazirligi", MIG: "Migratsiya agentligi", YIA: "Yoshlar ishlari agentligi" },
  };
  const with_names = { ...schema, "x-known": known };
  const found = (...change) => offers(with_names, ...written(...change))?.items ?? [];
  const names = (...change) => found(...change).map((item) => item.text);
  assert.deepEqual(names(teachers, "- use: truth", "- use: |"), ["phone", "purpose"]);
  assert.deepEqual(names(birth, "flow:\n", "flow:\n  use: |\n"), ["official_fee"]);
  assert.deepEqual(names(birth, "route: {agency: AV", "route: {agency: |"), ["AV", "MIG", "YIA"]);
  assert.deepEqual(names(teachers, "owner: MIG", "owner: m|"), ["MIG"]);
  // By what it is called; the code is what is written.
  const [item] = found(teachers, "owner: MIG", "owner: adliya|");
  assert.deepEqual([item.text, item.insert, item.note], ["AV", "AV", "Adliya vazirligi"]);
  assert.deepEqual(names(teachers, "code: MIG, role", "code: yosh|, role"), ["YIA"]);
  assert.deepEqual(names(birth, "registers:\n", "registers:\n  - {name: |}\n").slice(0, 2), ["population", "tax"]);
  // A place of another kind is offered none of them, nor anything when the schema brings none.
  assert.ok(!names(teachers, "status: published", "status: |").includes("AV"));
  assert.deepEqual(offered(teachers, "owner: MIG", "owner: |"), []);
  for (const owner of Object.values(KNOWN).flat()) {
    const [def, key] = owner.split(".");
    assert.equal(schema.$defs[def]?.properties?.[key]?.type, "string", `${owner} is no text of the schema`);
  }
});

test("names in an expression", () => {
  assert.deepEqual(offered(teachers, "'language == \"other\"'", "'lang|'"), ["language", "language_name"]);
  assert.ok(offered(teachers, "\"pupils_high <= pupils\"", "\"pupils_high <= registers.t|\"").includes("registers.teachers"));
});

test("nothing is offered in texts, numbers and remarks", () => {
  assert.deepEqual(offered(teachers, "assumed: \"Acts", "assumed: \"Acts st|"), []);
  assert.deepEqual(offered(teachers, "registers:\n", "# sta|\nregisters:\n"), []);
  assert.deepEqual(offered(teachers, "fill_minutes: 10", "fill_minutes: 1|"), []);
  assert.deepEqual(offered(teachers, "term:\n  total", "notes: >\n  sta|\nterm:\n  total"), []);
  assert.deepEqual(offered(teachers, "owner: MIG", "owner: M|"), []);
});

test("a key is written with room for its value", () => {
  assert.equal(taken(teachers, "status: published\n", "stat|\n"), "status: |");
  assert.equal(taken(teachers, "status: published\n", "stat|: published\n"), "status|: published");
  assert.equal(taken(birth, "\noutputs:", "\nnot|\noutputs:"), "notify:\n  - |");
  assert.equal(taken(teachers, "  limit: 1", "  elig|"), "  eligibility:\n    - |");
  assert.equal(taken(teachers, "passport:\n", "passport:\n  unc|\n"), "  unconfirmed: [|]");
  assert.equal(taken(birth, "term:\n", "term:\n  spec|\n"), "  special:\n    - |");
  assert.equal(taken(birth, "  total: {n: 3, unit: workday}", "  tot|"), "  total: {|}");
  assert.equal(taken(birth, "{id: review, kind: work}", "{id: review, kind: work, commi|}"), "    - {id: review, kind: work, commission: {|}}");
  assert.equal(taken(birth, "    when: approved\n", "    when: ref|\n"), "    when: refused|");
});

test("a line that is not finished does not lead the lines below astray", () => {
  assert.deepEqual(offered(birth, "    - {id: review, kind: work}", "    - {id: review, kind: |"), schema.$defs.StateKind.enum);
  assert.deepEqual(offered(birth, "    - {id: review, kind: work}", "    - {id: review, kind: work, lev|"), ["level"]);
  const states = offered(birth, "to: review, by: system}", "to: |").length;
  assert.equal(states, 7);
});

test("what would be replaced is around the caret, wherever it stands", () => {
  for (const yaml of [teachers, birth]) {
    for (let caret = 0; caret <= yaml.length; caret += 7) {
      const found = offers(schema, yaml, caret);
      if (found) assert.ok(found.from <= caret && found.to >= caret && found.items.length, `${caret}`);
    }
  }
});

test("every key of a definition would have been offered where it stands", () => {
  let keys = 0;
  for (const yaml of [teachers, birth]) {
    for (const match of yaml.matchAll(/[a-z_]+(?=:(\s|$))/gm)) {
      const { here } = scan(yaml, match.index);
      if (here?.own !== match[0]) continue;
      const ways = schemasAt(schema, here.path);
      if (!ways.some(({ node }) => node.properties)) continue;
      // A reader finds what is written: the word is among the offers when it is taken away.
      const found = offers(schema, yaml, match.index);
      assert.ok(found?.items.some((item) => item.text === match[0]), `${match[0]} in ${here.path.join("/")}`);
      keys += 1;
    }
  }
  assert.ok(keys > 400, `${keys}`);
});

test("the owners of names are in the format", () => {
  const owners = new Set();
  const walk = (def, node, owner) => {
    if (!node || typeof node !== "object") return;
    owners.add(owner);
    for (const [key, part] of Object.entries(node.properties ?? {})) walk(`${def}.${key}`, part, `${def}.${key}`);
    for (const way of node.anyOf ?? []) walk(def, way, owner);
  };
  for (const [def, node] of Object.entries(schema.$defs)) walk(def, node, def);
  for (const owner of Object.values(NAMES).flat()) assert.ok(owners.has(owner), `${owner} is not in the format`);
});

test("a long definition takes no time that a person would notice", () => {
  const long = `${birth}${birth.slice(birth.indexOf("  - name: at the centre")).repeat(100)}`;
  const start = performance.now();
  for (let n = 0; n < 10; n++) offers(schema, long, 400);
  const each = (performance.now() - start) / 10;
  assert.ok(each < 100, `${long.length} letters: ${each} ms`);
});
