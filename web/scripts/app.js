// Everything here adds to pages that already work without it.
import { autosave } from "./autosave.js";
import { copyAndPrint, counters, focus, menus, once } from "./small.js";
import { drops } from "./drop.js";
import { polls } from "./poll.js";
import { shows } from "./show.js";
import { suggests } from "./suggest.js";

for (const start of [focus, menus, once, suggests, shows, autosave, counters, copyAndPrint, drops, polls]) {
  try {
    start();
  } catch (error) {
    // One broken part must not take the others along.
    console.error(error);
  }
}
