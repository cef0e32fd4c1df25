// j k Enter · e h s c and any other letter written on a button · / · ?
// A single letter is silent while one types, inside a dialog that has no such key, or when somebody cut them off.
import { isTyping } from "./page.js";
import { openDialog } from "./overlays.js";
import { openPalette } from "./palette.js";

const OFF = "cordee.letters-off"; // a preference of the hand, nothing about anybody

const isOff = () => localStorage.getItem(OFF) === "1";
const seen = (element) => element.checkVisibility({ visibilityProperty: true });
const lists = () => [...document.querySelectorAll("[data-list]")].filter(seen);

function currentItem() {
  const active = document.activeElement;
  const list = active?.closest?.("[data-list]");
  const inside = list && [...list.children].find((child) => child.contains(active));
  return inside || document.querySelector("[data-list] > :has([aria-current])");
}

function currentList() {
  return document.activeElement?.closest?.("[data-list]") ?? lists()[0];
}

function walk(step) {
  const list = currentList();
  if (!list) return;
  const items = [...list.children].filter(seen);
  const here = items.indexOf(currentItem());
  const item = items[here < 0 ? 0 : Math.max(0, Math.min(items.length - 1, here + step))];
  if (!item) return;
  const stop = item.querySelector("a[href], button") ?? item;
  if (stop === item) item.tabIndex = -1;
  stop.focus();
  item.scrollIntoView({ block: "nearest" });
}

function press(letter) {
  const dialog = document.querySelector("dialog[open]");
  const places = dialog ? [dialog] : [currentItem(), document.querySelector("main"), document.body];
  for (const place of places) {
    const found = [...(place?.querySelectorAll(`[data-key="${CSS.escape(letter)}"]`) ?? [])].find(
      (element) => seen(element) && !element.disabled,
    );
    if (found) {
      found.click();
      return true;
    }
  }
  return false;
}

function search() {
  const field = [...document.querySelectorAll("[data-search]")].find(seen);
  if (field) {
    field.focus();
    field.select?.();
  } else openPalette();
}

const GESTURES = {
  j: () => walk(1),
  k: () => walk(-1),
  "/": search,
  "?": () => openDialog("touches"),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !event.altKey) {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.key === "Escape" && isTyping(document.activeElement) && !document.querySelector("dialog[open]")) {
    document.activeElement.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
  if (isTyping(document.activeElement) || isOff()) return;
  const open = document.querySelector("dialog[open]");
  const gesture = open ? undefined : GESTURES[event.key];
  if (gesture) {
    event.preventDefault();
    gesture();
  } else if (press(event.key)) event.preventDefault();
});

for (const box of document.querySelectorAll("[data-keys-off]")) {
  box.checked = isOff();
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "1" : "0"));
}
