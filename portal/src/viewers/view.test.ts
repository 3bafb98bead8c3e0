import { describe, expect, it } from "vitest";
import { isShownInPlace, viewOf } from "./view";

describe("a file", () => {
  it("is looked at in the way of its kind", () => {
    const kinds = [
      "application/dicom",
      "image/png",
      "application/pdf",
      "audio/wav",
      "video/quicktime",
      "text/csv",
    ];
    expect(kinds.map((kind) => viewOf(kind, true))).toEqual([
      "dicom",
      "picture",
      "pdf",
      "sound",
      "film",
      "text",
    ]);
  });

  it("that browsers cannot show has its small picture, if there is one", () => {
    expect(viewOf("image/tiff", true)).toBe("preview");
    expect(viewOf("image/heic", false)).toBeUndefined();
    expect(viewOf("application/msword", false)).toBeUndefined();
  });

  it("in which something could run is never asked for in place", () => {
    for (const kind of ["image/jpeg", "application/pdf", "text/plain"])
      expect(isShownInPlace(kind)).toBe(true);
    for (const kind of ["text/html", "image/svg+xml", "application/dicom", "text/plain+x", ""])
      expect(isShownInPlace(kind), kind).toBe(false);
  });
});
