// Shows and hides fields by the conditions of the service's definition, as they are answered.
// The server decides in any case; what cannot be known here stays as the server showed it.

export function shows() {
  const parts = document.querySelectorAll("[data-show]");
  if (!parts.length) return;
  const rules = [...parts].map((part) => ({ part, form: part.closest("form"), tree: JSON.parse(part.dataset.show) }));
  const update = () => {
    // From the top down: a hidden question has no answer, so what hangs on it is hidden too.
    for (const { part, form, tree } of rules) {
      const seen = decide(tree, { ...JSON.parse(form?.dataset.facts ?? "{}"), ...answers(form) });
      if (seen === null) continue;
      part.hidden = !seen;
      for (const control of part.querySelectorAll("input,select,textarea")) control.disabled = !seen;
    }
  };
  update();
  document.addEventListener("input", update);
  document.addEventListener("change", update);
  addEventListener("pageshow", update);
}

/// Answers of a form by name: text, true/false of a lone tick, list of several, date of three fields. An unanswered or
/// hidden question is null; a name that is not there at all is not a question of this page.
export function answers(form) {
  const found = {};
  for (const { name, type, value, checked, disabled } of form?.elements ?? []) {
    if (!name || ["submit", "button", "hidden", "file"].includes(type)) continue;
    if (disabled) found[name] ??= null;
    else if (type === "radio") found[name] = checked ? plain(value) : (found[name] ?? null);
    else if (type !== "checkbox") found[name] = plain(value);
    else if (value === "true") found[name] = checked;
    else {
      found[name] ??= [];
      if (checked) found[name].push(value);
    }
  }
  for (const name of Object.keys(found)) {
    const base = name.endsWith(".day") ? name.slice(0, -4) : "";
    if (!base) continue;
    const [day, month, year] = ["day", "month", "year"].map((part) => found[`${base}.${part}`] ?? "");
    found[base] = year.length === 4 && month && day ? `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}` : null;
  }
  return found;
}

const plain = (text) => (text === "" ? null : text === "true" ? true : text === "false" ? false : text);

/// Whether a part is shown: true, false, or null when that hangs on something this page does not know. An unknown that
/// comes only from questions not yet answered hides the part, as on the server.
export function decide(tree, env) {
  let strange = false;
  const known = new Proxy(env, {
    get(facts, name) {
      if (!(name in facts)) strange = true;
      return facts[name] ?? null;
    },
  });
  const value = evaluate(tree, known);
  return value === null ? (strange ? null : false) : value === true;
}

/// The value of a tree as the server's `Expr::to_js_tree` writes it: nodes are `[operation, …]`; null is "unknown".
export function evaluate([op, ...rest], env) {
  const value = (index) => evaluate(rest[index], env);
  switch (op) {
    case "lit":
      return rest[0];
    case "name":
      return env[rest[0]] ?? null;
    case "get":
      return value(0)?.[rest[1]] ?? null;
    case "list":
      return rest.map((item) => evaluate(item, env));
    case "&&":
    case "||": {
      const end = op === "||";
      const [a, b] = [value(0), value(1)];
      return a === end || b === end ? end : a === null || b === null ? null : !end;
    }
    case "!": {
      const a = value(0);
      return a === null ? null : !a;
    }
    case "?": {
      const test = value(0);
      return test === null ? null : value(test ? 1 : 2);
    }
    case "neg": {
      const a = value(0);
      return a === null ? null : -a;
    }
    case "exists":
    case "all": {
      const list = value(0);
      if (!Array.isArray(list)) return null;
      const each = list.map((item) => evaluate(rest[2], { ...env, [rest[1]]: item }));
      const end = op === "exists";
      return each.includes(end) ? end : each.includes(null) ? null : !end;
    }
    case "call":
      return call(rest[0], rest.length > 1 ? evaluate(rest[1], env) : null, rest.length > 2 ? evaluate(rest[2], env) : null);
  }
  const [a, b] = [value(0), value(1)];
  if (a === null || b === null) return null;
  if (op === "in") return Array.isArray(b) ? b.some((item) => compare("==", a, item)) : null;
  if (op === "+" || op === "-" || op === "*") {
    return op === "-" ? a - b : op === "*" ? a * b : typeof a === "string" && typeof b === "string" ? a + b : Number(a) + Number(b);
  }
  return compare(op, a, b);
}

function call(name, a, b) {
  switch (name) {
    case "has":
      return a !== null;
    case "size":
      return a === null ? null : (a.length ?? Object.keys(a).length);
    case "in_region":
      return a === null || b === null ? null : a.startsWith(b);
    case "today":
      return today();
    case "age": {
      if (a === null) return null;
      const now = today();
      return now.slice(0, 4) - a.slice(0, 4) - (now.slice(5) < a.slice(5) ? 1 : 0);
    }
    // Working days and the base amount are the server's to know.
    default:
      return null;
  }
}

/// The day in Tashkent, which is five hours ahead of UTC the whole year.
const today = () => new Date(Date.now() + 5 * 3600e3).toISOString().slice(0, 10);

function compare(op, a, b) {
  // Fields give text where the definition has numbers.
  if (typeof a === "number" || typeof b === "number") [a, b] = [Number(a), Number(b)];
  switch (op) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    default:
      return null;
  }
}
