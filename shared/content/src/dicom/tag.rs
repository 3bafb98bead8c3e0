//! The data elements we read, by name.

/// Group and element in one number.
pub(crate) type Tag = u32;

pub(crate) const TRANSFER_SYNTAX: Tag = 0x0002_0010;
pub(crate) const MEDIA_SOP_CLASS: Tag = 0x0002_0002;
pub(crate) const DIRECTORY_RECORDS: Tag = 0x0004_1220;
pub(crate) const CHARACTER_SET: Tag = 0x0008_0005;
pub(crate) const SOP_CLASS: Tag = 0x0008_0016;
pub(crate) const SOP_INSTANCE: Tag = 0x0008_0018;
pub(crate) const STUDY_DATE: Tag = 0x0008_0020;
pub(crate) const MODALITY: Tag = 0x0008_0060;
pub(crate) const PATIENT_NAME: Tag = 0x0010_0010;
pub(crate) const PATIENT_ID: Tag = 0x0010_0020;
pub(crate) const BIRTH_DATE: Tag = 0x0010_0030;
pub(crate) const SEX: Tag = 0x0010_0040;
pub(crate) const OTHER_IDS: Tag = 0x0010_1000;
pub(crate) const OTHER_NAMES: Tag = 0x0010_1001;
pub(crate) const IDENTITY_REMOVED: Tag = 0x0012_0062;
pub(crate) const BODY_PART: Tag = 0x0018_0015;
pub(crate) const STUDY_INSTANCE: Tag = 0x0020_000d;
pub(crate) const SERIES_INSTANCE: Tag = 0x0020_000e;
pub(crate) const SAMPLES: Tag = 0x0028_0002;
pub(crate) const PHOTOMETRIC: Tag = 0x0028_0004;
pub(crate) const PLANAR: Tag = 0x0028_0006;
pub(crate) const FRAMES: Tag = 0x0028_0008;
pub(crate) const ROWS: Tag = 0x0028_0010;
pub(crate) const COLUMNS: Tag = 0x0028_0011;
pub(crate) const BITS_ALLOCATED: Tag = 0x0028_0100;
pub(crate) const BITS_STORED: Tag = 0x0028_0101;
pub(crate) const HIGH_BIT: Tag = 0x0028_0102;
pub(crate) const REPRESENTATION: Tag = 0x0028_0103;
pub(crate) const PADDING: Tag = 0x0028_0120;
pub(crate) const BURNED_IN: Tag = 0x0028_0301;
pub(crate) const WINDOW_CENTER: Tag = 0x0028_1050;
pub(crate) const WINDOW_WIDTH: Tag = 0x0028_1051;
pub(crate) const INTERCEPT: Tag = 0x0028_1052;
pub(crate) const SLOPE: Tag = 0x0028_1053;
pub(crate) const WINDOW_FUNCTION: Tag = 0x0028_1056;
pub(crate) const PALETTE_RED: Tag = 0x0028_1101;
pub(crate) const PALETTE_GREEN: Tag = 0x0028_1102;
pub(crate) const PALETTE_BLUE: Tag = 0x0028_1103;
pub(crate) const PALETTE_RED_DATA: Tag = 0x0028_1201;
pub(crate) const PALETTE_GREEN_DATA: Tag = 0x0028_1202;
pub(crate) const PALETTE_BLUE_DATA: Tag = 0x0028_1203;
pub(crate) const ENCAPSULATED_DOCUMENT: Tag = 0x0042_0011;
pub(crate) const PRESENTATION_SHAPE: Tag = 0x2050_0020;
pub(crate) const SHARED_GROUPS: Tag = 0x5200_9229;
pub(crate) const FRAME_GROUPS: Tag = 0x5200_9230;
pub(crate) const PIXEL_DATA: Tag = 0x7fe0_0010;
pub(crate) const ITEM: Tag = 0xfffe_e000;
pub(crate) const ITEM_END: Tag = 0xfffe_e00d;
pub(crate) const SEQUENCE_END: Tag = 0xfffe_e0dd;

/// Values kept from the top level of a data set, and from the records of a directory.
pub(crate) const WANTED: &[Tag] = &[
    CHARACTER_SET,
    SOP_CLASS,
    SOP_INSTANCE,
    STUDY_DATE,
    MODALITY,
    PATIENT_NAME,
    PATIENT_ID,
    BIRTH_DATE,
    SEX,
    OTHER_IDS,
    OTHER_NAMES,
    IDENTITY_REMOVED,
    BODY_PART,
    STUDY_INSTANCE,
    SERIES_INSTANCE,
    SAMPLES,
    PHOTOMETRIC,
    PLANAR,
    FRAMES,
    ROWS,
    COLUMNS,
    BITS_ALLOCATED,
    BITS_STORED,
    HIGH_BIT,
    REPRESENTATION,
    PADDING,
    BURNED_IN,
    WINDOW_CENTER,
    WINDOW_WIDTH,
    INTERCEPT,
    SLOPE,
    WINDOW_FUNCTION,
    PALETTE_RED,
    PALETTE_GREEN,
    PALETTE_BLUE,
    PALETTE_RED_DATA,
    PALETTE_GREEN_DATA,
    PALETTE_BLUE_DATA,
    PRESENTATION_SHAPE,
];

/// Values that enhanced multi-frame images keep in functional groups.
pub(crate) const FUNCTIONAL: &[Tag] = &[WINDOW_CENTER, WINDOW_WIDTH, INTERCEPT, SLOPE, WINDOW_FUNCTION];
