/** Which page is shown for a link that cannot be used (any more). */
import type { ApiProblem } from "../api/problem";
import type { Ending } from "../texts/patient";

export type { Ending };

const ENDINGS: Record<string, Ending> = {
  link_expired: "expired",
  link_revoked: "revoked",
  not_found: "unknown",
  offline: "offline",
};

export function endingOf(problem: ApiProblem): Ending {
  return ENDINGS[problem.code] ?? (problem.status === 404 ? "unknown" : "broken");
}
