import { expect, test } from "vitest";
import { refusalText } from "./refusal.ts";

const refusal = (message: string, code?: string): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

test.each([
  [refusal("password authentication failed", "28P01"), /failed; put the right password into it/],
  [refusal('database "yard" does not exist', "3D000"), /exist; create it: CREATE DATABASE/],
  [refusal("getaddrinfo ENOTFOUND db", "ENOTFOUND"), /a host that this machine knows/],
  [refusal("no pg_hba.conf entry for host, SSL encryption", "28000"), /pg_hba\.conf\)$/],
  [refusal("no pg_hba.conf entry for host, no encryption", "28000"), /by TLS \(sslmode=verify-/],
  [refusal("self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"), /sslrootcert=.*no-verify/],
  [refusal("The server does not support SSL connections"), /sslmode=disable/],
  [refusal("not taken", "XX000"), /^not taken; write it like postgres:/],
])("%s comes with its way out", (error, text) => {
  expect(refusalText(error)).toMatch(text);
});
