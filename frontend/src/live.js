// The stream of the house: a room moved, so the parts of the page that listen to it ask again.
// <body data-live="/direct">; hx-trigger="thread:broker from:body".
const ROOMS = ["access", "directory", "people", "messaging", "intake", "broker", "pathways"];
const CALM = 400;
const HIDDEN_FOR = 30000;

const url = document.body?.dataset.live;
const due = new Map();
let source;
let tries = 0;
let retry;
let away;

function moved(room) {
  if (due.has(room)) return;
  due.set(
    room,
    setTimeout(() => {
      due.delete(room);
      document.body.dispatchEvent(new CustomEvent(`thread:${room}`, { bubbles: false }));
    }, CALM),
  );
}

function open() {
  if (source || document.hidden) return;
  source = new EventSource(url);
  source.onopen = () => {
    if (tries) ROOMS.forEach(moved); // what was missed meanwhile
    tries = 0;
  };
  source.onerror = () => {
    close();
    tries += 1;
    retry = setTimeout(open, Math.min(30000, 1000 * 2 ** Math.min(tries, 5)) * (0.5 + Math.random()));
  };
  for (const room of ROOMS) source.addEventListener(`thread:${room}`, () => moved(room));
}

function close() {
  source?.close();
  source = undefined;
  clearTimeout(retry);
}

if (url) {
  open();
  // A tab nobody looks at gives its place back: browsers allow few streams at once.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(away);
    if (document.hidden) {
      away = setTimeout(close, HIDDEN_FOR);
    } else if (!source) {
      tries ||= 1;
      clearTimeout(retry);
      open();
    }
  });
  window.addEventListener("pagehide", close);
}
