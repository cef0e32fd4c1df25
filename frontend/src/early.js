// What was answered before the scripts came, on a slow line, is heard by the drafts that save themselves.
import { changed, FIELDS } from "./page.js";

// Once htmx, which came before, listens to the page.
document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form:is([data-autosave], [data-sheet])")) {
    for (const field of form.querySelectorAll(FIELDS)) {
      if (changed(field)) field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
});
