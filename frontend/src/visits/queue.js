// What was marked, until the house says that it has it. No browser in here: a test drives it against the real house.
//
// store: add(record) → entry, list() → entries in their order, remove(ids)   ·   send(records) → { state, acks } or throws
const TOGETHER = 50;
const TRIES = 3;
const FAILED = 2;

// A record under its rank, the one it left with when it is pressed again: the same words, whichever way they go.
const ranked = ({ sequence, record }) => ({ ...record, sequence: record.sequence ?? sequence });

export class Queue {
  constructor(store, send) {
    this.store = store;
    this.send = send;
    this.running = null;
    this.tries = new Map();
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
    const round = { answer: null, acks: [], failed: 0 };
    const seen = new Set();
    for (;;) {
      const waiting = (await this.store.list()).filter(({ id }) => !seen.has(id)).slice(0, TOGETHER);
      waiting.forEach(({ id }) => seen.add(id));
      await this.#part(waiting, round);
      if (waiting.length < TOGETHER) break;
    }
    if (!round.answer) await this.#part([], round);
    return { ...round.answer, acks: round.acks };
  }

  // A sending that the house turns down is halved, until the one that it cannot read stands alone: it holds back no other.
  async #part(waiting, round) {
    let answer = null;
    try {
      answer = await this.send(waiting.map(ranked));
    } catch (refused) {
      if (!refused.turned || !waiting.length) throw refused;
      if (waiting.length === 1) return this.#alone(waiting[0], refused, round);
      const middle = waiting.length >> 1;
      await this.#part(waiting.slice(0, middle), round);
      return this.#part(waiting.slice(middle), round);
    }
    await this.#taken(waiting, answer, round);
  }

  // Sent as mere words, which the house puts aside for the service. When it failed, it is given other chances first.
  async #alone(one, refused, round) {
    const tries = (this.tries.get(one.id) ?? 0) + 1;
    this.tries.set(one.id, tries);
    if (refused.mayPass && tries < TRIES) {
      round.failed += 1;
      if (round.failed > FAILED) throw refused;
      return;
    }
    const answer = await this.send([{ id: one.id, said: JSON.stringify(ranked(one)) }]);
    await this.#taken([one], answer, round);
  }

  async #taken(waiting, answer, round) {
    const known = new Set(waiting.map(({ id }) => id));
    const acks = answer.acks.filter(({ id }) => known.has(id));
    round.answer = answer;
    round.acks.push(...acks);
    await this.store.remove(acks.map(({ id }) => id));
  }
}
