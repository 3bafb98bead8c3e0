/** A digital X-ray of a chest as DICOM (PS3.10): 256 by 256 pixels of 12 bits in 16, uncompressed. */
const EDGE = 256;
const LONG = new Set(["OB", "OW"]);
const DX = "1.2.840.10008.5.1.4.1.1.1.1";
const EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";

const GRACE = { name: "Okafor^Grace", birthDate: "19840229", id: "N-1001" };

function element(group, number, vr, value) {
    let bytes = Buffer.isBuffer(value) ? value : Buffer.from(value);
    if (bytes.length % 2) bytes = Buffer.concat([bytes, Buffer.from([vr === "UI" ? 0 : 0x20])]);
    const head = Buffer.alloc(LONG.has(vr) ? 12 : 8);
    head.writeUInt16LE(group, 0);
    head.writeUInt16LE(number, 2);
    head.write(vr, 4);
    if (LONG.has(vr)) head.writeUInt32LE(bytes.length, 8);
    else head.writeUInt16LE(bytes.length, 6);
    return Buffer.concat([head, bytes]);
}

const short = (value) => Buffer.from([value & 0xff, value >> 8]);

function long(value) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
}

/** A bright gradient with two dark lungs. */
function shadows() {
    const pixels = Buffer.alloc(EDGE * EDGE * 2);
    const lung = (x, y, middle) => (x - middle) ** 2 * 4 + (y - EDGE / 2) ** 2 < (EDGE * 0.3) ** 2;
    for (let y = 0; y < EDGE; y++) {
        for (let x = 0; x < EDGE; x++) {
            const light = Math.floor(((x + y) * 4095) / (2 * EDGE));
            const dark = lung(x, y, EDGE * 0.3) || lung(x, y, EDGE * 0.7);
            pixels.writeUInt16LE(dark ? Math.floor(light / 3) : light, (y * EDGE + x) * 2);
        }
    }
    return pixels;
}

export function xray(patient = GRACE) {
    const meta = Buffer.concat([
        element(0x0002, 0x0001, "OB", Buffer.from([0, 1])),
        element(0x0002, 0x0002, "UI", DX),
        element(0x0002, 0x0003, "UI", "2.25.102030405060708090"),
        element(0x0002, 0x0010, "UI", EXPLICIT_LITTLE_ENDIAN),
        element(0x0002, 0x0012, "UI", "2.25.102030405060708099"),
    ]);
    return Buffer.concat([
        Buffer.alloc(128),
        Buffer.from("DICM"),
        element(0x0002, 0x0000, "UL", long(meta.length)),
        meta,
        element(0x0008, 0x0005, "CS", "ISO_IR 192"),
        element(0x0008, 0x0008, "CS", "ORIGINAL\\PRIMARY"),
        element(0x0008, 0x0016, "UI", DX),
        element(0x0008, 0x0018, "UI", "2.25.102030405060708090"),
        element(0x0008, 0x0020, "DA", "20260914"),
        element(0x0008, 0x0030, "TM", "101500"),
        element(0x0008, 0x0060, "CS", "DX"),
        element(0x0008, 0x0070, "LO", "Example Imaging"),
        element(0x0008, 0x1030, "LO", "Chest PA"),
        element(0x0010, 0x0010, "PN", patient.name),
        element(0x0010, 0x0020, "LO", patient.id),
        element(0x0010, 0x0030, "DA", patient.birthDate),
        element(0x0010, 0x0040, "CS", "O"),
        element(0x0018, 0x0015, "CS", "CHEST"),
        element(0x0020, 0x000d, "UI", "2.25.102030405060708091"),
        element(0x0020, 0x000e, "UI", "2.25.102030405060708092"),
        element(0x0028, 0x0002, "US", short(1)),
        element(0x0028, 0x0004, "CS", "MONOCHROME2"),
        element(0x0028, 0x0010, "US", short(EDGE)),
        element(0x0028, 0x0011, "US", short(EDGE)),
        element(0x0028, 0x0100, "US", short(16)),
        element(0x0028, 0x0101, "US", short(12)),
        element(0x0028, 0x0102, "US", short(11)),
        element(0x0028, 0x0103, "US", short(0)),
        element(0x0028, 0x1050, "DS", "2048"),
        element(0x0028, 0x1051, "DS", "4096"),
        element(0x7fe0, 0x0010, "OW", shadows()),
    ]);
}
