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
  const tlsFlaw = tlsModeFlaw(text);
  if (tlsFlaw !== undefined) return tlsFlaw;
  try {
    placeOf(text);
    return undefined;
  } catch {
    return `cannot be read; write it like ${DATABASE_URL_FORM}, with / ? # @ and : in the password as %2F %3F %23 %40 and %3A`;
  }
}
