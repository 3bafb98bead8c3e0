import { describe, expect, it } from "vitest";
import {
  isOver,
  micrograms,
  milligrams,
  nameOf,
  outstanding,
  takesFrom,
  toInstant,
  toLocal,
} from "./session";

describe("doses", () => {
  it("are milligrams to people and micrograms to the API", () => {
    expect([micrograms("25"), micrograms(" 2,5 "), micrograms("0"), micrograms("0.001")]).toEqual([
      25_000, 2_500, 0, 1,
    ]);
    expect([micrograms(""), micrograms("much"), micrograms("-1")]).toEqual([undefined, undefined, undefined]);
    expect([milligrams(2_500), milligrams(null)]).toEqual(["2.5", ""]);
  });
});

describe("moments", () => {
  it("read back as they were typed", () => {
    expect(toLocal(toInstant("2026-03-01T09:30"))).toBe("2026-03-01T09:30");
    expect([toInstant(""), toLocal(null)]).toEqual([undefined, ""]);
  });
});

describe("items", () => {
  it("have the names of their forms, and documents their own", () => {
    expect(nameOf({ code: "phq_9" })).toContain("PHQ-9");
    expect(nameOf({ code: "document_2" })).toBe("Document 2");
    expect(nameOf({ code: "document_2", title: "House rules" })).toBe("House rules");
  });

  it("are outstanding while they are required and not complete", () => {
    const items = [
      { required: true, state: "complete" },
      { required: true, state: "awaiting_counter_signature" },
      { required: false, state: "outstanding" },
    ] as const;
    expect(outstanding([...items])).toBe(1);
  });
});

describe("groups", () => {
  const group = {
    id: "group",
    group: true,
    voided: false,
    status: "ready" as const,
    center_id: "north",
    facilitators: ["ben"],
  };
  const center = { organization_id: "north", associated_at: "2026-03-01T09:30:00Z", oregon: true };
  const one = { id: "one" };
  const ofBen = { facilitator: "ben" };

  it("take somebody over from a session without a center, or with the same", () => {
    expect(takesFrom(group, one, ofBen)).toBe(true);
    expect(takesFrom(group, { ...one, center }, ofBen)).toBe(true);
    const south = { ...center, organization_id: "south" };
    expect(takesFrom(group, { ...one, center: south }, ofBen)).toBe(false);
  });

  it("take nobody from themselves, nor without their facilitator, nor when it is too late", () => {
    expect(takesFrom(group, group, ofBen)).toBe(false);
    expect(takesFrom(group, one, { facilitator: "amara" })).toBe(false);
    expect(takesFrom({ ...group, voided: true }, one, ofBen)).toBe(false);
    expect(takesFrom({ ...group, status: "post_journey" }, one, ofBen)).toBe(false);
    expect(takesFrom({ ...group, group: false }, one, ofBen)).toBe(false);
  });
});

describe("sessions of a client", () => {
  it("are over when they are completed or struck through", () => {
    expect(isOver({ status: "post_journey", voided: false })).toBe(false);
    expect(isOver({ status: "completed", voided: false })).toBe(true);
    expect(isOver({ status: "preparing", voided: true })).toBe(true);
  });
});
