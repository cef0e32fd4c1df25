// One manifest: `django-vite` reads it and writes the tags. The phone of a home help has its own script, and its worker.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: ["chrome123", "firefox120", "safari17.5"],
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: false,
    rollupOptions: { input: ["src/main.js", "src/visits.js", "src/visits-worker.js"] },
  },
});
