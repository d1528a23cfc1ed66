// Saves a letter while the editor types, and updates the preview. Without this script both work by buttons.

const form = document.querySelector("form[data-editor]");
const status = form?.querySelector(".saved");
const retry = form?.querySelector("[data-retry]");
const preview = document.getElementById("preview");
// Milliseconds: after the last key until saving and preview, and between two signs that the editor is still here.
const SAVE_DELAY = 1500, PREVIEW_DELAY = 500, PRESENCE_INTERVAL = 60000;

if (form) {
  let hasChanges = false, saving = null, isStopped = false, isRefused = false, saveTimer, previewTimer;

  const post = (url, accept, options = {}) =>
    fetch(url, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: accept }, ...options });

  const showStatus = (sentence, isRefusal) => {
    status.textContent = sentence;
    status.classList.toggle("wrong", isRefusal);
    retry.hidden = !isRefusal || isStopped;
  };
  const showRefusal = (problem) => showStatus(status.dataset.refused.replace("{problem}", () => problem), true);
  const showSaved = () => {
    const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    showStatus(status.dataset.saved.replace("{time}", time), false);
  };

  const save = async (options) => {
    if (isStopped || saving) return;
    hasChanges = false;
    saving = post(form.action, "application/json", options);
    try {
      const response = await saving;
      const result = await response.json();
      isRefused = !response.ok;
      if (response.ok) {
        form.revision.value = result.revision;
        showSaved();
      } else {
        // 409: another editor saved first. More attempts would all fail, so the editor has to take over or stop.
        isStopped = response.status === 409;
        showRefusal(result.problem);
      }
    } catch {
      hasChanges = true;
      showRefusal(status.dataset.offline);
    }
    saving = null;
    if (hasChanges) saveTimer = setTimeout(save, SAVE_DELAY);
  };
  retry.addEventListener("click", () => { clearTimeout(saveTimer); save(); });

  const updatePreview = async () => {
    try {
      const response = await post(form.dataset.preview, "text/html");
      if (response.ok) preview.innerHTML = await response.text();
    } catch { /* the next change tries again */ }
  };

  form.addEventListener("input", () => {
    hasChanges = true;
    clearTimeout(saveTimer);
    clearTimeout(previewTimer);
    saveTimer = setTimeout(save, SAVE_DELAY);
    previewTimer = setTimeout(updatePreview, PREVIEW_DELAY);
  });
  // Closing the browser must not lose what was typed in the last moment.
  addEventListener("pagehide", () => { if (hasChanges) save({ keepalive: true }); });
  // Saving now and then tells other editors that this one is still at work.
  setInterval(() => {
    const isEditing = !document.hidden && form.contains(document.activeElement);
    if (Number(form.revision.value) && isEditing) save();
  }, PRESENCE_INTERVAL);
  form.addEventListener("submit", () => { isStopped = true; clearTimeout(saveTimer); });

  // The script of all desk pages, which lets no form be sent twice, must not see an event that this one handles.
  const takeOver = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };

  // Another form of the page loads it anew. What was typed in the last moment is saved before.
  for (const other of document.querySelectorAll("main form[method=post]")) {
    if (other === form || "picture" in other.dataset) continue;
    other.addEventListener("submit", async (event) => {
      const copyFields = () => {
        for (const { name, value } of [form.revision, form.standfirst, form.editors_note]) {
          if (other.elements[name]) other.elements[name].value = value;
        }
      };
      // A refused text would be lost, unless it is empty or the editor discards it.
      const isSafe = () => !hasChanges && !saving && !isStopped
        && (!isRefused || "discard" in other.dataset || !form.source_text.value.trim());
      copyFields();
      if (isSafe()) return;
      takeOver(event);
      clearTimeout(saveTimer);
      await saving;
      if (hasChanges || isRefused) await save();
      copyFields();
      if (isSafe()) other.requestSubmit(event.submitter);
      else status.scrollIntoView({ block: "center" });
    }, { capture: true });
  }
}
