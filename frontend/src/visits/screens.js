// The screens that are read: the day, who is there, and the end.
import { partsOf } from "./day.js";
import { day, hour, make, plural } from "./dom.js";
import { estimate } from "./spot.js";
import { heard, UNSAFE } from "./unsafe.js";

export function welcome(said, enrol, refusal) {
  const hint = {
    signed_out: "Connectez-vous une fois, avec du réseau. Ensuite, vos visites s’ouvrent même sans réseau.",
    other_role: "Cette page est celle des aides à domicile. Votre rôle actuel n’en est pas un.",
    offline: "Il faut du réseau pour la première fois. Ensuite, vos visites s’ouvrent sans réseau.",
    ready: "Ce téléphone gardera vos visites d’aujourd’hui et de demain, fermées par votre clé.",
  }[said.state] ?? "";
  const gesture = {
    signed_out: () => make("a", { class: "primary", href: "/compte/login/?next=/visites/" }, "Me connecter"),
    ready: () => make("button", { type: "button", class: "primary", onclick: enrol }, "Utiliser ce téléphone"),
    other_role: () => make("a", { class: "quiet", href: "/" }, "Aller à l’accueil"),
    offline: () => make("button", { type: "button", class: "quiet", onclick: () => location.reload() }, "Essayer de nouveau"),
  }[said.state];
  const title = said.state === "ready" ? `Bonjour ${said.name}` : "Mes visites";
  return make("div", { class: "phone__screen" }, make("h1", { tabindex: "-1" }, title), make("p", {}, hint), refusal && make("p", { class: "notice notice--bad", role: "alert" }, refusal), gesture?.(), said.state === "ready" && make("details", { class: "signs" }, make("summary", {}, "En savoir plus"), estimate()));
}

export function chooser(helpers, take, another, signedIn = "") {
  return make(
    "div",
    { class: "phone__screen" },
    make("h1", { tabindex: "-1" }, "Qui êtes-vous\u00a0?"),
    make(
      "div",
      { class: "needs" },
      helpers.map((one) => make("button", { type: "button", class: "need", onclick: () => take(one) }, nameOf(one, helpers) || signedIn)),
    ),
    another && make("button", { type: "button", class: "quiet", onclick: another }, "Une autre aide à domicile"),
    make("p", { class: "phone__about" }, make("a", { href: "/compte/logout/" }, "Changer de compte connecté")),
  );
}

// Who works for two services is there twice: each with its own visits.
const nameOf = (one, all) =>
  all.filter(({ name }) => name === one.name).length > 1 && one.row.service ? `${one.name} · ${one.row.service}` : one.name;

export const mute = () =>
  make(
    "div",
    { class: "phone__screen" },
    make("h1", { tabindex: "-1" }, "Mes visites"),
    make("p", { role: "alert" }, "Ce navigateur n’ouvre pas ce qu’il garde\u00a0: rien ne peut y être noté pour l’instant. Quittez la navigation privée, fermez les autres pages de visites ou libérez de la place, puis essayez de nouveau."),
    make("button", { type: "button", class: "primary", onclick: () => location.reload() }, "Essayer de nouveau"),
  );

export function already(visit, before, { again, need, back }) {
  return make(
    "div",
    { class: "phone__screen" },
    make("button", { type: "button", class: "back", onclick: back }, "‹\u00a0Retour"),
    make("h1", { tabindex: "-1" }, visit.name),
    make("p", {}, `Cette visite est déjà notée, ${day(before.at)} à ${hour(before.at)}.`),
    make("button", { type: "button", class: "primary", onclick: need }, "Signaler un besoin"),
    make("button", { type: "button", class: "quiet", onclick: again }, "Noter de nouveau"),
  );
}

export const closed = () =>
  make(
    "div",
    { class: "phone__screen" },
    make("h1", { tabindex: "-1" }, "Ce téléphone a été retiré"),
    make("p", {}, "Ce qui attendait a été remis à votre service. Rien ne reste sur ce téléphone. Pour le reprendre, connectez-vous."),
    make("a", { class: "primary", href: "/compte/login/?next=/visites/" }, "Me connecter"),
  );

const notice = (text, isBad = false) => make("p", { class: `notice${isBad ? " notice--bad" : ""}` }, text);

export function listOf(about, goTo) {
  const { helper, visits, sent, marked, now } = about;
  const parts = partsOf(visits, marked, now);
  const cards = (some, isDated) => make("ul", { class: "cards" }, some.map((one) => card(one, isDated, about, goTo)));
  return make(
    "div",
    { class: "phone__screen", "data-key": `list ${helper.device}` },
    make("header", { class: "phone__head" }, make("h1", { tabindex: "-1" }, "Mes visites"), make("p", { class: "phone__about" }, `${helper.name} · aujourd’hui`)),
    make("div", { class: "phone__screen" }, warningsOf(about)),
    parts.late.length ? make("section", { "data-key": "late" }, make("h2", {}, "Avant, pas encore notées"), cards(parts.late, true)) : null,
    parts.today.length ? cards(parts.today) : make("p", {}, "Aucune visite prévue aujourd’hui sur ce téléphone."),
    make("button", { type: "button", class: "quiet", "data-key": "spot", onclick: goTo.spot }, "Noter une visite non prévue"),
    make("button", { type: "button", class: "bare", "data-key": "unsafe", onclick: goTo.unsafe }, "Je ne me sens pas en sécurité"),
    folded("Ensuite", parts.next, cards, !parts.today.length),
    folded("Avant", parts.past, cards),
    sent.length ? make("section", { "data-key": "sent" }, make("h2", {}, "Ce que j’ai envoyé"), make("ul", { class: "fates" }, sent.map((one) => make("li", {}, make("strong", {}, `${hour(one.at)} · ${one.name}`), make("span", {}, fate(one, about)))))) : null,
    make("p", { class: "phone__foot", "data-key": "foot" }, make("button", { type: "button", class: "bare", onclick: goTo.other }, "Ce n’est pas moi"), make("button", { type: "button", class: "bare", onclick: goTo.more }, "En savoir plus"), make("a", { href: "/" }, "Accueil")),
  );
}

function warningsOf({ helper, waiting, isStale, isLasting }) {
  const lost = helper.unreadable.size;
  return [
    isStale && notice("Une semaine sans contact\u00a0: les noms ont été effacés. Ce qui attend est gardé, et partira dès que le réseau revient."),
    lost > 0 && notice(`${plural(lost, "envoi illisible", "envois illisibles")} sur ce téléphone\u00a0: dites-le à votre service.`, true),
    !isLasting && waiting.length > 0 && notice("Si la place manque, ce navigateur peut effacer ce qui attend\u00a0: ajoutez cette page à l’écran d’accueil, et envoyez dès que le réseau revient."),
  ];
}

const folded = (title, some, cards, isOpen = false) =>
  some.length
    ? make("details", { class: "signs", "data-key": title, open: isOpen }, make("summary", {}, `${title}\u00a0: ${plural(some.length, "visite", "visites")}`), cards(some, true))
    : null;

function card(visit, isDated, about, goTo) {
  const before = about.marked.get(visit.id);
  const mark = make(
    "button",
    { type: "button", class: `card${before ? " card--done" : ""}`, onclick: () => goTo.visit(visit) },
    make("span", { class: "card__hour" }, hour(visit.starts)),
    make("span", { class: "card__who" }, make("strong", {}, visit.name), make("span", {}, [isDated && day(visit.starts), visit.commune].filter(Boolean).join(" · "))),
    make("span", { class: "card__state" }, before ? stateOf(before, about) : "À noter\u00a0›"),
  );
  return make("li", { "data-key": `${visit.id} ${visit.person}` }, mark);
}

// Marked from here, or from another phone: then only the house knows it.
const stateOf = (before, about) => (before.id ? fate(before, about) : `Notée à ${hour(before.at)}`);

// What became of it, the latest news first: answered, seen, put aside, received, waiting. What is not known is not said.
function fate(trail, { waiting, told, aside, helper }) {
  const mine = ({ id }) => id === trail.id;
  const news = told.find(mine);
  if (news?.answer) return `${news.by || "La coordination"}\u00a0: ${news.answer}`;
  if (news?.seen_at) return `Vu par ${news.by || "la coordination"} à ${hour(news.seen_at)}`;
  const kept = aside.find(mine);
  if (kept) return kept.answer ? `Mis de côté, puis\u00a0: ${kept.answer}` : `Mis de côté pour votre service\u00a0: ${kept.why}`;
  if (trail.state === "aside") return "Mis de côté pour votre service";
  if (trail.state && trail.kind === UNSAFE) return heard(trail);
  if (news || trail.state) return "Reçue";
  if (helper.unreadable.has(trail.id)) return "Illisible sur ce téléphone\u00a0: dites-le à votre service";
  return waiting.some(mine) ? "En attente d’envoi" : "Envoyée";
}
