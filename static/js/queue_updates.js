// Shows how many comments have arrived, without moving the list, and claims a case when its moderator starts to decide.

const CHECK_INTERVAL = 20_000; // milliseconds

const updates = document.querySelector("[data-updates-url]");

async function checkForNewComments() {
  if (document.hidden) return;
  const { updatesUrl, updatesSince, textOne, textMany } = updates.dataset;
  try {
    const response = await fetch(`${updatesUrl}?since=${encodeURIComponent(updatesSince)}`);
    if (!response.ok) return;
    const { new: count } = await response.json();
    updates.hidden = count === 0;
    updates.firstElementChild.textContent = count === 1 ? textOne : textMany.replace("{n}", count);
  } catch { /* the next check may succeed */ }
}

if (updates) {
  setInterval(checkForNewComments, CHECK_INTERVAL);
  document.addEventListener("visibilitychange", checkForNewComments);
}

// Other moderators see who has started to decide a case.
const claimForm = document.querySelector("form[data-claim]");
const decisionForm = document.querySelector("form.decide");

async function claimCase() {
  const status = claimForm.querySelector(".claim-said");
  try {
    const response = await fetch(claimForm.action, {
      method: "POST", body: new FormData(claimForm), headers: { Accept: "application/json" },
    });
    if (response.status === 409) status.textContent = (await response.json()).said;
  } catch { /* a claim is only a notice: deciding works without it */ }
}

if (claimForm && decisionForm) decisionForm.addEventListener("focusin", claimCase, { once: true });
