// Evaluates the trees that the server writes (`Expr::to_browser`), with the very same meaning as its crate `expr`.
//
// Values: null = unknown · undefined = only the server knows · true, false · text · BigInt = a whole number ·
// {m, s} = the decimal m / 10^s · {d: "2026-11-21"} = a day · lists · {f: {…}} = a record.

const LIMIT = 2n ** 96n;
const MAX_STEPS = 1e5;
const fits = (bits, number) => BigInt.asIntN(bits, number) === number;
const isDec = (value) => value?.m !== undefined;
const isNumber = (value) => typeof value === "bigint" || isDec(value);
const bool = (value) => typeof value === "boolean";

let steps;

/// The value of a tree; `env` gives the value of a name.
export function evaluate(tree, env) {
  steps = 0;
  return run(tree, env, {});
}

/// A value written as a tree.
export const read = (tree) => evaluate(tree, () => null);

function run([op, ...rest], env, bound) {
  if (++steps > MAX_STEPS) return undefined;
  const at = (index) => run(rest[index], env, bound);
  switch (op) {
    case "lit":
      return typeof rest[0] === "number" ? BigInt(rest[0]) : rest[0];
    case "int":
      return BigInt(rest[0]);
    case "dec":
      return decimal(rest[0]);
    case "date":
      return { d: rest[0] };
    case "map":
      return { f: Object.fromEntries(Object.entries(rest[0]).map(([key, value]) => [key, run(value, env, bound)])) };
    case "name":
      return env(rest[0]);
    case "var":
      return bound[rest[0]];
    case "server":
      return undefined;
    case "get": {
      const inner = at(0);
      return inner === undefined ? inner : (inner?.f && Object.hasOwn(inner.f, rest[1]) ? inner.f[rest[1]] : null);
    }
    case "list":
      return rest.map((_, index) => at(index));
    case "&&":
    case "||":
      return either(op === "||", rest.length, at);
    case "?": {
      const test = at(0);
      return bool(test) ? at(test ? 1 : 2) : test === undefined ? test : null;
    }
    case "exists":
    case "all": {
      const list = at(0);
      if (!Array.isArray(list)) return list === undefined ? list : null;
      return either(op === "exists", list.length, (index) => run(rest[2], env, { ...bound, [rest[1]]: list[index] }));
    }
  }
  const name = op === "call" ? rest.shift() : op;
  const values = rest.map((_, index) => at(index));
  if (values.includes(undefined)) return undefined;
  if (name === "has") return values[0] !== null;
  const [a, b, c] = values;
  if (values.includes(null)) return null;
  switch (name) {
    case "!":
      return bool(a) ? !a : null;
    case "neg":
      return typeof a === "bigint" ? int(-a) : isDec(a) ? { m: -a.m, s: a.s } : null;
    case "==":
      return equal(a, b);
    case "!=": {
      const same = equal(a, b);
      return bool(same) ? !same : same;
    }
    case "<":
    case "<=":
    case ">":
    case ">=": {
      const order = compare(a, b);
      return order === null ? null : (order === 0 && name.length > 1) || (name[0] === "<" ? order < 0 : order > 0);
    }
    case "in":
      return Array.isArray(b) ? either(true, b.length, (index) => equal(a, b[index])) : null;
    case "+":
      return typeof a === "string" && typeof b === "string" ? a + b : arithmetic(a, b, (x, y) => x + y, add);
    case "-":
      return arithmetic(a, b, (x, y) => x - y, (x, y) => add(x, { m: -y.m, s: y.s }));
    case "*":
      return arithmetic(a, b, (x, y) => x * y, (x, y) => (fits(128, x.m * y.m) ? make(x.m * y.m, x.s + y.s) : null));
    case "size": {
      const size = Array.isArray(a) ? a : typeof a === "string" ? [...a] : a.f && Object.keys(a.f);
      return size ? BigInt(size.length) : null;
    }
    case "in_region":
      return typeof a === "string" && typeof b === "string" ? a.startsWith(b) : null;
    case "sum":
      return Array.isArray(a) && typeof b === "string" ? sum(a, b) : null;
    case "year":
      return a.d ? BigInt(a.d.slice(0, 4)) : null;
    case "age":
      // The second value is the day at the server.
      return a.d && a.d <= b?.d ? BigInt(b.d.slice(0, 4) - a.d.slice(0, 4) - (b.d.slice(5) < a.d.slice(5) ? 1 : 0)) : null;
    case "div":
      return isNumber(a) && isNumber(b) ? div(dec(a), dec(b), c) : null;
    case "round":
      return isNumber(a) ? div(dec(a), dec(1n), b) : null;
    case "min":
    case "max":
      return extreme(name === "min", values.length === 1 && Array.isArray(a) ? a : values);
  }
  // Working days and the base amount are the server's.
  return undefined;
}

/// "or" and "and" of several: one decides, else what is not known makes the whole so.
function either(end, count, at) {
  let all = !end;
  for (let index = 0; index < count; index++) {
    const value = at(index);
    if (value === end) return end;
    if (value === undefined) all = undefined;
    else if (!bool(value) && all !== undefined) all = null;
  }
  return all;
}

function decimal(text) {
  const [whole, rest = ""] = text.split(".");
  return strip(BigInt(whole + rest), rest.length);
}

const dec = (number) => (isDec(number) ? number : { m: number, s: 0 });
const int = (number) => (fits(64, number) ? number : null);

function strip(m, s) {
  while (s > 0 && m % 10n === 0n) {
    m /= 10n;
    s--;
  }
  return { m, s };
}

/// A decimal, or unknown where it would not be exact.
function make(m, s) {
  const made = strip(m, s);
  return made.s > 28 || made.m >= LIMIT || made.m <= -LIMIT ? null : made;
}

function scaled(m, by) {
  const result = m * 10n ** BigInt(by > 0 ? by : 0);
  return fits(128, result) ? result : null;
}

function add(a, b) {
  const s = Math.max(a.s, b.s);
  const [x, y] = [scaled(a.m, s - a.s), scaled(b.m, s - b.s)];
  return x === null || y === null || !fits(128, x + y) ? null : make(x + y, s);
}

/// A half goes away from zero.
function div(a, b, places) {
  if (typeof places !== "bigint" || places < 0n || places > 12n || b.m === 0n) return null;
  if (a.m === 0n) return dec(0n);
  const shift = Number(places) + b.s - a.s;
  const [x, y] = [scaled(a.m, shift), scaled(b.m, -shift)];
  if (x === null || y === null) return null;
  const abs = (number) => (number < 0n ? -number : number);
  const half = abs(x % y) * 2n >= abs(y);
  return make(x / y + (half ? (x < 0n === y < 0n ? 1n : -1n) : 0n), Number(places));
}

function arithmetic(a, b, ints, decs) {
  if (typeof a === "bigint" && typeof b === "bigint") return int(ints(a, b));
  return isNumber(a) && isNumber(b) ? decs(dec(a), dec(b)) : null;
}

/// The sum of one part of every row; one that is missing makes it unknown, as with `+`.
function sum(rows, key) {
  return rows.reduce(
    (total, row) => {
      const part = row?.f && Object.hasOwn(row.f, key) ? row.f[key] : null;
      return total === undefined || part === undefined || row === undefined ? undefined : arithmetic(total, part, (x, y) => x + y, add);
    },
    0n,
  );
}

/// Below, at or above zero; null where there is no order.
function compare(a, b) {
  if (isNumber(a) && isNumber(b)) {
    [a, b] = [dec(a), dec(b)];
    const [x, y] = [a.m * 10n ** BigInt(b.s), b.m * 10n ** BigInt(a.s)];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (a?.d && b?.d) [a, b] = [a.d, b.d];
  if (typeof a !== "string" || typeof b !== "string") return null;
  // By characters, not by their halves in UTF-16.
  const [x, y] = [[...a], [...b]];
  for (let index = 0; index < x.length && index < y.length; index++) {
    if (x[index] !== y[index]) return x[index].codePointAt() - y[index].codePointAt();
  }
  return x.length - y.length;
}

/// True, false, null for "cannot be known", undefined for "only the server knows".
function equal(a, b) {
  if (a === undefined || b === undefined) return undefined;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length ? either(false, a.length, (index) => equal(a[index], b[index])) : false;
  }
  if (bool(a) && bool(b)) return a === b;
  if (a?.f && b?.f) return same(a, b);
  const order = compare(a, b);
  return order === null ? null : order === 0;
}

/// Records are compared as they stand, without any unknown of their own.
const same = (a, b) => JSON.stringify(plain(a)) === JSON.stringify(plain(b));
const plain = (value) =>
  typeof value === "bigint"
    ? `${value}`
    : Array.isArray(value)
      ? value.map(plain)
      : value?.f
        ? Object.entries(value.f)
            .sort(([x], [y]) => (x < y ? -1 : 1))
            .map(([key, part]) => [key, plain(part)])
        : isDec(value)
          ? [`${value.m}`, value.s]
          : (value ?? null);

function extreme(least, values) {
  if (values.includes(undefined)) return undefined;
  let best = null;
  for (const value of values) {
    if (!isNumber(value) && !value?.d) return null;
    const order = best === null ? -1 : compare(value, best);
    if (order === null) return null;
    if (best === null || (least ? order < 0 : order > 0)) best = value;
  }
  return best;
}
