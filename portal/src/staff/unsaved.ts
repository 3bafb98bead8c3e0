/** Words that somebody has typed and that are kept nowhere yet: nobody leaves them behind without being asked. */
import { beforeLeaving } from "./router.svelte";
import { beforeSignOut } from "./session.svelte";

const forms = new Set<() => boolean>();

/** Whether anything on the page would be lost with it. */
export const areWordsUnsaved = (): boolean => [...forms].some((isUnsaved) => isUnsaved());

/**
 * Asks before the page is left with such words: by a link, the browser's Back, closing it, or signing out. Who has gone
 * away is signed out all the same. Gives the way to stop that.
 */
export function keepsWords(isUnsaved: () => boolean, question: string): () => void {
  let isSigningOut = false;
  const mayGo = () => !isUnsaved() || confirm(question);

  function closing(event: BeforeUnloadEvent) {
    if (isUnsaved() && !isSigningOut) event.preventDefault();
  }

  function signingOut(): Promise<void> {
    isSigningOut = true;
    return Promise.resolve();
  }

  forms.add(isUnsaved);
  addEventListener("beforeunload", closing);
  const stops = [beforeLeaving(mayGo), beforeSignOut(signingOut, mayGo)];
  return () => {
    forms.delete(isUnsaved);
    removeEventListener("beforeunload", closing);
    for (const stop of stops) stop();
  };
}
