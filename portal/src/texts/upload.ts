/** A file on its way, wherever staff see one. */
import { size } from "./format";

/** `about 2 minutes`, for how long something still takes. */
function howLong(seconds: number): string {
  if (seconds < 10) return "a few seconds";
  if (seconds < 50) return `about ${Math.round(seconds / 10) * 10} seconds`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return minutes <= 1 ? "about a minute" : `about ${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours === 1 ? "about an hour" : `about ${hours} hours`;
}

const problems: Record<string, string> = {
  offline: "Strongroom could not be reached for a while. What has arrived is kept.",
  file_unreadable:
    "The file cannot be read any more. It may have been moved, changed or deleted; choose it again.",
  other_file: "This is another file than the one that was begun. Choose the same file again.",
  upload_expired: "It took longer than two days, so what had arrived was cleared away. It starts anew.",
  invalid_size: "The file is empty, or larger than 50 GB. It cannot be kept here.",
  storage_refused: "The storage did not take it. What has arrived is kept.",
  unauthenticated: "Your session has ended. Sign in again, and choose the file again to go on.",
  forbidden: "You may not add files to this chart.",
  client_closed: "This chart is closed. It takes nothing new until it is reopened.",
  wrong_size: "Something else arrived than was sent. Give it up and send the file again.",
};

export const upload = {
  waiting: "Waiting for its turn",
  preparing: "Getting ready…",
  progress(sent: number, all: number, bytesPerSecond: number): string {
    const percent = all ? Math.floor((sent * 100) / all) : 0;
    const told = `${percent} %, ${size(sent)} of ${size(all)}`;
    return bytesPerSecond > 0 ? `${told}, ${howLong((all - sent) / bytesPerSecond)} left` : told;
  },
  reconnecting: (sent: number, all: number) =>
    `The connection is gone. It goes on by itself when it is back; ${size(sent)} of ${size(all)} are safe.`,
  paused: (sent: number, all: number) => `Paused at ${size(sent)} of ${size(all)}`,
  completing: "Everything is there. Finishing…",
  done: "Added",
  failed: (code: string) => problems[code] ?? "It could not be sent. What has arrived is kept.",
  pause: "Pause",
  resume: "Go on",
  again: "Try again",
  cancel: "Give up",
  pauseOne: (name: string) => `Pause ${name}`,
  resumeOne: (name: string) => `Go on with ${name}`,
  againOne: (name: string) => `Try again with ${name}`,
  cancelOne: (name: string) => `Give up ${name}`,
  bar: (name: string) => `Progress of ${name}`,
};
