// Selects a page of the queue and counts the selection, continues a bulk decision by itself, and ends the time to undo.

const all = (selector) => [...document.querySelectorAll(selector)];

for (const link of all(".tick-page")) {
  link.addEventListener("click", (event) => {
    const boxes = all(".rows .row input[type=checkbox]");
    const areAllChecked = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !areAllChecked;
    countSelected();
    event.preventDefault();
  });
}

function countSelected() {
  const count = all(".rows .row input[type=checkbox]:checked").length;
  for (const status of all(".selected-count")) {
    const { textOne, textMany } = status.dataset;
    status.textContent = count === 0 ? "" : count === 1 ? textOne : textMany.replace("{n}", count);
  }
}

for (const list of all(".rows")) list.addEventListener("change", countSelected);
countSelected();

// A bulk decision handles a hundred comments in a request. Without this script, the moderator presses the button.
for (const form of all("form[data-continue]")) form.requestSubmit();

for (const bar of all(".undo[data-seconds]")) {
  setTimeout(() => {
    bar.querySelector("form")?.remove();
    for (const text of bar.querySelectorAll(".undo-open")) text.remove();
    for (const text of bar.querySelectorAll(".undo-over")) text.hidden = false;
  }, Number(bar.dataset.seconds) * 1000);
}
