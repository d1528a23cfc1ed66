// Show the comments of a letter, or of this page, where the script tag stands:
// <script src="https://letters.example/embed.js" data-letter="the-slug" async></script>
(() => {
  // The languages of the interface.
  const TITLES = {
    ar: "التعليقات", en: "Comments", es: "Comentarios", fr: "Commentaires", ru: "Комментарии", zh: "评论",
  };
  const script = document.currentScript;
  if (!script) return;
  const site = new URL(script.src).origin;
  const { letter, url, title, lang } = script.dataset;
  const language = lang || document.documentElement.lang;
  const code = language.slice(0, 2).toLowerCase();
  const path = letter ? `/embed/letters/${encodeURIComponent(letter)}` : "/embed/pages";
  const address = new URL(code in TITLES ? `/${code}${path}` : path, site);
  if (!letter) {
    const canonical = document.querySelector('link[rel="canonical"]');
    address.searchParams.set("url", new URL(url || canonical?.href || location.href, location.href).href);
    if (language) address.searchParams.set("lang", language);
  }

  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = title || TITLES[code] || TITLES.en;
  frame.referrerPolicy = "no-referrer";
  Object.assign(frame.style, { display: "block", width: "100%", height: "30rem", border: "0", colorScheme: "auto" });
  frame.addEventListener("load", () => frame.contentWindow.postMessage({ type: "commentsite:hello" }, site));

  addEventListener("message", (event) => {
    if (event.origin !== site || event.source !== frame.contentWindow) return;
    const { type, height, top } = Object(event.data);
    if (type === "commentsite:height" && height > 0) {
      frame.style.height = `${Math.min(height, 200000)}px`;
    } else if (type === "commentsite:reveal" && Number.isFinite(top)) {
      // Only where it is out of sight, so that readers do not lose their place.
      const y = frame.getBoundingClientRect().top + top;
      if (y < 0 || y > innerHeight - 80) scrollBy(0, y - 16);
    }
  });

  script.after(frame);
})();
