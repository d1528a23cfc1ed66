// Says that comments have come, without moving what is being read; and that somebody is at a case.

const news = document.querySelector("[data-news]");

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(`${news.dataset.news}?since=${encodeURIComponent(news.dataset.since)}`);
    if (!answer.ok) return;
    const { new: n } = await answer.json();
    news.hidden = n === 0;
    news.firstElementChild.textContent = n === 1 ? news.dataset.one : news.dataset.many.replace("{n}", n);
  } catch { /* the next look may go through */ }
}

if (news) {
  setInterval(look, 20_000);
  document.addEventListener("visibilitychange", look);
}

// Whoever begins to write a decision is at the case; others see it.
const claim = document.querySelector("form[data-claim]");
const decide = document.querySelector("form.decide");

async function take() {
  const said = claim.querySelector(".claim-said");
  try {
    const answer = await fetch(claim.action, {
      method: "POST", body: new FormData(claim), headers: { Accept: "application/json" },
    });
    if (answer.status === 409) said.textContent = (await answer.json()).said;
  } catch { /* a claim hinders nobody, nor does its absence */ }
}

if (claim && decide) decide.addEventListener("focusin", take, { once: true });
