// The buttons over the text of a letter, and the rows of its authors. Without this script the text is written by hand,
// a form at the end of the page adds pictures, and the server adds and removes rows.

const toolbar = document.querySelector("markdown-toolbar");
const text = toolbar && document.getElementById(toolbar.getAttribute("for"));
const form = text?.form;
const picturePart = document.querySelector(".picture-part");
const pictureForm = picturePart?.querySelector("form[data-picture]");

// Replaces the selection. Only this old command keeps the browser's own undo.
function insert(words) {
  text.focus();
  if (!document.execCommand("insertText", false, words)) {
    text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// Inserts lines that stand by themselves, with an empty line before and after.
function insertBlock(block) {
  const before = text.value.slice(0, text.selectionStart), after = text.value.slice(text.selectionEnd);
  const start = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const end = !after ? "\n" : after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  insert(start + block + end);
}

// Opens a dialog, and calls back when its first button closed it.
function ask(dialog, onInsert) {
  dialog.returnValue = "";
  dialog.addEventListener("close", () => {
    text.focus();
    if (dialog.returnValue === "insert") onInsert();
  }, { once: true });
  dialog.showModal();
}

const valueOf = (id) => document.getElementById(id).value;

function insertTable() {
  const dialog = document.getElementById("table-dialog");
  ask(dialog, () => {
    const columns = Number(valueOf("table-columns")), rows = Number(valueOf("table-rows"));
    const hasNumbers = document.getElementById("table-numbers").checked;
    const { column } = dialog.querySelector("[data-column]").dataset;
    const write = (cells) => `| ${cells.join(" | ")} |`;
    const heads = Array.from({ length: columns }, (_, n) => `${column} ${n + 1}`);
    const rules = heads.map((_, n) => (hasNumbers && n === columns - 1 ? "---:" : "---"));
    const body = Array.from({ length: rows }, () => write(heads.map(() => " ")));
    insertBlock([write(heads), write(rules), ...body].join("\n"));
  });
}

function insertFootnote() {
  const note = document.getElementById("footnote-text");
  ask(document.getElementById("footnote-dialog"), () => {
    const used = [...text.value.matchAll(/\[\^(\d+)\]/g)].map((match) => Number(match[1]));
    const number = Math.max(0, ...used) + 1;
    const words = note.value.trim().replace(/\s*\n\s*/g, " ");
    note.value = "";
    const caret = text.selectionEnd + `[^${number}]`.length;
    text.setSelectionRange(text.selectionEnd, text.selectionEnd);
    insert(`[^${number}]`);
    text.setSelectionRange(text.value.length, text.value.length);
    insert(`${text.value.endsWith("\n") ? "" : "\n"}\n[^${number}]: ${words}\n`);
    text.setSelectionRange(caret, caret);
  });
}

// Pictures: the form of the page becomes a dialog, and takes files that are dropped on the text or pasted into it.

let pictureDialog = null;
if (pictureForm) {
  pictureDialog = document.createElement("dialog");
  pictureDialog.className = "tool-dialog";
  pictureDialog.setAttribute("aria-labelledby", "add-picture-h");
  picturePart.replaceWith(pictureDialog);
  pictureDialog.append(...picturePart.childNodes);
  const close = pictureForm.querySelector("[data-close]");
  close.hidden = false;
  close.addEventListener("click", () => pictureDialog.close());
  pictureDialog.addEventListener("close", () => text.focus());
}

function openPictureDialog(file) {
  if (file) {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    pictureForm.picture.files = transfer.files;
  }
  pictureDialog.showModal();
  if (file) pictureForm.picture_description.focus();
}

// The script of all desk pages, which lets no form be sent twice, must not see an event that this one handles.
pictureForm?.addEventListener("submit", async (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  if (pictureForm.hasAttribute("data-busy")) return;
  pictureForm.toggleAttribute("data-busy", true);
  const status = pictureForm.querySelector(".saved");
  try {
    const response = await fetch(pictureForm.action, {
      method: "POST", body: new FormData(pictureForm), headers: { Accept: "application/json" },
    });
    const result = await response.json();
    status.textContent = response.ok ? "" : result.problem;
    status.classList.toggle("wrong", !response.ok);
    if (!response.ok) return;
    pictureDialog.close();
    insertBlock(result.markdown);
    pictureForm.reset();
  } catch {
    pictureForm.submit();
  } finally {
    pictureForm.toggleAttribute("data-busy", false);
  }
}, { capture: true });

function takeFile(event, transfer) {
  const file = [...transfer.files].find(({ type }) => type.startsWith("image/"));
  // A word processor puts a picture of the text beside the text. The text is meant.
  const words = transfer.getData("text/plain") || transfer.getData("text/html").replace(/<[^>]*>/g, "");
  if (!file || words.trim()) return;
  event.preventDefault();
  if (pictureForm) openPictureDialog(file);
  else form.querySelector(".paste-remarks").textContent = form.dataset.firstPicture;
}

function togglePreview(button) {
  const pane = document.getElementById("preview-pane");
  const isShown = pane.hidden;
  pane.hidden = !isShown;
  button.setAttribute("aria-pressed", String(isShown));
  document.querySelector(".two-up").classList.toggle("alone", !isShown);
}

if (text) {
  const editWith = (command) => { text.focus(); document.execCommand(command); };
  const tools = {
    table: insertTable, footnote: insertFootnote, picture: () => openPictureDialog(),
    undo: () => editWith("undo"), redo: () => editWith("redo"), preview: togglePreview,
  };
  toolbar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-md-button]");
    tools[button?.dataset.mdButton]?.(button);
  });
  const keys = { b: "bold", i: "italic", k: "link" };
  text.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
    const name = keys[event.key.toLowerCase()];
    if (!name) return;
    event.preventDefault();
    toolbar.querySelector(`[data-md-button=${name}]`).click();
  });
  text.addEventListener("paste", (event) => takeFile(event, event.clipboardData));
  text.addEventListener("drop", (event) => takeFile(event, event.dataTransfer));
  text.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
}

// Rows of authors, which the server would add and remove as well.

const rowsField = document.querySelector("[data-rows]");

function numberRows() {
  rowsField.querySelectorAll(".author-row").forEach((row, index) => {
    const rename = (value) => value.replace(/\d+$/, String(index + 1));
    row.id = rename(row.id);
    row.setAttribute("aria-label", rename(row.getAttribute("aria-label")));
    for (const field of row.querySelectorAll("[id]")) field.id = rename(field.id);
    for (const label of row.querySelectorAll("label")) label.htmlFor = rename(label.htmlFor);
    const button = row.querySelector("button");
    button.value = rename(button.value);
    button.querySelector(".unseen").textContent = `: ${row.querySelector("input").value || index + 1}`;
  });
}

rowsField?.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=row]");
  if (!button) return;
  event.preventDefault();
  const rows = rowsField.querySelectorAll(".author-row");
  let row = button.closest(".author-row");
  if (!row || rows.length === 1) {
    const last = rows[rows.length - 1];
    const empty = last.cloneNode(true);
    for (const field of empty.querySelectorAll("input")) field.value = "";
    for (const field of empty.querySelectorAll("select")) field.selectedIndex = [...field.options].findIndex((o) => o.value === "UND" || o.value === "personal");
    last.after(empty);
    if (row) row.remove();
    row = empty;
  } else {
    const next = row.nextElementSibling?.matches(".author-row") ? row.nextElementSibling : row.previousElementSibling;
    row.remove();
    row = next;
  }
  numberRows();
  row.querySelector("input").focus();
  form?.dispatchEvent(new Event("input", { bubbles: true }));
});
