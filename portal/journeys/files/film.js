/** An MP4 film (ISO 14496-12) of H.264 pictures (ITU-T H.264) whose macroblocks are plain samples. */
import { Bits } from "./bits.js";

const ACROSS = 6;
const DOWN = 4;
const [WIDTH, HEIGHT] = [ACROSS * 16, DOWN * 16];
const PICTURE_MS = 100;
const LEVEL = 30;

/** Exp-Golomb code. */
function golomb(bits, value) {
    const length = 32 - Math.clz32(value + 1);
    return bits.put(0, length - 1).put(value + 1, length);
}

function unit(kind, write) {
    const bits = new Bits();
    write(bits);
    return Buffer.concat([Buffer.from([kind]), bits.put(1, 1).align().done]);
}

const SEQUENCE = unit(0x67, (bits) => {
    bits.put(66, 8).put(0xc0, 8).put(LEVEL, 8);
    for (const value of [0, 0, 2, 0]) golomb(bits, value);
    bits.put(0, 1);
    golomb(bits, ACROSS - 1);
    golomb(bits, DOWN - 1);
    // Frames only, eight by eight inference; no cropping, nothing about display.
    bits.put(0b1100, 4);
});

const PICTURE = unit(0x68, (bits) => {
    golomb(bits, 0);
    golomb(bits, 0);
    bits.put(0, 2);
    for (const value of [0, 0, 0]) golomb(bits, value);
    bits.put(0, 3);
    for (const value of [0, 0, 0]) golomb(bits, value);
    // The deblocking filter is told in each slice.
    bits.put(0b100, 3);
});

/** One picture: a bright square that wanders over a grey ground. */
function picture(at) {
    return unit(0x65, (bits) => {
        golomb(bits, 0);
        golomb(bits, 7);
        golomb(bits, 0);
        bits.put(0, 4);
        golomb(bits, at % 2);
        bits.put(0, 2);
        golomb(bits, 0);
        golomb(bits, 1);
        for (let block = 0; block < ACROSS * DOWN; block++) {
            golomb(bits, 25).align();
            const bright = block === at % (ACROSS * DOWN);
            bits.bytes(Array(256).fill(bright ? 220 : 70)).bytes(Array(64).fill(bright ? 90 : 128));
            bits.bytes(Array(64).fill(bright ? 160 : 128));
        }
    });
}

const words = (...values) => {
    const bytes = Buffer.alloc(values.length * 4);
    values.forEach((value, index) => bytes.writeUInt32BE(value >>> 0, index * 4));
    return bytes;
};
const half = (value) => Buffer.from([value >> 8, value & 0xff]);
const text = (value) => Buffer.from(value, "latin1");
const box = (kind, ...content) => {
    const body = Buffer.concat(content);
    return Buffer.concat([words(body.length + 8), text(kind), body]);
};
/** Nothing turned, nothing scaled. */
const MATRIX = words(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

function description() {
    const decoder = box(
        "avcC",
        Buffer.from([1, 66, 0xc0, LEVEL, 0xff, 0xe1]),
        half(SEQUENCE.length),
        SEQUENCE,
        Buffer.from([1]),
        half(PICTURE.length),
        PICTURE,
    );
    const entry = [Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]), Buffer.alloc(16), half(WIDTH), half(HEIGHT)];
    const look = [words(0x480000, 0x480000, 0), half(1), Buffer.alloc(32), half(24), half(0xffff)];
    return box("avc1", ...entry, ...look, decoder);
}

function movie(sizes, first) {
    const duration = sizes.length * PICTURE_MS;
    const table = box(
        "stbl",
        box("stsd", words(0, 1), description()),
        box("stts", words(0, 1, sizes.length, PICTURE_MS)),
        box("stsc", words(0, 1, 1, sizes.length, 1)),
        box("stsz", words(0, 0, sizes.length, ...sizes)),
        box("stco", words(0, 1, first)),
    );
    const place = box("dinf", box("dref", words(0, 1), box("url ", words(1))));
    const media = box(
        "mdia",
        box("mdhd", words(0, 0, 0, 1000, duration, 0x55c40000)),
        box("hdlr", Buffer.alloc(8), text("vide"), Buffer.alloc(12), text("Pictures\0")),
        box("minf", box("vmhd", words(1, 0, 0)), place, table),
    );
    const size = words(WIDTH << 16, HEIGHT << 16);
    const track = box("trak", box("tkhd", words(7, 0, 0, 1, 0, duration, 0, 0, 0, 0), MATRIX, size), media);
    const head = words(0, 0, 0, 1000, duration, 0x10000, 0x1000000, 0, 0);
    return box("moov", box("mvhd", head, MATRIX, words(0, 0, 0, 0, 0, 0, 2)), track);
}

export function film(pictures) {
    const samples = Array.from({ length: pictures }, (_, at) => {
        const one = picture(at);
        return Buffer.concat([words(one.length), one]);
    });
    const sizes = samples.map((sample) => sample.length);
    const kind = box("ftyp", text("isom"), words(512), text("isomiso2avc1mp41"));
    // Where the pictures begin depends on the header's length, and that on nothing.
    const first = kind.length + movie(sizes, 0).length + 8;
    return Buffer.concat([kind, movie(sizes, first), box("mdat", ...samples)]);
}
