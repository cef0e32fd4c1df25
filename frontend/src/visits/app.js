// The screens of the phone, and when it speaks to the house.
import { isOf, markedOf, onceOf, todayOf } from "./day.js";
import { make, plural, settle } from "./dom.js";
import { formOf, needsOf } from "./form.js";
import * as house from "./house.js";
import { Queue } from "./queue.js";
import { already, chooser, closed, listOf, mute, welcome } from "./screens.js";
import { expected, personsOf, told } from "./spot.js";
import { Base, choose, currentOf, enrolled, helpersOf, NAMED, renewed } from "./store.js";
import { MESSAGE, UNSAFE, unsafeOf } from "./unsafe.js";

const AGAIN = 60_000;
const REMEMBERED = 20;
const TOGETHER = 50;
const SAID = { visit: "C’est noté.", need: "Besoin signalé.", [UNSAFE]: "C’est gardé pour votre service." };

export async function start(root) {
  const phone = new Phone(root, JSON.parse(root.dataset.words));
  navigator.serviceWorker?.register("/visites/agent.js", { scope: "/visites/" }).catch(() => {});
  await phone.open();
}

class Phone {
  constructor(root, words) {
    this.root = root;
    this.words = words;
    this.base = new Base();
    this.place = root.querySelector("[data-place]");
    this.bar = root.querySelector("[data-bar]");
    this.isLasting = true;
    this.drafting = Promise.resolve();
    this.#forget();
  }

  #forget() {
    this.since = null;
    this.isUnknown = false;
    this.isBroken = false;
    this.isRevoked = false;
    this.wasRenewed = false;
    this.marked = new Map();
  }

  async open() {
    navigator.storage?.persist?.().then((is) => (this.isLasting = is)).catch(() => {});
    this.#listen(); // first: the network may come back during the first sending
    try {
      await this.begin(await currentOf(this.base));
    } catch {
      this.show(mute());
    }
  }

  #listen() {
    window.addEventListener("online", () => this.sync());
    window.addEventListener("offline", () => this.tell());
    document.addEventListener("visibilitychange", () => document.hidden || this.sync());
    setInterval(() => this.sync(), AGAIN);
  }

  async begin(helper) {
    this.helper = helper;
    if (!helper) return this.greet();
    this.#forget();
    this.queue = new Queue(helper, (records) => house.send(helper, records));
    await helper.isHushed();
    await this.list();
    await this.sync();
  }

  // The same screen, with news: changed where it stands. Another one is read from its top.
  show(screen) {
    const stands = this.place.firstElementChild;
    if (screen.dataset.key && stands?.dataset.key === screen.dataset.key) return settle(stands, screen);
    this.place.replaceChildren(screen);
    scrollTo(0, 0);
    this.place.querySelector("h1")?.focus({ preventScroll: true });
  }

  // --- who is there ------------------------------------------------------------------------------

  async greet(wantsAnother = false, refusal = "") {
    const found = await helpersOf(this.base);
    if (found.length && !wantsAnother) return this.show(chooser(found, (one) => this.take(one), () => this.greet(true)));
    const said = await house.whoIsSignedIn().catch(() => ({ state: "offline" }));
    const known = found.find(({ row }) => isThem(row, said));
    if (known && !refusal) return this.show(chooser([known], (one) => this.take(one), null, said.name));
    this.show(welcome(said, () => this.enrol(said), refusal));
    this.tell();
  }

  async enrol(said) {
    try {
      const given = await house.enrol(said.csrf);
      if (!given.device) throw new Error(String(given.status));
      await this.begin(await enrolled(this.base, given));
    } catch {
      const refusal = "Ce téléphone n’a pas pu être enregistré\u00a0: rien n’y est gardé. Vérifiez le réseau et la place libre, puis essayez de nouveau.";
      await this.greet(true, refusal);
    }
  }

  // The house knows this phone no more: whoever is signed in, and is its helper, gets another secret for what waits.
  async renew(helper) {
    const said = await house.whoIsSignedIn();
    if (said.state !== "ready" || !isThem(helper.row, said)) return said;
    const heir = await locked(async () => {
      const found = await helpersOf(this.base); // another page may have done it
      if (!found.some(({ device }) => device === helper.device)) return this.#follows(helper, found.find(({ row }) => isThem(row, said)));
      const given = await house.enrol(said.csrf);
      return given.device && this.#inTurn(async () => this.#follows(helper, await renewed(this.base, helper, given)));
    });
    if (!heir) return said;
    if (helper === this.helper) Object.assign(this, heir);
    return null;
  }

  #follows(helper, held) {
    return held && (helper.heir = { helper: held, queue: new Queue(held, (records) => house.send(held, records)) });
  }

  async reconnect() {
    const said = await this.renew(this.helper).catch(() => ({ state: "offline" }));
    if (said?.state === "signed_out") return location.assign("/compte/login/?next=/visites/");
    return said && said.state !== "offline" ? this.another() : this.sync();
  }

  async take(helper) {
    await choose(this.base, helper.device);
    await this.begin(helper);
  }

  // --- the day -----------------------------------------------------------------------------------

  async list() {
    this.isOnList = true;
    await this.refresh();
  }

  // What is being filled in is never replaced by news of the list: looked at again once everything has been read.
  async refresh() {
    const { helper } = this;
    const isStale = await helper.isStale();
    const [waiting, visits, sent, told, aside, ahead] = await Promise.all([
      helper.list(),
      helper.kept("plan", []),
      helper.kept("sent", []),
      helper.kept("told", []),
      helper.kept("aside", []),
      helper.kept("ahead", 0),
    ]);
    helper.awaits = sent.some(({ kind }) => kind === UNSAFE); // an answer of her service
    if (helper !== this.helper) return;
    this.marked = markedOf(visits, waiting, sent);
    this.tell(waiting.length + helper.closed);
    if (!this.isOnList) return;
    const { words, marked, isLasting } = this;
    const about = { helper, words, waiting, visits, sent, told, aside, isStale, marked, isLasting, now: Date.now() + ahead };
    const goTo = { visit: (one) => this.visit(one), other: () => this.another(), spot: () => this.spot(), unsafe: () => this.unsafe(), more: () => this.more() };
    this.show(listOf(about, goTo));
  }

  async another() {
    this.isOnList = false;
    this.show(chooser(await helpersOf(this.base), (one) => this.take(one), () => this.greet(true)));
  }

  visit(visit) {
    const before = this.marked.get(visit.id);
    if (!before) return this.fill(visit);
    this.leave();
    this.show(already(visit, before, { again: () => this.fill(visit), need: () => this.need(visit), back: () => this.list() }));
  }

  // A visit that nobody planned: of those whom this helper visits, and told of what is planned or noted already today.
  async spot() {
    this.leave();
    const persons = await this.helper.kept("persons", []);
    this.show(personsOf(persons, (one) => this.noteAt(one), () => this.list()));
  }

  async noteAt(person) {
    const { helper } = this;
    const [visits, sent, ahead] = await Promise.all([helper.kept("plan", []), helper.kept("sent", []), helper.kept("ahead", 0)]);
    const today = todayOf(person.person, visits, this.marked, sent, Date.now() + ahead);
    if (!today.open.length && !today.done.length) return this.fill(person);
    this.show(expected(person, today, { planned: (one) => this.fill(one), other: () => this.fill(person), back: () => this.spot() }));
  }

  more() {
    this.leave();
    this.show(told(() => this.list()));
  }

  leave() {
    this.isOnList = false;
    this.say("");
  }

  async fill(visit) {
    this.leave();
    const [once, who] = [onceOf(visit), this.who()];
    const held = await who.helper.kept("draft", null).catch(() => null);
    const goTo = {
      done: (said) => this.keep(once(said), visit, who),
      given: (said) => this.draft(who, said && { person: visit.person, planned: visit.id ?? null, at: Date.now(), said }),
      need: () => this.need(visit, () => this.again(form)),
      back: () => this.list(),
    };
    const form = formOf(this.words, visit, goTo, isOf(held, visit, Date.now()) ? held : null);
    this.show(form);
  }

  // What is being given is kept as it is given, closed like the rest, for the system may kill the page: until it is sent, or its visit gone.
  draft({ helper }, draft) {
    return this.#inTurn(() => {
      const holder = helper.heir?.helper ?? helper;
      return draft ? holder.keep("draft", draft) : holder.forget("draft");
    }).catch(() => {});
  }

  // Marks are kept one after the other, and not while a phone hands what it holds over to another name.
  #inTurn(work) {
    const done = this.drafting.then(work);
    this.drafting = done.catch(() => {});
    return done;
  }

  // The marks being given stand on it as they were left.
  async again(form) {
    this.leave();
    this.show(form);
  }

  // `back` leads where it was raised from.
  need(visit, back = () => this.list()) {
    this.leave();
    const [once, who] = [onceOf(visit), this.who()];
    const done = (sign) => this.keep(once({ kind: "need", marks: {}, signs: [sign], words: "", urgent: false }, sign), visit, who, back);
    this.show(needsOf(this.words, visit, done, back));
  }

  // Of herself, and of nobody else: it goes by the same queue.
  unsafe() {
    this.leave();
    const [once, who] = [onceOf({}), this.who()];
    const done = (fear) => this.keep(once({ kind: UNSAFE, fear }, fear), { name: MESSAGE }, who);
    this.show(unsafeOf(this.words, done, () => this.list()));
  }

  // Who holds the phone as a screen opens: nothing is kept under the name of who takes it next.
  who() {
    return { helper: this.helper, queue: this.queue };
  }

  // Kept on the phone first, then sent. A phone that is full tries to send at once, and never says that it kept what it did not.
  async keep(record, visit, who, next = () => this.list()) {
    const { helper, queue } = who.helper.heir ?? who;
    const trail = { id: record.id, person: record.person, planned: record.planned, name: visit.name, at: record.at, kind: record.kind ?? "visit", state: "" };
    try {
      await this.#kept(record, helper, queue);
    } catch (refused) {
      record.sequence ??= 0; // as it is sent now, so will it be if it is pressed again
      const answer = await house.send(helper, [record]).catch(() => null);
      const ack = answer?.acks.find(({ id }) => id === record.id);
      if (!ack) return this.refuse(refused);
      Object.assign(trail, { state: ack.state, why: ack.why });
    }
    await this.#remember(helper, trail).catch(() => {});
    if (trail.kind === "visit") await this.draft(who, null);
    await next().catch(() => (this.isBroken = true));
    this.say(SAID[trail.kind]);
    this.sync();
    return true;
  }

  async #kept(record, helper, queue) {
    try {
      await queue.mark(record);
    } catch {
      await helper.forget("told", "aside");
      await queue.mark(record);
    }
  }

  async #remember(helper, trail) {
    const sent = (await helper.kept("sent", [])).filter(({ id }) => id !== trail.id);
    await helper.keep("sent", [trail, ...sent].slice(0, REMEMBERED));
  }

  refuse({ name }) {
    const cause = name === "QuotaExceededError" ? "Ce téléphone est plein" : "Ce téléphone n’arrive pas à garder cet envoi";
    const text = `${cause} et le réseau manque\u00a0: rien n’est gardé. Laissez cette page ouverte, libérez de la place ou retrouvez du réseau, puis appuyez de nouveau.`;
    const place = this.place.querySelector("[data-refusal]");
    place?.replaceChildren(make("p", { class: "notice notice--bad", role: "alert" }, text));
    place?.scrollIntoView({ block: "center" });
    return false;
  }

  // --- the house ---------------------------------------------------------------------------------

  // Who asked is held from the first line to the last: the phone may change hands while a sending waits for its turn.
  async sync() {
    if (!this.helper || this.isRevoked) return;
    const { helper, queue } = this;
    try {
      await helper.isHushed();
      const answer = await locked(() => spoken(helper, queue));
      await this.#learn(helper, answer);
      if (helper === this.helper) Object.assign(this, { since: null, isUnknown: false, isBroken: false });
      if (answer.state === "revoked") await this.empty(helper);
    } catch (refused) {
      if (helper === this.helper) await this.#unheard(helper, refused);
    }
    if (!this.isRevoked) await this.refresh().catch(() => this.tell());
  }

  async #unheard(helper, refused) {
    this.isBroken = !(refused instanceof house.Unheard);
    this.isUnknown = Boolean(refused.unknown);
    if (!this.isBroken) this.since ??= new Date();
    if (!this.isUnknown || this.wasRenewed) return;
    this.wasRenewed = true; // once: what did not mend it is then for the helper to do
    const left = await this.renew(helper).catch(() => ({ state: "offline" }));
    if (left === null && helper !== this.helper) await this.sync();
  }

  async #learn(helper, answer) {
    const news = new Map(answer.acks.map(({ id, state, why }) => [id, { state, why }]));
    if (news.size) {
      const sent = await helper.kept("sent", []);
      await helper.keep("sent", sent.map((one) => ({ ...one, ...news.get(one.id) }))).catch(() => {});
    }
    if (answer.state !== "open") return;
    await helper.touched();
    const day = { plan: answer.visits, persons: answer.persons, told: answer.told, aside: answer.aside, ahead: Date.parse(answer.now) - Date.now() || 0 };
    for (const [name, value] of Object.entries(day)) await helper.keep(name, value ?? []).catch(() => {});
    await this.#inTurn(async () => {
      const held = await helper.kept("draft", null);
      if (held && ![...day.plan, ...day.persons].some((one) => isOf(held, one, Date.now()))) await helper.forget("draft");
    }).catch(() => {});
  }

  // Taken back: what was left has been handed over, nothing stays. What is being filled in is waited for.
  async empty(helper) {
    await helper.forget(...NAMED);
    if (helper === this.helper && this.place.querySelector("[data-refusal]")) return;
    const bye = await house.farewell(helper);
    await helper.list();
    if (!(await helper.wipe())) return;
    bye().catch(() => {});
    if (helper !== this.helper) return;
    this.isRevoked = true;
    this.bar.hidden = true;
    this.show(closed());
  }

  tell(count = this.count ?? 0) {
    this.count = count;
    const waits = count ? `${plural(count, "envoi", "envois")} en attente` : "";
    const text = [waits, this.#line()].filter(Boolean).join(" · ");
    const [said, button] = [this.bar.querySelector("[data-said]"), this.bar.querySelector("button")];
    this.bar.hidden = !text;
    if (said.textContent !== text) said.textContent = text;
    button.hidden = !count && !this.isUnknown;
    button.textContent = this.isUnknown ? "Me connecter" : "Envoyer";
    button.onclick = () => (this.isUnknown ? this.reconnect() : this.sync());
  }

  #line() {
    if (this.isBroken) return "Ce téléphone n’arrive plus à lire ce qu’il garde\u00a0: fermez cette page et rouvrez-la";
    if (this.isUnknown) return "Connectez-vous de nouveau pour envoyer";
    return !navigator.onLine || this.since ? "Hors ligne, tout est gardé sur ce téléphone" : "";
  }

  say(text) {
    const toast = this.root.querySelector("[data-toast]");
    toast.textContent = text;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => (toast.textContent = ""), 5000);
  }
}

// One helper of one service: who works for two has two keys on this phone, and each service its own visits.
function isThem(row, said) {
  return Boolean(said.account) && row.account === said.account && (row.organization ?? said.organization) === said.organization;
}

// A phone that forgot its key asks for it, then sends what it held; taken back, it hands that over as it is.
async function spoken(helper, queue) {
  const answer = await queue.flush();
  if (!helper.isClosed || helper.isLost) return answer;
  if (answer.state === "open") {
    await helper.reopen(answer.key);
    return queue.flush();
  }
  const boxes = await helper.boxes();
  for (let at = 0; at < boxes.length; at += TOGETHER) {
    const { acks } = await house.send(helper, boxes.slice(at, at + TOGETHER));
    await helper.remove(acks.map(({ id }) => id));
  }
  return answer;
}

// One page at a time speaks to the house for this browser.
const locked = (work) => (navigator.locks ? navigator.locks.request("cordee-visites", work) : work());
