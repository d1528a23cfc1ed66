// Pastes formatted text into the letter as Markdown. Without this script a browser pastes plain text.

const form = document.querySelector("form[data-paste]");
const text = form?.source_text ?? form?.text;
const remarks = form?.querySelector(".paste-remarks");
// Text from an editor for code or plain text has none of these.
const FORMATTING = /<(?:b|strong|i|em|a|h[1-6]|ul|ol|table|blockquote|sup|p)[\s>]/i;

function insert(words) {
  text.focus();
  // Only this old command keeps the browser's own undo.
  if (!document.execCommand("insertText", false, words)) {
    text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// In a new letter, a heading at the head of the text becomes the title, if there is none yet.
function takeTitle(markdown) {
  const heading = /^#{1,3} (.+)\n\n/.exec(markdown);
  if (!("new" in form.dataset) || form.elements.title.value.trim() || text.value.trim() || !heading) return markdown;
  form.elements.title.value = heading[1].replaceAll("**", "").replace(/\\(\W)/g, "$1");
  return markdown.slice(heading[0].length);
}

// The remarks and the pictures of the text wait in the form until the letter is saved.
function keep(paste) {
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "pasted";
  field.value = paste;
  form.append(field);
}

text?.addEventListener("paste", async (event) => {
  const html = event.clipboardData.getData("text/html");
  const plain = event.clipboardData.getData("text/plain");
  if (!FORMATTING.test(html)) return;
  event.preventDefault();
  remarks.replaceChildren();
  try {
    const response = await fetch(form.dataset.paste, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.csrf_token.value },
      body: JSON.stringify({ html }),
    });
    const result = await response.json();
    insert(response.ok ? takeTitle(result.markdown) : plain);
    if (response.ok && result.paste) keep(result.paste);
    for (const sentence of response.ok ? result.remarks : [result.problem]) {
      const item = document.createElement("p");
      item.textContent = sentence;
      remarks.append(item);
    }
    if (response.ok && result.check) {
      const link = document.createElement("a");
      link.href = result.check.address;
      link.textContent = result.check.label;
      remarks.append(link);
    }
  } catch {
    insert(plain);
  }
});
