/** An error of the API (RFC 9457), or the lack of an answer, as the screens show it. */
export class ApiProblem extends Error {
  constructor(
    /** HTTP status; 0 where nothing answered. */
    readonly status: number,
    /** The stable code; `offline` where nothing answered. */
    readonly code: string,
    detail: string,
    /** With `stale_revision`: what is there now. */
    readonly currentRevision?: number,
    /** All that came with it. */
    readonly body: Record<string, unknown> = {},
  ) {
    super(detail);
  }

  /** Whether the same call may well succeed in a moment. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Reads the problem out of an answer that is none of the expected ones. */
export function problemOf(status: number, body: unknown): ApiProblem {
  const told = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof told[name] === "string" ? told[name] : undefined);
  const revision = told["current_revision"];
  return new ApiProblem(
    status,
    text("code") ?? "unexpected",
    text("detail") ?? "",
    typeof revision === "number" ? revision : undefined,
    told,
  );
}

/** Whatever was thrown, as a problem. */
export function asProblem(thrown: unknown): ApiProblem {
  if (thrown instanceof ApiProblem) return thrown;
  // `fetch` rejects with a TypeError when nothing answers.
  if (thrown instanceof TypeError || (thrown instanceof DOMException && thrown.name !== "AbortError")) {
    return new ApiProblem(0, "offline", "");
  }
  return new ApiProblem(0, "unexpected", thrown instanceof Error ? thrown.message : String(thrown));
}
