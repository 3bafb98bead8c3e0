/** Reads a DICOM: its unpacked pixels and how they lie; what they look like, `pixels` says. */
import daikon, { type Image } from "daikon";
import { bytesOfFrame, type Layout, type Palette, type Window } from "./pixels";

/** A window that the file asks for, with its name where it has one. */
export type Preset = Window & { name?: string | undefined };

export type Read =
  | { raw: ArrayBuffer; layout: Layout; presets: Preset[] }
  /** It has no pixels, or none that can be decoded here. */
  | { failed: "no_pixels" | "not_decoded" };

// Its own conversion takes colours for more than they are; `pixels` has one.
daikon.Image.skipPaletteConversion = true;

export function readDicom(bytes: ArrayBuffer): Read {
  try {
    const image = daikon.Series.parseImage(new DataView(bytes));
    if (!image?.hasPixelData()) return { failed: "no_pixels" };
    if (!isDecodedRight(image)) return { failed: "not_decoded" };
    // Asked before: unpacking changes what it says of itself.
    const layout = layoutOf(image);
    const unpacked = image.getRawData();
    // What it hands out may lie within the file.
    const raw = unpacked === bytes ? unpacked.slice(0) : unpacked;
    if (!canBeShown(layout, raw)) return { failed: "not_decoded" };
    return { raw, layout, presets: presetsOf(image) };
  } catch {
    return { failed: "not_decoded" };
  }
}

/** JPEG 2000, where it may lose something. */
const LOSSY_2000 = "1.2.840.10008.1.2.4.91";

/**
 * Better the picture that inspection made than values that are not those of the file: of lossy JPEG 2000, of JPEG with
 * more than eight bits, and of JPEG in red, green and blue, the decoders give others.
 */
function isDecodedRight(image: Image): boolean {
  if (image.getTransferSyntax()?.startsWith(LOSSY_2000)) return false;
  const isRgb = image.getPhotometricInterpretation()?.trim() === "RGB";
  return !(image.isCompressedJPEGBaseline() && (isRgb || image.getBitsAllocated() > 8));
}

/** Whether the bytes are what the layout says, and the layout is one that `pixels` knows. */
function canBeShown(layout: Layout, raw: ArrayBuffer): boolean {
  const bytes = bytesOfFrame(layout);
  const isKnown = [1, 8, 16, 32].includes(layout.bitsAllocated) && [1, 3].includes(layout.samples);
  return isKnown && bytes > 0 && raw.byteLength >= Math.floor(bytes);
}

function layoutOf(image: Image): Layout {
  const photometric = (image.getPhotometricInterpretation() ?? "MONOCHROME2").trim();
  const isRle = image.isCompressedRLE();
  const isJpeg = image.isCompressed() && !isRle;
  return {
    columns: image.getCols(),
    rows: image.getRows(),
    frames: Math.max(1, Number(image.getNumberOfFrames()) || 1),
    bitsAllocated: image.getBitsAllocated(),
    bitsStored: image.getBitsStored(),
    isSigned: image.getPixelRepresentation() === 1,
    samples: image.getNumberOfSamplesPerPixel() || 1,
    // What is unpacked comes pixel by pixel.
    isPlanar: !image.isCompressed() && image.getPlanarConfig() === 1,
    littleEndian: image.littleEndian || isJpeg,
    // Decoders of JPEG give red, green and blue.
    photometric: isJpeg && photometric.startsWith("YBR") ? "RGB" : photometric,
    slope: image.getDataScaleSlope() || 1,
    intercept: image.getDataScaleIntercept() || 0,
    palette: image.isPalette() ? paletteOf(image) : undefined,
  };
}

const WINDOW_CENTER = [0x0028, 0x1050] as const;
const WINDOW_WIDTH = [0x0028, 0x1051] as const;
const WINDOW_NAME = [0x0028, 0x1055] as const;

function presetsOf(image: Image): Preset[] {
  const [centers, widths, names] = [WINDOW_CENTER, WINDOW_WIDTH, WINDOW_NAME].map((tag) =>
    valuesOf(image, tag),
  );
  return (centers ?? []).flatMap((given, at) => {
    const [center, width, name] = [Number(given), Number(widths?.[at]), String(names?.[at] ?? "").trim()];
    return Number.isFinite(center) && width > 0 ? [{ center, width, name: name || undefined }] : [];
  });
}

const PALETTE_SHAPE = [0x0028, 0x1101] as const;
const PALETTE = [
  [0x0028, 0x1201],
  [0x0028, 0x1202],
  [0x0028, 0x1203],
] as const;

/** PS3.3 C.7.6.3.1.5 and C.7.6.3.1.6. */
function paletteOf(image: Image): Palette {
  const [count = 0, first = 0, bits = 16] = valuesOf(image, PALETTE_SHAPE).map(Number);
  const size = count || 2 ** 16;
  const colours = new Uint8Array(size * 3);
  for (const [of, [group, element]] of PALETTE.entries()) {
    const values = image.getTag(group, element)?.value;
    if (!(values instanceof DataView)) throw new TypeError("a palette without its colours");
    // Some writers keep eight bits in sixteen, all the same.
    const isPacked = values.byteLength < size * 2;
    for (let at = 0; at < size; at += 1) {
      const value = isPacked ? values.getUint8(at) : values.getUint16(at * 2, image.littleEndian);
      colours[at * 3 + of] = isPacked || bits === 8 ? value : value >>> 8;
    }
  }
  return { first, colours };
}

/** The values of an element; none where it is not there. */
function valuesOf(image: Image, [group, element]: readonly [number, number]): unknown[] {
  const value = image.getTag(group, element)?.value;
  return Array.isArray(value) ? value : [];
}
