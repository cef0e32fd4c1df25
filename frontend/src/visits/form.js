// The form of a visit: four marks, signs, a few words. And a need, raised in one more tap.
import { hour, make } from "./dom.js";
import { face } from "./faces.js";

const LONGEST = 600;

function marksOf(words) {
  return words.marks.map(([name, label]) =>
    make(
      "fieldset",
      { class: "mark" },
      make("legend", {}, label),
      make(
        "div",
        { class: "mark__levels" },
        words.levels.map(([level, word]) =>
          make(
            "label",
            { class: "level" },
            make("input", { type: "radio", name, value: level, class: "level__input" }),
            make("span", { class: "level__face", html: face(Number(level)) }),
            make("span", { class: "level__word" }, word),
          ),
        ),
      ),
    ),
  );
}

function signsOf(words) {
  return make(
    "details",
    { class: "signs" },
    make("summary", {}, "Un signe à dire ?".replace(" ?", "\u00a0?")),
    make(
      "div",
      { class: "signs__list" },
      words.signs.map(([code, word]) =>
        make("label", { class: "sign" }, make("input", { type: "checkbox", name: "signs", value: code }), make("span", {}, word)),
      ),
    ),
  );
}

const head = (title, visit, back) =>
  make(
    "header",
    { class: "phone__head" },
    make("button", { type: "button", class: "back", onclick: back }, "‹\u00a0Retour"),
    make("h1", { tabindex: "-1" }, title),
    make("p", { class: "phone__about" }, [visit.starts && hour(visit.starts), visit.commune].filter(Boolean).join(" · ")),
  );

// `draft`: what was being given when the page was closed.
export function formOf(words, visit, { done, given, need, back }, draft) {
  const send = make("button", { type: "submit", class: "primary" }, "Envoyer");
  const form = make(
    "form",
    { class: "phone__form", autocomplete: "off" },
    draft && begun(draft, () => erase(form, given)),
    marksOf(words),
    signsOf(words),
    make("label", { class: "words" }, make("span", {}, "En quelques mots (facultatif)"), make("textarea", { name: "words", rows: 2, maxlength: LONGEST })),
    make("label", { class: "sign sign--urgent" }, make("input", { type: "checkbox", name: "urgent" }), make("span", {}, "C’est urgent")),
    make("div", { "data-refusal": true }),
    make("div", { class: "phone__actions" }, send, make("button", { type: "button", class: "quiet", onclick: need }, "Signaler un besoin")),
  );
  if (draft) putBack(form, draft.said);
  form.addEventListener("input", () => given(readForm(form, words)));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = readForm(form, words);
    if (!said) return refuse(form);
    await pressed([send], () => done(said));
  });
  return make("div", { class: "phone__screen" }, head(visit.name, visit, back), form);
}

// What was pressed may be pressed again, unless it is done: even when the doing broke.
export async function pressed(buttons, doing) {
  let isDone = false;
  for (const one of buttons) one.disabled = true;
  try {
    isDone = await doing();
  } finally {
    if (!isDone) for (const one of buttons) one.disabled = false;
  }
}

function readForm(form, words) {
  const typed = new FormData(form);
  const marks = {};
  for (const [name] of words.marks) if (typed.get(name)) marks[name] = Number(typed.get(name));
  const said = { marks, signs: typed.getAll("signs"), words: String(typed.get("words") ?? "").trim(), urgent: typed.has("urgent") };
  const isEmpty = !Object.keys(marks).length && !said.signs.length && !said.words && !said.urgent;
  return isEmpty ? null : said;
}

function putBack(form, { marks, signs, words, urgent }) {
  const chosen = [...Object.entries(marks).map(([name, level]) => `${name} ${level}`), ...signs.map((code) => `signs ${code}`)];
  for (const one of form.querySelectorAll("[type=radio], [name=signs]")) one.checked = chosen.includes(`${one.name} ${one.value}`);
  form.elements.words.value = words;
  form.elements.urgent.checked = urgent;
  form.querySelector("details").open = signs.length > 0;
}

const begun = ({ at }, erased) =>
  make(
    "div",
    { class: "notice", "data-begun": true },
    make("p", {}, `Vous aviez commencé à ${hour(at)}\u00a0: ces notes ne sont pas parties. Relisez, puis envoyez.`),
    make("button", { type: "button", class: "quiet", onclick: erased }, "Effacer ces notes"),
  );

// What was kept goes with what is shown: a mark given by mistake has no other way back.
function erase(form, given) {
  form.reset();
  form.querySelector("details").open = false;
  form.querySelector("[data-begun]").remove();
  form.querySelector("input").focus({ preventScroll: true });
  given(null);
}

function refuse(form) {
  const place = form.querySelector("[data-refusal]");
  place.replaceChildren(make("p", { class: "notice", role: "alert" }, "Donnez au moins une note, un signe ou quelques mots."));
}

export function needsOf(words, visit, done, back) {
  const said = new Map(words.signs);
  const offered = [...words.needs, ...[...said.keys()].filter((code) => !words.needs.includes(code))];
  const list = make("div", { class: "needs" });
  for (const code of offered) {
    const button = make("button", { type: "button", class: "need" }, said.get(code));
    button.addEventListener("click", () => pressed([...list.children], () => done(code)));
    list.append(button);
  }
  const hint = make("p", { class: "phone__about" }, "Touchez le besoin : il part aussitôt à la coordination.".replace(" :", "\u00a0:"));
  return make("div", { class: "phone__screen" }, head(`Besoin pour ${visit.name}`, visit, back), hint, make("div", { "data-refusal": true }), list);
}
