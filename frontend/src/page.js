// Small things that several modules need.

const COOKIE = /(?:^|; )cordee_csrf=([^;]+)/; // CSRF_COOKIE_NAME, which scripts may read

/** The proof that a gesture comes from here: as of now, for signing in elsewhere changes it under a page that stays. */
export const csrf = () =>
  COOKIE.exec(document.cookie)?.[1] ?? document.querySelector("meta[name=csrf-token]")?.content ?? "";

export const PROOF = "csrfmiddlewaretoken"; // the hidden field of forms

/** For whom this page was written: somebody else may have signed in elsewhere since. */
export const WRITTEN_FOR = "_sender"; // the hidden field of forms
export const writtenFor = () => document.querySelector("meta[name=written-for]")?.content ?? "";

export const PATIENCE = 15000; // milliseconds: a line that is up and says nothing is as one that is down

const LARGEST = 60000; // bytes, of what outlives its page
const AROUND_A_FIELD = 200;

/** How long before what failed so many times goes again: longer each time, never all screens at once. */
export const pauseAfter = (tries) => Math.min(30000, 1000 * 2 ** tries) * (0.75 + Math.random() / 2);

export async function post(url, body, headers = {}) {
  if (body instanceof FormData) body.delete(PROOF); // of when the page was written, and read before the header
  const proof = csrf();
  const send = () =>
    fetch(url, {
      method: "POST",
      body,
      signal: timeout(),
      keepalive: outlives(body),
      credentials: "same-origin",
      headers: { "X-CSRFToken": csrf(), "X-Sender": writtenFor(), "HX-Request": "true", ...headers },
    });
  const answer = await send();
  // One signed in elsewhere while it was on its way: refused with the proof of before, nothing was done.
  return answer.status === 403 && csrf() !== proof ? send() : answer;
}

// A page that is hidden may be closed at once: what leaves then is not to end with it. Browsers allow it to what is small.
function outlives(body) {
  const fields = [...(body ?? [])];
  return document.hidden && new Blob(fields.flat()).size + fields.length * AROUND_A_FIELD < LARGEST;
}

// By our own clock, which tests may move.
function timeout() {
  const ends = new AbortController();
  setTimeout(() => ends.abort(), PATIENCE);
  return ends.signal;
}

export function addHidden(form, name, value) {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name, value });
  form.append(input);
}

/** Leave the page by a real POST, as a form would. */
export function submitTo(url, values = {}) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  const told = { [PROOF]: csrf(), [WRITTEN_FOR]: writtenFor(), ...values };
  for (const [name, value] of Object.entries(told)) addHidden(form, name, value);
  document.body.append(form);
  form.submit();
}

export const hourNow = () =>
  new Date().toLocaleTimeString("fr-FR", { hour: "numeric", minute: "2-digit" });

export const isTyping = (element) =>
  element?.matches?.(
    "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])",
  ) ?? false;

export const FIELDS = "input:not([type=hidden], [type=submit], [type=button]), select, textarea";

/** Whether a field says otherwise than it was drawn. */
export function changed(field) {
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  if (!field.matches("select")) return field.value !== field.defaultValue;
  const options = [...field.options];
  const drawn = options.some((one) => one.defaultSelected); // if none is, a list shows its first
  return drawn || field.multiple ? options.some((one) => one.selected !== one.defaultSelected) : field.selectedIndex > 0;
}

export const isTypedIn = (place) => [...place.querySelectorAll(FIELDS)].some(changed);

let said = "";

/** Say a sentence once to who listens to the page. */
export function announce(text) {
  const region = document.getElementById("annonces");
  if (!region || !text || text === said) return;
  said = text;
  region.textContent = text;
  setTimeout(() => {
    said = "";
    region.textContent = "";
  }, 4000);
}
