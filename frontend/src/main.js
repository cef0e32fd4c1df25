// Everything here is a comfort: each page works without it. Nothing about a person is kept in the browser.
import "./app.css";
import htmx from "htmx.org";

import "./lines.js"; // before what changes the words of a line
import "./autosave.js";
import "./clock.js";
import "./focus.js";
import "./keyboard.js";
import "./live.js";
import "./maps.js";
import "./offline.js";
import "./overlays.js";
import "./palette.js";
import "./requests.js";
import "./sheet.js";
import "./split.js";
import "./theme.js";
import "./toasts.js";
import "./alt.js";
import "./early.js"; // once all the others listen

// A refused gesture lands among the toasts and leaves the page as it was; a form to correct is swapped in place.
Object.assign(htmx.config, {
  allowEval: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  selfRequestsOnly: true,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: true, error: true, target: "#toasts", swapOverride: "beforeend" },
  ],
});
window.htmx = htmx;
