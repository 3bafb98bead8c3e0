/** Reads a DICOM away from the page, so that a large one does not freeze it; the page paints. */
import { readDicom } from "./dicom";

onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
  const read = readDicom(data);
  postMessage(read, { transfer: "raw" in read ? [read.raw] : [] });
};
