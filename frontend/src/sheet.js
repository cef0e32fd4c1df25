// An evaluation keeps itself while one types: what is under the hands is never undone by an answer of the server.
import { announce } from "./page.js";

const LATE = "Pas encore gardé : le réseau ne répond pas";
const sheetOf = (element) => element?.closest?.("form[data-sheet]");
let typing;
let unsent = false;

const place = () => document.getElementById("garde");

document.addEventListener("htmx:beforeSwap", (event) => {
  const active = document.activeElement;
  typing = undefined;
  if (!event.detail.target?.contains(active) || !sheetOf(active) || !("value" in active) || !active.id) return;
  if (/^(radio|checkbox)$/.test(active.type)) return;
  typing = { id: active.id, value: active.value };
});

// What was typed while the server answered stays; the next answer follows from it.
document.addEventListener("htmx:afterSettle", () => {
  const field = typing && document.getElementById(typing.id);
  if (field && field.value !== typing.value) field.value = typing.value;
  typing = undefined;
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
