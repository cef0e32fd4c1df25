// A list that is asked again changes where it changed: a line that says the same stays as it stands, with its focus and its place.
// <div id="…" hx-swap="lines" hx-ext="lines"> holds one [data-list], whose lines have an identifier; the rest of it is compared part by part.
// It says which lines it has by their etags: the house then names them, and writes the others alone (kernel/patterns.py).
import htmx from "htmx.org";

const ROOT = "[hx-swap=lines]";
const written = new WeakMap(); // each part, as the house wrote it: scripts may have changed it since
const listOf = (root) => root?.querySelector("[data-list]");
const partsOf = (root, list) => [...root.children].filter((one) => !one.contains(list));

function noted(root) {
  const list = listOf(root);
  if (list) for (const one of partsOf(root, list)) written.set(one, one.outerHTML);
  return list;
}

for (const root of document.querySelectorAll(ROOT)) noted(root);

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const list = detail.elt.matches(ROOT) && detail.verb === "get" && listOf(detail.elt);
  if (list) detail.headers["Standing-Lines"] = [...list.children].map((one) => one.dataset.etag).join(" ");
});

// The lines that are wanted: those that came, and those that stand. One that has gone meanwhile is missing.
function wantedOf(stands, comes) {
  const by = new Map([...(stands?.children ?? [])].map((one) => [one.dataset.etag, one]));
  return [...comes.children].map(({ dataset }, at) => (dataset.same ? by.get(dataset.same) : comes.children[at])).filter(Boolean);
}

// What came, put in place; gives the elements that are new.
function settled(stands, wanted, brought) {
  const kept = new Map([...stands.children].map((one) => [one.id, one]));
  const ids = new Set(wanted.map(({ id }) => id));
  for (const [id, one] of kept) if (!ids.has(id)) one.remove();
  let at = stands.firstElementChild;
  for (const one of wanted) {
    const there = kept.get(one.id);
    const isSame = there === one || (there && there.dataset.etag === one.dataset.etag);
    if (there && there === at) at = at.nextElementSibling;
    if (isSame && there.nextElementSibling === at && there.isConnected) continue;
    stands.insertBefore(isSame ? there : one, at);
    if (isSame) continue;
    there?.remove();
    brought.push(one);
  }
}

// Lines of one person that came with an event: each takes its place by itself, those that are no more go. The whole list,
// asked a moment later, corrects what this could not know; where there is no list yet, or past its cut, it brings them.
export function bring({ person, lines }) {
  const root = document.querySelector("[data-followed]");
  const stands = listOf(root);
  const fresh = new DOMParser().parseFromString(lines, "text/html").querySelector(ROOT);
  if (!stands || !fresh) return;
  const comes = [...(listOf(fresh)?.children ?? [])];
  const ids = new Set(comes.map(({ id }) => id));
  for (const one of [...stands.children]) if (one.dataset.person === person && !ids.has(one.id) && !isHeld(one)) one.remove();
  for (const one of comes) {
    const there = [...stands.children].find(({ id }) => id === one.id);
    if (there && (there.dataset.etag === one.dataset.etag || isHeld(there))) continue;
    const next = [...stands.children].find((other) => other !== there && other.dataset.place > one.dataset.place);
    if (!next && "cut" in stands.dataset) continue;
    stands.insertBefore(document.adoptNode(one), next ?? null);
    there?.remove();
    htmx.process(one);
  }
}

const isHeld = (line) => line.contains(document.activeElement); // under somebody's hand

const ask = (root) => htmx.ajax("get", root.getAttribute("hx-get"), { source: root, target: root, swap: "lines" });

htmx.defineExtension("lines", {
  isInlineSwap: (style) => style === "lines",
  handleSwap(style, target, fragment, settleInfo) {
    if (style !== "lines") return false;
    const fresh = fragment.firstElementChild;
    const [stands, comes] = [listOf(target), noted(fresh)];
    const wanted = comes ? wantedOf(stands, comes) : [];
    const again = comes && wanted.length < comes.children.length;
    const [old, parts] = [stands ? partsOf(target, stands) : [], comes ? partsOf(fresh, comes) : []];
    if (!stands || !comes || old.length !== parts.length) {
      comes?.replaceChildren(...wanted);
      target.replaceWith(fresh);
      settleInfo.elts.push(fresh);
      if (again) setTimeout(ask, 0, fresh);
      return [fresh];
    }
    const brought = [];
    parts.forEach((part, at) => {
      if (written.get(old[at]) === written.get(part)) return;
      old[at].replaceWith(part);
      brought.push(part);
    });
    settled(stands, wanted, brought);
    settleInfo.elts.push(target);
    if (again) setTimeout(ask, 0, target);
    return brought;
  },
});
