declare module "daikon" {
  export interface Tag {
    /** Numbers or texts of most kinds of values; the bytes of some. */
    value: unknown;
  }
  export interface Image {
    littleEndian: boolean;
    getTag(group: number, element: number): Tag | undefined;
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
    getTransferSyntax(): string | null;
    isCompressed(): boolean;
    isCompressedJPEGBaseline(): boolean;
    isCompressedRLE(): boolean;
    isPalette(): boolean;
    getRawData(): ArrayBuffer;
  }
  const daikon: {
    Image: { skipPaletteConversion: boolean };
    Series: { parseImage(data: DataView): Image | null };
  };
  export default daikon;
}
