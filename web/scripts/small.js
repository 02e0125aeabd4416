import { later, say, word } from "./words.js";

const all = (selector) => document.querySelectorAll(selector);

/// The error summary, or the word of success, takes the focus when the page opens.
export function focus() {
  document.querySelector("[data-focus]")?.focus();
  // On a small screen the navigation of the cabinet is a row: bring the current entry into sight.
  const current = document.querySelector(".p-side [aria-current]");
  const row = current?.closest("ul");
  if (row) row.scrollLeft = current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
}

/// A menu made of <details> closes on Escape and on a press elsewhere.
export function menus() {
  const open = () => document.querySelector("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    const menu = open();
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && open();
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

/// A form is sent once: the second press of an impatient finger does nothing. The server guards itself as well.
export function once() {
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (Date.now() - (sent.get(form) ?? 0) < 8000) {
      event.preventDefault();
      return;
    }
    sent.set(form, Date.now());
    event.submitter?.setAttribute("aria-disabled", "true");
    setTimeout(() => event.submitter?.removeAttribute("aria-disabled"), 8000);
  });
  // Back from the next page: the form may be sent again.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const button of all("[aria-disabled]")) button.removeAttribute("aria-disabled");
    for (const form of document.forms) sent.delete(form);
  });
}

/// How many letters may still be written.
export function counters() {
  for (const area of all("textarea[maxlength]")) {
    const left = document.createElement("p");
    left.className = "p-left";
    left.id = `${area.id}-left`;
    area.after(left);
    area.setAttribute("aria-describedby", `${area.getAttribute("aria-describedby") ?? ""} ${left.id}`.trim());
    const count = () => {
      left.textContent = `${area.maxLength - area.value.length} ${word("charsLeft")}`;
    };
    count();
    const tell = later(() => say(left.textContent), 1500);
    area.addEventListener("input", () => {
      count();
      if (area.maxLength - area.value.length < 50) tell();
    });
  }
}

/// Buttons that copy a text or print the page.
export function copyAndPrint() {
  for (const button of all("[data-copy],[data-print]")) button.hidden = false;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy],[data-print]");
    if (!button) return;
    if ("print" in button.dataset) {
      print();
      return;
    }
    await navigator.clipboard.writeText(button.dataset.copy);
    const before = button.textContent;
    button.textContent = word("copied");
    say(word("copied"));
    setTimeout(() => (button.textContent = before), 2500);
  });
}
