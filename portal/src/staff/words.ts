/** The organization's own words for the people its records are about (R020). */
import { session } from "./session.svelte";

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** `patient`, in the middle of a sentence. */
export const client = (): string => session.context?.vocabulary.client ?? "client";
/** `patients`, in the middle of a sentence. */
export const clients = (): string => session.context?.vocabulary.clients ?? "clients";
/** `Patient`, where a sentence or label begins. */
export const clientWord = (): string => capital(client());
/** `Patients`, where a sentence or label begins. */
export const clientsWord = (): string => capital(clients());
