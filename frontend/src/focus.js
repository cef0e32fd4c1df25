// After a swap: the focus returns where it was, what is read does not move, what is new slides in, what changed is said once.
import { announce, changed, FIELDS, isTyping } from "./page.js";

const keyOf = (element) => element?.id || element?.getAttribute?.("href") || "";
const itemsOf = (root) => [...(root?.querySelectorAll?.(":is([data-list], tbody) > *") ?? [])];
const itemKey = (item) => item.id || item.querySelector("a[href]")?.getAttribute("href") || "";
const isLive = (detail) => detail.requestConfig?.triggeringEvent?.type?.startsWith("thread:");

// What somebody is filling in: the field they type into, the form they have opened (not one that the page opens by itself), or what
// they have typed where it shows, while the hand goes to the button.
function heldBy(target) {
  const active = document.activeElement;
  if (target.contains(active) && isTyping(active)) return [active, "blur"];
  const opened = target.querySelector("details[open]:not([data-menu], [data-open]):has(form)");
  if (opened) return [opened, "toggle"];
  const typed = [...target.querySelectorAll(FIELDS)].some((field) => field.checkVisibility() && changed(field));
  return [typed && target, "change"];
}

let before;

function remember(target) {
  const active = document.activeElement;
  const inside = target.contains(active) && active !== document.body;
  const items = itemsOf(target.parentElement ?? target).filter((item) => target.contains(item));
  const anchor = inside ? active : items.find((item) => item.getBoundingClientRect().bottom > 80);
  return {
    inside,
    key: inside ? keyOf(active) : "",
    position: items.findIndex((item) => item.contains(active)),
    known: new Set(items.map(itemKey)),
    had: items.length > 0,
    anchorKey: anchor ? keyOf(anchor) || itemKey(anchor) : "",
    anchorTop: anchor?.getBoundingClientRect().top ?? 0,
  };
}

function find(key) {
  if (!key) return null;
  const escaped = CSS.escape(key);
  return document.getElementById(key) ?? document.querySelector(`[href="${escaped}"]`);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const target = event.detail.target;
  if (!target) return;
  // What somebody is writing is never replaced under their hands.
  if (isLive(event.detail)) {
    const [held, until] = heldBy(target);
    if (held) {
      event.detail.shouldSwap = false;
      const trigger = event.detail.requestConfig.triggeringEvent.type;
      held.addEventListener(until, () => document.body.dispatchEvent(new CustomEvent(trigger)), { once: true });
      return;
    }
  }
  before = remember(target);
});

document.addEventListener("htmx:afterSettle", (event) => {
  const brought = event.detail.elt;
  const asked = brought?.matches?.("[data-focus]") ? brought : brought?.querySelector?.("[data-focus]");
  if (asked) {
    if (!asked.hasAttribute("tabindex")) asked.tabIndex = -1;
    asked.focus();
  }
  for (const element of [brought, ...(brought?.querySelectorAll?.("[data-announce]") ?? [])]) {
    announce(element?.dataset?.announce);
  }
  if (!before) return;
  const { inside, key, position, known, had, anchorKey, anchorTop } = before;
  before = undefined;
  const items = itemsOf(brought?.parentElement ?? document.body);
  if (had) for (const item of items) if (!known.has(itemKey(item))) item.classList.add("arrives");
  const lost = !document.activeElement || document.activeElement === document.body;
  if (inside && lost && !asked) {
    const next = find(key) ?? items[Math.min(position, items.length - 1)]?.querySelector("a, button") ?? brought;
    if (next && !next.hasAttribute("tabindex") && !next.matches("a, button, input, select, textarea")) next.tabIndex = -1;
    next?.focus?.({ preventScroll: true });
  }
  const anchor = find(anchorKey);
  if (anchor) scrollBy(anchor, anchor.getBoundingClientRect().top - anchorTop);
});

function scrollBy(anchor, distance) {
  if (Math.abs(distance) < 2) return;
  const column = anchor.closest(".shell__list");
  const scrolls = column && column.scrollHeight > column.clientHeight && getComputedStyle(column).overflowY === "auto";
  (scrolls ? column : document.scrollingElement).scrollTop += distance;
}

document.querySelector("main [data-focus]")?.focus();
