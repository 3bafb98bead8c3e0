/** Files as clinics and patients have them, made here: small, real, and of nobody. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { film } from "./files/film.js";
import { jpeg } from "./files/jpeg.js";
import { xray } from "./files/xray.js";

/** As a file chooser takes it. */
const file = (name, mimeType, buffer) => ({ name, mimeType, buffer });

export const letter = (name = "referral.txt", text = "Dear Dr Diallo,\nthank you for seeing Grace.\n") =>
    file(name, "text/plain", Buffer.from(text));

export const photo = (name = "rash-left-arm.jpg", width = 320, height = 240) =>
    file(name, "image/jpeg", jpeg(width, height));

/** A chest, by default of Grace Okafor. */
export const radiograph = (name = "chest-pa.dcm", patient = undefined) =>
    file(name, "application/dicom", xray(patient));

export const video = (name = "gait.mp4") => file(name, "video/mp4", film(20));

/** A document of some pages, each with one line on it. */
export function pdf(name = "discharge-summary.pdf", pages = 2) {
    const kids = Array.from({ length: pages }, (_, page) => `${4 + 2 * page} 0 R`);
    const objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        `<< /Type /Pages /Kids [${kids.join(" ")}] /Count ${pages} >>`,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ];
    for (let page = 1; page <= pages; page++) {
        const drawing = `BT /F1 24 Tf 72 720 Td (Discharge summary, page ${page}) Tj ET`;
        objects.push(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] " +
                `/Resources << /Font << /F1 3 0 R >> >> /Contents ${3 + 2 * page} 0 R >>`,
            `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
        );
    }
    let text = "%PDF-1.7\n";
    const starts = objects.map((object, index) => {
        const start = text.length;
        text += `${index + 1} 0 obj\n${object}\nendobj\n`;
        return start;
    });
    const table = text.length;
    const rows = starts.map((start) => `${String(start).padStart(10, "0")} 00000 n \n`);
    text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows.join("")}`;
    text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
    return file(name, "application/pdf", Buffer.from(text, "latin1"));
}

/** A tone: mono, 16 bits, 16 kHz. */
export function sound(name = "dictation.wav", seconds = 2) {
    const rate = 16_000;
    const data = Buffer.alloc(seconds * rate * 2);
    for (let at = 0; at < data.length / 2; at++) {
        data.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * 400 * at) / rate)), at * 2);
    }
    const head = Buffer.alloc(44);
    head.write("RIFF", 0);
    head.writeUInt32LE(36 + data.length, 4);
    head.write("WAVEfmt ", 8);
    head.writeUInt32LE(16, 16);
    head.writeUInt16LE(1, 20);
    head.writeUInt16LE(1, 22);
    head.writeUInt32LE(rate, 24);
    head.writeUInt32LE(rate * 2, 28);
    head.writeUInt16LE(2, 32);
    head.writeUInt16LE(16, 34);
    head.write("data", 36);
    head.writeUInt32LE(data.length, 40);
    return file(name, "audio/wav", Buffer.concat([head, data]));
}

/** The EICAR signature, which every scanner knows and which harms nothing; put together only while a test runs. */
export function malware(name = "invoice.txt") {
    const parts = ["$H+H*", "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!", "X5O!P%@AP[4\\PZX54(P^)7CC)7}"];
    return file(name, "text/plain", Buffer.from(parts.reverse().join("")));
}

/** A file too large for memory games: pseudo-random bytes on the disk, with their SHA-256. */
export async function bulk(name, size) {
    const folder = await mkdtemp(join(tmpdir(), "strongroom-bulk-"));
    const path = join(folder, name);
    const out = createWriteStream(path);
    const hash = createHash("sha256");
    let state = 0x9e3779b9;
    for (let left = size; left > 0;) {
        const chunk = Buffer.alloc(Math.min(left, 1 << 20));
        // xorshift32: quick, and no compression shrinks it.
        for (let at = 0; at + 4 <= chunk.length; at += 4) {
            state ^= state << 13;
            state ^= state >>> 17;
            state ^= state << 5;
            chunk.writeInt32LE(state, at);
        }
        hash.update(chunk);
        if (!out.write(chunk)) await new Promise((resolve) => out.once("drain", resolve));
        left -= chunk.length;
    }
    out.end();
    await finished(out);
    const remove = () => rm(folder, { recursive: true, force: true });
    return { name, path, size, sha256: hash.digest("hex"), remove };
}
