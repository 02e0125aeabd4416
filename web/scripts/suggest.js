// Suggestions for a search field. Pattern: WAI-ARIA 1.2, combobox with a list; the focus stays in the field.
import { later, say, word } from "./words.js";

let number = 0;

export function suggests() {
  for (const form of document.querySelectorAll("form[data-suggest]")) {
    const input = form.querySelector("input[type=search],input[type=text]");
    if (input) attach(form, input);
  }
}

function attach(form, input) {
  const list = document.createElement("ul");
  list.className = "p-suggest";
  list.id = `suggest-${++number}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", word("search"));
  list.hidden = true;
  form.append(list);
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-controls", list.id],
    ["aria-expanded", "false"],
  ]) {
    input.setAttribute(name, value);
  }

  let items = [];
  let active = -1;
  let asked;
  const known = new Map();

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (index) => {
    active = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const option = list.children[index];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };

  const show = (found) => {
    // Only addresses of ours: an answer cannot lead elsewhere or run a script.
    items = found.filter((item) => /^\/(?!\/)/.test(item.url)).slice(0, 8);
    list.replaceChildren(
      ...items.map((item, at) => {
        const option = document.createElement("li");
        option.className = "p-suggest__item";
        option.id = `${list.id}-${at}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.textContent = item.title;
        if (item.note) {
          const note = document.createElement("span");
          note.className = "p-suggest__note";
          note.textContent = item.note;
          option.append(note);
        }
        option.addEventListener("pointerdown", (event) => event.preventDefault());
        option.addEventListener("click", () => location.assign(item.url));
        return option;
      }),
    );
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(items.length > 0));
    say(items.length ? `${items.length} ${word("results")}` : word("none"));
  };

  const ask = later(async () => {
    const query = input.value.trim();
    if (query.length < 2) return close();
    if (known.has(query)) return show(known.get(query));
    asked?.abort();
    asked = new AbortController();
    try {
      const address = `${form.dataset.suggest}?q=${encodeURIComponent(query)}`;
      const answer = await fetch(address, { signal: asked.signal, headers: { accept: "application/json" } });
      if (!answer.ok) return close();
      const body = await answer.json();
      const found = Array.isArray(body) ? body : (body.items ?? []);
      known.set(query, found);
      if (input.value.trim() === query && document.activeElement === input) show(found);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }, 160);

  input.addEventListener("input", ask);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const count = items.length;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      if (list.hidden) {
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
      }
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One place beyond the ends is the field itself.
      mark(((active + 1 + step + count + 1) % (count + 1)) - 1);
    } else if (event.key === "Enter" && !list.hidden && items[active]) {
      event.preventDefault();
      location.assign(items[active].url);
    }
  });
}
