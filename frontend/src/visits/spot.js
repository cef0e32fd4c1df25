// A visit that nobody planned, and what becomes of what is noted.
import { hour, make } from "./dom.js";

const MANY = 8;

const back = (gesture) => make("button", { type: "button", class: "back", onclick: gesture }, "‹\u00a0Retour");
const head = (title, gesture) => make("header", { class: "phone__head" }, back(gesture), make("h1", { tabindex: "-1" }, title));

export function personsOf(persons, take, gesture) {
  const rows = persons.map((one) => {
    const lines = [make("strong", {}, one.name), one.commune && make("span", {}, one.commune)];
    return make("button", { type: "button", class: "need need--person", "data-name": plain(one.name), onclick: () => take(one) }, ...lines);
  });
  const find = make("input", { type: "search", autocomplete: "off" });
  find.addEventListener("input", () => rows.forEach((row) => (row.hidden = !row.dataset.name.includes(plain(find.value.trim())))));
  return make(
    "div",
    { class: "phone__screen" },
    head("Chez qui\u00a0?", gesture),
    make("p", { class: "phone__about" }, persons.length ? "Les personnes chez qui vous allez en ce moment. Pour quelqu’un d’autre, appelez votre service." : "Aucune personne n’est gardée sur ce téléphone\u00a0: elles arrivent avec vos visites, dès qu’il y a du réseau."),
    persons.length > MANY && make("label", { class: "words" }, make("span", {}, "Chercher un nom"), find),
    make("div", { class: "needs" }, rows),
  );
}

const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export function expected(person, { open, done }, goTo) {
  const noted = done.map(hour).join(", ");
  return make(
    "div",
    { class: "phone__screen" },
    head(person.name, goTo.back),
    open.length > 0 && make("p", {}, "Une visite est prévue aujourd’hui chez cette personne. Est-ce celle-là\u00a0?"),
    done.length > 0 && make("p", {}, `Une visite d’aujourd’hui est déjà notée, à ${noted}.`),
    open.map((one) => make("button", { type: "button", class: "primary", onclick: () => goTo.planned(one) }, `Noter celle de ${hour(one.starts)}`)),
    make("button", { type: "button", class: "quiet", onclick: goTo.other }, "C’est une autre visite"),
  );
}

// Said to helpers, in plain words, where they mark.
export const estimate = () => [
  make("p", {}, "Vos notes disent comment va la personne, jamais comment vous travaillez. Les lisent la coordination qui la suit, votre service, et vous."),
  make("p", {}, "Chacun note à sa façon, plus ou moins sévèrement. Pour ne pas prendre une façon de noter pour une baisse, le calcul des alertes estime comment chacun note à côté des autres."),
  make("p", {}, "Cette estimation reste à l’intérieur du calcul. Elle n’est montrée à personne, ni à votre service, ni à la coordination\u00a0; elle n’est copiée nulle part et ne sert jamais à vous juger."),
];

// For who has no account: nothing on it says of whom.
const relatives = () => [
  make("h2", {}, "La personne ou un proche veut signaler un besoin"),
  make("p", {}, "Donnez-leur la feuille de votre service, avec du réseau\u00a0: elle dit comment faire sans compte, et ne nomme personne."),
  make("a", { class: "quiet", href: "/a-domicile/feuille" }, "Ouvrir la feuille"),
];

export const told = (gesture) => make("div", { class: "phone__screen" }, head("Ce que deviennent mes notes", gesture), estimate(), relatives());
