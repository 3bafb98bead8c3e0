/** Enough of a check to catch a slip, as the API's own is. */
const EMAIL = /^[^\s@]+@[^\s@.][^\s@]*\.[^\s@.]+$/;

export const isEmail = (text: string): boolean => EMAIL.test(text.trim());
