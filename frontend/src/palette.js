// Ctrl-K: go somewhere or do something. The list comes from the server under the reader’s own rights; the sorting is here.
import { announce, post, submitTo } from "./page.js";

const dialog = document.getElementById("palette");
const fold = (text) =>
  text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[’']/g, " ").toLowerCase();

const parts = () => ({
  field: dialog.querySelector("[role=combobox]"),
  items: [...dialog.querySelectorAll("[role=option]")],
});

// Enter pressed before the list has come is kept, and obeyed when it comes, unless it was closed meanwhile.
let hurried = false;

export async function openPalette() {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  const { field, items } = parts();
  field.value = "";
  field.focus();
  hurried = false;
  if (!items.length) {
    const answer = await post(dialog.dataset.palette, null).catch(() => null);
    if (answer?.ok) dialog.querySelector(".palette__body").innerHTML = await answer.text();
  }
  filter();
  if (hurried && dialog.open) run(selected());
}

const selected = () => parts().items.find((item) => item.getAttribute("aria-selected") === "true");

function obey() {
  hurried = !parts().items.length;
  run(selected());
}

function filter() {
  const { field, items } = parts();
  const words = fold(field.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const item of items) {
    const text = fold(`${item.textContent} ${item.dataset.words ?? ""}`);
    item.hidden = item.dataset.find ? !words.length : !words.every((word) => text.includes(word));
    if (item.dataset.find) item.querySelector("[data-typed]").textContent = field.value;
    shown += item.hidden ? 0 : 1;
  }
  dialog.querySelector(".palette__none")?.toggleAttribute("hidden", shown > 0);
  choose(items.find((item) => !item.hidden));
  announce(shown ? `${shown} choix` : "Aucun choix");
}

function choose(chosen) {
  const { field, items } = parts();
  for (const item of items) item.setAttribute("aria-selected", item === chosen);
  if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
  else field.removeAttribute("aria-activedescendant");
  chosen?.scrollIntoView({ block: "nearest" });
}

function walk(step) {
  const shown = parts().items.filter((item) => !item.hidden);
  const here = shown.findIndex((item) => item.getAttribute("aria-selected") === "true");
  choose(shown[(here + step + shown.length) % shown.length]);
}

function run(item) {
  if (!item) return;
  if (item.dataset.find) submitTo(item.dataset.find, { [item.dataset.field || "q"]: parts().field.value });
  else if (item.dataset.post) submitTo(item.dataset.post);
  else if (item.dataset.href) location.assign(item.dataset.href);
}

dialog?.addEventListener("input", filter);
dialog?.addEventListener("click", (event) => run(event.target.closest("[role=option]")));
dialog?.addEventListener("keydown", (event) => {
  const gesture = { ArrowDown: () => walk(1), ArrowUp: () => walk(-1) }[event.key];
  if (gesture) gesture();
  else if (event.key === "Enter") obey();
  else return;
  event.preventDefault();
});

if (dialog) for (const opener of document.querySelectorAll("[data-palette-open]")) opener.hidden = false;

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-palette-open]")) openPalette();
});
