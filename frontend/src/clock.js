// « il y a 12 min » stays true while the page is open.
const NBSP = "\u00a0";
const NEAR = /^(il y a|dans) \d+\s(min|h)|^à l’instant$/;

function said(minutes) {
  const length = Math.abs(minutes);
  if (length < 1) return "à l’instant";
  const hours = Math.floor(length / 60);
  const text = hours
    ? `${hours}${NBSP}h${NBSP}${String(length % 60).padStart(2, "0")}`
    : `${length}${NBSP}min`;
  return minutes > 0 ? `il y a ${text}` : `dans ${text}`;
}

function tick() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[datetime][title]")) {
    if (!NEAR.test(time.textContent)) continue;
    const minutes = Math.trunc((Date.now() - Date.parse(time.dateTime)) / 60000);
    const text = said(minutes);
    if (Number.isFinite(minutes) && time.textContent !== text) time.textContent = text;
  }
}

setInterval(tick, 30000);
document.addEventListener("visibilitychange", tick);
