/// A file may be dropped on the frame around a file field.
export function drops() {
  for (const frame of document.querySelectorAll("[data-drop]")) {
    const input = frame.querySelector("input[type=file]");
    if (!input) continue;
    const over = (on) => frame.classList.toggle("p-drop--over", on);
    frame.addEventListener("dragover", (event) => {
      event.preventDefault();
      over(true);
    });
    frame.addEventListener("dragleave", () => over(false));
    frame.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}
