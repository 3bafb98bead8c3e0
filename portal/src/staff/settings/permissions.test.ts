import { describe, expect, it } from "vitest";
import { idsIn } from "./ids";
import { allows, changed, textOf, usual } from "./permissions";

describe("permissions", () => {
  it("start as the roles usually have them", () => {
    expect(allows(usual(["practitioner", "staff"]), "data", "delete")).toBe(true);
    expect(usual(["staff", "auditor"])).toEqual({ physical: ["access", "add", "edit"] });
    expect(usual(["administrator"])).toEqual({});
  });

  it("change by one verb, and are compared whatever their order", () => {
    const less = changed(usual(["staff"]), "physical", "add", false);
    expect(less).toEqual({ physical: ["access", "edit"] });
    expect(textOf(changed(less, "physical", "add", true))).toBe(textOf(usual(["staff"])));
    expect(textOf({ physical: ["edit", "access"], data: [] })).toBe(textOf(less));
  });
});

describe("identifiers", () => {
  it("are found in the address of a page", () => {
    const [chart, record] = ["01a217a9-e10c-76cb-9a7b-24274064ec27", "01a217a9-e123-7713-bb09-58bbc044f073"];
    expect(idsIn(`https://clinic.example/app/charts/${chart}/records/${record}?a=1`)).toEqual([
      chart,
      record,
    ]);
    expect(idsIn(`Chart ${chart.toUpperCase()}`)).toEqual([chart]);
    expect(idsIn("Grace")).toEqual([]);
  });
});
