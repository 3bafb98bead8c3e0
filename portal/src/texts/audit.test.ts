import { describe, expect, it } from "vitest";
import openapi from "../../../infra/openapi.json?raw";
import rules from "../../../shared/authz/src/policies.cedar?raw";
import { readable } from "./format";
import { kindGroups, policyWords } from "./audit";

interface Described {
  components: { schemas: { Kind: { oneOf: { enum: string[] }[] } } };
}

describe("the words of the trail", () => {
  it("name every kind of entry, each once", () => {
    const { Kind } = (JSON.parse(openapi) as Described).components.schemas;
    const kinds = Kind.oneOf.flatMap((one) => one.enum);
    const named = kindGroups("patient", "patients").flatMap(([, all]) => all.map(([kind]) => kind as string));
    expect(named.toSorted()).toEqual([...new Set(named)].toSorted());
    expect(kinds.filter((kind) => !named.includes(kind))).toEqual([]);
  });

  it("name every rule", () => {
    const ids = [...rules.matchAll(/@id\("([^"]+)"\)/g)].map(([, id]) => id ?? "");
    expect(ids.length).toBeGreaterThan(50);
    const unnamed = ids.filter(
      (id) => policyWords(id, "patient", "patients") === readable(id.replaceAll("-", "_")),
    );
    expect(unnamed).toEqual([]);
  });
});
