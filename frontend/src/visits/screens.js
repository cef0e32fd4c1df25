// The screens that are read: the day, who is there, and the end.
import { dayOf, hour, make, plural } from "./dom.js";

export function welcome(said, enrol) {
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
  return make("div", { class: "phone__screen" }, make("h1", { tabindex: "-1" }, title), make("p", {}, hint), gesture?.());
}

export function chooser(helpers, take, another, signedIn = "") {
  return make(
    "div",
    { class: "phone__screen" },
    make("h1", { tabindex: "-1" }, "Qui êtes-vous\u00a0?"),
    make(
      "div",
      { class: "needs" },
      helpers.map((one) => make("button", { type: "button", class: "need", onclick: () => take(one) }, one.name || signedIn)),
    ),
    another && make("button", { type: "button", class: "quiet", onclick: another }, "Une autre aide à domicile"),
    make("p", { class: "phone__about" }, make("a", { href: "/compte/logout/" }, "Changer de compte connecté")),
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

export function listOf({ helper, waiting, visits, sent, told, aside, isStale }, goTo) {
  const today = dayOf(Date.now());
  const fates = new Map(told.map((one) => [one.id, one]));
  const queued = new Set(waiting.map(({ id }) => id));
  const refused = new Map(aside.map((one) => [one.id, one]));
  const stateOf = (trail) => fate(trail, queued, fates, refused);
  const markedAt = (visit) => sent.find((one) => one.planned === visit.id && one.kind === "visit");
  const cards = (day) => visits.filter((one) => dayOf(one.starts) === day).map((one) => card(one, markedAt(one), stateOf, goTo));
  const now = cards(today);
  const next = visits.filter((one) => dayOf(one.starts) > today);
  return make(
    "div",
    { class: "phone__screen" },
    make("header", { class: "phone__head" }, make("h1", { tabindex: "-1" }, "Mes visites"), make("p", { class: "phone__about" }, `${helper.name} · aujourd’hui`)),
    isStale && make("p", { class: "notice" }, "Une semaine sans contact\u00a0: les noms ont été effacés. Ce qui attend est gardé, et partira dès que le réseau revient."),
    helper.unreadable ? make("p", { class: "notice notice--bad" }, `${plural(helper.unreadable, "envoi illisible", "envois illisibles")} sur ce téléphone\u00a0: dites-le à votre service.`) : null,
    now.length ? make("ul", { class: "cards" }, now) : make("p", {}, "Aucune visite prévue aujourd’hui sur ce téléphone."),
    next.length ? make("details", { class: "signs" }, make("summary", {}, `Ensuite\u00a0: ${plural(next.length, "visite", "visites")}`), make("ul", { class: "cards" }, next.map((one) => card(one, markedAt(one), stateOf, goTo)))) : null,
    sent.length ? make("section", {}, make("h2", {}, "Ce que j’ai envoyé"), make("ul", { class: "fates" }, sent.map((one) => make("li", {}, make("strong", {}, `${hour(one.at)} · ${one.name}`), make("span", {}, stateOf(one)))))) : null,
    make("p", { class: "phone__foot" }, make("button", { type: "button", class: "bare", onclick: goTo.other }, "Ce n’est pas moi"), make("a", { href: "/" }, "Accueil")),
  );
}

function card(visit, trail, stateOf, goTo) {
  const mark = make(
    "button",
    { type: "button", class: `card${trail ? " card--done" : ""}`, onclick: () => goTo.visit(visit) },
    make("span", { class: "card__hour" }, hour(visit.starts)),
    make("span", { class: "card__who" }, make("strong", {}, visit.name), make("span", {}, visit.commune)),
    make("span", { class: "card__state" }, trail ? stateOf(trail) : "À noter\u00a0›"),
  );
  return make("li", {}, mark);
}

// What became of it, the latest news first: answered, seen, put aside, received, waiting.
function fate(trail, queued, fates, refused) {
  const told = fates.get(trail.id);
  if (told?.answer) return `${told.by || "La coordination"}\u00a0: ${told.answer}`;
  if (told?.seen_at) return `Vu par ${told.by || "la coordination"} à ${hour(told.seen_at)}`;
  const aside = refused.get(trail.id);
  if (aside) return aside.answer ? `Mis de côté, puis\u00a0: ${aside.answer}` : `Mis de côté pour votre service\u00a0: ${aside.why}`;
  if (queued.has(trail.id)) return "En attente d’envoi";
  return "Reçue";
}
