// The queue of the phone, without a phone: told what to do by a line of JSON, it answers by a line. What it keeps outlives a killed tab.
import { createInterface } from "node:readline";

import * as house from "../../frontend/src/visits/house.js";
import { Queue } from "../../frontend/src/visits/queue.js";

const kept = new Map();
let sequence = 0;
let isFull = false;

const store = {
  async add(record) {
    if (isFull) throw new Error("QuotaExceededError");
    sequence += 1;
    kept.set(record.id, { id: record.id, sequence, record });
  },
  async list() {
    return [...kept.values()].sort((one, other) => one.sequence - other.sequence);
  },
  async remove(ids) {
    ids.forEach((id) => kept.delete(id));
  },
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
const helper = { device: "one", secret: async () => "secret" };
const send = (records) => house.send(helper, records);

let queue = new Queue(store, send);
for await (const line of { [Symbol.asyncIterator]: () => lines }) {
  const { mark, flush, kill, full, read } = JSON.parse(line);
  if (kill) queue = new Queue(store, send); // what was under way is forgotten, what is kept is not
  if (full !== undefined) isFull = full;
  if (mark) {
    try {
      await queue.mark(mark);
      say({ kept: true });
    } catch {
      say({ kept: false });
    }
  }
  if (flush) {
    try {
      say({ done: true, ...(await queue.flush()) });
    } catch {
      say({ done: false });
    }
  }
  if (read) say({ waiting: (await store.list()).map(({ id }) => id) });
}
