/**
 * What may become a script of this page (Trusted Types): workers that were built with it, and nothing else.
 *
 * Svelte has a policy of its own for its templates; strings never become markup elsewhere.
 */
const OWN = /^\/assets\/[\w.-]+\.m?js$/;

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): unknown;
}

const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;

policies?.createPolicy("default", {
  createScriptURL(address) {
    const url = new URL(address, location.href);
    if (url.origin === location.origin && OWN.test(url.pathname)) return url.href;
    throw new TypeError("only this page's own workers may run");
  },
});
