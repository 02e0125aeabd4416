import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { evaluate, read } from "./expr.js";

const lines = readFileSync(new URL("../../crates/expr/tests/data/browser.jsonl", import.meta.url), "utf8").trim().split("\n").map((line) => JSON.parse(line));
const people = lines.filter((line) => !Array.isArray(line)).map((names) => {
  const known = new Map(Object.entries(names).map(([name, value]) => [name, read(value)]));
  return (name) => known.get(name) ?? null;
});
const cases = lines.filter(Array.isArray);
const shown = (value) => JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part === undefined ? "server" : part));

test("the script and the server give the same value for every case of the corpus", () => {
  assert.ok(cases.length >= 2000);
  let asked = 0;
  for (const [person, tree, folded, expected] of cases) {
    const wanted = read(expected);
    // What was put in by the server; where nothing is left, the server has decided.
    const values = folded ? [[evaluate(folded, people[person]), folded]] : [];
    // The whole tree, unless it needs what only the server has.
    const text = JSON.stringify(tree);
    if (!/"(age|today|bhm|workdays_after)"/.test(text)) values.push([evaluate(tree, people[person]), tree]);
    for (const [value, of] of values) {
      assert.deepEqual(value, wanted, `${JSON.stringify(of)} for person ${person}: ${shown(value)}, wanted ${shown(wanted)}`);
      asked += 1;
    }
  }
  assert.ok(asked > cases.length, `only ${asked} values were compared`);
});

test("what only the server knows stays open unless the other side decides", () => {
  const is = (tree, expected) => assert.equal(read(tree), expected, JSON.stringify(tree));
  is(["&&", ["server"], ["lit", false]], false);
  is(["&&", ["server"], ["lit", null]], undefined);
  is(["||", ["lit", true], ["server"]], true);
  is(["!", ["server"]], undefined);
  is(["call", "has", ["server"]], undefined);
  is(["call", "workdays_after", ["date", "2026-11-21"], ["lit", 3]], undefined);
  is(["in", ["lit", 1], ["list", ["server"], ["lit", 1]]], true);
});

test("a tree that takes too long is left to the server", () => {
  const list = ["list", ...Array.from({ length: 20 }, (_, n) => ["lit", n])];
  let tree = ["lit", true];
  for (const name of ["a", "b", "c", "d", "e"]) tree = ["all", list, name, tree];
  assert.equal(read(tree), undefined);
});
