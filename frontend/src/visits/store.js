// What a phone keeps, closed: each helper has a key, given by the house and held by the browser, which no script can read back.
// After a week without contact the key is forgotten too: the house gives it again at the next one, or refuses it.
import { openDB } from "idb";

const WEEK = 7 * 24 * 3600 * 1000;
const STRICT = { durability: "strict" };
const words = new TextEncoder();
export const NAMED = ["plan", "persons", "told", "sent", "aside", "draft"];
const CARRIED = ["sent", "draft"]; // what only this phone knows
const base64Of = (bytes) => btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""));

// The store of this browser. Closed by the system, or by a newer page, it is opened again when it is next asked for.
export class Base {
  constructor() {
    this.opened = null;
  }

  async db() {
    this.opened ??= this.#open();
    const mine = this.opened;
    try {
      return await mine;
    } catch (refused) {
      if (this.opened === mine) this.opened = null;
      throw refused;
    }
  }

  async #open() {
    const leave = () => (this.opened = null);
    const db = await openDB("cordee-visites", 1, {
      upgrade(made) {
        made.createObjectStore("helpers", { keyPath: "device" });
        made.createObjectStore("queue", { keyPath: "id" }).createIndex("of", ["device", "sequence"]);
        made.createObjectStore("kept", { keyPath: "name" });
      },
      blocking() {
        leave();
        db?.close();
      },
      terminated: leave,
    });
    return db;
  }
}

export async function keyFrom(base64) {
  const raw = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  raw.fill(0);
  return key;
}

async function close(key, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, words.encode(JSON.stringify(value)));
  return { iv, box };
}

async function open(key, { iv, box }) {
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, box)));
}

const allOf = (device) => IDBKeyRange.bound([device, 0], [device, Infinity]);
const namedOf = (device) => IDBKeyRange.bound(`${device}/`, `${device}/\uffff`);

// `door` closes the secret that speaks to the house: it stays when the key of what is kept is forgotten.
async function made({ device, account, organization, service, name, secret, key }, sequence = 0) {
  const [opened, door] = [await keyFrom(key), await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])];
  const about = { device, account, organization, service, name };
  return { ...about, key: opened, door, secret: await close(door, secret), sequence, contact: Date.now() };
}

export async function enrolled(base, given) {
  const helper = await made(given);
  const tx = (await base.db()).transaction(["helpers", "kept"], "readwrite", STRICT);
  await Promise.all([
    tx.objectStore("helpers").put(helper),
    tx.objectStore("kept").put({ name: "current", device: helper.device }),
    tx.done,
  ]);
  return new Helper(base, helper);
}

// The house knows this phone no more, and gave its helper another secret: what waits is closed again under it, all of it or nothing.
export async function renewed(base, old, given) {
  for (;;) {
    const helper = await made(given);
    const before = await old.rows();
    const rows = await Promise.all(before.map((row) => again(row, old.row.key, helper)));
    const carried = [];
    for (const name of CARRIED) {
      const value = await old.kept(name, null);
      if (value) carried.push({ name: `${helper.device}/${name}`, ...(await close(helper.key, value)) });
    }
    const tx = (await base.db()).transaction(["helpers", "queue", "kept"], "readwrite", STRICT);
    const now = await tx.objectStore("queue").index("of").getAll(allOf(old.device));
    if (said(now) === said(before)) {
      helper.sequence = (await tx.objectStore("helpers").get(old.device))?.sequence ?? 0;
      await Promise.all([
        tx.objectStore("helpers").put(helper),
        tx.objectStore("helpers").delete(old.device),
        ...rows.map((row) => tx.objectStore("queue").put(row)),
        tx.objectStore("kept").delete(namedOf(old.device)),
        ...carried.map((one) => tx.objectStore("kept").put(one)),
        tx.objectStore("kept").put({ name: "current", device: helper.device }),
        tx.done,
      ]);
      return new Helper(base, helper);
    }
    await tx.done; // something was marked meanwhile: once more, with it
  }
}

const said = (rows) => rows.map(({ id, iv }) => `${id} ${iv}`).join();

async function again(row, key, helper) {
  const about = { id: row.id, sequence: row.sequence, device: helper.device };
  try {
    return { ...about, ...(await close(helper.key, await open(key, row))) };
  } catch {
    return { ...row, device: helper.device }; // it did not open before, and does not now: still there, still said
  }
}

export async function helpersOf(base) {
  return (await (await base.db()).getAll("helpers")).map((one) => new Helper(base, one));
}

export async function currentOf(base) {
  const chosen = (await (await base.db()).get("kept", "current"))?.device;
  const found = await helpersOf(base);
  return found.find(({ device }) => device === chosen) ?? (found.length === 1 ? found[0] : null);
}

export const choose = async (base, device) => (await base.db()).put("kept", { name: "current", device });

// One helper on this phone: a store for the queue, and what is shown without a network.
export class Helper {
  constructor(base, row) {
    this.base = base;
    this.row = row;
    this.device = row.device;
    this.name = row.name;
    this.unreadable = new Set();
    this.closed = 0;
    this.isLost = false;
  }

  async secret() {
    return open(this.row.door ?? this.row.key, this.row.secret);
  }

  get isClosed() {
    return !this.row.key;
  }

  // Too long without contact: names, visits to come and the key go. What waits stays, and nobody reads it on this phone.
  async isHushed() {
    if (!(await this.isStale())) return false;
    await this.forget(...NAMED);
    if (this.row.key && this.row.door) await this.#keyed(null);
    return true;
  }

  // What the house gives back; an empty one is lost for good, and what it closed is said to be.
  async reopen(base64) {
    if (base64) await this.#keyed(await keyFrom(base64));
    else this.isLost = true;
  }

  async #keyed(key) {
    const tx = (await this.base.db()).transaction("helpers", "readwrite", STRICT);
    const row = await tx.store.get(this.device);
    if (row) await tx.store.put(Object.assign(row, { key }));
    await tx.done;
    this.row.key = key;
  }

  // What waits, as it is kept: handed over closed, to the house that has the key.
  async boxes() {
    return (await this.rows()).map(({ id, iv, box }) => ({ id, iv: base64Of(iv), box: base64Of(new Uint8Array(box)) }));
  }

  // The same visit pressed twice is kept once, as it was said last; pressed again once it has left, it leaves with the same rank.
  async add(record) {
    const box = await close(this.row.key, record);
    const tx = (await this.base.db()).transaction(["helpers", "queue"], "readwrite", STRICT);
    const helper = await tx.objectStore("helpers").get(this.device);
    const before = await tx.objectStore("queue").get(record.id);
    if (!helper) throw new Error("taken back");
    helper.sequence += 1;
    const entry = { id: record.id, device: this.device, sequence: before?.sequence ?? helper.sequence, ...box };
    await Promise.all([tx.objectStore("helpers").put(helper), tx.objectStore("queue").put(entry), tx.done]);
    record.sequence ??= entry.sequence;
    return entry;
  }

  async rows() {
    return (await this.base.db()).getAllFromIndex("queue", "of", allOf(this.device));
  }

  // What cannot be opened blocks nothing: it is counted, said, and left where it is.
  async list() {
    const rows = await this.rows();
    this.closed = this.isClosed ? rows.length : 0;
    if (this.isClosed && !this.isLost) return [];
    const entries = await Promise.all(
      rows.map(async (row) => {
        try {
          return { id: row.id, sequence: row.sequence, record: await open(this.row.key, row) };
        } catch {
          return null;
        }
      }),
    );
    this.unreadable = new Set(rows.filter((_, at) => !entries[at]).map(({ id }) => id));
    return entries.filter(Boolean);
  }

  async remove(ids) {
    if (!ids.length) return;
    const tx = (await this.base.db()).transaction("queue", "readwrite", STRICT);
    await Promise.all([...ids.map((id) => tx.store.delete(id)), tx.done]);
  }

  // Nothing is kept for a phone that was emptied, or given another name, meanwhile.
  async keep(name, value) {
    const closed = await close(this.row.key, value);
    const tx = (await this.base.db()).transaction(["helpers", "kept"], "readwrite");
    const isThere = await tx.objectStore("helpers").getKey(this.device);
    await Promise.all([isThere && tx.objectStore("kept").put({ name: `${this.device}/${name}`, ...closed }), tx.done]);
  }

  async kept(name, otherwise) {
    const row = await (await this.base.db()).get("kept", `${this.device}/${name}`);
    try {
      return row ? await open(this.row.key, row) : otherwise;
    } catch {
      return otherwise;
    }
  }

  async forget(...names) {
    const db = await this.base.db();
    for (const name of names) await db.delete("kept", `${this.device}/${name}`);
  }

  // A clock that is put back does not lengthen the week: the latest moment seen is kept.
  async touched() {
    await this.#moment((now, helper) => Object.assign(helper, { contact: now, latest: now }));
  }

  async isStale() {
    const helper = await this.#moment((now, one) => Object.assign(one, { latest: Math.max(now, one.latest ?? 0) }));
    return Boolean(helper) && helper.latest - helper.contact > WEEK;
  }

  async #moment(change) {
    const tx = (await this.base.db()).transaction("helpers", "readwrite");
    const row = await tx.store.get(this.device);
    if (row) await tx.store.put(change(Date.now(), row));
    await tx.done;
    return row;
  }

  // Nothing stays, unless something waits: looked at and erased in one go. Says whether it was.
  async wipe() {
    const tx = (await this.base.db()).transaction(["helpers", "queue", "kept"], "readwrite", STRICT);
    const [queue, kept] = [tx.objectStore("queue"), tx.objectStore("kept")];
    const ids = await queue.index("of").getAllKeys(allOf(this.device));
    if (ids.some((id) => !this.unreadable.has(id))) {
      await tx.done;
      return false;
    }
    const current = await kept.get("current");
    await Promise.all([
      tx.objectStore("helpers").delete(this.device),
      ...ids.map((id) => queue.delete(id)),
      kept.delete(namedOf(this.device)),
      current?.device === this.device && kept.delete("current"),
      tx.done,
    ]);
    return true;
  }
}
