/** What is said around pictures, pages, sound and films. */

/** What the letters for a device mean (DICOM PS3.3 C.7.3.1.1.1). */
const modalities: Record<string, string> = {
  CR: "X-ray",
  CT: "CT scan",
  DX: "X-ray",
  ECG: "ECG",
  ES: "Endoscopy",
  IO: "Dental X-ray",
  MG: "Mammogram",
  MR: "MRI scan",
  NM: "Nuclear scan",
  OP: "Photo of an eye",
  OPT: "Scan of an eye",
  OT: "Picture",
  PT: "PET scan",
  PX: "Dental X-ray",
  RF: "Fluoroscopy",
  RG: "X-ray",
  RTDOSE: "Radiation dose",
  SC: "Picture",
  US: "Ultrasound",
  XA: "Angiogram",
  XC: "Photo",
};

const DOWNLOAD_IT = "Download it to open it in a program of your own.";
const SMALL_PICTURE = "Here is the small picture made when it was checked.";

export const viewers = {
  opening: "Opening…",
  picture: (name: string) => `The picture ${name}`,
  preview: (name: string) => `A small picture of ${name}`,
  previewOnly: "This is a small picture made of the file. Download it for all of it.",
  fit: "Fit",
  zoom: "Zoom",
  percent: (zoom: number) => `${Math.round(zoom * 100)} %`,
  invert: "Invert",
  reset: "Reset",
  brightness: "Window centre",
  contrast: "Window width",
  fromFile: "As in the file",
  everything: "Everything",
  frame: (now: number, all: number) => `Picture ${now} of ${all}`,
  modality: (code: string) => modalities[code] ?? code,
  dicom: (what: string) => what || "X-ray or scan",
  dragHint: "Drag over the picture: left and right for contrast, up and down for brightness.",
  notDecoded: (hasPreview: boolean) =>
    `The pixels of this file cannot be shown here. ${hasPreview ? SMALL_PICTURE : DOWNLOAD_IT}`,
  noPixels: `There is no picture in this file. ${DOWNLOAD_IT}`,
  page: "Page",
  ofPages: (all: number) => `of ${all}`,
  previousPage: "Previous page",
  nextPage: "Next page",
  pdf: (name: string, page: number) => `Page ${page} of ${name}`,
  sound: (name: string) => `The recording ${name}`,
  film: (name: string) => `The film ${name}`,
  noCaptions: "Recordings come without captions.",
  cut: (size: string) => `Only the first ${size} are shown. Download it for all of it.`,
  unshowable: `The browser cannot show this file. ${DOWNLOAD_IT}`,
};
