// The workbench of a record of positions: saves texts while the editor types, says their lengths, and adds comments
// to positions by keyboard or by dragging. Without this script all of it works by buttons.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const bench = one("[data-bench]");
const SAVE_DELAY = 1200; // milliseconds after the last key
const JSON_TYPE = "application/json";
const COMMENT_TYPE = "application/x-comment", QUOTATION_TYPE = "application/x-quotation";

const post = (form, data, options = {}) =>
  fetch(form.action, { method: "POST", body: new URLSearchParams(data), headers: { Accept: JSON_TYPE }, ...options });

// The script of all desk pages, which lets no form be sent twice, must not see an event that this one handles.
const takeOver = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };

// --- Saving while the editor types

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = one(".saved", form);
    this.place = document.getElementById(form.dataset.place) || form.nextElementSibling;
    this.hasChanges = this.isRefused = this.hasConflict = false;
    this.saving = null;
    form.addEventListener("input", () => this.schedule());
  }

  schedule() {
    this.hasChanges = true;
    if (this.hasConflict) return this.updateConflict();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), SAVE_DELAY);
  }

  get isSafe() { return !this.hasChanges && !this.saving && !this.isRefused; }

  show(sentence, isRefusal) {
    this.status.textContent = sentence;
    this.status.classList.toggle("wrong", isRefusal);
  }

  refuse(problem) { this.show(this.status.dataset.refused.replace("{problem}", () => problem), true); }

  async save(options) {
    clearTimeout(this.timer);
    if (this.hasConflict) return;
    if (this.saving) await this.saving;
    this.hasChanges = false;
    this.saving = this.send(options);
    await this.saving;
    this.saving = null;
  }

  async send(options) {
    try {
      const response = await post(this.form, new FormData(this.form), options);
      const result = await response.json();
      this.isRefused = !response.ok;
      if (response.ok) {
        this.form.elements.revision.value = result.revision;
        this.show(result.saved, false);
      } else {
        this.refuse(result.problem);
        if (result.conflict) this.showConflict(result.conflict);
      }
    } catch {
      this.hasChanges = true;
      this.refuse(this.status.dataset.offline);
      this.timer = setTimeout(() => this.save(), 5 * SAVE_DELAY);
    }
  }

  // Both texts are shown below the form. What the editor goes on typing is in the panel too.
  showConflict(html) {
    this.hasConflict = true;
    this.place.innerHTML = html;
    this.place.firstElementChild?.scrollIntoView({ block: "nearest" });
    this.updateConflict();
  }

  updateConflict() {
    for (const field of this.form.elements) {
      const copy = field.name && one(`[name="mine.${field.name}"]`, this.place);
      if (copy) copy.value = field.value;
    }
  }
}

const autosaves = new Map(all("form[data-autosave]").map((form) => [form, new Autosave(form)]));

const flush = async () => {
  for (const autosave of autosaves.values()) {
    if (autosave.hasChanges || autosave.saving) await autosave.save();
  }
};

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  const autosave = autosaves.get(form);
  if (autosave) {
    takeOver(event);
    await autosave.save();
    if (autosave.hasConflict) autosave.place.firstElementChild?.focus();
    return;
  }
  if (form.matches(".add") && !event.submitter?.hasAttribute("formaction")) {
    takeOver(event);
    return addComment(form);
  }
  const own = [...autosaves.values()].find((one) => one.place?.contains(form));
  const others = () => [...autosaves.values()].filter((one) => one !== own && !one.isSafe);
  if (!others().length) { isLeaving = true; return; }
  // Another form of the page loads it anew. What was typed in the last moment is saved before.
  takeOver(event);
  await flush();
  const unsaved = others()[0];
  if (unsaved) unsaved.form.scrollIntoView({ block: "center" });
  else { isLeaving = true; form.requestSubmit(event.submitter); }
}, { capture: true });

let isLeaving = false;
addEventListener("pagehide", () => {
  for (const autosave of autosaves.values()) if (autosave.hasChanges) autosave.save({ keepalive: true });
});
addEventListener("beforeunload", (event) => {
  if (!isLeaving && [...autosaves.values()].some((one) => one.isRefused)) event.preventDefault();
});

// --- Lengths, counted as on the server

const unspaced = bench && new RegExp(`[${bench.dataset.unspaced}]`, "gu");

function countWords(text) {
  const plain = text.normalize("NFC").replace(/\[([^\]]*)\]\([^)\s]*\)/g, "$1");
  const characters = plain.match(unspaced)?.length || 0;
  const words = plain.replace(unspaced, " ").split(/[\s/–—]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  return characters + words.length;
}

function updateBalance(question) {
  const balance = one("[data-balance]", question);
  if (!balance) return;
  const lengths = all("form[data-length]", question).map((form) => [form.dataset.length, countWords(form.elements.body.value)]);
  const longest = Math.max(...lengths.map(([, length]) => length)), shortest = Math.min(...lengths.map(([, length]) => length));
  for (const [id, length] of lengths) {
    const row = one(`[data-length-of="${id}"]`, balance), count = one(".count", row);
    one("rect", row).setAttribute("width", `${longest ? Math.round(100 * length / longest) : 0}%`);
    count.textContent = length === 1 ? count.dataset.one : count.dataset.many.replace("{n}", length);
  }
  const ratio = longest ? shortest / longest : 0, isBalanced = ratio >= Number(bench.dataset.minRatio);
  const verdict = one(".verdict", balance);
  verdict.className = `verdict ${isBalanced ? "is-met" : "is-missing"}`;
  one(".sign", verdict).textContent = isBalanced ? "✓" : "!";
  const sentence = (isBalanced ? verdict.dataset.balanced : verdict.dataset.unbalanced).replace("{n}", Math.floor(100 * ratio));
  if (one("[role=status]", verdict).textContent !== sentence) one("[role=status]", verdict).textContent = sentence;
}

for (const form of all("form[data-length]")) {
  form.addEventListener("input", () => updateBalance(form.closest(".bench-question")));
}

// --- Adding comments to positions

const sayings = bench && one("[data-said]", bench);
const say = (sentence, isRefusal = false) => {
  sayings.textContent = sentence;
  sayings.classList.toggle("wrong", isRefusal);
};

const replace = (old, html) => {
  if (!old || !html) return null;
  const template = document.createElement("template");
  template.innerHTML = html;
  const part = one(".source, .evidence", template.content);
  old.replaceWith(part);
  return part;
};

async function addComment(form) {
  const source = form.closest(".source"), hadFocus = source.contains(document.activeElement);
  const position = one(`.position[data-position="${form.elements.position.value}"]`);
  const note = one(".wrong", form);
  try {
    const response = await post(form, new FormData(form));
    const result = await response.json();
    if (!response.ok) {
      note.textContent = result.problem;
      return say(result.problem, true);
    }
    const added = replace(source, result.comment);
    if (added) one("form.add", added).elements.position.value = position.dataset.position;
    replace(one(`#evidence-${position.dataset.position}`), result.evidence);
    one("[data-unused]").textContent = result.unused;
    if (hadFocus) added?.focus({ preventScroll: true });
    one(`#evidence-${position.dataset.position}`).classList.add("is-new");
    say(sayings.dataset.said.replace("{comment}", source.dataset.comment).replace("{position}", position.dataset.name));
  } catch {
    say(sayings.dataset.offline, true);
  }
}

function addTo(source, position, quotation) {
  const form = source && one("form.add", source);
  if (!form || !position) return false;
  form.elements.position.value = position.dataset.position;
  if (quotation && form.elements.quotation) {
    form.elements.quotation.value = quotation;
    one("details.quote", form).open = true;
  }
  addComment(form);
  return true;
}

// The selected words, if they are words of this comment.
function selectedWords(source) {
  const selection = getSelection();
  const text = source && one(".comment-text", source);
  const isInside = text?.contains(selection.anchorNode) && text.contains(selection.focusNode);
  return isInside ? selection.toString().trim() : "";
}

const sources = () => all("[data-sources] .source");
const currentSource = () =>
  document.activeElement?.closest(".source") || one(".source.is-current") || sources().find((source) => selectedWords(source));

function choose(source) {
  for (const other of all(".source.is-current")) other.classList.remove("is-current");
  source.classList.add("is-current");
}

function move(distance) {
  const list = sources(), current = currentSource();
  const next = list[current ? list.indexOf(current) + distance : 0];
  if (!next) return false;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

const takesText = (element) =>
  element?.matches?.("textarea, select, [contenteditable]") || (element?.matches?.("input") && !["checkbox", "radio"].includes(element.type));

if (bench) {
  one(".keys-hint", bench).hidden = "keysOff" in bench.dataset;
  const { next, previous } = bench.dataset;
  document.addEventListener("focusin", (event) => {
    const source = event.target.closest?.(".source");
    if (source) choose(source);
  });
  document.addEventListener("keydown", (event) => {
    if ("keysOff" in bench.dataset || event.defaultPrevented || event.isComposing || event.repeat) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || takesText(event.target)) return;
    const key = event.key.toLowerCase();
    let isDone = false;
    if (key === next) isDone = move(1);
    else if (key === previous) isDone = move(-1);
    else if (/^[1-9]$/.test(key)) {
      const source = currentSource();
      isDone = addTo(source, one(`.position[data-key="${key}"]`), selectedWords(source));
    }
    if (isDone) event.preventDefault();
  });

  document.addEventListener("dragstart", (event) => {
    const node = event.target.nodeType === Node.ELEMENT_NODE ? event.target : event.target.parentElement;
    const source = node?.closest(".source");
    if (!source || !one("form.add", source)) return;
    const words = node.closest("header") ? "" : selectedWords(source);
    if (!words && !node.closest("header")) return;
    event.dataTransfer.setData(COMMENT_TYPE, source.id);
    if (words) event.dataTransfer.setData(QUOTATION_TYPE, words);
    event.dataTransfer.effectAllowed = "copy";
    document.documentElement.classList.add("is-dragging");
  });
  document.addEventListener("dragend", () => {
    document.documentElement.classList.remove("is-dragging");
    for (const target of all(".position.is-target")) target.classList.remove("is-target");
  });
  for (const position of all(".position")) {
    const isComment = (event) => event.dataTransfer.types.includes(COMMENT_TYPE);
    position.addEventListener("dragover", (event) => {
      if (!isComment(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      position.classList.add("is-target");
    });
    position.addEventListener("dragleave", (event) => {
      if (!position.contains(event.relatedTarget)) position.classList.remove("is-target");
    });
    position.addEventListener("drop", (event) => {
      if (!isComment(event)) return;
      event.preventDefault();
      position.classList.remove("is-target");
      const source = document.getElementById(event.dataTransfer.getData(COMMENT_TYPE));
      addTo(source, position, event.dataTransfer.getData(QUOTATION_TYPE));
    });
  }
}
