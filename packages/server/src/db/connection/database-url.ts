import { placeOf } from "./connection.ts";
import { tlsModeFlaw } from "./tls-mode.ts";

export const DATABASE_URL_FORM = "postgres://user:password@host:5432/name";

/** What is wrong with an address of a database, without repeating it: it has the password. Undefined: nothing. */
export function databaseUrlFlaw(text: string): string | undefined {
  if (text.startsWith("socket:")) return undefined;
  if (text.startsWith("/"))
    return "is a folder; write a unix socket's like postgres://user@/name?host=/run/postgresql";
  if (!/^postgres(ql)?:\/\//.test(text))
    return `is no address of a database; write it like ${DATABASE_URL_FORM}`;
  // What follows would be no part of it: the settings of our connections, and what it asks of TLS.
  if (text.includes("#")) return "has a # in it; write that as %23";
  const tlsFlaw = tlsModeFlaw(text);
  if (tlsFlaw !== undefined) return tlsFlaw;
  try {
    placeOf(text);
    return undefined;
  } catch {
    return `cannot be read; write it like ${DATABASE_URL_FORM}, with % / ? # @ and : in it as %25 %2F %3F %23 %40 and %3A`;
  }
}
