// Create a passkey, or sign in with one, and send the browser's answer with the form.

const form = document.querySelector("form[data-passkey]");
const error = form?.querySelector(".wrong");

async function getCredential() {
  const options = JSON.parse(form.dataset.options);
  if (form.dataset.passkey === "create") {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

async function submitCredential() {
  error.hidden = true;
  try {
    form.elements.credential.value = JSON.stringify((await getCredential()).toJSON());
    form.submit();
  } catch {
    error.textContent = form.dataset.failed;
    error.hidden = false;
  }
}

form?.addEventListener("submit", (event) => { event.preventDefault(); submitCredential(); });
if (form) submitCredential(); // ask at once; the button is for a second try
