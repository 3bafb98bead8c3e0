import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const PAGES: Record<string, string> = { staff: "index.html", patient: "intake.html" };

/**
 * The reader of DICOM asks at run time whether there is a `require`, which a browser never has. Its decoder of JPEG-LS
 * builds code from strings, which the page's policy forbids: those files show the picture that inspection made.
 */
const dicomReader = () => ({
  name: "dicom-reader",
  transform(code: string, id: string) {
    if (!id.includes("/daikon/src/")) return undefined;
    return code
      .replaceAll("typeof require !== 'undefined'", "true")
      .replaceAll("require('../lib/jpeg-ls.js')", "null");
  },
});

/**
 * Two pages: what staff work in, and what a patient opens from a link. Each is built by itself (`--mode`), so that a
 * phone loads no byte that only staff need.
 */
export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  worker: { format: "es", plugins: () => [dicomReader()] },
  build: {
    target: "es2023",
    // Without these, `light-dark()` is rewritten and the theme no longer follows the page.
    cssTarget: ["chrome123", "safari17.5", "firefox120"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: mode === "staff",
    rolldownOptions: { input: PAGES[mode] ?? Object.values(PAGES) },
  },
  test: { include: ["src/**/*.test.ts"] },
}));
