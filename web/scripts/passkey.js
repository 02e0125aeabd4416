// Passkeys: forms with data-passkey="create" or "get". The options come from data-start, the browser's answer goes with the form.
// Without a script, or in a browser that knows no passkeys, these forms stay hidden and the page offers the other ways.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

/** The options of WebAuthn with bytes where JSON has text. */
export function options(told) {
  const key = { ...told.publicKey, challenge: bytes(told.publicKey.challenge) };
  if (key.user) key.user = { ...key.user, id: bytes(key.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    if (key[list]) key[list] = key[list].map((one) => ({ ...one, id: bytes(one.id) }));
  }
  return key;
}

/** The browser's answer as JSON. */
export function answer(credential) {
  const { response } = credential;
  const out = { id: credential.id, rawId: text(credential.rawId), type: credential.type, extensions: {}, response: {} };
  for (const part of ["attestationObject", "clientDataJSON", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) out.response[part] = text(response[part]);
  }
  return JSON.stringify(out);
}

async function start(form) {
  const body = new URLSearchParams({ _csrf: form.elements._csrf.value });
  const response = await fetch(form.dataset.start, { method: "POST", body });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

function send(form, ceremony, credential) {
  form.elements.ceremony.value = ceremony;
  form.elements.credential.value = answer(credential);
  form.submit();
}

export function passkeys() {
  if (!window.PublicKeyCredential) return;
  let waiting;
  for (const form of document.querySelectorAll("[data-passkey]")) {
    form.hidden = false;
    for (const words of document.querySelectorAll("[data-passkey-unable]")) words.hidden = true;
    const failed = form.querySelector("[data-passkey-failed]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      failed.hidden = true;
      waiting?.abort();
      try {
        const told = await start(form);
        const publicKey = options(told.options);
        const ask = form.dataset.passkey === "create" ? "create" : "get";
        send(form, told.ceremony, await navigator.credentials[ask]({ publicKey }));
      } catch (error) {
        console.warn(error);
        failed.hidden = false;
      }
    });
    // The field of the login offers the passkeys of the device, once somebody goes there.
    const login = document.getElementById(form.dataset.passkeyLogin ?? "");
    login?.addEventListener(
      "focus",
      async () => {
        if (!(await window.PublicKeyCredential.isConditionalMediationAvailable?.())) return;
        try {
          waiting = new AbortController();
          const told = await start(form);
          const credential = await navigator.credentials.get({
            publicKey: options(told.options),
            mediation: "conditional",
            signal: waiting.signal,
          });
          if (credential) send(form, told.ceremony, credential);
        } catch (error) {
          if (error.name !== "AbortError") console.warn(error);
        }
      },
      { once: true },
    );
  }
}
