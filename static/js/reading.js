// Helps with reading: a paragraph's comments beside it, folded answers opened by their address; all of it works without this file too.

const one = (selector, root = document) => root.querySelector(selector);

// An address that leads into something folded opens it.

function unfold() {
  let name = location.hash.slice(1);
  try { name = decodeURIComponent(name); } catch { /* an address somebody broke: nothing has this name */ }
  const target = name && document.getElementById(name);
  const closed = target && target.closest("details:not([open])");
  if (!closed) return;
  for (let box = closed; box; box = box.parentElement.closest("details")) box.open = true;
  target.scrollIntoView({ block: "start" });
}

addEventListener("hashchange", unfold);
unfold();

// The number at a paragraph shows its comments beside it, or under it where there is no room.

function close(panel) {
  const link = one("a.para-count", panel.parentElement);
  panel.remove();
  link?.setAttribute("aria-expanded", "false");
  link?.focus();
}

async function show(link) {
  const paragraph = link.closest(".para");
  const open = one(".para-comments", paragraph);
  if (open) return close(open);
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const thread = one(".beside .thread", page);
  if (!thread) throw new Error("nothing to show");
  for (const other of document.querySelectorAll(".para-comments")) other.remove();
  const panel = document.createElement("aside");
  panel.className = "para-comments";
  panel.tabIndex = -1;
  panel.lang = "en";
  panel.setAttribute("aria-label", link.getAttribute("aria-label"));
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn close";
  button.textContent = link.dataset.close;
  button.addEventListener("click", () => close(panel));
  panel.append(button, document.importNode(thread, true));
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") close(panel); });
  paragraph.append(panel);
  link.setAttribute("aria-expanded", "true");
  panel.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a.para-count[data-close]");
  if (!link) return;
  event.preventDefault();
  show(link).catch(() => { location.href = link.href; });
});

// Positions on single paragraphs: only for those that were chosen.

const own = one("details.own");

function offerOwn() {
  const form = own.closest("form");
  let chosen = 0;
  for (const row of own.querySelectorAll("[data-own]")) {
    const box = one(`input[name=paragraphs][value="${CSS.escape(row.dataset.own)}"]`, form);
    const select = one("select", row);
    row.hidden = !box?.checked && select.value === "none";
    chosen += row.hidden ? 0 : 1;
  }
  own.hidden = chosen === 0;
}

if (own) {
  own.closest("form").addEventListener("change", offerOwn);
  document.addEventListener("click", () => setTimeout(offerOwn));
  addEventListener("pageshow", offerOwn);
  offerOwn();
}
