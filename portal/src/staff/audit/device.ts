/** What a user agent calls itself, in words: `Firefox on Windows`. */
import { devices } from "../../texts/audit";

/** In the order of asking: many say they are Chrome or Safari as well. */
const BROWSERS: [sign: RegExp, name: string][] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|Chromium|CriOS|HeadlessChrome)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];

const SYSTEMS: [sign: RegExp, name: string][] = [
  [/\biPad\b/, "iPad"],
  [/\biPhone\b/, "iPhone"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMacintosh\b|\bMac OS X\b/, "Mac"],
  [/\bCrOS\b/, "Chromebook"],
  [/\bLinux\b/, "Linux"],
];

const named = (all: [RegExp, string][], text: string) => all.find(([sign]) => sign.test(text))?.[1];

export function deviceWords(userAgent: string): string {
  const browser = named(BROWSERS, userAgent);
  const system = named(SYSTEMS, userAgent);
  if (browser || system) return system ? devices.on(browser ?? devices.browser, system) : (browser ?? "");
  // A program names itself first: `curl/8.5.0`.
  const program = /^[\w.-]+/.exec(userAgent)?.[0];
  return program ? `${devices.program} (${program})` : devices.program;
}
