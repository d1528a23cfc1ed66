// Gives the desk its keys, asks for a reason before a refusal, and keeps a decision from being sent twice.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);

// Rows: where one is, where one goes.

const rows = () => all(".rows .row");

function here() {
  return document.activeElement?.closest(".rows .row") || one(".rows .row.on") || one(".rows .row:has(a[aria-current])");
}

function step(by) {
  const list = rows();
  const row = here();
  const next = list[row ? list.indexOf(row) + by : 0];
  const link = next && one("a[href]", next);
  if (!link) return false;
  link.focus();
  link.click();
  return true;
}

function tick() {
  const box = here() && one("input[type=checkbox]", here());
  box?.click();
  return Boolean(box);
}

// Only what is on the screen: on a phone the case may be hidden behind the list.
const press = (selector) => {
  const button = all(selector).find((found) => found.getClientRects().length);
  button?.click();
  return Boolean(button);
};

const decide = (verdict) => () => press(`form.decide button[name=verdict][value="${verdict}"]`);

function search() {
  const field = one('input[type=search], .find input[name="q"]');
  for (let box = field?.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  field?.focus();
  field?.select();
  return Boolean(field);
}

// Keys.

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

// Each key is as this person chose it; a verdict is pressed where the case offers it.
const acts = {
  next: () => step(1), previous: () => step(-1),
  select: tick,
  publish: () => decide("publish")() || decide("restore")(),
  return: decide("return"),
  refuse: () => decide("refuse")() || decide("restrict")(),
  spam: decide("spam"),
  undo: () => press(".undo button"),
  find: search, help: openHelp,
};
const chosen = Object.entries(JSON.parse(help?.dataset.keys || "{}"));
const keys = Object.fromEntries(chosen.map(([act, key]) => [key, acts[act]]));
const off = !help || "off" in help.dataset;
document.documentElement.classList.toggle("keys-off", off);
const arrows = { ArrowDown: () => step(1), ArrowUp: () => step(-1) };

function writes(element) {
  if (!element) return false;
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches("input") && !["checkbox", "button", "submit", "reset"].includes(element.type);
}

// Arrows belong to the list; in another pane that scrolls they scroll it.
const inList = (element) => !element || element === document.body || Boolean(element.closest(".cases"));

document.addEventListener("keydown", (event) => {
  if (off || event.defaultPrevented || event.isComposing || event.repeat) return;
  if (event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && /\p{L}|\p{N}/u.test(event.key))) return;
  if (help?.open || writes(event.target)) return;
  const act = keys[event.key.toLowerCase()] || (inList(document.activeElement) && arrows[event.key]);
  if (act && act()) event.preventDefault();
});

one(".rows .row.on")?.scrollIntoView({ block: "nearest" });

// A refusal or a return needs its reason.

function showReasonMissing(form, missing) {
  const select = one("select[name=reason]", form);
  const message = select.closest(".field, div")?.querySelector(".wrong");
  if (message) message.hidden = !missing;
  if (missing) select.setAttribute("aria-invalid", "true"); else select.removeAttribute("aria-invalid");
  if (missing) select.focus();
}

function hold(form, busy) {
  form.toggleAttribute("data-busy", busy);
  for (const button of [...form.elements].filter((control) => control.type === "submit")) {
    if (busy) button.setAttribute("aria-disabled", "true"); else button.removeAttribute("aria-disabled");
  }
}

for (const form of all("form[method=post i]")) {
  const reason = one("select[name=reason]", form);
  reason?.addEventListener("change", () => { if (reason.value) showReasonMissing(form, false); });
  form.addEventListener("submit", (event) => {
    const verdict = event.submitter?.name === "verdict" ? event.submitter.value : "";
    if (reason && !reason.value && ["refuse", "restrict", "return"].includes(verdict)) {
      event.preventDefault();
      showReasonMissing(form, true);
      return;
    }
    if (form.hasAttribute("data-busy")) return event.preventDefault();
    hold(form, true);
    setTimeout(hold, 10000, form, false);
  });
}

addEventListener("pageshow", () => all("form[method=post i]").forEach((form) => hold(form, false)));

// Words marked in the text as it was sent are the words to hide; the form counts characters as the site does.

for (const source of all("textarea[data-redact]")) {
  const { form } = source;
  const [from, to, words] = ["redact_from", "redact_to", "redact_words"].map((name) => form.elements[name]);
  const characters = (text) => [...text].length;
  source.addEventListener("select", () => {
    const { value, selectionStart: start, selectionEnd: end } = source;
    if (start === end) return;
    from.value = characters(value.slice(0, start));
    to.value = characters(value.slice(0, end));
    words.value = value.slice(start, end);
  });
  words.addEventListener("input", () => { from.value = ""; to.value = ""; });
}
