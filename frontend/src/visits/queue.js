// What was marked, until the house says that it has it. No browser in here: a test drives it against the real house.
//
// store: add(record) → entry, list() → entries in their order, remove(ids)   ·   send(records) → { state, acks } or throws
const TOGETHER = 50;

export class Queue {
  constructor(store, send) {
    this.store = store;
    this.send = send;
    this.running = null;
  }

  // Kept before anything is said to be: resolves once the store has it.
  mark(record) {
    return this.store.add(record);
  }

  // One sending at a time: who asks meanwhile waits for the one under way, then for what came since.
  async flush() {
    while (this.running) await this.running.catch(() => {});
    this.running = this.#flush();
    try {
      return await this.running;
    } finally {
      this.running = null;
    }
  }

  async #flush() {
    const aside = [];
    let answer = null;
    for (;;) {
      const waiting = (await this.store.list()).slice(0, TOGETHER);
      answer = await this.send(waiting.map(({ sequence, record }) => ({ ...record, sequence })));
      const known = new Set(waiting.map(({ id }) => id));
      const acks = (answer.acks ?? []).filter(({ id }) => known.has(id));
      aside.push(...acks.filter(({ state }) => state === "aside"));
      await this.store.remove(acks.map(({ id }) => id));
      if (!acks.length || acks.length < waiting.length || waiting.length < TOGETHER) break;
    }
    return { ...answer, aside_now: aside };
  }
}
