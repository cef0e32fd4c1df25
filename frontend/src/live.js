// The stream of the house: a room moved, so the parts of the page that listen to it ask again.
// The list that the page shows (data-followed) is told to the stream: its lines then come with the event.
// <body data-live="/direct" data-rooms="broker people">; hx-trigger="thread:broker from:body", or "person:<identifier> from:body".
import { bring } from "./lines.js";
import { isAskedToSignIn, showToast, signedInAgain } from "./toasts.js";

const CALM = 400;
const HIDDEN_FOR = 30000;

const url = document.body?.dataset.live;
const ROOMS = (document.body?.dataset.rooms ?? "").split(" "); // those that publish facts
let reached = document.body?.dataset.reached ?? ""; // up to where the page was read: what came since is told first
const due = new Map();
const told = new Map();
let source;
let shown; // the list told to the stream
let tries = 0;
let retry;
let away;

/** Tell the page at once; what follows closely, once and a little later. */
function tell(name) {
  if (due.has(name)) return;
  const wait = (told.get(name) ?? -CALM) + CALM - performance.now();
  if (wait <= 0) return say(name);
  due.set(name, setTimeout(() => say(name), wait));
}

function say(name) {
  due.delete(name);
  told.set(name, performance.now());
  document.body.dispatchEvent(new CustomEvent(name, { bubbles: false }));
}

function moved(room, person = "") {
  tell(`thread:${room}`);
  if (person) tell(`person:${person}`);
}

// The page stays, with what is being written there, and listens again once one comes back from the sign-in.
function leave() {
  close();
  if (isAskedToSignIn()) return;
  showToast({ text: "Votre session a pris fin : cette page ne se met plus à jour.", tone: "bad", signIn: true });
}

const listed = () => document.querySelector("[data-followed]")?.getAttribute("hx-get") ?? "";

function open() {
  if (source || document.hidden) return;
  shown = listed();
  source = new EventSource(`${url}?${new URLSearchParams({ liste: shown, depuis: reached })}`);
  reached = ""; // what another stream may have missed is asked whole
  source.onopen = () => {
    signedInAgain(); // no stream opens for a visitor
    if (tries) for (const room of ROOMS) moved(room); // what was missed meanwhile
    tries = 0;
  };
  source.onerror = () => {
    // The browser comes back by itself, when the house told it to, and says where it was.
    if (source.readyState === EventSource.CONNECTING) return;
    close();
    tries += 1;
    retry = setTimeout(open, Math.min(30000, 2000 * 2 ** Math.min(tries, 4)) * (0.3 + Math.random()));
  };
  for (const room of ROOMS) source.addEventListener(`thread:${room}`, (event) => moved(room, event.data));
  source.addEventListener("lines", (event) => bring(JSON.parse(event.data)));
  source.addEventListener("everything", () => ROOMS.forEach((room) => moved(room)));
  source.addEventListener("signed-out", leave);
}

function close() {
  source?.close();
  source = undefined;
  clearTimeout(retry);
}

// A tab nobody looks at gives its place back: browsers allow few streams at once.
function seen() {
  clearTimeout(away);
  if (document.hidden) {
    away = setTimeout(close, HIDDEN_FOR);
  } else if (!source) {
    tries ||= 1;
    clearTimeout(retry);
    open();
  }
}

// Another list took its place: the stream is told of it.
function listChanged() {
  if (!source || listed() === shown) return;
  close();
  tries ||= 1;
  open();
}

if (url) {
  open();
  document.addEventListener("htmx:afterSettle", listChanged);
  document.addEventListener("visibilitychange", seen);
  window.addEventListener("pagehide", close);
}
