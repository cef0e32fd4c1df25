// An evaluation keeps itself while one types: what is under the hands is never undone by an answer of the server.
import { announce, csrf, PATIENCE, pauseAfter } from "./page.js";
import { askToSignIn, isAskedToSignIn } from "./toasts.js";

const sheetOf = (element) => element?.closest?.("form[data-sheet]");
const since = new Map(); // what was answered since the last request left
let unsent = false;
let tries = 0;
let retry;
let proof = ""; // with which the last request left

const isSaving = (element) => element?.matches?.("form[data-sheet]") ?? false;
const place = () => document.getElementById("garde");

const isTicked = (field) => /^(radio|checkbox)$/.test(field.type);

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    if (!sheetOf(target) || !target.name) return;
    const { name, value, checked, type } = target;
    since.set(type === "checkbox" ? `${name} ${value}` : name, { name, value, checked });
  });
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!isSaving(event.detail.elt)) return;
  since.clear();
  clearTimeout(retry);
  proof = csrf();
});

// What was answered while the server thought is put back on its questions: the request that waits takes it along.
document.addEventListener("htmx:afterSwap", () => {
  for (const { name, value, checked } of since.values()) {
    for (const field of document.querySelectorAll(`form[data-sheet] [name="${CSS.escape(name)}"]`)) {
      if (!isTicked(field) && field.value !== value) field.value = value;
      if (isTicked(field) && field.value === value) field.checked = checked;
    }
  }
});

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!isSaving(detail.elt)) return;
  detail.timeout = PATIENCE;
  detail.headers["X-Autosave"] = "true"; // it waits here, and goes again by itself
});

/** Not kept: said once, and it goes again by itself. */
function keepTrying(form, why, pause = pauseAfter((tries += 1))) {
  const said = `Pas encore gardé\u00a0: ${why}`;
  unsent = true;
  clearTimeout(retry);
  retry = setTimeout(save, pause, form);
  if (!place() || place().textContent === said) return;
  place().textContent = said;
  announce(said);
}

function save(form) {
  if (form?.isConnected) form.dispatchEvent(new Event("change", { bubbles: true }));
}

for (const kind of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(kind, ({ detail: { elt } }) => {
    if (isSaving(elt)) keepTrying(elt, "le réseau ne répond pas");
  });
}

// Nobody made a gesture: what failed is told by the sheet alone. Refused with the proof of before one signed in elsewhere, it goes at once.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt, xhr } = event.detail;
  const isProvedAnew = xhr.status === 403 && csrf() !== proof;
  const isSignedOut = xhr.status === 401;
  if (!isSaving(elt) || (xhr.status < 500 && !isProvedAnew && !isSignedOut)) return;
  event.preventDefault();
  if (isSignedOut && !isAskedToSignIn()) askToSignIn(xhr.responseText);
  if (isSignedOut) keepTrying(elt, "votre session a pris fin");
  else if (isProvedAnew) keepTrying(elt, "un nouvel essai suit", 0);
  else keepTrying(elt, "le service ne répond pas");
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!isSaving(event.detail.elt) || !event.detail.successful) return;
  unsent = false;
  tries = 0;
});

// The network came back, or who was asked to sign in elsewhere did.
for (const [kind, from] of [["online", window], ["visibilitychange", document]]) {
  from.addEventListener(kind, () => {
    if (unsent) save(document.querySelector("form[data-sheet]"));
  });
}

window.addEventListener("beforeunload", (event) => {
  if (unsent) event.preventDefault();
});

// From what is missing to its question, ready to be answered.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".sheet__lacking a, .notice a[href^='#q-']");
  const question = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!question) return;
  event.preventDefault();
  question.scrollIntoView({ block: "center" });
  (question.querySelector("input:not([type=hidden]), select, textarea") ?? question).focus({ preventScroll: true });
});

// What is known already, in one tap: it is typed as by hand, and kept as the rest.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-take]");
  const field = button && document.getElementById(button.dataset.into);
  if (!field) return;
  field.value = button.dataset.take;
  field.focus();
  field.dispatchEvent(new Event("change", { bubbles: true }));
  button.closest(".question__known")?.remove();
});
