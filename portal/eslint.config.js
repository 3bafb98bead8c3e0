import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

export default ts.config(
    { ignores: ["dist", "node_modules", "pictures", "src/api/schema.d.ts"] },
    js.configs.recommended,
    ...ts.configs.recommended,
    ...svelte.configs.recommended,
    { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
    {
        files: ["**/*.svelte", "**/*.svelte.ts"],
        languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    },
    {
        rules: {
            eqeqeq: "error",
            // TypeScript knows every name there is.
            "no-undef": "off",
            // Markup from strings is what the page's policy exists to refuse.
            "svelte/no-at-html-tags": "error",
            // The router intercepts plain links.
            "svelte/no-navigation-without-resolve": "off",
            // Sets and queries here are replaced whole or never shown.
            "svelte/prefer-svelte-reactivity": "off",
        },
    },
);
