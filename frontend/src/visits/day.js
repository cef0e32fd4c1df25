// What is a visit of today, what is marked already, and what is one visit however often it is pressed. No browser in here.
import { dayOf } from "./dom.js";

const HELD = 12 * 3600 * 1000;

// Every visit that was received is shown, whatever the clock of the phone says: in the wrong part of the day at worst.
export function partsOf(visits, marked, now) {
  const today = dayOf(now);
  const isPast = (one) => dayOf(one.starts) < today;
  return {
    today: visits.filter((one) => dayOf(one.starts) === today),
    late: visits.filter((one) => isPast(one) && !marked.has(one.id)),
    past: visits.filter((one) => isPast(one) && marked.has(one.id)),
    next: visits.filter((one) => dayOf(one.starts) > today),
  };
}

// By what this phone sent, by what it still holds, and by what the house was told by whatever phone.
export function markedOf(visits, waiting, sent) {
  const isVisit = (one) => one.planned && (one.kind ?? "visit") === "visit";
  const marked = new Map(visits.filter((one) => one.marked_at).map((one) => [one.id, { at: one.marked_at }]));
  for (const { record } of waiting) if (isVisit(record)) marked.set(record.planned, { id: record.id, at: record.at });
  for (const one of [...sent].reverse()) if (isVisit(one)) marked.set(one.planned, one);
  return marked;
}

// What is known of somebody today, before a visit that nobody planned is noted: those still to note, and the moments of those noted.
export function todayOf(person, visits, marked, sent, now) {
  const today = dayOf(now);
  const planned = visits.filter((one) => one.person === person && dayOf(one.starts) === today);
  const spot = sent.filter((one) => one.person === person && !one.planned && one.kind === "visit" && dayOf(one.at) === today);
  return {
    open: planned.filter(({ id }) => !marked.has(id)),
    done: [...planned.filter(({ id }) => marked.has(id)).map(({ id }) => marked.get(id)), ...spot].map(({ at }) => at),
  };
}

// Marks that were being given are those of one visit, and of no other half day.
export const isOf = (draft, visit, now) =>
  draft?.person === visit.person && draft.planned === (visit.id ?? null) && Math.abs(now - draft.at) < HELD;

// What is pressed again because nothing was answered is the same visit: its name and its moment are made once.
export function onceOf(visit) {
  const opened = performance.now();
  const made = new Map();
  return (said, what = "visit") => {
    if (!made.has(what)) {
      const about = { person: visit.person, planned: visit.id ?? null, name: visit.name, starts: visit.starts ?? null };
      const record = { id: crypto.randomUUID(), ...about, at: new Date().toISOString() };
      if (what === "visit") record.seconds = Math.round((performance.now() - opened) / 1000);
      made.set(what, record);
    }
    return Object.assign(made.get(what), said);
  };
}
