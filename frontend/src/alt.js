// Alt and a letter, the same in every browser: our pages write `accesskey`, which works without us.
// With scripts the letter is ours alone, so that a browser never presses a second time.
function take(root) {
  for (const element of root.querySelectorAll("[accesskey]")) {
    element.dataset.alt = element.accessKey;
    element.removeAttribute("accesskey");
  }
}

function letterOf(event) {
  const typed = event.key.toLowerCase();
  return /^[a-zù]$/.test(typed) ? typed : event.code.replace("Key", "").toLowerCase();
}

function go(element) {
  element.focus();
  if (element.matches("button, a, [type=checkbox], [type=radio]")) element.click();
  else element.select?.();
}

take(document);
document.addEventListener("htmx:load", (event) => take(event.detail.elt));
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  const found = [...document.querySelectorAll(`[data-alt="${CSS.escape(letterOf(event))}"]`)].find(
    (element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled,
  );
  if (!found) return;
  event.preventDefault();
  go(found);
});
