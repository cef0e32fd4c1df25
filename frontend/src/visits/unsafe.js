// « Je ne me sens pas en sécurité »: said by a helper of herself, to who leads her service, with or without a network.
import { make } from "./dom.js";
import { pressed } from "./form.js";

export const UNSAFE = "unsafe";
export const MESSAGE = "Message à mon service"; // what a list may show to who looks over a shoulder

const call = (number, words, kind) => make("a", { class: kind, href: number }, words);

export function unsafeOf(words, done, back) {
  const fears = make("div", { class: "needs" });
  for (const [code, said] of words.fears) {
    const button = make("button", { type: "button", class: "need" }, said);
    button.addEventListener("click", () => pressed([...fears.children], () => done(code)));
    fears.append(button);
  }
  return make(
    "div",
    { class: "phone__screen" },
    make("header", { class: "phone__head" }, make("button", { type: "button", class: "back", onclick: back }, "‹\u00a0Retour"), make("h1", { tabindex: "-1" }, "Je ne me sens pas en sécurité")),
    make("p", { class: "notice" }, "En danger tout de suite\u00a0: appelez. Ce qui est noté ici ne part qu’avec du réseau."),
    make("div", { class: "calls" }, call("tel:112", "Appeler le 112", "primary"), call("tel:17", "Appeler le 17", "quiet"), call("sms:114", "SMS au 114", "quiet")),
    make("h2", {}, "Le dire à mon service"),
    make("p", { class: "phone__about" }, "Touchez la raison\u00a0: elle va à qui dirige votre service, et à personne d’autre. La personne visitée n’est pas nommée."),
    make("div", { "data-refusal": true }),
    fears,
  );
}

// What became of it, said in as few words as a shoulder may read.
export const heard = ({ why }) => (why === "unheard" ? "Reçu, mais personne ne dirige votre service dans Cordée\u00a0: appelez-le" : "Reçu par votre service");
