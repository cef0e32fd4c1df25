// A short sentence about what has just happened, with a way back where there is one.
import { announce, submitTo } from "./page.js";

const LASTS = 8000;
const LASTS_WITH_UNDO = 12000;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

const SIGN_IN = "/compte/login/";

function wayToSignIn() {
  const link = element("a", "Se connecter dans un autre onglet");
  Object.assign(link, { href: SIGN_IN, target: "_blank", rel: "noopener" });
  link.dataset.signIn = "";
  return link;
}

/** `undo` is an address to post to, or what to do here; `back` is the word on its button. */
export function showToast({ text, tone = "good", undo = "", back: word = "Annuler", signIn = false }) {
  const region = document.getElementById("toasts");
  if (!region || !text) return;
  const toast = element("div", "", `toast toast--${tone}`);
  toast.append(element("p", text));
  if (signIn) toast.append(wayToSignIn());
  if (undo) {
    const back = element("button", word);
    back.type = "button";
    back.addEventListener("click", () => {
      if (typeof undo === "string") return submitTo(undo, { next: location.pathname });
      toast.remove();
      undo();
    });
    toast.append(back);
  }
  const close = element("button", "×", "toast__close");
  close.type = "button";
  close.setAttribute("aria-label", "Fermer ce message");
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
  region.append(toast);
  announce(text);
  if (tone !== "bad") fade(toast, undo ? LASTS_WITH_UNDO : LASTS);
}

/** Leave after a while, but never from under a hand or an eye. */
function fade(toast, after) {
  let timer = setTimeout(() => toast.remove(), after);
  const stay = () => clearTimeout(timer);
  const go = () => {
    timer = setTimeout(() => toast.remove(), after);
  };
  for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, stay);
  for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, go);
}

document.addEventListener("toast", (event) => {
  const said = event.detail?.value ?? event.detail;
  showToast(typeof said === "string" ? { text: said } : said);
});

/** Say in the words of the server that the session ended; it may have said so already. */
export function askToSignIn(html) {
  const notice = new DOMParser().parseFromString(html, "text/html").querySelector(".notice");
  if (notice) document.getElementById("toasts")?.replaceChildren(notice);
}

const askedToSignIn = () => document.querySelector("#toasts :is(.notice, .toast):has([data-sign-in])");

export const isAskedToSignIn = () => Boolean(askedToSignIn());

export const signedInAgain = () => askedToSignIn()?.remove();

const isRefusal = (node) => node.nodeType === 1 && node.matches(".notice");

// Refusals swapped among the toasts leave after a while; one that holds a link is a way on, and stays.
new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes])) {
    if (isRefusal(node) && !node.querySelector("a")) setTimeout(() => node.remove(), 20000);
  }
}).observe(document.getElementById("toasts") ?? document.createElement("div"), { childList: true });
