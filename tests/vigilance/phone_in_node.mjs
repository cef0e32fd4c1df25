// The queue of the phone and what stores it, without a phone: told what to do by a line of JSON, it answers by a line. IndexedDB outlives a killed tab.
import { createInterface } from "node:readline";

import "../../frontend/node_modules/fake-indexeddb/auto/index.mjs";
import * as house from "../../frontend/src/visits/house.js";
import { Queue } from "../../frontend/src/visits/queue.js";
import { Base, currentOf, enrolled } from "../../frontend/src/visits/store.js";

let refuses = ""; // what the store of the browser says to who writes in it

// A phone that is full refuses what is written; a page that dies takes its writing with it.
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...row) {
  if (refuses && this.name === "queue") throw new DOMException(refuses, refuses);
  return put.apply(this, row);
};

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const said = async () => JSON.parse((await lines.next()).value);
const say = (words) => process.stdout.write(`${JSON.stringify(words)}\n`);

// The house answers, or the line is cut: before it heard, or after, which the phone cannot tell apart. What answers may not be it.
globalThis.fetch = async (path, { body, credentials }) => {
  say({ post: JSON.parse(body).records, credentials });
  const { cut, status = 200, type = "application/json", answer } = await said();
  if (cut) throw new Error("cut");
  return { status, headers: new Headers({ "Content-Type": type }), json: async () => answer };
};

// A page: the helper as the store knows her, and a queue of its own.
async function opened() {
  const helper = await currentOf(new Base());
  return { helper, queue: new Queue(helper, (records) => house.send(helper, records)) };
}

const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
await enrolled(new Base(), { device: "one", account: "her", organization: "service", name: "Lila", secret: "secret", key });
let page = await opened();
let pressed = {}; // what a page holds as long as it lives: the same button is the same record

for await (const line of { [Symbol.asyncIterator]: () => lines }) {
  const { mark, dying, flush, pages, kill, full, read } = JSON.parse(line);
  if (kill) [page, pressed] = [await opened(), {}]; // what was under way is forgotten, what is kept is not
  if (full !== undefined) refuses = full ? "QuotaExceededError" : "";
  if (mark) {
    if (dying) refuses = "AbortError";
    say({ kept: await page.queue.mark((pressed[mark.id] ??= mark)).then(() => true, () => false) });
    if (dying) [refuses, page, pressed] = ["", await opened(), {}];
  }
  if (flush) {
    const open = pages === 2 ? [page, await opened()] : [page];
    const told = await Promise.allSettled(open.map(({ queue }) => queue.flush()));
    say({ done: told.every(({ status }) => status === "fulfilled") });
  }
  if (read) say({ waiting: (await page.helper.list()).map(({ id }) => id) });
}
process.exit();
