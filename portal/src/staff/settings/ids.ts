const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** The identifiers in an address or in whatever else was pasted, in their order. */
export const idsIn = (text: string): string[] => [...text.matchAll(ID)].map(([id]) => id.toLowerCase());
