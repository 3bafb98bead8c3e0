import { describe, expect, it } from "vitest";
import { readDicom } from "./dicom";

const EXPLICIT = "1.2.840.10008.1.2.1";
const RLE = "1.2.840.10008.1.2.5";
const LONG = new Set(["OB", "OW"]);

type Value = string | number[] | Uint8Array;
type Element = [group: number, element: number, vr: string, value: Value];

const plain = (vr: string, value: Value): Uint8Array => {
  if (typeof value === "string") return new TextEncoder().encode(value.length % 2 ? `${value} ` : value);
  if (value instanceof Uint8Array) return value;
  return new Uint8Array(vr === "US" || vr === "OW" ? new Uint16Array(value).buffer : value);
};

function encoded([group, element, vr, value]: Element): number[] {
  const bytes = plain(vr, value);
  // Packed pixels come in items, whose end is marked.
  const isPacked = value instanceof Uint8Array;
  const length = isPacked ? 0xffffffff : bytes.length;
  const head = new DataView(new ArrayBuffer(LONG.has(vr) ? 12 : 8));
  head.setUint16(0, group, true);
  head.setUint16(2, element, true);
  [...vr].forEach((letter, at) => head.setUint8(4 + at, letter.charCodeAt(0)));
  if (LONG.has(vr)) head.setUint32(8, length, true);
  else head.setUint16(6, length, true);
  return [...new Uint8Array(head.buffer), ...bytes];
}

/** A file of two pixels side by side. */
function dicom(syntax: string, ...elements: Element[]): ArrayBuffer {
  const shape: Element[] = [
    [0x0028, 0x0010, "US", [1]],
    [0x0028, 0x0011, "US", [2]],
  ];
  const all = [...shape, ...elements].sort((one, other) => one[0] - other[0] || one[1] - other[1]);
  const meta = encoded([0x0002, 0x0010, "UI", syntax.length % 2 ? `${syntax}\0` : syntax]);
  const length = encoded([0x0002, 0x0000, "UL", [meta.length, 0, 0, 0]]);
  const magic = [...new Uint8Array(128), ...new TextEncoder().encode("DICM")];
  return new Uint8Array([...magic, ...length, ...meta, ...all.flatMap(encoded)]).buffer;
}

const grey: Element[] = [
  [0x0028, 0x0002, "US", [1]],
  [0x0028, 0x0004, "CS", "MONOCHROME2"],
  [0x0028, 0x0100, "US", [16]],
  [0x0028, 0x0101, "US", [12]],
  [0x0028, 0x0103, "US", [0]],
];

const colour = (photometric: string, samples: number): Element[] => [
  [0x0028, 0x0002, "US", [samples]],
  [0x0028, 0x0004, "CS", photometric],
  [0x0028, 0x0006, "US", [0]],
  [0x0028, 0x0100, "US", [8]],
  [0x0028, 0x0101, "US", [8]],
  [0x0028, 0x0103, "US", [0]],
];

const item = (bytes: number[]) => [0xfe, 0xff, 0x00, 0xe0, bytes.length, 0, 0, 0, ...bytes];
const END = [0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0];

describe("a DICOM", () => {
  it("tells its pixels, their layout and the windows it asks for", () => {
    const read = readDicom(
      dicom(
        EXPLICIT,
        ...grey,
        [0x0028, 0x1050, "DS", "40\\-600"],
        [0x0028, 0x1051, "DS", "400\\1500"],
        [0x0028, 0x1052, "DS", "-1024"],
        [0x0028, 0x1053, "DS", "2"],
        [0x0028, 0x1055, "LO", "Bone\\Lung"],
        [0x7fe0, 0x0010, "OW", [7, 9]],
      ),
    );
    if ("failed" in read) throw new Error(read.failed);
    expect([...new Uint16Array(read.raw)]).toEqual([7, 9]);
    expect(read.layout).toMatchObject({ columns: 2, rows: 1, bitsStored: 12, slope: 2, intercept: -1024 });
    expect(read.presets).toEqual([
      { center: 40, width: 400, name: "Bone" },
      { center: -600, width: 1500, name: "Lung" },
    ]);
  });

  it("gives the colours of its palette, first number and all", () => {
    const read = readDicom(
      dicom(
        EXPLICIT,
        ...colour("PALETTE COLOR", 1),
        [0x0028, 0x1101, "US", [2, 5, 16]],
        [0x0028, 0x1201, "OW", [0x0a00, 0x1400]],
        [0x0028, 0x1202, "OW", [0x0b00, 0x1500]],
        [0x0028, 0x1203, "OW", [0x0c00, 0x1600]],
        [0x7fe0, 0x0010, "OB", [5, 6]],
      ),
    );
    if ("failed" in read) throw new Error(read.failed);
    expect(read.layout.palette).toEqual({ first: 5, colours: new Uint8Array([10, 11, 12, 20, 21, 22]) });
    expect([...new Uint8Array(read.raw)]).toEqual([5, 6]);
  });

  it("comes pixel by pixel once it is unpacked, whatever it says of planes", () => {
    const starts = [3, 64, 67, 70].flatMap((start) => [start, 0, 0, 0]);
    const header = [...starts, ...new Array<number>(64 - starts.length).fill(0)];
    const packed = [...header, 1, 1, 4, 1, 2, 5, 1, 3, 6, 0];
    const read = readDicom(
      dicom(
        RLE,
        ...colour("RGB", 3).filter(([, element]) => element !== 0x0006),
        [0x0028, 0x0006, "US", [1]],
        [0x7fe0, 0x0010, "OB", new Uint8Array([...item([]), ...item(packed), ...END])],
      ),
    );
    if ("failed" in read) throw new Error(read.failed);
    expect(read.layout.isPlanar).toBe(false);
    expect([...new Uint8Array(read.raw)]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("says so where it has no pixels, too few of them, or none that can be unpacked rightly", () => {
    expect(readDicom(dicom(EXPLICIT, ...grey))).toEqual({ failed: "no_pixels" });
    const cut = dicom(EXPLICIT, ...grey, [0x7fe0, 0x0010, "OW", [7]]);
    expect(readDicom(cut)).toEqual({ failed: "not_decoded" });
    const packed = new Uint8Array([...item([]), ...item([0xff, 0x4f, 0xff, 0x51]), ...END]);
    for (const [syntax, form] of [
      ["1.2.840.10008.1.2.4.91", grey],
      ["1.2.840.10008.1.2.4.51", grey],
      ["1.2.840.10008.1.2.4.50", colour("RGB", 3)],
    ] as [string, Element[]][]) {
      const file = dicom(syntax, ...form, [0x7fe0, 0x0010, "OB", packed]);
      expect(readDicom(file), syntax).toEqual({ failed: "not_decoded" });
    }
    expect(readDicom(new ArrayBuffer(0))).toHaveProperty("failed");
  });
});
