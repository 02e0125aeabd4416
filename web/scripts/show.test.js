import assert from "node:assert/strict";
import test from "node:test";
import { evaluate } from "./expr.js";
import { answers, settle } from "./show.js";

const name = (text) => ["name", text];
const lit = (value) => ["lit", value];
const text = (key, value, rest = {}) => ({ name: key, type: "text", value, checked: false, ...rest });
const box = (key, value, checked, type = "checkbox") => ({ name: key, type, value, checked });

test("answers are read as the server reads them", () => {
  const kinds = { n: "int", price: "money", born: "date", when: "date", sure: "bool", tags: "multi", home: "address", child: "person", plate: "upper", stir: "squeezed", who: "text", none: "text", bad: "int", long: "int" };
  const found = answers(
    [
      text("n", " 12 000 "),
      text("price", "1 000,5"),
      text("born.day", "9"),
      text("born.month", "2"),
      text("born.year", "2010"),
      text("when", "31.02.2026"),
      box("sure", "true", true),
      box("tags", "a", true),
      box("tags", "b", false),
      box("tags", "c", true),
      text("home.district", "1726266"),
      text("home.street", " Navoiy "),
      text("home.flat", ""),
      text("child.surname", ""),
      text("plate", "01 a 123 bc"),
      text("stir", "301 234 567"),
      box("who", "self", false, "radio"),
      box("who", "child", true, "radio"),
      text("bad", "twelve"),
      text("long", "9223372036854775808"),
    ],
    kinds,
  );
  const is = (key, expected) => assert.deepEqual(found.get(key), expected, key);
  is("n", 12000n);
  is("price", 100050n);
  is("born", { d: "2010-02-09" });
  is("when", null);
  is("sure", true);
  is("tags", ["a", "c"]);
  is("home", { f: { district: "1726266", street: "Navoiy", region: "1726" } });
  is("child", null);
  is("plate", "01A123BC");
  is("stir", "301234567");
  is("who", "child");
  is("none", null);
  is("bad", null);
  is("long", null);
});

test("an answer under a hidden question is none, and hides what hangs on it", () => {
  const part = { hidden: false };
  const parts = [
    // The one asked last stands first: the order does not matter.
    { part, id: "c", show: ["==", name("b"), lit("yes")] },
    { part, id: "b", show: ["==", name("a"), lit("yes")] },
    { part, id: "d", show: ["!", ["call", "has", name("b")]] },
  ];
  const shown = (a) => {
    const given = new Map([["a", a], ["b", "yes"], ["c", "typed before"], ["d", null]]);
    const { shown, env } = settle(parts, given);
    return [...["b", "c", "d"].map((id) => shown.get(id)), env("c")];
  };
  assert.deepEqual(shown("yes"), [true, true, false, "typed before"]);
  assert.deepEqual(shown("no"), [false, false, true, null]);
});

test("what only the server knows stays as the server showed it", () => {
  const parts = [
    { part: { hidden: true }, id: "x", show: ["server"] },
    { part: { hidden: false }, id: "y", show: ["||", ["server"], ["==", name("x"), lit("1")]] },
  ];
  const { shown, env } = settle(parts, new Map([["x", "1"], ["y", "2"]]));
  assert.deepEqual([shown.get("x"), env("x"), shown.get("y"), env("y")], [undefined, null, undefined, "2"]);
  assert.equal(evaluate(["==", name("x"), lit("1")], env), null);
});
