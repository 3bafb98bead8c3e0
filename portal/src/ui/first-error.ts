import { tick } from "svelte";

/** Brings the reader to the first field that is not right yet. */
export async function toFirstError(form: HTMLElement): Promise<void> {
  await tick();
  form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
