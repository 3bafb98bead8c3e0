/** A baseline JPEG (ISO 10918-1) whose blocks of eight by eight pixels have one colour each. */
import { Bits } from "./bits.js";

/** How many codes there are of each length, and what they mean: sizes of DC differences, and only the end of AC. */
const DC = { lengths: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], values: [...Array(12).keys()] };
const AC = { lengths: [1, ...Array(15).fill(0)], values: [0] };
/** With this quantization a DC coefficient is the block's colour itself. */
const QUANTIZATION = 8;

const segment = (marker, body) => {
    const length = body.length + 2;
    return Buffer.from([0xff, marker, length >> 8, length & 0xff, ...body]);
};

function codes({ lengths, values }) {
    const found = new Map();
    let code = 0;
    let at = 0;
    lengths.forEach((count, index) => {
        for (let taken = 0; taken < count; taken++) found.set(values[at++], [code++, index + 1]);
        code <<= 1;
    });
    return found;
}

/** Skin with spots, as brightness and two colour differences around zero. */
function colour(x, y, width) {
    const spot = Math.floor(x / 3 + y / 3) % 5 === 0;
    return spot ? [10, -8, 38] : [70 - Math.round((x * 60) / width), -12, 14];
}

function scan(width, height) {
    const [dc, [end, endLength]] = [codes(DC), codes(AC).get(0)];
    const bits = new Bits();
    const before = [0, 0, 0];
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            colour(x, y, width).forEach((value, component) => {
                const difference = value - before[component];
                before[component] = value;
                const size = 32 - Math.clz32(Math.abs(difference));
                bits.put(...dc.get(size));
                bits.put(difference < 0 ? difference + (1 << size) - 1 : difference, size);
                bits.put(end, endLength);
            });
        }
    }
    const bytes = bits.align(1).done;
    // A byte of ones would begin a marker.
    return Buffer.from([...bytes].flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte])));
}

export function jpeg(width, height) {
    const tables = [
        [0x00, DC],
        [0x10, AC],
    ];
    const components = [1, 2, 3];
    return Buffer.concat([
        Buffer.from([0xff, 0xd8]),
        segment(0xe0, [...Buffer.from("JFIF\0"), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
        segment(0xdb, [0, ...Array(64).fill(QUANTIZATION)]),
        segment(
            0xc0,
            [8, height >> 8, height & 0xff, width >> 8, width & 0xff, 3].concat(
                components.flatMap((id) => [id, 0x11, 0]),
            ),
        ),
        ...tables.map(([id, table]) => segment(0xc4, [id, ...table.lengths, ...table.values])),
        segment(0xda, [3, ...components.flatMap((id) => [id, 0]), 0, 63, 0]),
        scan(Math.ceil(width / 8), Math.ceil(height / 8)),
        Buffer.from([0xff, 0xd9]),
    ]);
}
