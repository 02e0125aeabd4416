/// Texts come with the page, in its language: `data-…` attributes of <body>.
export const word = (name) => document.body.dataset[name] ?? "";

/// The live region in which short messages are told.
let region;
export function say(text) {
  if (!region) {
    region = document.createElement("div");
    region.className = "govuk-visually-hidden";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  region.textContent = text;
}

/// Calls `run` once, `wait` milliseconds after the last call.
export function later(run, wait) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), wait);
  };
}
