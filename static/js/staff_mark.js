// Remember in this browser that staff work here, so that public pages can offer the way back (staff_bar.js).

const KEY = "staff";

try {
  localStorage.setItem(KEY, "1");
  document.querySelector("form.me")?.addEventListener("submit", () => localStorage.removeItem(KEY));
} catch { /* storage is disabled: public pages then show no bar */ }
