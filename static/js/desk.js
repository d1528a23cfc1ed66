// Keyboard shortcuts of the desk, the check that a refusal names a rule, and protection against sending a decision twice.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

// An error is read first, also where the page is longer than the window.

one(".summary")?.focus();

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
  publish: () => decide("publish")() || decide("restore")(),
  return: decide("return"),
  refuse: () => decide("refuse")() || decide("restrict")(),
  spam: decide("spam"),
  undo: () => press(".undo button"),
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

// A refusal, a removal or a return needs a rule.

function showRuleMissing(form, isMissing) {
  const select = one("select[name=reason]", form);
  const message = select.closest(".field, div")?.querySelector(".wrong");
  if (message) message.hidden = !isMissing;
  if (isMissing) select.setAttribute("aria-invalid", "true"); else select.removeAttribute("aria-invalid");
  if (isMissing) select.focus();
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
  const rule = one("select[name=reason]", form);
  rule?.addEventListener("change", () => { if (rule.value) showRuleMissing(form, false); });
  form.addEventListener("submit", (event) => {
    const verdict = event.submitter?.name === "verdict" ? event.submitter.value : "";
    if (rule && !rule.value && ["refuse", "restrict", "return"].includes(verdict)) {
      event.preventDefault();
      showRuleMissing(form, true);
      return;
    }
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
