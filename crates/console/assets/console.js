// The one script of the console, for what no form can do: asking an authenticator (WebAuthn Level 3), and copying.
// It decides nothing. A form that needs an authenticator says so in `data-ceremony`; the script asks the server at
// `data-options` what is to be signed, asks the authenticator, and sends the form with the answer in it.
"use strict";

(() => {
  const NO_ANSWER = "Your authenticator did not answer. Try again, or use another device.";
  const NO_SERVER = "Locum did not answer. Check your connection and try again.";
  const NOT_HERE = "This browser cannot ask an authenticator here. Use another browser or another device.";
  const KNOWN = "This authenticator is enrolled already. Use another one.";

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };

  const text = (buffer) => {
    const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  /** Something to say to the person, in their own words. */
  class Said extends Error {}

  /** What the server wants signed. Nothing is changed by asking. */
  const options = async (form) => {
    const token = form.elements.namedItem("csrf");
    const headers = { Accept: "application/json" };
    if (token) headers["X-CSRF-Token"] = token.value;
    const fields = new URLSearchParams(new FormData(form));
    let answer;
    try {
      answer = await fetch(form.dataset.options, { method: "POST", headers, body: fields, redirect: "error" });
    } catch {
      throw new Said(NO_SERVER);
    }
    let body;
    try {
      body = await answer.json();
    } catch {
      throw new Said(NO_SERVER);
    }
    if (!answer.ok) throw new Said(body.words || NO_SERVER);
    return body;
  };

  const named = (list) => (list || []).map((it) => ({ ...it, id: bytes(it.id) }));

  /** A credential in its JSON form (WebAuthn Level 3, section 5.1). */
  const credential = (it, response) => ({
    id: it.id,
    rawId: text(it.rawId),
    type: it.type,
    clientExtensionResults: it.getClientExtensionResults(),
    response: { clientDataJSON: text(it.response.clientDataJSON), ...response },
  });

  const create = async (asked) => {
    const publicKey = {
      ...asked.publicKey,
      challenge: bytes(asked.publicKey.challenge),
      user: { ...asked.publicKey.user, id: bytes(asked.publicKey.user.id) },
      excludeCredentials: named(asked.publicKey.excludeCredentials),
    };
    const made = await navigator.credentials.create({ publicKey });
    return credential(made, { attestationObject: text(made.response.attestationObject) });
  };

  const get = (asked) => {
    const publicKey = {
      ...asked.publicKey,
      challenge: bytes(asked.publicKey.challenge),
      allowCredentials: named(asked.publicKey.allowCredentials),
    };
    return navigator.credentials.get({ publicKey });
  };

  const show = async (asked) => {
    const shown = await get(asked);
    const { authenticatorData, signature, userHandle } = shown.response;
    const response = { authenticatorData: text(authenticatorData), signature: text(signature) };
    if (userHandle && userHandle.byteLength > 0) response.userHandle = text(userHandle);
    return credential(shown, response);
  };

  const sign = async (asked) => {
    const shown = await get(asked);
    return {
      kind: "passkey",
      authenticator: asked.authenticators[shown.id],
      authenticator_data: text(shown.response.authenticatorData),
      client_data_json: text(shown.response.clientDataJSON),
      signature: text(shown.response.signature),
    };
  };

  const CEREMONIES = { create, show, sign };

  const words = (error) => {
    if (error instanceof Said) return error.message;
    switch (error && error.name) {
      case "InvalidStateError": return KNOWN;
      case "SecurityError":
      case "NotSupportedError": return NOT_HERE;
      default: return NO_ANSWER;
    }
  };

  const say = (form, message) => {
    form.querySelector("[role=alert]").textContent = message;
  };

  const busy = (form, is) => {
    if (is) form.setAttribute("aria-busy", "true");
    else form.removeAttribute("aria-busy");
    const status = form.querySelector("[role=status]");
    status.textContent = is ? "Waiting for your authenticator…" : "";
  };

  const run = async (form) => {
    say(form, "");
    busy(form, true);
    try {
      if (!window.PublicKeyCredential) throw new Said(NOT_HERE);
      const answer = await CEREMONIES[form.dataset.ceremony](await options(form));
      form.elements.namedItem(form.dataset.field).value = JSON.stringify(answer);
      form.submit();
    } catch (error) {
      busy(form, false);
      say(form, words(error));
    }
  };

  for (const form of document.querySelectorAll("form[data-ceremony]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!form.hasAttribute("aria-busy")) run(form);
    });
  }

  // Whoever comes back to a page finds no old answer in it.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-ceremony]")) {
      form.elements.namedItem(form.dataset.field).value = "";
      busy(form, false);
    }
  });

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const name = button.textContent;
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied: mark it by hand";
      }
      setTimeout(() => { button.textContent = name; }, 2000);
    });
  }

  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
