/** Reads a DICOM away from the page, so that a large one does not freeze it; the page paints. */
import daikon, { type Image } from "daikon";
import type { Layout, Window } from "./pixels";

export type Read =
  | { raw: ArrayBuffer; layout: Layout; window: Window | undefined }
  /** It has no pixels, or none that can be decoded here. */
  | { failed: "no_pixels" | "not_decoded" };

onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
  const read = readImage(data);
  postMessage(read, { transfer: "raw" in read ? [read.raw] : [] });
};

function readImage(bytes: ArrayBuffer): Read {
  try {
    const image = daikon.Series.parseImage(new DataView(bytes));
    if (!image?.hasPixelData()) return { failed: "no_pixels" };
    // Asked before: unpacking changes what it says of itself.
    const layout = layoutOf(image);
    const unpacked = image.getRawData();
    // What it hands out may lie within the file.
    const raw = unpacked === bytes ? unpacked.slice(0) : unpacked;
    const bytesNeeded = layout.columns * layout.rows * layout.samples * (layout.bitsAllocated / 8);
    if (!bytesNeeded || raw.byteLength < bytesNeeded) return { failed: "not_decoded" };
    return { raw, layout, window: windowOf(image) };
  } catch {
    return { failed: "not_decoded" };
  }
}

function layoutOf(image: Image): Layout {
  const isPalette = image.isPalette();
  const photometric = (image.getPhotometricInterpretation() ?? "MONOCHROME2").trim();
  const isRle = image.isCompressedRLE();
  const isJpeg = image.isCompressed() && !isRle;
  return {
    columns: image.getCols(),
    rows: image.getRows(),
    frames: Math.max(1, image.getNumberOfFrames() || 1),
    bitsAllocated: isPalette ? 8 : image.getBitsAllocated(),
    bitsStored: isPalette ? 8 : image.getBitsStored(),
    isSigned: image.getPixelRepresentation() === 1,
    samples: isPalette ? 3 : image.getNumberOfSamplesPerPixel() || 1,
    // RLE stores planes; decoders of JPEG give pixels, in red, green and blue.
    isPlanar: !isPalette && (isRle || (!isJpeg && image.getPlanarConfig() === 1)),
    littleEndian: image.littleEndian || isJpeg,
    photometric: isPalette || (isJpeg && photometric.startsWith("YBR")) ? "RGB" : photometric,
    slope: image.getDataScaleSlope() || 1,
    intercept: image.getDataScaleIntercept() || 0,
  };
}

function windowOf(image: Image): Window | undefined {
  const [center, width] = [image.getWindowCenter(), image.getWindowWidth()];
  return center !== null && width ? { center, width } : undefined;
}
