import { describe, expect, it } from "vitest";
import { addressOf } from "./notice";

describe("where a notice leads", () => {
  it("is what it is about", () => {
    expect(addressOf({ reason: "hold_placed", hold_id: "h" }, false)).toBe("/app/retention/holds/h");
    expect(addressOf({ reason: "disposition_to_approve", disposition_id: "d" }, true)).toBe(
      "/app/retention/dispositions/d",
    );
    expect(addressOf({ reason: "space_invitation", space_id: "s" }, false)).toBe("/app/spaces/s");
    expect(addressOf({ reason: "space_invitation" }, false)).toBe("/app/spaces");
    expect(addressOf({ reason: "note_to_cosign", chart_id: "c", record_id: "r" }, false)).toBe(
      "/app/charts/c/records/r",
    );
    expect(addressOf({ reason: "escrow_to_approve", chart_id: "c" }, false)).toBe("/app/settings");
    expect(addressOf({ reason: "incident_to_assess", chart_id: "c", record_id: "r" }, true)).toBe(
      "/app/folders/incidents",
    );
  });

  it("is open to whom it is told", () => {
    expect(addressOf({ reason: "retention_ended" }, true)).toBe("/app/retention/eligible");
    expect(addressOf({ reason: "retention_ended", chart_id: "c" }, false)).toBe("/app/charts");
    expect(addressOf({ reason: "records_destroyed", disposition_id: "d" }, false)).toBeUndefined();
    expect(addressOf({ reason: "sharing_ended", chart_id: "c" }, false)).toBeUndefined();
  });
});
