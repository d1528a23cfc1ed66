// Selects a page of the queue, continues a bulk decision by itself, and removes an undo button when its time is over.

const all = (selector) => [...document.querySelectorAll(selector)];

for (const link of all(".tick-page")) {
  link.addEventListener("click", (event) => {
    const boxes = all(".rows .row input[type=checkbox]");
    const areAllChecked = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !areAllChecked;
    event.preventDefault();
  });
}

// A bulk decision handles a hundred comments in a request. Without this script, the moderator presses the button.
for (const form of all("form[data-continue]")) form.requestSubmit();

for (const bar of all(".undo[data-seconds]")) {
  const button = bar.querySelector("button");
  if (button) setTimeout(() => button.remove(), Number(bar.dataset.seconds) * 1000);
}
