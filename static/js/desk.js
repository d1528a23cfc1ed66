// Keyboard shortcuts of the desk, the fields that a refusal opens, and protection against sending a decision twice.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

// The reason of a refusal is the first thing to read on the page that shows it.
one(".summary")?.focus();

// A message belongs to the field that it stands in. The server has connected some of them for screen readers.
for (const [index, message] of all(".field.bad > .wrong:not([id])").entries()) {
  const box = message.parentElement;
  const field = box.matches("fieldset") ? box : one("input:not([type=hidden]), select, textarea", box);
  if (!field) continue;
  message.id = `message-${index}`;
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") || ""} ${message.id}`.trim());
  if (field !== box) field.setAttribute("aria-invalid", "true");
}

// The list of comments.

const rows = () => all(".rows .row");

function currentRow() {
  return document.activeElement?.closest(".rows .row") || one(".rows .row.on") || one(".rows .row:has(a[aria-current])");
}

function openRow(distance) {
  const list = rows();
  const row = currentRow();
  const next = list[row ? list.indexOf(row) + distance : 0];
  const link = next && one("a[href]", next);
  if (!link) return false;
  link.focus();
  link.click();
  return true;
}

function toggleSelection() {
  const row = currentRow();
  const box = row && one("input[type=checkbox]", row);
  box?.click();
  return Boolean(box);
}

// Only a button on the screen is pressed: on a phone the list can hide the case.
const press = (selector) => {
  const button = all(selector).find((found) => found.getClientRects().length);
  button?.click();
  return Boolean(button);
};

const decide = (verdict) => () => press(`form.decide button[name=verdict][value="${verdict}"]`);

// After the time to undo, the same key leads to the decided comment.
function undo() {
  if (press(".undo form button")) return true;
  const link = one(".undo .undo-open-case");
  link?.focus();
  return Boolean(link);
}

function focusSearch() {
  const field = one('input[type=search], .find input[name="q"]');
  for (let box = field?.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  field?.focus();
  field?.select();
  return Boolean(field);
}

// Keyboard shortcuts.

const help = one("dialog.keys-help");
function openHelp() {
  if (help && !help.open) help.showModal();
  return Boolean(help);
}

for (const button of all(".keys-open")) {
  button.hidden = !help;
  button.addEventListener("click", openHelp);
}
help?.addEventListener("click", (event) => { if (event.target === help) help.close(); });

// Moderators choose the key of each action. An action returns whether the page offers it.
const actions = {
  next: () => openRow(1), previous: () => openRow(-1),
  select: toggleSelection,
  publish: () => press("form.decide [data-dismiss]") || decide("publish")() || decide("restore")(),
  return: decide("return"),
  refuse: () => decide("refuse")() || decide("restrict")(),
  spam: decide("spam"),
  undo,
  find: focusSearch, help: openHelp,
};
const keyOfAction = Object.entries(JSON.parse(help?.dataset.keys || "{}"));
const actionOfKey = Object.fromEntries(keyOfAction.map(([action, key]) => [key, actions[action]]));
const areShortcutsOff = !help || "off" in help.dataset;
document.documentElement.classList.toggle("keys-off", areShortcutsOff);
const arrowActions = { ArrowDown: () => openRow(1), ArrowUp: () => openRow(-1) };

function takesText(element) {
  if (!element) return false;
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches("input") && !["checkbox", "button", "submit", "reset"].includes(element.type);
}

// Arrow keys move through the list. While another pane has the focus they scroll it.
const isInList = (element) => !element || element === document.body || Boolean(element.closest(".cases"));

document.addEventListener("keydown", (event) => {
  if (areShortcutsOff || event.defaultPrevented || event.isComposing || event.repeat) return;
  if (event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && /\p{L}|\p{N}/u.test(event.key))) return;
  if (help?.open || takesText(event.target)) return;
  const action = actionOfKey[event.key.toLowerCase()] || (isInList(document.activeElement) && arrowActions[event.key]);
  if (action && action()) event.preventDefault();
});

one(".rows .row.on")?.scrollIntoView({ block: "nearest" });

// Some verdicts need a rule and a sentence. Their button opens the fields, and the button beside the fields decides.

document.documentElement.classList.add("has-script");
const decision = one("form.decide");
const fields = decision && one(".because", decision);
const bar = decision && one(".verdict-bar", decision);

function show(element, isShown) {
  element.hidden = !isShown;
  element.disabled = !isShown;
}

function openFields(verdict) {
  for (const button of all("[data-confirm]", fields)) show(button, button.value === verdict);
  fields.elements.fields_of.value = verdict;
  show(fields, true);
  show(bar, false);
  fields.elements.reason.focus({ preventScroll: true });
}

function closeFields() {
  const verdict = fields.elements.fields_of.value;
  show(fields, false);
  show(bar, true);
  one(`[value="${verdict}"]`, bar)?.focus();
}

const areFieldsOpen = () => Boolean(fields && !fields.hidden && one("[data-confirm]:not([hidden])", fields));

for (const button of bar ? all("[data-fields]", bar) : []) {
  button.addEventListener("click", (event) => { event.preventDefault(); openFields(button.value); });
}
if (fields) {
  one("[data-cancel]", fields)?.addEventListener("click", (event) => { event.preventDefault(); closeFields(); });
  fields.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && areFieldsOpen()) closeFields();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) one("[data-confirm]:not([hidden])", fields)?.click();
  });
}

function markMissing(form, name, isMissing) {
  const field = form.elements[name];
  const message = one(`#${name}-wrong`, form);
  if (message) message.hidden = !isMissing;
  field.closest(".field")?.classList.toggle("bad", isMissing);
  if (isMissing) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
}

// Returns whether the fields hold what the verdict needs, and leads to the first that does not.
function checkFields(form, button) {
  const { reason, facts, note } = form.elements;
  const missing = [];
  if (!reason.value) missing.push("reason");
  if (button.dataset.confirm === "explain" && !facts.value.trim() && !note.value.trim()) missing.push("facts");
  for (const name of ["reason", "facts"]) markMissing(form, name, missing.includes(name));
  if (missing.length) form.elements[missing[0]].focus();
  return missing.length === 0;
}

// A prepared note fills the fields. A text that was typed before stays above it.

for (const list of all("select[data-prepared]")) {
  let filled = "";
  list.addEventListener("change", () => {
    const { text = "", rule = "" } = list.selectedOptions[0].dataset;
    const { note, reason } = list.form.elements;
    const typed = note.value === filled ? "" : note.value.trim();
    note.value = [typed, text].filter(Boolean).join("\n\n");
    filled = typed ? "" : text;
    if (rule) reason.value = rule;
    for (const field of [note, reason]) field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// A form that is on its way cannot be sent again. It is released after ten seconds, or when the browser goes back to it.

const RELEASE_AFTER = 10_000; // milliseconds

function setBusy(form, isBusy) {
  form.toggleAttribute("data-busy", isBusy);
  for (const button of [...form.elements].filter((control) => control.type === "submit")) {
    if (isBusy) button.setAttribute("aria-disabled", "true"); else button.removeAttribute("aria-disabled");
  }
}

for (const form of all("form[method=post i]")) {
  form.addEventListener("input", (event) => {
    if (form === decision && event.target.getAttribute("aria-invalid")) markMissing(form, event.target.name, false);
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter && "confirm" in event.submitter.dataset && !checkFields(form, event.submitter)) return event.preventDefault();
    if (form.hasAttribute("data-busy")) return event.preventDefault();
    setBusy(form, true);
    setTimeout(setBusy, RELEASE_AFTER, form, false);
  });
}

addEventListener("pageshow", () => all("form[method=post i]").forEach((form) => setBusy(form, false)));

// Text selected in the original is the text to hide. The form counts characters as the server does, by code points.

for (const source of all("textarea[data-redact]")) {
  const { form } = source;
  const [from, to, text] = ["redact_from", "redact_to", "redact_words"].map((name) => form.elements[name]);
  const countCharacters = (string) => [...string].length;
  source.addEventListener("select", () => {
    const { value, selectionStart: start, selectionEnd: end } = source;
    if (start === end) return;
    from.value = countCharacters(value.slice(0, start));
    to.value = countCharacters(value.slice(0, end));
    text.value = value.slice(start, end);
  });
  text.addEventListener("input", () => { from.value = ""; to.value = ""; });
}
