import type { ApiProblem } from "../api/problem";

/** What happened, what was kept, and what to do: each error as three plain sentences. */
interface Told {
  what: string;
  kept: string;
  next: string;
}

const NOTHING_CHANGED = "Nothing was changed.";

const KNOWN: Record<string, Partial<Told> & { what: string }> = {
  offline: {
    what: "Strongroom cannot be reached.",
    kept: "What you typed is still here.",
    next: "Check the connection and try again.",
  },
  busy: { what: "There is too much at once right now.", next: "Try again in a moment." },
  starting: { what: "Strongroom is still starting.", next: "Try again in a moment." },
  unavailable: { what: "A part of Strongroom does not answer right now.", next: "Try again in a moment." },
  internal: {
    what: "Something went wrong on our side.",
    next: "Try again; if it stays so, tell your administrator the time and what you did.",
  },
  unauthenticated: { what: "Your session has ended.", next: "Sign in again to go on." },
  not_found: {
    what: "This is not here, or it is not yours to see.",
    next: "Check the address, or ask the person who owns it.",
  },
  forbidden: { what: "You may not do this.", next: "Ask your administrator if you need to." },
  stale_revision: {
    what: "Somebody changed this while you had it open.",
    kept: "Your text is still here, and theirs is saved.",
    next: "Load the newest state and apply your change again.",
  },
  too_large: {
    what: "This is more than can be sent at once.",
    next: "Make it shorter or send it as a file.",
  },
};

/** The sentences for a problem; the API's own words where there are no better ones. */
export function tell(problem: ApiProblem): Told {
  const known = KNOWN[problem.code];
  if (known) return { kept: NOTHING_CHANGED, next: "", ...known };
  const detail = problem.message || "Something unexpected happened.";
  const what = detail.charAt(0).toUpperCase() + detail.slice(1);
  return {
    what: /[.!?]$/.test(what) ? what : `${what}.`,
    kept: NOTHING_CHANGED,
    next: problem.isPassing ? "Try again in a moment." : "",
  };
}
