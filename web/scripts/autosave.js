// Saves a draft as it is written. Nothing is kept in the browser: the computer may be shared.
import { later, word } from "./words.js";

export function autosave() {
  for (const form of document.querySelectorAll("form[data-autosave]")) attach(form);
}

function attach(form) {
  const state = form.querySelector("[data-autosave-state]") ?? document.createElement("p");
  state.setAttribute("role", "status");
  if (!state.isConnected) {
    state.className = "p-muted p-autosave";
    form.append(state);
  }
  let dirty = false;
  let busy = false;
  let wait = 5000;

  const body = () => {
    const data = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") data.append(name, value);
    return data;
  };

  const save = async () => {
    if (!dirty || busy) return;
    busy = true;
    dirty = false;
    state.textContent = word("saving");
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: body(),
        headers: { accept: "application/json", "x-autosave": "1" },
      });
      if (!answer.ok) throw new Error(answer.status);
      state.textContent = word("saved");
      wait = 5000;
    } catch {
      dirty = true;
      state.textContent = word("notSaved");
      setTimeout(save, wait);
      wait = Math.min(wait * 2, 60000);
    }
    busy = false;
    if (dirty && wait === 5000) save();
  };

  const soon = later(save, 1200);
  const changed = () => {
    dirty = true;
    soon();
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => (dirty = false));
  addEventListener("online", save);
  // The last words before the page is left.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || !dirty) return;
    dirty = !navigator.sendBeacon(form.dataset.autosave, body());
  });
}
