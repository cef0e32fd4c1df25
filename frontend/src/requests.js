// What each HTMX request carries, and what happens when it fails or is sent twice.
import { addHidden, csrf, isTypedIn, PROOF, WRITTEN_FOR, writtenFor } from "./page.js";
import { networkLost, networkBack } from "./offline.js";
import { askToSignIn, isAskedToSignIn, showToast, signedInAgain } from "./toasts.js";

const SAFE = /^(get|head|options)$/i;

document.addEventListener("htmx:configRequest", (event) => {
  delete event.detail.parameters[PROOF]; // of when the page was written, and read before the header
  if (SAFE.test(event.detail.verb)) return;
  event.detail.headers["X-CSRFToken"] = csrf();
  event.detail.headers["X-Sender"] = writtenFor();
});

// Those that left once the session was said to have ended: the answer to an earlier one says nothing of it.
const since = new WeakSet();

document.addEventListener("htmx:beforeSend", (event) => {
  if (isAskedToSignIn()) since.add(event.detail.xhr);
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, successful } = event.detail;
  if (xhr?.status) networkBack();
  if (successful && since.has(xhr)) signedInAgain();
});

// A refused form holds what was typed as its own words.
const isWritten = (page) => Boolean(page.querySelector("[data-refused='1'], .field--wrong, .notice[data-focus]")) || isTypedIn(page);

// A look that finds the session over leaves for the sign-in, as the house says; not from under what is being written, of which it says
// once that it is still there.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = event.detail;
  if (xhr.status !== 401 || !xhr.getResponseHeader("HX-Redirect")) return;
  if (!isWritten(document.getElementById("contenu") ?? document)) return;
  event.preventDefault();
  if (!isAskedToSignIn()) askToSignIn(xhr.responseText);
});

document.addEventListener("htmx:sendError", (event) => {
  networkLost();
  const sent = !SAFE.test(event.detail.requestConfig?.verb ?? "get");
  if (sent && !("sheet" in event.detail.elt.dataset)) { // which saves itself, and says so
    showToast({
      text: "Le réseau ne répond pas : ce geste n’est pas parti. Recommencez quand il sera revenu.",
      tone: "bad",
    });
  }
});

// A server that fell answers with words of its own, never with a blank.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (xhr.status < 400 || xhr.status === 422) return;
  const wanted = /<html/i.test(xhr.responseText) || !xhr.responseText.trim();
  if (!wanted) return;
  event.detail.shouldSwap = false;
  // A part that another room may hold: nothing there is nothing to say.
  if (xhr.status === 404 && "maybe" in (event.detail.requestConfig?.elt?.dataset ?? {})) return;
  const heading = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("h1");
  showToast({
    text: heading?.textContent ?? "Ce geste n’a pas abouti. Rien n’a été modifié ; recommencez.",
    tone: "bad",
  });
  target?.removeAttribute("aria-busy");
});

// A form leaves once: a second click of a tired hand is not a second request. What HTMX sends, it has taken by now.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  if (form.dataset.sent) event.preventDefault();
  else if (form.method === "post") {
    form.dataset.sent = "1";
    const proof = form.querySelector(`[name=${PROOF}]`);
    if (proof) proof.value = csrf() || proof.value;
    if (writtenFor() && !form.elements[WRITTEN_FOR]) addHidden(form, WRITTEN_FOR, writtenFor());
  }
});

function sendAgain() {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
}

window.addEventListener("pageshow", sendAgain);

// Who was asked by the browser whether to leave, and is here a moment later, has stayed: what was pressed did not leave.
window.addEventListener("beforeunload", (event) => {
  setTimeout(() => event.defaultPrevented && sendAgain(), 300);
});
