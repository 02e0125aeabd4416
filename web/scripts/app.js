// Everything here adds to pages that already work without it.
import { autosave } from "./autosave.js";
import { copyAndPrint, counters, focus, menus, once } from "./small.js";
import { drops } from "./drop.js";
import { polls } from "./poll.js";
import { shows } from "./show.js";
import { suggests } from "./suggest.js";
import { say } from "./words.js";

/// What one page alone needs is loaded there, from the address that the page gives.
function completes() {
  for (const area of document.querySelectorAll("[data-complete]")) {
    import(area.dataset.complete).then(({ complete }) => complete(area, say)).catch(console.error);
  }
}

/// A form that only leads on, to another site: sent at once. Its button does the same without a script.
function goes() {
  document.querySelector("form[data-go]")?.submit();
}

for (const start of [goes, focus, menus, once, suggests, shows, autosave, counters, copyAndPrint, drops, polls, completes]) {
  try {
    start();
  } catch (error) {
    // One broken part must not take the others along.
    console.error(error);
  }
}
