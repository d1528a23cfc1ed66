// Improve the page of a letter: comments beside a paragraph, folded replies that open by their address.
// Without this file the page works too.

const one = (selector, root = document) => root.querySelector(selector);

// If the address points to an element inside a folded section, open the section.

function openTarget() {
  let id = location.hash.slice(1);
  try { id = decodeURIComponent(id); } catch { /* a malformed address matches no element */ }
  const target = id && document.getElementById(id);
  const closed = target && target.closest("details:not([open])");
  if (!closed) return;
  for (let box = closed; box; box = box.parentElement.closest("details")) box.open = true;
  target.scrollIntoView({ block: "start" });
}

addEventListener("hashchange", openTarget);
openTarget();

// Paper has no folds: open all sections before printing, and close those that were closed afterwards.

const opened = [];

addEventListener("beforeprint", () => {
  for (const box of document.querySelectorAll("main details:not([open])")) {
    box.open = true;
    opened.push(box);
  }
});
addEventListener("afterprint", () => {
  for (const box of opened.splice(0)) box.open = false;
});

// The comment count of a paragraph opens its comments beside it, or below it on a narrow screen.

function closePanel(panel) {
  const link = one("a.para-count", panel.parentElement);
  panel.remove();
  link?.setAttribute("aria-expanded", "false");
  link?.focus();
}

async function openPanel(link) {
  const paragraph = link.closest(".para");
  const open = one(".para-comments", paragraph);
  if (open) return closePanel(open);
  const response = await fetch(link.href, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(String(response.status));
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const comments = one(".beside > section", page);
  // The comments stand on this page already, with the same ids.
  for (const element of comments.querySelectorAll("[id]")) element.removeAttribute("id");
  for (const other of document.querySelectorAll(".para-comments")) other.remove();
  const panel = document.createElement("aside");
  panel.className = "para-comments";
  panel.tabIndex = -1;
  // In the language of the page, not of the letter around it.
  panel.lang = document.documentElement.lang;
  panel.dir = document.documentElement.dir;
  panel.setAttribute("aria-label", link.getAttribute("aria-label"));
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn close";
  button.textContent = link.dataset.close;
  button.addEventListener("click", () => closePanel(panel));
  panel.append(button, ...comments.childNodes);
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") closePanel(panel); });
  paragraph.append(panel);
  link.setAttribute("aria-expanded", "true");
  panel.focus({ preventScroll: true });
  panel.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a.para-count[data-close]");
  if (!link) return;
  event.preventDefault();
  openPanel(link).catch(() => { location.href = link.href; });
});

// Copy the address of the letter, a paragraph, a comment or a private page, and say so.

function findAddress(button) {
  const link = one("a", button.closest(".comment-foot") || button.closest(".para") || button);
  return new URL(button.dataset.copy || link.getAttribute("href"), location.href).href;
}

async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without HTTPS a browser offers only the older way.
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (!isCopied) throw new Error("the browser does not copy");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const address = findAddress(button);
  try { await copyText(address); } catch { location.href = address; return; }
  if (button.dataset.done) { button.textContent = button.dataset.done; return; }
  const status = one(".copied");
  status.textContent = status.dataset.copied;
  button.focus();
  clearTimeout(Number(status.dataset.timer));
  status.dataset.timer = setTimeout(() => { status.textContent = ""; }, 3000);
});

// Offer a different position only for the paragraphs that the reader has chosen.

const stances = one("details.own");

function updateStanceRows() {
  const form = stances.closest("form");
  let visible = 0;
  for (const row of stances.querySelectorAll("[data-own]")) {
    const box = one(`input[name=paragraphs][value="${CSS.escape(row.dataset.own)}"]`, form);
    const select = one("select", row);
    row.hidden = !box?.checked && select.value === "none";
    visible += row.hidden ? 0 : 1;
  }
  stances.hidden = visible === 0;
}

if (stances) {
  stances.closest("form").addEventListener("change", updateStanceRows);
  addEventListener("pageshow", updateStanceRows);
  updateStanceRows();
}
