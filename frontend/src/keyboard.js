// j k Enter · e h s c and any other letter written on a button · / · ?
// A single letter is silent while one types, inside a dialog that has no such key, or when somebody cut them off. It does what its
// button says, on the line one stands on or in what is open: never on a line that nobody stands on.
import { isTyping } from "./page.js";
import { openDialog } from "./overlays.js";
import { openPalette } from "./palette.js";

const OFF = "cordee.letters-off"; // a preference of the hand, nothing about anybody

const isOff = () => localStorage.getItem(OFF) === "1";
const seen = (element) => element.checkVisibility({ visibilityProperty: true });
const lists = () => [...document.querySelectorAll("[data-list]")].filter(seen);

const lineOf = (element) => element?.closest?.("[data-list] > *") ?? null;
const openLine = () => document.querySelector("[data-list] > :has([aria-current])");
const currentItem = () => lineOf(document.activeElement) ?? openLine();

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

// Where a letter is looked for, the nearest first: the line one stands on, or else what is open, then its line; then the page.
function* reach() {
  const dialog = document.querySelector("dialog[open]");
  if (dialog) return yield [dialog, () => true];
  const [here, open, work] = [lineOf(document.activeElement), openLine(), document.querySelector(".shell__work")];
  const isBeside = here && here !== open && !work?.contains(here); // then what is open is about somebody else
  const ofNoLine = (button) => !lineOf(button) && !(isBeside && work?.contains(button));
  const ofLine = (button) => lineOf(button) === (here ?? open);
  if (here) yield [here, ofLine];
  else {
    yield [work, ofNoLine];
    yield [open, ofLine];
  }
  yield [document.body, ofNoLine];
}

function press(letter) {
  for (const [place, isMeant] of reach()) {
    const all = place?.querySelectorAll(`[data-key="${CSS.escape(letter)}"]`) ?? [];
    const found = [...all].filter((element) => seen(element) && isMeant(element));
    if (!found.length) continue;
    found.find((element) => !element.disabled)?.click();
    return true; // one that cannot be pressed now leaves its letter to no other
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
  } else if (!event.repeat && press(event.key)) event.preventDefault(); // a letter that is held does its deed once
});

for (const box of document.querySelectorAll("[data-keys-off]")) {
  box.checked = isOff();
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "1" : "0"));
}
