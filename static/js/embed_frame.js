// Tell the page around this frame how high the frame has to be, and which part the reader is looking for.
// Messages go only to an origin that the settings of the site name, and only its first message is answered.

const origins = (document.documentElement.dataset.origins || "").split(" ").filter(Boolean);
let host = null;

const send = (message) => host && parent.postMessage(message, host);

function sendHeight() {
  send({ type: "commentsite:height", height: Math.ceil(document.body.getBoundingClientRect().height) });
}

function reveal(element) {
  if (element) send({ type: "commentsite:reveal", top: Math.round(element.getBoundingClientRect().top) });
}

const findTarget = (hash) => hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));

addEventListener("message", (event) => {
  if (event.source !== parent || parent === window || !origins.includes(event.origin)) return;
  if (Object(event.data).type !== "commentsite:hello" || host) return;
  host = event.origin;
  sendHeight();
  const target = document.querySelector("[data-reveal], .summary, .preview") || findTarget(location.hash);
  reveal(target);
  if (target?.matches("[data-reveal]")) target.querySelector("h1")?.focus({ preventScroll: true });
});

new ResizeObserver(sendHeight).observe(document.body);

// Links within this page stay in the frame.
for (const link of document.querySelectorAll('a[href^="#"]')) link.target = "_self";
addEventListener("hashchange", () => reveal(findTarget(location.hash)));
addEventListener("focusin", (event) => reveal(event.target));
