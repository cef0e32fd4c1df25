// What a phone keeps, closed: each helper has a key, given by the house and held by the browser, which no script can read back.
import { openDB } from "idb";

const WEEK = 7 * 24 * 3600 * 1000;
const STRICT = { durability: "strict" };
const words = new TextEncoder();

export async function openStore() {
  const db = await openDB("cordee-visites", 1, {
    upgrade(made) {
      made.createObjectStore("helpers", { keyPath: "device" });
      made.createObjectStore("queue", { keyPath: "id" }).createIndex("of", ["device", "sequence"]);
      made.createObjectStore("kept", { keyPath: "name" });
    },
    blocking() {
      db.close();
    },
  });
  return db;
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

export async function enrolled(db, { device, account, name, secret, key }) {
  const opened = await keyFrom(key);
  const helper = { device, account, name, key: opened, secret: await close(opened, secret), sequence: 0, contact: Date.now() };
  const tx = db.transaction(["helpers", "kept"], "readwrite", STRICT);
  await Promise.all([
    tx.objectStore("helpers").put(helper),
    tx.objectStore("kept").put({ name: "current", device }),
    tx.done,
  ]);
  return new Helper(db, helper);
}

export async function helpersOf(db) {
  return (await db.getAll("helpers")).map((one) => new Helper(db, one));
}

export async function currentOf(db) {
  const chosen = (await db.get("kept", "current"))?.device;
  const found = await helpersOf(db);
  return found.find(({ device }) => device === chosen) ?? (found.length === 1 ? found[0] : null);
}

export const choose = (db, device) => db.put("kept", { name: "current", device });

// One helper on this phone: a store for the queue, and what is shown without a network.
export class Helper {
  constructor(db, row) {
    this.db = db;
    this.row = row;
    this.device = row.device;
    this.name = row.name;
    this.unreadable = 0;
  }

  async secret() {
    return open(this.row.key, this.row.secret);
  }

  async add(record) {
    const box = await close(this.row.key, record);
    const tx = this.db.transaction(["helpers", "queue"], "readwrite", STRICT);
    const helper = await tx.objectStore("helpers").get(this.device);
    helper.sequence += 1;
    const entry = { id: record.id, device: this.device, sequence: helper.sequence, ...box };
    await Promise.all([tx.objectStore("helpers").put(helper), tx.objectStore("queue").add(entry), tx.done]);
    return entry;
  }

  // What cannot be opened blocks nothing: it is counted, said, and left where it is.
  async list() {
    const rows = await this.db.getAllFromIndex("queue", "of", IDBKeyRange.bound([this.device, 0], [this.device, Infinity]));
    const entries = await Promise.all(
      rows.map(async (row) => {
        try {
          return { id: row.id, sequence: row.sequence, record: await open(this.row.key, row) };
        } catch {
          return null;
        }
      }),
    );
    const read = entries.filter(Boolean);
    this.unreadable = rows.length - read.length;
    return read;
  }

  async remove(ids) {
    const tx = this.db.transaction("queue", "readwrite", STRICT);
    await Promise.all([...ids.map((id) => tx.store.delete(id)), tx.done]);
  }

  async keep(name, value) {
    await this.db.put("kept", { name: `${this.device}/${name}`, ...(await close(this.row.key, value)) });
  }

  async kept(name, otherwise) {
    const row = await this.db.get("kept", `${this.device}/${name}`);
    try {
      return row ? await open(this.row.key, row) : otherwise;
    } catch {
      return otherwise;
    }
  }

  async forget(...names) {
    for (const name of names) await this.db.delete("kept", `${this.device}/${name}`);
  }

  // A clock that is put back does not lengthen the week: the latest moment seen is kept.
  async touched() {
    await this.#moment((now, helper) => Object.assign(helper, { contact: now, latest: now }));
  }

  async isStale() {
    const { contact, latest } = await this.#moment((now, helper) => Object.assign(helper, { latest: Math.max(now, helper.latest ?? 0) }));
    return latest - contact > WEEK;
  }

  async #moment(change) {
    const tx = this.db.transaction("helpers", "readwrite");
    const helper = change(Date.now(), await tx.store.get(this.device));
    await Promise.all([tx.store.put(helper), tx.done]);
    return helper;
  }

  async wipe() {
    const tx = this.db.transaction(["helpers", "queue", "kept"], "readwrite", STRICT);
    const rows = await tx.objectStore("queue").index("of").getAllKeys(IDBKeyRange.bound([this.device, 0], [this.device, Infinity]));
    await Promise.all([
      tx.objectStore("helpers").delete(this.device),
      ...rows.map((id) => tx.objectStore("queue").delete(id)),
      tx.objectStore("kept").delete(IDBKeyRange.bound(`${this.device}/`, `${this.device}/\uffff`)),
      tx.objectStore("kept").delete("current"),
      tx.done,
    ]);
  }
}
