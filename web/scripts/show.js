// Shows and hides fields by the conditions of the service's definition, as they are answered.
// The server decides in any case; what cannot be known here stays as the server showed it.

export function shows() {
  const parts = document.querySelectorAll("[data-show]");
  if (!parts.length) return;
  const rules = [...parts].map((part) => ({ part, form: part.closest("form"), tree: JSON.parse(part.dataset.show) }));
  const update = () => {
    // From the top down: a hidden question has no answer, so what hangs on it is hidden too.
    for (const { part, form, tree } of rules) {
      const facts = form?.dataset.facts ? JSON.parse(form.dataset.facts) : {};
      const seen = evaluate(tree, { ...facts, ...answers(form) });
      if (seen === null) continue;
      part.hidden = seen !== true;
      for (const control of part.querySelectorAll("input,select,textarea")) control.disabled = seen !== true;
    }
  };
  update();
  document.addEventListener("input", update);
  document.addEventListener("change", update);
  addEventListener("pageshow", update);
}

/// Answers of a form by name: text, true/false of a lone tick, list of several, date of three fields.
export function answers(form) {
  const found = {};
  for (const control of form?.elements ?? []) {
    const { name, type, disabled } = control;
    if (!name || disabled || type === "submit" || type === "button" || type === "hidden") continue;
    if (type === "radio") {
      found[name] ??= null;
      if (control.checked) found[name] = plain(control.value);
    } else if (type === "checkbox") {
      if (control.value === "true") found[name] = control.checked;
      else {
        found[name] ??= [];
        if (control.checked) found[name].push(control.value);
      }
    } else found[name] = plain(control.value);
  }
  for (const name of Object.keys(found)) {
    const base = name.endsWith("-day") && name.slice(0, -4);
    if (!base || !(`${base}-year` in found)) continue;
    const [day, month, year] = ["day", "month", "year"].map((part) => String(found[`${base}-${part}`] ?? ""));
    found[base] = year.length === 4 && month && day ? `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}` : null;
  }
  return found;
}

const plain = (text) => (text === "" ? null : text === "true" ? true : text === "false" ? false : text);

/// The value of a condition: a tree whose nodes are `[operation, …]`; null is "unknown", as in the server's evaluator.
export function evaluate(node, env) {
  if (!Array.isArray(node)) return node;
  const [op, ...rest] = node;
  const value = (index) => evaluate(rest[index], env);
  switch (op) {
    case "get":
      return rest[0] in env ? env[rest[0]] : null;
    case "has":
      return rest[0] in env ? env[rest[0]] !== null : null;
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
    case "?:": {
      const test = value(0);
      return test === null ? null : value(test ? 1 : 2);
    }
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compare(op, value(0), value(1));
    case "in": {
      const [a, list] = [value(0), value(1)];
      return a === null || list === null ? null : list.some((item) => compare("==", item, a));
    }
    case "size": {
      const a = value(0);
      return a === null ? null : a.length;
    }
    case "+":
    case "-":
    case "*": {
      const [a, b] = [value(0), value(1)];
      if (a === null || b === null) return null;
      return op === "+" ? Number(a) + Number(b) : op === "-" ? a - b : a * b;
    }
    default:
      return null;
  }
}

function compare(op, a, b) {
  if (a === null || b === null) return null;
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
    default:
      return a >= b;
  }
}
