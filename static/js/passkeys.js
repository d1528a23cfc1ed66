// Asks the browser for a passkey, and sends what it answers.

const form = document.querySelector("form[data-passkey]");
const said = form?.querySelector(".wrong");

async function answer() {
  const options = JSON.parse(form.dataset.options);
  if (form.dataset.passkey === "create") {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

async function ask() {
  said.hidden = true;
  try {
    form.elements.credential.value = JSON.stringify((await answer()).toJSON());
    form.submit();
  } catch {
    said.textContent = form.dataset.failed;
    said.hidden = false;
  }
}

form?.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
if (form) ask();
