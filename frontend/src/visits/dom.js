// Elements by hand: what a person typed or is called only ever goes in as text.
export function make(tag, about = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (name.startsWith("on")) made[name] = value; // one gesture, which `settle` changes with the words
    else if (name === "html") made.innerHTML = value; // our own drawings, never words
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...inside.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

export const hour = (moment) =>
  new Date(moment).toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Paris" });

export const day = (moment) =>
  new Date(moment).toLocaleDateString("fr-FR", { weekday: "long", day: "numeric", month: "long", timeZone: "Europe/Paris" });

export const dayOf = (moment) => new Date(moment).toLocaleDateString("fr-CA", { timeZone: "Europe/Paris" });

export const plural = (count, one, many) => `${count}\u00a0${count > 1 ? many : one}`;

// What changed on a screen is changed where it stands: what is read, open or under a finger stays. A node stands for one of the same
// name and key alone, and takes its gesture with its words: a button does what it says.
export function settle(old, fresh) {
  if (!isSame(old, fresh)) return old.replaceWith(fresh);
  if (old.nodeType === Node.TEXT_NODE) return old.data !== fresh.data && (old.data = fresh.data);
  if (old.className !== fresh.className) old.className = fresh.className;
  old.onclick = fresh.onclick;
  const stands = [...old.childNodes];
  for (const one of [...fresh.childNodes]) {
    const at = stands.findIndex((each) => isSame(each, one));
    if (at < 0) old.insertBefore(one, stands[0] ?? null);
    else {
      stands.splice(0, at).forEach((gone) => gone.remove());
      settle(stands.shift(), one);
    }
  }
  stands.forEach((gone) => gone.remove());
}

const isSame = (old, fresh) => old.nodeName === fresh.nodeName && old.dataset?.key === fresh.dataset?.key;
