"use strict";
// Passkeys: ask for a challenge, let the authenticator answer, hand the answer in as the form's. Bytes travel as base64url.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const texted = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
async function answered(options) {
  options.challenge = bytes(options.challenge);
  for (const one of options.excludeCredentials ?? []) one.id = bytes(one.id);
  if (options.user) options.user.id = bytes(options.user.id);
  const made = await (options.user ? navigator.credentials.create({ publicKey: options }) : navigator.credentials.get({ publicKey: options }));
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[part]) response[part] = texted(made.response[part]);
  }
  return JSON.stringify({ id: made.id, rawId: texted(made.rawId), type: made.type, response });
}
for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue; // the note that it takes a browser of this decade stays
  form.querySelector("button").hidden = false;
  form.querySelector("[data-unable]").hidden = true;
  const failed = form.querySelector("[data-failed]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    let complaint = "";
    try {
      const asked = await fetch(form.dataset.passkey, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "error" });
      const told = await asked.json();
      complaint = told.complaint ?? "";
      form.elements.answer.value = await answered(told);
      form.submit();
    } catch { // refused, interrupted, no such key: the browser tells which to nobody
      failed.textContent = complaint || failed.dataset.failed;
      failed.hidden = false; // said aloud
    }
  });
}
