// What was answered before the scripts came, on a slow line, is heard by the drafts that save themselves.

const DRAFTS = "form[data-autosave], form[data-sheet]";
const FIELDS = "input:not([type=hidden], [type=file], [type=submit], [type=button]), select, textarea";

/** What the form shows that the page was not drawn with. */
function answered(form) {
  const drawn = form.cloneNode(true);
  drawn.reset();
  const before = drawn.querySelectorAll(FIELDS);
  return [...form.querySelectorAll(FIELDS)].filter(
    (field, rank) => field.value !== before[rank].value || field.checked !== before[rank].checked,
  );
}

// Once htmx, which came before, listens to the page.
document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll(DRAFTS)) {
    for (const field of answered(form)) field.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
