import assert from "node:assert/strict";
import test from "node:test";
import { decide, evaluate } from "./show.js";

const env = { who: "child", n: "17", glad: true, list: ["a", "b"], empty: null, born: "2010-05-01" };
const is = (tree, expected) => assert.deepEqual(evaluate(tree, env), expected, JSON.stringify(tree));
const name = (text) => ["name", text];
const lit = (value) => ["lit", value];

test("conditions are evaluated as on the server", () => {
  is(["==", name("who"), lit("child")], true);
  is(["!=", name("who"), lit("child")], false);
  is(["<", name("n"), lit(18)], true);
  is(["in", name("who"), ["list", lit("self"), lit("child")]], true);
  is(["in", lit("b"), name("list")], true);
  is(["&&", name("glad"), ["!", name("glad")]], false);
  is(["?", name("glad"), lit(1), lit(2)], 1);
  is([">=", name("born"), lit("2010-01-01")], true);
  is(["call", "size", name("list")], 2);
  is(["call", "has", name("empty")], false);
  is(["call", "in_region", lit("1726266"), lit("1726")], true);
  is([">=", ["call", "age", name("born")], lit(16)], true);
  is(["exists", name("list"), "x", ["==", name("x"), lit("b")]], true);
  is(["all", name("list"), "x", ["==", name("x"), lit("b")]], false);
});

test("what is not known stays unknown, unless the other side decides", () => {
  const far = ["get", ["get", name("registers"), "address"], "region"];
  is(["==", name("empty"), lit("x")], null);
  is(far, null);
  is(["||", far, lit(true)], true);
  is(["&&", far, lit(false)], false);
  is(["&&", far, lit(true)], null);
  is(["!", far], null);
  is(["call", "workdays_after", lit("2026-01-01"), lit(3)], null);
});

test("an unanswered question hides, an unknown register leaves the server's choice", () => {
  assert.equal(decide(["==", name("empty"), lit("x")], env), false);
  assert.equal(decide(["==", name("person"), lit("x")], env), null);
  assert.equal(decide(["&&", name("person"), ["==", name("who"), lit("self")]], env), false);
  assert.equal(decide(["==", name("who"), lit("child")], env), true);
});
