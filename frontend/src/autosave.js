// A draft saves itself while one types, and keeps trying when the network is gone.
// What is not yet saved stays in the page, in memory only.
import { hourNow, pauseAfter, post } from "./page.js";
import { networkLost, nothingKept } from "./offline.js";
import { askToSignIn, showToast, signedInAgain } from "./toasts.js";

const PAUSE = 700;
const LATE = 2000; // milliseconds: past them, an answer may never come, and the page says that it waits
const drafts = new WeakMap();

function stateOf(form) {
  if (!drafts.has(form)) drafts.set(form, { typed: 0, kept: 0, tries: 0, timer: 0, busy: 0, late: false, signedOut: false });
  return drafts.get(form);
}

function tell(form, text) {
  const place = form.querySelector("[data-autosave-state]");
  if (place && place.textContent !== text) place.textContent = text; // said aloud when it changes
}

const changesOf = ({ typed, kept }) => typed - kept;

// One at a time, unless the page is hidden, and may be closed before the one under way is answered. Both may cross: once more, then.
async function save(form) {
  const state = stateOf(form);
  if ((state.busy && !document.hidden) || !changesOf(state) || !form.isConnected) return;
  const late = setTimeout(() => isLate(form, state), LATE);
  const sent = state.typed;
  if (state.busy) state.typed += 1;
  state.busy += 1;
  const values = new FormData(form);
  for (const [name, value] of [...values]) if (value instanceof File) values.delete(name);
  try {
    const answer = await post(form.dataset.autosave, values, { "X-Autosave": "true" });
    if (answer.status >= 500) throw new Error("server");
    if (answer.status === 401) waitForSignIn(form, state, await answer.text());
    else settle(form, state, sent, answer);
  } catch {
    keepTrying(form, state);
    networkLost(changesOf(state));
  } finally {
    clearTimeout(late);
    state.busy -= 1;
    state.late = false;
  }
  if (!state.tries && changesOf(state)) schedule(form, PAUSE);
}

function isLate(form, state) {
  state.late = true;
  if (!state.tries) tell(form, "Enregistrement…");
}

function keepTrying(form, state) {
  state.tries += 1;
  tell(form, "Pas encore enregistré");
  schedule(form, pauseAfter(state.tries));
}

/** The session ended: the text stays here, said once, and is kept once one has signed in again. */
function waitForSignIn(form, state, said) {
  nothingKept(); // the network answers
  if (!state.signedOut) askToSignIn(said);
  state.signedOut = true;
  keepTrying(form, state);
}

function settle(form, state, sent, answer) {
  state.kept = Math.max(state.kept, sent);
  state.tries = 0;
  if (state.signedOut) signedInAgain();
  state.signedOut = false;
  nothingKept();
  const elsewhere = answer.headers.get("X-Autosave-Url");
  if (elsewhere) form.dataset.autosave = elsewhere;
  if (answer.ok) {
    tell(form, `Brouillon enregistré à ${hourNow()}`);
  } else if (answer.status === 422) {
    tell(form, "Pas encore enregistré");
  } else {
    delete form.dataset.autosave;
    tell(form, "Ce brouillon ne s’enregistre plus");
    showToast({ text: "Ce brouillon ne s’enregistre plus seul : validez la page pour le garder.", tone: "bad" });
  }
}

function schedule(form, delay) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(form), delay);
}

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.closest?.("form[data-autosave]");
    if (!form || event.target.matches("[data-autosave-not]")) return;
    const state = stateOf(form);
    if (kind === "input" || !changesOf(state)) state.typed += 1;
    if (!state.tries) schedule(form, PAUSE);
    else if (!state.signedOut) networkLost(changesOf(state));
  });
}

// Leaving the page, or coming back to it from the sign-in.
document.addEventListener("visibilitychange", () => {
  for (const form of document.querySelectorAll("form[data-autosave]")) save(form);
});

window.addEventListener("online", () => {
  for (const form of document.querySelectorAll("form[data-autosave]")) save(form);
});

/** Whether what was typed may be lost with the page. What has only waited for its pause leaves as the page is hidden. */
function isOwed(form) {
  const state = stateOf(form);
  if (form.dataset.sent && state.signedOut) return false; // the house gives back the form itself, and asks to sign in
  return state.tries > 0 || state.late;
}

window.addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("form[data-autosave]")].some(isOwed)) event.preventDefault();
});
