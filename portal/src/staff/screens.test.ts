import { describe, expect, it } from "vitest";
import screens from "./screens.ts?raw";

const sources = import.meta.glob<string>("./*/*.svelte", { query: "?raw", import: "default", eager: true });

describe("the screens", () => {
  it("have each a title of their own", () => {
    const paths = [...screens.matchAll(/import\("(\.\/[^"]+\.svelte)"\)/g)].map(([, path]) => path ?? "");
    expect(paths.length).toBeGreaterThan(20);
    const given = paths.map((path) => /<Title of=\{(.+)\} \/>/.exec(sources[path] ?? "")?.[1]);
    expect(paths.filter((_, index) => !given[index])).toEqual([]);
  });
});
