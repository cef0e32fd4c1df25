// The worklist on a wide screen: a line opens beside the list, which stays. Elsewhere a link is a link.
import htmx from "htmx.org";
import { isTyping } from "./page.js";

const wide = matchMedia("(min-width: 1100px)");
const pane = () => (wide.matches ? document.getElementById("ouvert") : null);
const lines = () => [...document.querySelectorAll("#worklist .row__link")];
let opened = ""; // the address of the line that is open

function mark() {
  for (const line of lines()) {
    if (line.getAttribute("href") === opened) line.setAttribute("aria-current", "true");
    else line.removeAttribute("aria-current");
  }
}

function open(href) {
  opened = href;
  mark();
  htmx.ajax("GET", href, {
    target: "#ouvert",
    select: ".shell__work > *",
    swap: "innerHTML",
    headers: { "HX-Boosted": "true" },
  });
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
  if (form.querySelector("input[type=file]")) return;
  const set = { boost: "true", target: "#ouvert", select: ".shell__work > *", swap: "innerHTML", "push-url": "false", disinherit: "*" };
  for (const [name, value] of Object.entries(set)) form.setAttribute(`hx-${name}`, value);
  htmx.process(form);
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "worklist" || event.detail.elt?.id === "worklist") mark();
  const place = pane();
  if (!place || event.detail.target !== place) return;
  for (const form of place.querySelectorAll("form")) keepInside(form);
  place.scrollTop = 0;
  const heading = place.querySelector("h1") ?? place;
  if (!place.querySelector("[data-focus]")) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
  if (event.detail.requestConfig?.verb !== "get") htmx.trigger(document.body, "worklist");
});

// A gesture that leaves nothing to show: back to the list, where the next line waits.
document.addEventListener("htmx:afterRequest", (event) => {
  const place = pane();
  if (!place?.contains(event.detail.elt) || event.detail.xhr?.status !== 204) return;
  htmx.trigger(document.body, "worklist");
  open(opened);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || isTyping(document.activeElement)) return;
  if (!pane()?.contains(document.activeElement) || document.querySelector("dialog[open]")) return;
  (lines().find((line) => line.getAttribute("href") === opened) ?? lines()[0])?.focus();
});
