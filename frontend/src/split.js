// The worklist on a wide screen: a line opens beside the list, which stays. Elsewhere a link is a link.
// What is typed in a line stays in the page, in memory only, when another line is opened.
import htmx from "htmx.org";
import { FIELDS, isTypedIn, isTyping } from "./page.js";
import { showToast } from "./toasts.js";

const wide = matchMedia("(min-width: 1100px)");
const pane = () => (wide.matches ? document.getElementById("ouvert") : null);
const lines = () => [...document.querySelectorAll("#worklist .row__link")];
const kept = new Map(); // what was typed in lines left open, by their address
let opened = ""; // the address of the line that is open
let coming = ""; // the address of the one that was asked for
let shown = ""; // the address of the one that stands there, while another is on its way
let taken = ""; // what was typed in it, when what it says was taken and nothing came in its place yet
const lineOf = new WeakMap(); // of each request, the address of the line that it speaks of
const sending = new Set(); // the lines of which something is on its way

function mark() {
  for (const line of lines()) {
    if (line.getAttribute("href") === opened) line.setAttribute("aria-current", "true");
    else line.removeAttribute("aria-current");
  }
}

const wordsOf = (place) => [...place.querySelectorAll(FIELDS)].map(({ name, value, checked }) => `${name} ${value} ${checked}`).join("\n");

// A page that refused holds what was typed as its own words. What was taken is held no more, unless one goes on typing.
const isHeld = (place) => (place.dataset.refused === "1" || isTypedIn(place)) && wordsOf(place) !== taken;

const KEPT = "Ce que vous aviez écrit dans l’autre ligne est gardé\u202f: rouvrez-la pour le retrouver.";
const SENT = "Ce que vous aviez écrit dans l’autre ligne est en cours d’envoi\u202f: rouvrez-la pour voir ce qu’il devient.";

function keep(place) {
  const left = shown;
  if (!left || !isHeld(place)) return;
  const nodes = document.createDocumentFragment();
  nodes.append(...place.childNodes);
  kept.set(left, { nodes, refused: place.dataset.refused });
  sayKept(left, sending.has(left) ? SENT : KEPT);
}

function sayKept(line, text) {
  showToast({ text, tone: "attention", undo: () => open(line), back: "Y revenir" });
}

/** Put back a line as it was left: a form on its way is not made ready again, which would have it leave twice. */
function bringBack(place, { nodes, refused, isNew }) {
  keep(place);
  kept.delete(opened);
  shown = opened;
  place.replaceChildren(nodes);
  place.dataset.refused = refused ?? "";
  if (isNew) {
    for (const form of place.querySelectorAll("form")) keepInside(form);
    htmx.process(place);
  }
  focusHeading(place);
}

function focusHeading(place) {
  const heading = place.querySelector("h1") ?? place;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

/** The address of the page says which line is open, by its number: a reload opens it again. */
function remember() {
  const row = lines().find((line) => line.getAttribute("href") === opened)?.closest("[id]");
  history.replaceState(history.state, "", row ? `#${row.id}` : location.pathname + location.search);
}

function open(href) {
  opened = href;
  mark();
  remember();
  if (href === coming) return;
  if (href === shown && isHeld(pane())) return focusHeading(pane());
  if (kept.has(href)) return bringBack(pane(), kept.get(href));
  load(href);
}

function load(href) {
  coming = href;
  const how = { target: "#ouvert", select: ".shell__work > *", swap: "innerHTML", headers: { "HX-Boosted": "true" } };
  htmx.ajax("GET", href, how);
}

document.addEventListener("click", (event) => {
  const line = event.target.closest?.("#worklist .row__link");
  const elsewhere = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (!line || elsewhere || event.defaultPrevented || !pane()) return;
  event.preventDefault();
  open(line.getAttribute("href"));
});

/* What is done in the open line leaves the list where it is. A link leads where it says. */
function keepInside(form) {
  for (const name of ["hx-post", "hx-get"]) if (form.hasAttribute(name)) return;
  const set = { boost: "true", target: "#ouvert", select: ".shell__work > *", swap: "innerHTML", "push-url": "false", disinherit: "*" };
  if (form.querySelector("input[type=file]")) set.encoding = "multipart/form-data";
  for (const [name, value] of Object.entries(set)) form.setAttribute(`hx-${name}`, value);
  htmx.process(form);
}

document.addEventListener("htmx:beforeSend", ({ detail }) => {
  const place = document.getElementById("ouvert"); // even on a screen made narrower since
  if (!place || detail.target !== place) return;
  const isInside = place.contains(detail.elt);
  lineOf.set(detail.xhr, isInside ? shown : detail.pathInfo.requestPath);
  if (isInside && detail.requestConfig.verb !== "get") sending.add(shown);
});

// Answered or not, by its own request: what waits for its turn has not been asked yet.
document.addEventListener("htmx:afterRequest", ({ detail: { xhr, requestConfig } }) => {
  const line = lineOf.get(xhr);
  if (requestConfig?.verb !== "get") sending.delete(line);
  else if (line === coming) coming = "";
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const place = pane();
  if (!place || detail.target !== place) return;
  const line = lineOf.get(detail.xhr) ?? opened;
  if (line !== opened && line !== shown) return comesLate(line, detail);
  if (!detail.shouldSwap) return;
  const isLook = detail.requestConfig.verb === "get" && !place.contains(detail.requestConfig.elt);
  if (isLook && line === shown && isHeld(place)) return (detail.shouldSwap = false); // typed since one looked
  if (line !== shown) keep(place);
  shown = line;
  taken = "";
  place.dataset.refused = detail.xhr.status === 422 ? "1" : "";
});

/** The answer of a line in whose place another was opened since. What was taken is not to be sent again; a refusal waits there. */
function comesLate(line, detail) {
  detail.shouldSwap = false;
  if (detail.requestConfig.verb === "get") return;
  htmx.trigger(document.body, "worklist");
  if (detail.xhr.status !== 422) return kept.delete(line);
  const page = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
  const nodes = document.createDocumentFragment();
  nodes.append(...page.querySelectorAll(".shell__work > *"));
  kept.set(line, { nodes, refused: "1", isNew: true });
  sayKept(line, "Ce que vous aviez envoyé dans l’autre ligne n’a pas été enregistré\u202f: rouvrez-la, ce qui est à corriger y est dit.");
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "worklist" || event.detail.elt?.id === "worklist") mark();
  const place = pane();
  if (!place || event.detail.target !== place) return;
  for (const form of place.querySelectorAll("form")) keepInside(form);
  place.scrollTop = 0;
  if (!place.querySelector("[data-focus]")) focusHeading(place);
  if (event.detail.requestConfig?.verb !== "get") htmx.trigger(document.body, "worklist");
});

// A line that does not come leaves the one that stands.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { verb, target } = detail.requestConfig ?? {};
  const line = lineOf.get(detail.xhr);
  if (verb !== "get" || !target || target !== pane() || detail.successful || line !== opened || line === shown || !shown) return;
  opened = shown;
  mark();
  remember();
});

// A gesture that leaves nothing to show: back to the list, where the next line waits.
document.addEventListener("htmx:afterRequest", (event) => {
  const place = pane();
  if (!place?.contains(event.detail.elt) || event.detail.xhr?.status !== 204) return;
  htmx.trigger(document.body, "worklist");
  taken = wordsOf(place);
  if (shown === opened) load(opened);
  else shown = ""; // another line is on its way: what stands here was taken
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || isTyping(document.activeElement)) return;
  if (!pane()?.contains(document.activeElement) || document.querySelector("dialog[open]")) return;
  (lines().find((line) => line.getAttribute("href") === opened) ?? lines()[0])?.focus();
});

window.addEventListener("beforeunload", (event) => {
  const place = pane();
  const isSent = document.querySelector("form[data-sent]"); // which takes what was typed along
  if (place && (kept.size || isHeld(place)) && !isSent) event.preventDefault();
});

const again = /^#t-/.test(location.hash) && document.getElementById(location.hash.slice(1));
if (again && pane()) open(again.querySelector(".row__link").getAttribute("href"));
