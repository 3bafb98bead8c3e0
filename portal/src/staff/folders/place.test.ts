import { describe, expect, it } from "vitest";
import { accessesWithin, kindsWithin, matching, type Place } from "./place";

const place = (kind: Place["kind"], path: string): Place => ({
  id: path,
  kind,
  name: path.split(" / ").at(-1) ?? "",
  path,
  within: [],
  cleared: [],
  access: "open",
  scheme: "straight_numeric",
  barcode: `L-${path}`,
  revision: 1,
});

describe("places", () => {
  const room = place("room", "Main building / Records room");
  const shelf = place("shelf", "Main building / Records room / Cabinet C / Shelf 2");

  it("are found by any part of their path, in any order", () => {
    expect(matching([room, shelf], "shelf main")).toEqual([shelf]);
    expect(matching([room, shelf], "RECORDS")).toEqual([room, shelf]);
    expect(matching([room, shelf], "building / records")).toEqual([room, shelf]);
    expect(matching([room, shelf], "attic")).toEqual([]);
  });

  it("stand inside coarser ones", () => {
    expect(kindsWithin(undefined)).toEqual(["site"]);
    expect(kindsWithin(room)).toEqual(["cabinet", "shelf", "box", "folder"]);
    expect(kindsWithin(place("folder", "x"))).toEqual([]);
  });

  it("are guarded at least as well as what is around them", () => {
    expect(accessesWithin(undefined)).toEqual(["open", "restricted", "secured"]);
    expect(accessesWithin({ ...room, access: "restricted" })).toEqual(["restricted", "secured"]);
  });
});
