import { describe, expect, it } from "vitest";
import { bytesOfFrame, fullWindow, greyFrame, isGrey, paintColour, paintGrey, type Layout } from "./pixels";

const layout: Layout = {
  columns: 2,
  rows: 1,
  frames: 2,
  bitsAllocated: 16,
  bitsStored: 12,
  isSigned: false,
  samples: 1,
  isPlanar: false,
  littleEndian: true,
  photometric: "MONOCHROME2",
  slope: 1,
  intercept: 0,
};
const bytes = (...values: number[]) => new DataView(new Uint8Array(values).buffer);
const words = (...values: number[]) => new DataView(new Uint16Array(values).buffer);

describe("grey pixels", () => {
  it("are read frame by frame, without the bits that are not stored", () => {
    const raw = words(1, 2, 0xf003, 4);
    expect([...greyFrame(raw, layout, 0)]).toEqual([1, 2]);
    expect([...greyFrame(raw, layout, 1)]).toEqual([3, 4]);
  });

  it("have a sign, a slope and an intercept", () => {
    const raw = words(0xfff, 100);
    const ct = { ...layout, isSigned: true, slope: 2, intercept: -1024 };
    expect([...greyFrame(raw, ct, 0)]).toEqual([-1026, -824]);
  });

  it("are big-endian where the file says so", () => {
    const raw = bytes(0x01, 0x00, 0x00, 0x02);
    expect([...greyFrame(raw, { ...layout, littleEndian: false }, 0)]).toEqual([256, 2]);
  });

  it("are zero where the file was cut off", () => {
    expect([...greyFrame(words(7), { ...layout, frames: 1 }, 0)]).toEqual([7, 0]);
  });

  it("may take all of 32 bits, or one", () => {
    const dose = { ...layout, bitsAllocated: 32, bitsStored: 32, frames: 1 };
    expect([...greyFrame(new DataView(new Uint32Array([2 ** 32 - 2, 5]).buffer), dose, 0)]).toEqual([
      Math.fround(2 ** 32 - 2),
      5,
    ]);
    const mask = { ...layout, columns: 3, bitsAllocated: 1, bitsStored: 1 };
    expect([...greyFrame(bytes(0b011001), mask, 0)]).toEqual([1, 0, 0]);
    expect([...greyFrame(bytes(0b011001), mask, 1)]).toEqual([1, 1, 0]);
  });

  it("are painted through the window, and inverted", () => {
    const values = new Float32Array([0, 50, 100, 1000]);
    const rgba = new Uint8ClampedArray(16);
    paintGrey(values, { center: 50.5, width: 101 }, false, rgba);
    expect([rgba[0], rgba[4], rgba[8], rgba[12]]).toEqual([0, 127, 255, 255]);
    paintGrey(values, { center: 50.5, width: 101 }, true, rgba);
    expect([rgba[0], rgba[8], rgba[3]]).toEqual([255, 0, 255]);
  });

  it("have a window that shows all of them, whatever they are", () => {
    expect(fullWindow(new Float32Array([-10, 30]))).toEqual({ center: 10, width: 40 });
    expect(fullWindow(new Float32Array([5, 5]))).toEqual({ center: 5, width: 1 });
    expect(fullWindow(new Float32Array([]))).toEqual({ center: 0, width: 1 });
  });
});

describe("coloured pixels", () => {
  const colour = { ...layout, samples: 3, bitsAllocated: 8, bitsStored: 8, photometric: "RGB" };

  it("come pixel by pixel or in planes", () => {
    const rgba = new Uint8ClampedArray(8);
    paintColour(bytes(1, 2, 3, 4, 5, 6), colour, 0, false, rgba);
    expect([...rgba]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
    paintColour(bytes(1, 4, 2, 5, 3, 6), { ...colour, isPlanar: true }, 0, false, rgba);
    expect([...rgba]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
  });

  it("are turned from luminance and chrominance", () => {
    const rgba = new Uint8ClampedArray(8);
    paintColour(bytes(128, 128, 128, 76, 85, 255), { ...colour, photometric: "YBR_FULL" }, 0, false, rgba);
    expect([...rgba.slice(0, 3)]).toEqual([128, 128, 128]);
    expect(rgba[4]).toBeGreaterThan(250);
    expect(rgba[5]).toBeLessThan(5);
  });

  it("may share their colour with a neighbour", () => {
    const rgba = new Uint8ClampedArray(8);
    const halved = { ...colour, photometric: "YBR_FULL_422" };
    paintColour(bytes(10, 200, 128, 128), halved, 0, false, rgba);
    expect([...rgba]).toEqual([10, 10, 10, 255, 200, 200, 200, 255]);
    expect(bytesOfFrame(halved)).toBe(4);
    expect(bytesOfFrame(colour)).toBe(6);
  });

  it("are shown with the eight bits that weigh most", () => {
    const rgba = new Uint8ClampedArray(8);
    const deep = { ...colour, bitsAllocated: 16, bitsStored: 16 };
    paintColour(words(0x0100, 0x0200, 0x0300, 0xff00, 0, 0), deep, 0, false, rgba);
    expect([...rgba]).toEqual([1, 2, 3, 255, 255, 0, 0, 255]);
  });

  it("may be numbers of a palette, which ends at both its ends", () => {
    const palette = { first: 10, colours: new Uint8Array([1, 2, 3, 4, 5, 6]) };
    const numbered = { ...layout, bitsAllocated: 8, photometric: "PALETTE COLOR", palette };
    expect(isGrey(numbered)).toBe(false);
    const rgba = new Uint8ClampedArray(8);
    paintColour(bytes(0, 0, 10, 99), numbered, 1, false, rgba);
    expect([...rgba]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
  });
});
