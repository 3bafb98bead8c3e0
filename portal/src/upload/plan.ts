/** How a file is cut into pieces, and which of them are still to be sent. */
import type { Progress, Started } from "./wire";

type Plan = Started["plan"];

/** A stretch of the file; its number counts from 1. */
export interface Piece {
  number: number;
  from: number;
  to: number;
}

/** The pieces of a file of this many bytes, in order; a file that goes in one PUT is one piece. */
export function piecesOf(plan: Plan, bytes: number): Piece[] {
  const each = plan.method === "multipart" ? plan.part_bytes : bytes;
  const pieces: Piece[] = [];
  for (let from = 0; from < bytes; from += each) {
    pieces.push({ number: pieces.length + 1, from, to: Math.min(from + each, bytes) });
  }
  return pieces;
}

/** Those pieces of which a part of the same size is there; whether it is the same part, its digest tells. */
export function piecesThere(pieces: Piece[], parts: Progress["parts"]): Piece[] {
  const sizes = new Map(parts.map((part) => [part.number, part.size_bytes]));
  return pieces.filter((piece) => sizes.get(piece.number) === piece.to - piece.from);
}

/** Signed requests work for ten minutes; a batch is what goes out in one. */
const BATCH_SECONDS = 60;
const MOST_SIGNED = 24;

/** How many pieces to sign at once: as many as are sent side by side, and more where the line is fast. */
export function batchSize(bytesPerSecond: number, pieceBytes: number, sideBySide: number): number {
  const soon = Math.floor((bytesPerSecond * BATCH_SECONDS) / Math.max(1, pieceBytes));
  return Math.min(MOST_SIGNED, Math.max(sideBySide, soon));
}
