// Shows and hides the fields of a form, and marks what need not be answered, by the conditions of the service's definition, as
// they are answered. The server has put in whatever it knows, and decides again when the form is sent.
import { evaluate } from "./expr.js";

export function shows() {
  for (const form of document.forms) {
    const parts = [...form.querySelectorAll("[data-show],[data-required]")].map((part) => ({
      part,
      id: part.dataset.field ?? part.querySelector("[name]")?.name.replace(/\.day$/, ""),
      show: part.dataset.show && JSON.parse(part.dataset.show),
      required: part.dataset.required && JSON.parse(part.dataset.required),
    }));
    if (!parts.length) continue;
    const kinds = JSON.parse(form.dataset.kinds ?? "{}");
    const update = () => {
      const seen = settle(parts, answers(form.elements, kinds));
      for (const { part, id, required } of parts) {
        const shown = seen.shown.get(id);
        if (shown !== undefined) {
          part.hidden = !shown;
          // What is hidden is not sent; what was typed stays, should the field come back.
          for (const control of part.querySelectorAll("input,select,textarea")) control.disabled = !shown;
        }
        const needed = required && evaluate(required, seen.env);
        if (needed !== undefined && required) mark(part, needed === true, form.dataset.optional);
      }
    };
    update();
    form.addEventListener("input", update);
    form.addEventListener("change", update);
    addEventListener("pageshow", update);
  }
}

/// "(optional)" after the label.
function mark(part, needed, text) {
  let word = part.querySelector(".p-optional");
  const label = part.querySelector("legend,label");
  if (!word && !needed && label) {
    word = document.createElement("span");
    word.className = "p-optional";
    word.textContent = text ?? "";
    label.append(" ", word);
  }
  if (word) word.hidden = needed;
}

/// Takes away the answers of hidden fields until no more are hidden by that, as the server does with what is posted. Gives
/// which fields are shown: `id → true, false, undefined` (as the server left it), and the answers that remain.
export function settle(parts, given) {
  const env = (name) => given.get(name) ?? null;
  const shown = ({ part, show }) => {
    const value = evaluate(show, env);
    return value === undefined ? undefined : value === true;
  };
  const conditional = parts.filter(({ show }) => show);
  for (let again = true; again; ) {
    again = false;
    for (const one of conditional) {
      if (env(one.id) === null || (shown(one) ?? !one.part.hidden)) continue;
      given.set(one.id, null);
      again = true;
    }
  }
  return { env, shown: new Map(conditional.map((one) => [one.id, shown(one)])) };
}

/// The answers of a form as the server reads them when they are posted: name → value, null where nothing is answered.
export function answers(controls, kinds) {
  const raw = new Map();
  for (const { name, type, value, checked } of controls) {
    if (!name || ((type === "radio" || type === "checkbox") && !checked)) continue;
    raw.set(name, [...(raw.get(name) ?? []), value]);
  }
  const names = new Set([...Object.keys(kinds), ...raw.keys()]);
  return new Map([...names].map((name) => [name, answer(name, kinds[name] ?? "text", raw)]));
}

function answer(name, kind, raw) {
  const text = (key = name) => raw.get(key)?.[0].trim() || null;
  const squeezed = () => text()?.replace(/\s/g, "") || null;
  const record = (parts) => {
    const fields = parts.map((part) => [part, text(`${name}.${part}`)]).filter(([, value]) => value);
    return fields.length ? { f: Object.fromEntries(fields) } : null;
  };
  switch (kind) {
    case "int":
      return /^[+-]?\d+$/.test(squeezed()) ? whole(squeezed()) : null;
    case "money": {
      const [, som, tiyin = ""] = /^(\d+)(?:[.,](\d{0,2}))?$/.exec(squeezed()) ?? [];
      return som && BigInt(som) <= 10n ** 15n ? BigInt(som + tiyin.padEnd(2, "0")) : null;
    }
    case "date": {
      const parts = ["day", "month", "year"].map((part) => text(`${name}.${part}`));
      return day(text() ?? (parts.includes(null) ? "" : parts.join(".")));
    }
    case "bool":
      return ["on", "true", "1", "yes"].includes(text());
    case "multi":
      return raw.get(name)?.filter((code) => code.trim()) ?? null;
    case "address": {
      const address = record(["district", "street", "house", "flat"]);
      if (address?.f.district?.length >= 4) address.f.region = address.f.district.slice(0, 4);
      return address;
    }
    case "person":
      return record(["pinfl", "surname", "name", "patronymic"]);
    case "squeezed":
      return squeezed();
    case "upper":
      return squeezed()?.toUpperCase() ?? null;
  }
  return text();
}

function whole(text) {
  const number = BigInt(text.replace("+", ""));
  return BigInt.asIntN(64, number) === number ? number : null;
}

/// A day as it is written in a form: 2026-11-21, 21.11.2026, 21/11/2026.
function day(text) {
  let [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (!year) [, date, month, year] = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(text) ?? [];
  if (!year || (year < 1800 && text[4] !== "-")) return null;
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, date);
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== +date) return null;
  return { d: `${year}-${month.padStart(2, "0")}-${date.padStart(2, "0")}` };
}
