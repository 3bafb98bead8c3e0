/** The five calls of an upload; members and patients have the same five, at different addresses. */
import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type Started = Schemas["Started"];
export type Progress = Schemas["Progress"];
export type SignedPart = Schemas["SignedPart"];
export type PresignedRequest = Schemas["PresignedRequest"];

export interface FileFacts {
  file_name: string;
  size_bytes: number;
  media_type: string;
  /** Hexadecimal; of files that go in one piece. */
  sha256?: string;
}

/** How to make the calls; `Receipt` is what a finished upload gives. */
export interface Wire<Receipt> {
  start(facts: FileFacts): Promise<Started>;
  read(uploadId: string): Promise<Progress>;
  sign(uploadId: string, parts: { number: number; sha256: string }[]): Promise<SignedPart[]>;
  complete(uploadId: string): Promise<Receipt>;
  abandon(uploadId: string): Promise<void>;
}
