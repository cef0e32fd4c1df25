// A quiet bar: what is kept, and since when. Nothing of it is written in the browser’s storage.
import { announce, hourNow } from "./page.js";

let since = "";
let kept = 0;

function show() {
  const bar = document.getElementById("offline");
  if (!bar) return;
  bar.hidden = !since;
  if (!since) return;
  const changes = kept > 1 ? `${kept} modifications gardées` : "1 modification gardée";
  const text = kept ? `Hors ligne — ${changes} depuis ${since}` : `Hors ligne depuis ${since}`;
  if (bar.textContent !== text) bar.textContent = text;
}

export function networkLost(changes = kept) {
  since ||= hourNow();
  kept = changes;
  show();
}

export function networkBack() {
  if (!since || kept) return;
  since = "";
  show();
  announce("Le réseau est revenu.");
}

export function nothingKept() {
  kept = 0;
  networkBack();
}

window.addEventListener("offline", () => networkLost());
window.addEventListener("online", networkBack);
if (!navigator.onLine) networkLost();
