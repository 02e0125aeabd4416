import assert from "node:assert/strict";
import test from "node:test";
import { evaluate } from "./show.js";

const env = { who: "child", age: "17", glad: true, list: ["a", "b"], empty: null, born: "2010-05-01" };
const is = (tree, expected) => assert.deepEqual(evaluate(tree, env), expected);

test("conditions are evaluated as on the server", () => {
  is(["==", ["get", "who"], "child"], true);
  is(["!=", ["get", "who"], "child"], false);
  is(["<", ["get", "age"], 18], true);
  is(["in", ["get", "who"], ["list", "self", "child"]], true);
  is(["in", "b", ["get", "list"]], true);
  is(["&&", ["get", "glad"], ["!", ["get", "glad"]]], false);
  is(["?:", ["get", "glad"], 1, 2], 1);
  is([">=", ["get", "born"], "2010-01-01"], true);
  is(["size", ["get", "list"]], 2);
  is(["has", "empty"], false);
});

test("what is not known stays unknown, unless the other side decides", () => {
  is(["==", ["get", "empty"], "x"], null);
  is(["get", "registers.address.region"], null);
  is(["||", ["get", "registers.x"], true], true);
  is(["&&", ["get", "registers.x"], false], false);
  is(["&&", ["get", "registers.x"], true], null);
  is(["!", ["get", "registers.x"]], null);
  is(["workdays_after", "2026-01-01", 3], null);
});
