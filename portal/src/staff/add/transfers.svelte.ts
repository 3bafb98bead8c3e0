/** Files on their way into charts: they go on while somebody works elsewhere in the portal. */
import { add as texts } from "../../texts/add";
import { announce } from "../../ui/announce.svelte";
import { Queue } from "../../upload/queue.svelte";
import { beforeSignOut } from "../session.svelte";
import type { Receipt } from "./wire";

const queues = new Map<string, Queue<Receipt>>();

/** The files for one client. */
export function queueOf(client: string): Queue<Receipt> {
  const known = queues.get(client);
  if (known) return known;
  const queue = new Queue<Receipt>(() => {
    const { items } = queue;
    const done = items.filter((one) => one.stage === "done").length;
    // Of many files not each one is said.
    if (!queue.busy)
      announce(done === items.length ? texts.allAdded(done) : texts.counted(done, items.length));
  });
  queues.set(client, queue);
  return queue;
}

let isSigningOut = false;
const isBusy = () => [...queues.values()].some((queue) => queue.busy);

// A window that is closed sends nothing more.
addEventListener("beforeunload", (event) => {
  if (!isSigningOut && isBusy()) event.preventDefault();
});

// Nobody may be at the keyboard to answer a question. What has arrived is kept.
beforeSignOut(async () => {
  isSigningOut = true;
  for (const queue of queues.values()) for (const sending of queue.items) sending.pause();
});
