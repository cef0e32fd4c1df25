// Serves the page of the phone when there is no network. It holds nothing of anybody: what was marked lives in the page’s own store,
// which no new version of this file touches.
import { clientsClaim, setCacheNameDetails } from "workbox-core";
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

setCacheNameDetails({ prefix: "cordee-visites" });
cleanupOutdatedCaches();
precacheAndRoute(self.KEPT, { ignoreURLParametersMatching: [/^v$/] });
registerRoute(new NavigationRoute(createHandlerBoundToURL("/visites/"), { allowlist: [/^\/visites\/$/] }));
self.skipWaiting();
clientsClaim();
