// Improve the comment form: errors, character counter, replies, paragraphs, drafts, no double submission.
// Without this file the form works too.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const language = document.documentElement.lang || undefined;

const summary = one(".summary");

function reveal(field) {
  for (let box = field; (box = box.parentElement.closest("details")); ) box.open = true;
}

// What the page is about comes first: mistakes, the preview, or that a form was saved.
const news = summary || one(".preview, [data-saved]");

if (news) {
  news.tabIndex = -1;
  news.focus();
  // The jump to #leave comes after this script and takes the focus away.
  addEventListener("load", () => setTimeout(() => document.activeElement === document.body && news.focus()));
}

if (one("[data-saved]")) history.replaceState(null, "", location.pathname);

if (summary) {
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

// The server opens the sections that hold an answer. Browsers restore answers without the server.
function openFilledSections() {
  for (const box of all("details.more")) {
    const isRestored = (input) => input.value !== input.defaultValue || input.checked !== input.defaultChecked;
    if (all("input", box).some(isRestored)) box.open = true;
  }
}

// Character counter: visible from the last fifth on, and read out by screen readers when typing pauses.

for (const area of all("textarea[data-limit]")) {
  const counter = one(`.counter[data-for="${CSS.escape(area.id)}"]`);
  if (!counter) continue;
  const limit = Number(area.dataset.limit);
  const initialText = counter.textContent;
  const plural = new Intl.PluralRules(language);
  const spoken = document.createElement("span");
  spoken.className = "unseen";
  spoken.setAttribute("aria-live", "polite");
  counter.after(spoken);
  let pause;

  const sentence = (kind, count) => {
    const form = plural.select(count);
    const text = counter.dataset[kind + form[0].toUpperCase() + form.slice(1)] || counter.dataset[kind] || "{n}";
    return text.replace("{n}", new Intl.NumberFormat(language).format(count));
  };
  const count = () => {
    const left = limit - [...area.value].length;
    const isNear = left < limit / 5;
    counter.textContent = isNear ? sentence(left < 0 ? "over" : "left", Math.abs(left)) : initialText;
    counter.classList.toggle("low", isNear && left >= 0);
    counter.classList.toggle("over", left < 0);
    clearTimeout(pause);
    pause = setTimeout(() => { spoken.textContent = isNear ? counter.textContent : ""; }, 1000);
  };
  area.addEventListener("input", count);
  addEventListener("pageshow", count);
  count();
}

// Send a form once. The buttons work again when the page is shown again, or after ten seconds without an answer.

function setBusy(form, isBusy) {
  form.toggleAttribute("data-busy", isBusy);
  for (const button of all("button:not([type=button])", form)) {
    button.ariaDisabled = isBusy ? "true" : null;
  }
}

for (const form of all("form[method=post i]")) {
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("data-busy")) return event.preventDefault();
    if (event.defaultPrevented) return;
    setBusy(form, true);
    setTimeout(setBusy, 10000, form, false);
  });
}

addEventListener("pageshow", () => {
  all("form[method=post i]").forEach((form) => setBusy(form, false));
  openFilledSections();
});

// "Comment on this" and "Reply" use the form on this page instead of loading another.

const form = one(".asking-about")?.closest("form");
const body = form?.elements.body;

function goToForm() {
  const top = document.getElementById("leave") || form;
  top.scrollIntoView({ block: "start" });
  body.focus({ preventScroll: top.getBoundingClientRect().top + body.offsetHeight < innerHeight });
}

// Lines that stay are left alone, so that screen readers read out only the new ones.
function showParagraphs() {
  const list = one(".asking-about", form);
  const boxes = all("input[name=paragraphs]:checked", form);
  const shows = (line, box) => line?.dataset.paragraph === box.value;
  one(".not-asking", form).hidden = !boxes.length;
  for (const line of [...list.children]) if (!boxes.some((box) => shows(line, box))) line.remove();
  boxes.forEach((box, index) => {
    const next = list.children[index];
    if (!shows(next, box)) list.insertBefore(buildParagraphLine(box), next || null);
  });
}

function buildParagraphLine(box) {
  const line = one(".asking-line", form).content.firstElementChild.cloneNode(true);
  line.dataset.paragraph = box.value;
  one("bdi", line).textContent = box.dataset.words;
  one("b", line).append(...one("span", box.parentElement).cloneNode(true).childNodes);
  return line;
}

function choose(box, isChecked) {
  box.checked = isChecked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function commentOn(paragraph) {
  const box = one(`input[name=paragraphs][value="${CSS.escape(paragraph)}"]`, form);
  if (!box) return false;
  choose(one("input[name=kind][value=paragraph]", form), true);
  choose(box, true);
  reveal(box);
  goToForm();
  return true;
}

// The id and the author of the comment that a link offers to reply to.
function readComment(link) {
  const id = new URL(link.href).searchParams.get("reply_to");
  return [id, one(".who bdi", link.closest("article")).textContent];
}

function replyTo(id, name) {
  const line = one(".replying", form);
  form.elements.parent.value = id;
  one("bdi", line).textContent = name;
  line.hidden = !id;
  goToForm();
  return true;
}

if (form) {
  form.addEventListener("change", showParagraphs);
  addEventListener("pageshow", showParagraphs);
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a.para-ask[data-paragraph], a.reply, :is(.replying, .not-asking) :is(a, button)");
    if (!link) return;
    if (link.closest(".not-asking")) {
      event.preventDefault();
      choose(one("input[name=kind][value=general]", form), true);
      all("input[name=paragraphs]:checked", form).forEach((box) => choose(box, false));
      return body.focus();
    }
    const done = link.matches(".para-ask") ? commentOn(link.dataset.paragraph)
      : link.matches(".reply") ? replyTo(...readComment(link)) : replyTo("", "");
    if (done) event.preventDefault();
  });
}

// Save a draft in this browser if the reader asks for it: only the text, never name or email address.

const saveDraft = form && one("input[data-keep]", form);

if (saveDraft) {
  const key = `draft:${saveDraft.dataset.keep}`;
  const withStorage = (act) => { try { return act(localStorage); } catch { return null; } };
  const draft = withStorage((storage) => storage.getItem(key));
  // A browser that blocks third-party storage keeps nothing for a form inside another site.
  saveDraft.closest("label").hidden = !withStorage((storage) => Boolean(storage));
  if (draft !== null) {
    saveDraft.checked = true;
    if (!body.value) body.value = draft;
    body.dispatchEvent(new Event("input"));
  }
  const write = () => withStorage(
    (storage) => saveDraft.checked ? storage.setItem(key, body.value) : storage.removeItem(key),
  );
  body.addEventListener("input", write);
  saveDraft.addEventListener("change", write);
}

// The receipt page means that the comment was sent, so the draft is deleted.
if (one("[data-sent]")) {
  try { localStorage.removeItem(`draft:${one("[data-sent]").dataset.sent}`); } catch { /* storage is disabled, so there is no draft */ }
}

// A new receipt shows where its comment stands as soon as the automatic checks have run.

async function followReceipt(attemptsLeft) {
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page || one("[data-received]", page)) {
    if (attemptsLeft) setTimeout(followReceipt, 1000, attemptsLeft - 1);
  } else if (!one("main form :focus")) {
    const status = document.createElement("p");
    status.className = "unseen";
    status.setAttribute("role", "status");
    document.title = page.title;
    one("main").replaceChildren(...one("main", page).childNodes, status);
    setTimeout(() => { status.textContent = one("main h1").textContent; }, 100);
  }
}

if (one("[data-received]")) setTimeout(followReceipt, 700, 20);
