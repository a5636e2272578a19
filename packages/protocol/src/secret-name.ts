/** Name of a secret: it stands in paths, in packs, and behind `secrets.` in expressions. */
export const SECRET_NAME = /^[a-z][a-z0-9_-]{0,62}$/;

/** The largest value of a secret, in UTF-8. */
export const MAX_SECRET_BYTES = 64 * 1024;
