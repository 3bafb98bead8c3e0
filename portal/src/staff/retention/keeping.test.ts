import { describe, expect, it } from "vitest";
import { periodWords } from "../../texts/keeping";
import { day } from "../../texts/format";
import { blockWords, comingWords, inputsOf, missingWords, sentenceOf } from "./keeping";

describe("how long a record is kept", () => {
  it("is one sentence", () => {
    const said = (value: string, eligible = false) =>
      sentenceOf({ as_of: "2026-11-26", eligible, outcome: { outcome: "eligible_on", value } });
    expect(said("2033-03-01")).toBe(`It is kept until ${day("2033-03-01")}.`);
    expect(said("2026-11-26", true)).toContain("can be proposed");
    expect(said("2020-01-01")).toContain("kept all the same");
    const other = (outcome: Parameters<typeof sentenceOf>[0]["outcome"]) =>
      sentenceOf({ as_of: "2026-11-26", eligible: false, outcome });
    expect(other({ outcome: "never" })).toContain("for ever");
    expect(other({ outcome: "unknown", value: ["class"] })).toContain("cannot be said");
  });

  it("tells of rules that come", () => {
    const said = (outcome: Parameters<typeof comingWords>[0]["outcome"]) =>
      comingWords({ rule_id: "MD-ALL", version: "2", text: "", effective_from: "2027-01-01", outcome });
    const until = said({ outcome: "eligible_on", value: "2033-03-01" });
    expect(until).toContain(`From ${day("2027-01-01")} on, the rule MD-ALL`);
    expect(until).toContain(`kept until ${day("2033-03-01")}.`);
    expect(said({ outcome: "never" })).toContain("for ever.");
    expect(said({ outcome: "unknown", value: ["discharge"] })).toContain("cannot be said");
  });

  it("has periods as people say them", () => {
    expect(periodWords("7y")).toBe("7 years");
    expect(periodWords("11y3m")).toBe("11 years 3 months");
    expect(periodWords("1y")).toBe("1 year");
    expect(periodWords("30d")).toBe("30 days");
    expect(periodWords("permanent")).toBe("for ever");
  });

  it("says what is missing and what keeps it", () => {
    expect(missingWords({ code: "discharge", text: "" }, "patient")).toContain("patient was discharged");
    expect(missingWords({ code: "something_new", text: "New." }, "patient")).toBe("New.");
    expect(blockWords({ block: "incapacity", rule_id: "X-1" }, "patient")).toContain("(X-1)");
    expect(blockWords({ block: "unpaid_claim" }, "patient")).toBe("A claim is not paid yet.");
  });

  it("shows the facts that are known, and no others", () => {
    const facts = inputsOf(
      {
        client: {
          birth_year: 1984,
          payers: ["medicaid"],
          residences: ["CA-BC", "US-MD"],
          incapacitated: true,
          unpaid_claim: false,
          open_request: false,
        },
        record: {
          record_id: "r",
          class: "imaging",
          created_on: "2020-01-02",
          last_entry_on: "2020-01-02",
          occurred_on: "2020-01-01",
        },
      },
      "patient",
    );
    expect(Object.fromEntries(facts)).toMatchObject({
      Born: "1984-••-••",
      "Who pays": "Medicaid",
      "Lives in": "CA-BC, US-MD",
      "Lacks capacity": "Yes",
    });
    expect(facts.map(([label]) => label)).not.toContain("Discharged");
  });
});
