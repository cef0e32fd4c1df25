// Dialogs and menus, with what the browser already knows of them; printing.

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal?.();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  if (opener) openDialog(opener.dataset.opens);

  const closer = event.target.closest?.("[data-closes]");
  if (closer) document.getElementById(closer.dataset.closes)?.close();

  if (event.target.closest?.("[data-print]")) print();

  // A click on the veil closes; one inside does not.
  if (event.target.matches?.("dialog[open]")) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.detail) event.target.close();
  }

  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

document.addEventListener("focusin", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// Folded parts are printed too.
window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("main details:not([open], [data-menu])")) {
    folded.open = true;
    folded.dataset.unfolded = "1";
  }
});

window.addEventListener("afterprint", () => {
  for (const folded of document.querySelectorAll("details[data-unfolded]")) {
    folded.open = false;
    delete folded.dataset.unfolded;
  }
});
