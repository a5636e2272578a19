import { failureCode } from "@yardmaster/protocol";
import { DATABASE_URL_FORM } from "./database-url.ts";

const UNTRUSTED =
  "name the file of its authority in the address (sslrootcert=/path/ca.pem), or go without the check (sslmode=no-verify)";

/** What whoever runs the two can do, by the code of the refusal. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  "28P01": "put the right password into it, with % / ? # @ and : as %25 %2F %3F %23 %40 and %3A",
  "28000": "let this role in from here (pg_hba.conf)",
  "3D000": "create it: CREATE DATABASE name OWNER role",
  ENOTFOUND: "give it a host that this machine knows",
  CERT_HAS_EXPIRED: "renew the certificate, or go without the check (sslmode=no-verify)",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID:
    "call the host as its certificate does, or go without the check (sslmode=no-verify)",
};

/** Words that come without a code, or tell more than it does. */
const BY_WORDS: readonly (readonly [RegExp, string])[] = [
  [/does not support SSL/, "turn TLS on there (ssl = on), or go without it (sslmode=disable)"],
  [/pg_hba\.conf.*no encryption/, "go there by TLS (sslmode=verify-full), or let it in without"],
];

/** Why PostgreSQL is not to be connected to, and what would end that. Holds nothing of the address. */
export function refusalText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const byWords = BY_WORDS.find(([words]) => words.test(message))?.[1];
  const wayOut =
    byWords ?? WAYS_OUT[failureCode(error) ?? ""] ?? `write it like ${DATABASE_URL_FORM}`;
  return `${message}; ${wayOut}`;
}
