declare module "daikon" {
  export interface Image {
    decompressed: boolean;
    littleEndian: boolean;
    hasPixelData(): boolean;
    getCols(): number;
    getRows(): number;
    getNumberOfFrames(): number;
    getBitsAllocated(): number;
    getBitsStored(): number;
    getPixelRepresentation(): number;
    getNumberOfSamplesPerPixel(): number;
    getPlanarConfig(): number;
    getPhotometricInterpretation(): string | null;
    getDataScaleSlope(): number | null;
    getDataScaleIntercept(): number | null;
    getWindowWidth(): number | null;
    getWindowCenter(): number | null;
    isCompressed(): boolean;
    isCompressedRLE(): boolean;
    isCompressedJPEGBaseline(): boolean;
    isCompressedJPEGLossless(): boolean;
    isPalette(): boolean;
    getRawData(): ArrayBuffer;
  }
  const daikon: { Series: { parseImage(data: DataView): Image | null } };
  export default daikon;
}
