// Follows something that the server is still working on: `[data-poll="URL"]`, empty = this page.
// The answer is a fragment, or a whole page that holds an element with the same id. It ends when the answer holds
// `[data-done]`, or when the element in the answer is no longer one to be followed.

export function polls() {
  for (const part of document.querySelectorAll("[data-poll]")) follow(part);
}

function follow(part, tries = 0) {
  const done = part.querySelector("[data-done]");
  if (done) {
    if (/^\/(?!\/)/.test(done.dataset.done)) location.assign(done.dataset.done);
    return;
  }
  // Ever more patient: a page left open must not ask for ever.
  const wait = (Number(part.dataset.every) || 3) * 1000 * Math.min(1 + tries / 10, 10);
  setTimeout(async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(part.dataset.poll || location.href, { headers: { accept: "text/html" } });
        if (answer.ok) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const fresh = (part.id && page.getElementById(part.id)) || page.body;
          const over = part.id && fresh.id === part.id && !("poll" in fresh.dataset);
          // Not under the hands of somebody who is writing or has opened something.
          const used = part !== document.activeElement && part.contains(document.activeElement);
          if (!used && fresh.innerHTML !== part.innerHTML) {
            part.replaceChildren(...fresh.childNodes);
            if (part.querySelector("h1")) document.title = page.title || document.title;
          }
          if (over && !used) return;
        }
      } catch {
        // No connection: the next try may have one.
      }
    }
    follow(part, tries + 1);
  }, wait);
}
