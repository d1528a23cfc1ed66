// Helps with the comment form: errors, counter, replies, paragraphs, sending once; all of it works without this file too.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const language = document.documentElement.lang || undefined;

const summary = one(".summary");

function reveal(field) {
  for (let box = field; (box = box.parentElement.closest("details")); ) box.open = true;
}

if (summary) {
  summary.tabIndex = -1;
  summary.focus();
  // The jump to #leave comes after this script and takes the focus away.
  addEventListener("load", () => setTimeout(() => document.activeElement === document.body && summary.focus()));
  summary.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    reveal(field);
    (field.closest(".field, fieldset") || field).scrollIntoView({ block: "start" });
    (one("input, select, textarea", field) || field).focus({ preventScroll: true });
  });
}

function holdsSomething(control) {
  if (control.getAttribute("aria-invalid") === "true") return true;
  if (["hidden", "submit", "button"].includes(control.type)) return false;
  if (control.type === "checkbox") return control.checked;
  if (control.type === "radio") {
    const first = one(`input[type=radio][name="${CSS.escape(control.name)}"]`, control.form || document);
    return control.checked && control !== first;
  }
  const usual = control.dataset.default ?? (control.options ? control.options[0]?.value : "");
  return control.value !== usual;
}

function openWhatHoldsSomething() {
  for (const box of all("details.more")) {
    if (one(".wrong", box) || all("input, select, textarea", box).some(holdsSomething)) box.open = true;
  }
}

openWhatHoldsSomething();

// Counter: shown when a fifth is left, spoken when the hand rests.

for (const area of all("textarea[data-limit]")) {
  const counter = one(`.counter[data-for="${CSS.escape(area.id)}"]`);
  if (!counter) continue;
  const limit = Number(area.dataset.limit);
  const before = counter.textContent;
  const plural = new Intl.PluralRules(language);
  const spoken = document.createElement("span");
  spoken.className = "unseen";
  spoken.setAttribute("aria-live", "polite");
  counter.after(spoken);
  let rest;

  const sentence = (kind, count) => {
    const form = plural.select(count);
    const words = counter.dataset[kind + form[0].toUpperCase() + form.slice(1)] || counter.dataset[kind] || "{n}";
    return words.replace("{n}", new Intl.NumberFormat(language).format(count));
  };
  const count = () => {
    const left = limit - [...area.value].length;
    const near = left < limit / 5;
    counter.textContent = near ? sentence(left < 0 ? "over" : "left", Math.abs(left)) : before;
    counter.classList.toggle("low", near && left >= 0);
    counter.classList.toggle("over", left < 0);
    clearTimeout(rest);
    rest = setTimeout(() => { spoken.textContent = near ? counter.textContent : ""; }, 1000);
  };
  area.addEventListener("input", count);
  addEventListener("pageshow", count);
  count();
}

// Sending: once. The buttons come back with the page, or when nothing came of it.

function hold(form, busy) {
  form.toggleAttribute("data-busy", busy);
  for (const button of all("button:not([type=button])", form)) {
    button.ariaDisabled = busy ? "true" : null;
  }
}

for (const form of all("form[method=post i]")) {
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("data-busy")) return event.preventDefault();
    if (event.defaultPrevented) return;
    hold(form, true);
    setTimeout(hold, 10000, form, false);
  });
}

addEventListener("pageshow", () => {
  all("form[method=post i]").forEach((form) => hold(form, false));
  openWhatHoldsSomething();
});

// "Comment on this" and "Reply": the form is on this page.

const body = one("form.form textarea[name=body]");
const form = body?.form;

function goToForm() {
  const top = document.getElementById("leave") || form;
  top.scrollIntoView({ block: "start" });
  body.focus({ preventScroll: top.getBoundingClientRect().top + body.offsetHeight < innerHeight });
}

function sayParagraphs() {
  const line = one(".asking", form);
  if (!line) return;
  const numbers = all("input[name=paragraphs]:checked", form).map((box) => box.parentElement.textContent.trim());
  one("b", line).textContent = new Intl.ListFormat(language, { type: "conjunction" }).format(numbers);
  line.hidden = numbers.length === 0;
}

function speakTo(paragraph) {
  const box = one(`input[name=paragraphs][value="${CSS.escape(paragraph)}"]`, form);
  if (!box) return false;
  const kind = one("input[name=kind][value=paragraph]", form);
  box.checked = true;
  if (kind) kind.checked = true;
  reveal(box);
  sayParagraphs();
  goToForm();
  return true;
}

function replyTo(id, name) {
  const parent = one("input[name=parent]", form);
  const line = one(".replying", form);
  if (!parent) return false;
  parent.value = id;
  if (line) {
    (one("bdi", line) || one("b", line)).textContent = name;
    line.hidden = !id;
  }
  goToForm();
  return true;
}

if (form) {
  form.addEventListener("change", sayParagraphs);
  addEventListener("pageshow", sayParagraphs);
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a.para-ask[data-paragraph], a.reply[data-parent], .replying a");
    if (!link) return;
    const done = link.matches(".para-ask") ? speakTo(link.dataset.paragraph)
      : replyTo(link.dataset.parent || "", link.dataset.name || "");
    if (done) event.preventDefault();
  });
}

// A draft, kept on this computer only when asked for, and only words: no name and no address.

const keep = form && one("input[data-keep]", form);

if (keep) {
  const place = `draft:${keep.dataset.keep}`;
  const store = (act) => { try { return act(localStorage); } catch { return null; } };
  const kept = store((s) => s.getItem(place));
  keep.closest("label").hidden = false;
  if (kept !== null) {
    keep.checked = true;
    if (!body.value) body.value = kept;
    body.dispatchEvent(new Event("input"));
  }
  const write = () => store((s) => keep.checked ? s.setItem(place, body.value) : s.removeItem(place));
  body.addEventListener("input", write);
  keep.addEventListener("change", write);
}

// A receipt means that it was sent: what was kept goes.
if (one("[data-sent]")) {
  try { localStorage.removeItem(`draft:${one("[data-sent]").dataset.sent}`); } catch { /* nothing was kept */ }
}
