// A list that is asked again changes where it changed: a line that says the same stays as it stands, with its focus and its place.
// <div id="…" hx-swap="lines" hx-ext="lines"> holds one [data-list], whose lines have an identifier; the rest of it is compared part by part.
import htmx from "htmx.org";

const written = new WeakMap(); // each line or part, as the house wrote it: scripts may have changed it since
const listOf = (root) => root?.querySelector("[data-list]");
const partsOf = (root, list) => [...root.children].filter((one) => !one.contains(list));

function noted(root) {
  const list = listOf(root);
  if (list) for (const one of [...partsOf(root, list), ...list.children]) written.set(one, one.outerHTML);
  return list;
}

for (const root of document.querySelectorAll("[hx-swap=lines]")) noted(root);

// What came, put in place; gives the elements that are new.
function settled(stands, comes, brought) {
  const kept = new Map([...stands.children].map((one) => [one.id, one]));
  const wanted = [...comes.children];
  const ids = new Set(wanted.map(({ id }) => id));
  for (const [id, one] of kept) if (!ids.has(id)) one.remove();
  let at = stands.firstElementChild;
  for (const one of wanted) {
    const there = kept.get(one.id);
    const isSame = there && written.get(there) === written.get(one);
    if (there && there === at) at = at.nextElementSibling;
    if (isSame && there.nextElementSibling === at && there.isConnected) continue;
    stands.insertBefore(isSame ? there : one, at);
    if (isSame) continue;
    there?.remove();
    brought.push(one);
  }
}

htmx.defineExtension("lines", {
  isInlineSwap: (style) => style === "lines",
  handleSwap(style, target, fragment, settleInfo) {
    if (style !== "lines") return false;
    const fresh = fragment.firstElementChild;
    const [stands, comes] = [listOf(target), noted(fresh)];
    const [old, parts] = [stands ? partsOf(target, stands) : [], comes ? partsOf(fresh, comes) : []];
    if (!stands || !comes || old.length !== parts.length) {
      target.replaceWith(fresh);
      settleInfo.elts.push(fresh);
      return [fresh];
    }
    const brought = [];
    parts.forEach((part, at) => {
      if (written.get(old[at]) === written.get(part)) return;
      old[at].replaceWith(part);
      brought.push(part);
    });
    settled(stands, comes, brought);
    settleInfo.elts.push(target);
    return brought;
  },
});
