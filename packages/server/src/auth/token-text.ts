import { hash } from "node:crypto";

const TOKEN_BYTES = 32;
/** Shorter ones can be guessed; what `yard` makes has 48 characters. */
export const MIN_TOKEN_LENGTH = 16;
const MAX_TOKEN_LENGTH = 512;

/** A new token: 256 random bits. The prefix lets secret scanners know what they found. */
export function newTokenText(random: (bytes: number) => Buffer): string {
  return `yard_${random(TOKEN_BYTES).toString("base64url")}`;
}

/** SHA-256 of a token, in hex: what is stored and looked up. */
export function tokenHash(token: string): string {
  return hash("sha256", token, "hex");
}

const BEARER = /^bearer +([\x21-\x7e]+)$/i;

/** The token of an `Authorization` header, or undefined where there is none that could be one. */
export function bearerToken(header: string | undefined): string | undefined {
  const token = header === undefined ? undefined : BEARER.exec(header)?.[1];
  return token !== undefined && token.length <= MAX_TOKEN_LENGTH ? token : undefined;
}

/** What is wrong with a token that a person chose: too weak, or one that cannot be sent. */
export function chosenTokenFlaw(token: string): string | undefined {
  if (token.length < MIN_TOKEN_LENGTH || token.length > MAX_TOKEN_LENGTH)
    return `needs ${MIN_TOKEN_LENGTH} to ${MAX_TOKEN_LENGTH} characters, and has ${token.length}: better 32 random ones (openssl rand -hex 32)`;
  if (!/^[\x21-\x7e]+$/.test(token))
    return "may hold only visible ASCII characters without spaces: it travels in a header";
  return undefined;
}
