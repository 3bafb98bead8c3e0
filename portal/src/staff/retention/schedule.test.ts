import { describe, expect, it } from "vitest";
import { draftOf, faultsOf, newPolicy, termsOf, type Schedule } from "./schedule";

const schedule: Schedule = {
  version: 3,
  jurisdictions: ["US-MD"],
  practices: ["physician"],
  adopted: [{ rule_id: "KS-MD", text: "", reviewed_by: { member_id: "m" }, reviewed_on: "2026-01-01" }],
  policies: [
    {
      id: "OWN-CHARTS",
      name: "Charts",
      classes: [],
      trigger: "last_encounter",
      period: "12y",
      minors_until_age: 30,
    },
    { id: "OWN-SCANS", name: "Scans", classes: ["imaging"], trigger: "none", period: "permanent" },
    { id: "OWN-ODD", name: "Odd", classes: [], trigger: "exam_date", period: "11y3m" },
  ],
  file_plan: { imaging: "imaging" },
  cut_off: { type: "fiscal_year_end", month: 6 },
  gaps: [],
  effective_from: "2026-01-01",
};

describe("a schedule that is edited", () => {
  it("comes back as it was", () => {
    const terms = termsOf(draftOf(schedule));
    expect(terms).toMatchObject({
      jurisdictions: ["US-MD"],
      adopted: ["KS-MD"],
      file_plan: { imaging: "imaging" },
      cut_off: { type: "fiscal_year_end", month: 6 },
    });
    expect(terms?.policies?.map(({ id, period, trigger }) => [id, period, trigger])).toEqual([
      ["OWN-CHARTS", "12y", "last_encounter"],
      ["OWN-SCANS", "permanent", "none"],
      ["OWN-ODD", "11y3m", "exam_date"],
    ]);
    expect(terms?.policies?.[0]?.minors_until_age).toBe(30);
    expect(terms?.policies?.[1]).not.toHaveProperty("minors_until_age");
  });

  it("names a place and a kind of practice", () => {
    expect(termsOf({ ...draftOf(schedule), places: [] })).toBeUndefined();
    expect(termsOf({ ...draftOf(schedule), practices: [] })).toBeUndefined();
  });

  it("has rules of one's own that say what they are and for how long", () => {
    const one = { ...newPolicy(), id: "A-1", name: "All", amount: "10" };
    expect(Object.values(faultsOf(one, [one]))).not.toContain(true);
    expect(faultsOf({ ...one, id: "a b" }, [one]).id).toBe(true);
    expect(faultsOf(one, [one, { ...newPolicy(), id: "A-1" }]).id).toBe(true);
    expect(faultsOf({ ...one, amount: "201" }, [one]).amount).toBe(true);
    expect(faultsOf({ ...one, unit: "m", amount: "12" }, [one]).amount).toBe(true);
    expect(faultsOf({ ...one, unit: "permanent", amount: "" }, [one]).amount).toBe(false);
    expect(faultsOf({ ...one, minors: "17" }, [one]).minors).toBe(true);
    expect(termsOf({ ...draftOf(schedule), policies: [{ ...one, name: " " }] })).toBeUndefined();
  });
});
