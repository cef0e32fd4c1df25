// Everything here is a comfort: each page works without it. Nothing about a person is kept in the browser.
import "./app.css";
import htmx from "htmx.org";

import "./autosave.js";
import "./clock.js";
import "./focus.js";
import "./keyboard.js";
import "./live.js";
import "./offline.js";
import "./overlays.js";
import "./palette.js";
import "./requests.js";
import "./theme.js";
import "./toasts.js";

window.htmx = htmx;
