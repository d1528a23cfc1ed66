// Saves a letter while it is written, and draws the preview; all of it works by its buttons too.

const form = document.querySelector("form[data-editor]");
const status = form?.querySelector(".saved");
const preview = document.getElementById("preview");
const PAUSE = 1500, LOOK = 500, SEEN = 60000;

if (form) {
  let typed = false, saving = null, stopped = false, pauseSave, pauseLook;

  const send = (address, accept, more = {}) =>
    fetch(address, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: accept }, ...more });

  const save = async (more) => {
    if (stopped || saving) return;
    typed = false;
    saving = send(form.action, "application/json", more);
    try {
      const answer = await saving;
      const said = await answer.json();
      if (answer.ok) {
        form.revision.value = said.revision;
        status.textContent = said.saved;
        status.classList.remove("wrong");
      } else {
        stopped = answer.status === 409;
        status.textContent = said.problem;
        status.classList.add("wrong");
      }
    } catch {
      typed = true;
      status.textContent = navigator.onLine ? "" : "–";
    }
    saving = null;
    if (typed) pauseSave = setTimeout(save, PAUSE);
  };

  const look = async () => {
    try {
      const answer = await send(form.dataset.preview, "text/html");
      if (answer.ok) preview.innerHTML = await answer.text();
    } catch { /* the next change tries again */ }
  };

  form.addEventListener("input", () => {
    typed = true;
    clearTimeout(pauseSave);
    clearTimeout(pauseLook);
    pauseSave = setTimeout(save, PAUSE);
    pauseLook = setTimeout(look, LOOK);
  });
  // A closed browser takes nothing with it.
  addEventListener("pagehide", () => { if (typed) save({ keepalive: true }); });
  setInterval(() => { if (Number(form.revision.value) && !document.hidden && form.contains(document.activeElement)) save(); }, SEEN);
  form.addEventListener("submit", () => { stopped = true; clearTimeout(pauseSave); });
}
