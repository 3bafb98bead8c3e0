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
  /** `MONOCHROME1`, `MONOCHROME2`, `PALETTE COLOR`, `RGB`, `YBR_FULL`… */
  photometric: string;
  slope: number;
  intercept: number;
  palette?: Palette | undefined;
}

/** The colours that numbered pixels stand for. */
export interface Palette {
  /** The number of the first colour; smaller ones have it too, and larger ones than there are, the last. */
  first: number;
  /** Red, green and blue, from 0 to 255, one colour after the other. */
  colours: Uint8Array;
}

export interface Window {
  center: number;
  width: number;
}

/** Whether brightness is for the reader to set: numbers of colours and colours themselves have theirs. */
export const isGrey = (layout: Layout): boolean => layout.samples === 1 && !layout.palette;

/** Two neighbours share their colour, and have a brightness each. */
const isHalved = ({ photometric }: Layout): boolean => photometric.endsWith("_422");

/** Bytes that one frame takes, unpacked. */
export function bytesOfFrame(layout: Layout): number {
  const samples = isHalved(layout) ? 2 : layout.samples;
  return (layout.columns * layout.rows * samples * layout.bitsAllocated) / 8;
}

/** Values of a grey frame in the modality's units (Hounsfield, for a CT); of what was cut off, those of zero. */
export function greyFrame(raw: DataView, layout: Layout, frame: number): Float32Array {
  const { columns, rows, bitsStored, isSigned, slope, intercept } = layout;
  const count = columns * rows;
  const values = new Float32Array(count);
  const read = reader(raw, layout);
  const mask = 2 ** bitsStored - 1;
  const sign = 2 ** (bitsStored - 1);
  for (let at = 0; at < count; at += 1) {
    let value = (read(frame * count + at) & mask) >>> 0;
    if (isSigned && value >= sign) value -= 2 ** bitsStored;
    values[at] = value * slope + intercept;
  }
  return values;
}

/** Reads the sample at a place, counted in samples from the beginning. */
function reader(raw: DataView, { bitsAllocated, littleEndian }: Layout): (at: number) => number {
  const bytes = raw.byteLength;
  // Eight of them in a byte, the first one in its lowest bit, across the ends of frames.
  if (bitsAllocated === 1) return (at) => (at >>> 3 < bytes ? (raw.getUint8(at >>> 3) >>> (at & 7)) & 1 : 0);
  if (bitsAllocated <= 8) return (at) => (at < bytes ? raw.getUint8(at) : 0);
  if (bitsAllocated <= 16) return (at) => (at * 2 + 2 <= bytes ? raw.getUint16(at * 2, littleEndian) : 0);
  return (at) => (at * 4 + 4 <= bytes ? raw.getUint32(at * 4, littleEndian) : 0);
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
  raw: DataView,
  layout: Layout,
  frame: number,
  inverted: boolean,
  rgba: Uint8ClampedArray,
): void {
  const colourAt = colours(raw, layout, frame);
  const count = layout.columns * layout.rows;
  for (let at = 0; at < count; at += 1) {
    const [red, green, blue] = colourAt(at);
    const to = at * 4;
    rgba[to] = inverted ? 255 - red : red;
    rgba[to + 1] = inverted ? 255 - green : green;
    rgba[to + 2] = inverted ? 255 - blue : blue;
    rgba[to + 3] = 255;
  }
}

type Colour = [red: number, green: number, blue: number];

function colours(raw: DataView, layout: Layout, frame: number): (at: number) => Colour {
  const read = reader(raw, layout);
  const count = layout.columns * layout.rows;
  if (layout.palette) {
    const { palette } = layout;
    return (at) => colourOf(palette, read(frame * count + at));
  }
  // Screens show eight bits of a colour.
  const surplus = Math.max(0, layout.bitsStored - 8);
  const level = (at: number) => read(at) >>> surplus;
  const isYbr = layout.photometric.startsWith("YBR");
  const place = placing(layout, frame);
  return (at) => {
    const [a, b, c] = [level(place(at, 0)), level(place(at, 1)), level(place(at, 2))];
    return isYbr ? rgbOf(a, b - 128, c - 128) : [a, b, c];
  };
}

/** Where a pixel's samples are, counted in samples. */
function placing(layout: Layout, frame: number): (at: number, of: number) => number {
  const count = layout.columns * layout.rows;
  if (isHalved(layout)) {
    const start = frame * count * 2;
    return (at, of) => start + (at >>> 1) * 4 + (of === 0 ? at & 1 : of + 1);
  }
  const start = frame * count * layout.samples;
  if (layout.isPlanar) return (at, of) => start + of * count + at;
  return (at, of) => start + at * layout.samples + of;
}

function colourOf({ first, colours }: Palette, number: number): Colour {
  const last = colours.length / 3 - 1;
  const from = Math.min(last, Math.max(0, number - first)) * 3;
  return [colours[from] ?? 0, colours[from + 1] ?? 0, colours[from + 2] ?? 0];
}

/** PS3.3 C.7.6.3.1.2. */
function rgbOf(y: number, cb: number, cr: number): Colour {
  return [y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb];
}
