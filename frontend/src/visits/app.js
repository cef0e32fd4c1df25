// The screens of the phone, and when it speaks to the house.
import { make, plural } from "./dom.js";
import { formOf, needsOf } from "./form.js";
import * as house from "./house.js";
import { Queue } from "./queue.js";
import { chooser, closed, listOf, welcome } from "./screens.js";
import { choose, currentOf, enrolled, helpersOf, openStore } from "./store.js";

const AGAIN = 60_000;
const REMEMBERED = 20;

export async function start(root) {
  const phone = new Phone(root, JSON.parse(root.dataset.words));
  navigator.serviceWorker?.register("/visites/agent.js", { scope: "/visites/" }).catch(() => {});
  navigator.storage?.persist?.().catch(() => {});
  await phone.open();
}

class Phone {
  constructor(root, words) {
    this.root = root;
    this.words = words;
    this.place = root.querySelector("[data-place]");
    this.bar = root.querySelector("[data-bar]");
    this.since = null;
    this.isRevoked = false;
  }

  async open() {
    this.db = await openStore();
    window.addEventListener("online", () => this.sync());
    window.addEventListener("offline", () => this.tell());
    document.addEventListener("visibilitychange", () => document.hidden || this.sync());
    setInterval(() => this.sync(), AGAIN);
    await this.begin(await currentOf(this.db));
  }

  async begin(helper) {
    this.helper = helper;
    if (!helper) return this.greet();
    this.queue = new Queue(helper, (records) => house.send(helper, records));
    if (await helper.isStale()) await helper.forget("plan", "told", "sent", "aside");
    await this.list();
    await this.sync();
  }

  show(...inside) {
    this.place.replaceChildren(...inside);
    this.root.removeAttribute("aria-busy");
    scrollTo(0, 0);
    this.place.querySelector("h1")?.focus({ preventScroll: true });
  }

  // --- who is there ------------------------------------------------------------------------------

  async greet(wantsAnother = false) {
    const found = await helpersOf(this.db);
    if (found.length && !wantsAnother) return this.show(chooser(found, (one) => this.take(one), () => this.greet(true)));
    const said = await house.whoIsSignedIn().catch(() => ({ state: "offline" }));
    const already = found.find(({ row }) => row.account === said.account);
    if (already) return this.show(chooser([already], (one) => this.take(one), null, said.name));
    this.show(welcome(said, () => this.enrol(said)));
    this.tell();
  }

  async enrol(said) {
    const given = await house.enrol(said.csrf).catch(() => ({}));
    if (!given.device) return this.greet(true);
    await this.begin(await enrolled(this.db, given));
  }

  async take(helper) {
    await choose(this.db, helper.device);
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
    const [waiting, visits, sent, told, aside] = await Promise.all([
      helper.list(),
      helper.kept("plan", []),
      helper.kept("sent", []),
      helper.kept("told", []),
      helper.kept("aside", []),
    ]);
    const isStale = !visits.length && (await helper.isStale());
    this.tell(waiting.length);
    if (!this.isOnList || helper !== this.helper) return;
    const about = { helper, words: this.words, waiting, visits, sent, told, aside, isStale };
    const goTo = {
      visit: (one) => this.fill(one),
      need: (one) => this.need(one),
      other: () => this.another(),
    };
    this.show(listOf(about, goTo));
  }

  async another() {
    this.isOnList = false;
    this.show(chooser(await helpersOf(this.db), (one) => this.take(one), () => this.greet(true)));
  }

  fill(visit) {
    this.isOnList = false;
    this.say("");
    const opened = performance.now();
    const done = (said) => this.keep({ ...said, seconds: Math.round((performance.now() - opened) / 1000) }, visit);
    this.show(formOf(this.words, visit, done, () => this.need(visit), () => this.list()));
  }

  need(visit) {
    this.isOnList = false;
    this.say("");
    const done = (sign) => this.keep({ kind: "need", marks: {}, signs: [sign], words: "", urgent: false }, visit);
    this.show(needsOf(this.words, visit, done, () => this.list()));
  }

  // Kept on the phone first, then sent. A phone that is full tries to send at once, and never says that it kept what it did not.
  async keep(said, visit) {
    const record = { id: crypto.randomUUID(), person: visit.person, planned: visit.id ?? null, at: new Date().toISOString(), ...said };
    const trail = { id: record.id, planned: visit.id ?? null, name: visit.name, at: record.at, kind: record.kind ?? "visit" };
    try {
      await this.#kept(record);
    } catch {
      const answer = await house.send(this.helper, [{ ...record, sequence: 0 }]).catch(() => null);
      if (!answer?.acks?.length) return this.full();
    }
    await this.#remember(trail).catch(() => {});
    await this.list();
    this.say(record.kind === "need" ? "Besoin signalé." : "C’est noté.");
    this.sync();
    return true;
  }

  async #kept(record) {
    try {
      await this.queue.mark(record);
    } catch {
      await this.helper.forget("told", "sent", "aside");
      await this.queue.mark(record);
    }
  }

  async #remember(trail) {
    const sent = await this.helper.kept("sent", []);
    await this.helper.keep("sent", [trail, ...sent].slice(0, REMEMBERED));
  }

  full() {
    const place = this.place.querySelector("[data-refusal]");
    const text = "Ce téléphone est plein et n’a pas de réseau : la visite n’est pas gardée. Laissez cette page ouverte, libérez de la place ou retrouvez du réseau, puis appuyez de nouveau.";
    place?.replaceChildren(make("p", { class: "notice notice--bad", role: "alert" }, text));
    place?.scrollIntoView({ block: "center" });
    return false;
  }

  // --- the house ---------------------------------------------------------------------------------

  async sync() {
    if (!this.helper || this.isRevoked) return;
    const { helper } = this;
    try {
      const locked = (work) => (navigator.locks ? navigator.locks.request("cordee-visites", work) : work());
      const answer = await locked(() => this.queue.flush());
      this.since = null;
      await (answer.state === "revoked" ? this.empty(helper) : this.#learn(helper, answer));
    } catch (refused) {
      this.since ??= new Date();
      this.isUnknown = Boolean(refused.unknown);
    }
    if (helper !== this.helper || this.isRevoked) return;
    await this.refresh();
  }

  async #learn(helper, answer) {
    this.isUnknown = false;
    await helper.touched();
    for (const [name, value] of [["plan", answer.visits], ["told", answer.told], ["aside", answer.aside]]) {
      await helper.keep(name, value ?? []).catch(() => {});
    }
  }

  // Taken back: what was left has been handed over, nothing stays.
  async empty(helper) {
    if ((await helper.list()).length) return;
    await house.tellWiped(helper).catch(() => {});
    await helper.wipe();
    this.isRevoked = true;
    this.bar.hidden = true;
    this.show(closed());
  }

  tell(count = this.count ?? 0) {
    this.count = count;
    const waits = count ? `${plural(count, "envoi", "envois")} en attente` : "";
    const net = this.isUnknown
      ? "Connectez-vous de nouveau pour envoyer"
      : !navigator.onLine || this.since
        ? "Hors ligne, tout est gardé sur ce téléphone"
        : "";
    const text = [waits, net].filter(Boolean).join(" · ");
    this.bar.hidden = !text;
    const said = this.bar.querySelector("[data-said]");
    if (said.textContent !== text) said.textContent = text;
    this.bar.querySelector("button").hidden = !count;
    this.bar.querySelector("button").onclick = () => this.sync();
  }

  say(text) {
    this.root.querySelector("[data-toast]").textContent = text;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => (this.root.querySelector("[data-toast]").textContent = ""), 5000);
  }
}
