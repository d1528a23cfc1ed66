// The search of an archive. It loads the scripts with the words one after the other, and needs no server.
"use strict";
const archiveSearch = (() => {
  const form = document.querySelector("[data-files]");
  const list = document.querySelector("[data-results]");
  const status = document.querySelector("[data-status]");
  const limit = 200;
  const rows = [];
  let loaded = 0;
  let terms = [];
  let found = 0;

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  const say = (name, count) => {
    status.textContent = (form.dataset[name] || "").replace("{count}", count);
  };

  const cut = (text) => {
    const at = fold(text).indexOf(terms[0]);
    const near = Math.max(0, at - 80);
    const start = near ? text.indexOf(" ", near) + 1 : 0;
    return (start ? "… " : "") + text.slice(start, start + 240) + (start + 240 < text.length ? " …" : "");
  };

  const show = ([file, fragment, title, author, text]) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = encodeURI(file) + (fragment ? `#${fragment}` : "");
    link.textContent = title;
    link.dir = "auto";
    const words = document.createElement("p");
    words.dir = "auto";
    words.textContent = (author ? `${author}: ` : "") + cut(text);
    item.append(link, words);
    list.append(item);
  };

  const match = (row) => {
    const words = fold(`${row[2]} ${row[3]} ${row[4]}`);
    if (!terms.every((term) => words.includes(term))) return;
    found += 1;
    if (found <= limit) show(row);
  };

  const finish = () => {
    if (loaded < Number(form.dataset.files)) return load();
    if (!found) say("none", 0);
    else if (found > limit) say("more", found);
    else say(found === 1 ? "one" : "many", found);
  };

  const load = () => {
    const script = document.createElement("script");
    script.src = `search/words-${loaded + 1}.js`;
    script.onerror = () => say("broken", 0);
    script.onload = () => {
      loaded += 1;
      finish();
    };
    document.head.append(script);
  };

  const run = () => {
    terms = fold(form.elements.q.value).split(/\s+/).filter(Boolean);
    list.replaceChildren();
    found = 0;
    status.textContent = "";
    if (!terms.length) return;
    say("busy", 0);
    rows.forEach(match);
    finish();
  };

  if (form) {
    form.hidden = false;
    document.querySelector("[data-fallback]").hidden = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run();
    });
    form.elements.q.focus();
  }
  return {
    add(more) {
      for (const row of more) {
        rows.push(row);
        match(row);
      }
    },
  };
})();
