// An evaluation keeps itself while one types: what is under the hands is never undone by an answer of the server.
import { announce } from "./page.js";

const LATE = "Pas encore gardé : le réseau ne répond pas";
const sheetOf = (element) => element?.closest?.("form[data-sheet]");
const since = new Map(); // what was answered since the last request left
let unsent = false;

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
  if (sheetOf(event.detail.elt)) since.clear();
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

document.addEventListener("htmx:sendError", (event) => {
  if (!sheetOf(event.detail.elt) || !place()) return;
  unsent = true;
  place().textContent = LATE;
  announce(LATE);
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (sheetOf(event.detail.elt) && event.detail.successful) unsent = false;
});

window.addEventListener("online", () => {
  const form = unsent && document.querySelector("form[data-sheet]");
  if (form) form.dispatchEvent(new Event("change", { bubbles: true }));
});

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
