/** What a DICOM's stored pixels look like (PS3.3 C.7.6.3, C.11.1, C.11.2): pure, a frame at a time. */

export interface Layout {
  columns: number;
  rows: number;
  frames: number;
  bitsAllocated: number;
  bitsStored: number;
  isSigned: boolean;
  samples: number;
  /** Colours in planes instead of pixel by pixel. */
  isPlanar: boolean;
  littleEndian: boolean;
  /** `MONOCHROME1`, `MONOCHROME2`, `RGB`, `YBR_FULL`… */
  photometric: string;
  slope: number;
  intercept: number;
}

export interface Window {
  center: number;
  width: number;
}

export const isGrey = (layout: Layout): boolean => layout.samples === 1;

/** Values of a grey frame in the modality's units (Hounsfield, for a CT). */
export function greyFrame(raw: DataView, layout: Layout, frame: number): Float32Array {
  const { columns, rows, bitsAllocated, bitsStored, slope, intercept } = layout;
  const count = columns * rows;
  const bytes = bitsAllocated / 8;
  const start = frame * count * bytes;
  const values = new Float32Array(count);
  const read = reader(raw, layout);
  const mask = 2 ** bitsStored - 1;
  const sign = 2 ** (bitsStored - 1);
  for (let at = 0; at < count; at += 1) {
    const offset = start + at * bytes;
    if (offset + bytes > raw.byteLength) break;
    let value = read(offset) & mask;
    if (layout.isSigned && value >= sign) value -= 2 ** bitsStored;
    values[at] = value * slope + intercept;
  }
  return values;
}

function reader(raw: DataView, { bitsAllocated, littleEndian }: Layout): (offset: number) => number {
  if (bitsAllocated <= 8) return (offset) => raw.getUint8(offset);
  if (bitsAllocated <= 16) return (offset) => raw.getUint16(offset, littleEndian);
  return (offset) => raw.getUint32(offset, littleEndian);
}

/** The window that shows everything there is. */
export function fullWindow(values: Float32Array): Window {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (!Number.isFinite(least)) return { center: 0, width: 1 };
  return { center: (least + most) / 2, width: Math.max(1, most - least) };
}

/** Paints grey values through a window (PS3.3 C.11.2.1.2.1) into RGBA. */
export function paintGrey(
  values: Float32Array,
  window: Window,
  inverted: boolean,
  rgba: Uint8ClampedArray,
): void {
  const width = Math.max(1, window.width);
  const low = window.center - 0.5 - (width - 1) / 2;
  const scale = width === 1 ? 255 : 255 / (width - 1);
  for (let at = 0; at < values.length; at += 1) {
    const raw = (values[at] ?? 0) - low;
    const level = width === 1 ? (raw > 0 ? 255 : 0) : raw * scale;
    const shown = inverted ? 255 - Math.min(255, Math.max(0, level)) : level;
    const to = at * 4;
    rgba[to] = rgba[to + 1] = rgba[to + 2] = shown;
    rgba[to + 3] = 255;
  }
}

/** Paints a frame in colour into RGBA. */
export function paintColour(
  raw: Uint8Array,
  layout: Layout,
  frame: number,
  inverted: boolean,
  rgba: Uint8ClampedArray,
): void {
  const count = layout.columns * layout.rows;
  const start = frame * count * 3;
  const isYbr = layout.photometric.startsWith("YBR");
  const sample = layout.isPlanar
    ? (at: number, of: number) => raw[start + of * count + at] ?? 0
    : (at: number, of: number) => raw[start + at * 3 + of] ?? 0;
  for (let at = 0; at < count; at += 1) {
    const [a, b, c] = [sample(at, 0), sample(at, 1), sample(at, 2)];
    const [red, green, blue] = isYbr ? rgbOf(a, b - 128, c - 128) : [a, b, c];
    const to = at * 4;
    rgba[to] = inverted ? 255 - red : red;
    rgba[to + 1] = inverted ? 255 - green : green;
    rgba[to + 2] = inverted ? 255 - blue : blue;
    rgba[to + 3] = 255;
  }
}

/** PS3.3 C.7.6.3.1.2. */
function rgbOf(y: number, cb: number, cr: number): [number, number, number] {
  return [y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb];
}
