/** What OpenSSL says of a certificate that no known authority vouches for. */
const UNKNOWN_AUTHORITY: ReadonlySet<unknown> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

export function isUntrusted(error: unknown): error is Error {
  return error instanceof Error && "code" in error && UNKNOWN_AUTHORITY.has(error.code);
}

/** The same failure with the way out. `caCert` and `pin` are those of the owner, where there are any. */
export function untrusted(
  cause: Error,
  { caCert, pin }: { readonly caCert: string | undefined; readonly pin: string | undefined },
): Error {
  const onTop = pin === undefined ? "" : "; the pin is checked on top of that, not in its place";
  const way =
    caCert === undefined
      ? `give the PEM file of the authority that signed the server's certificate, or of that certificate itself, with --ca-cert FILE where the machine is paired, or as ca_cert in node.json${onTop}`
      : "the file of --ca-cert (ca_cert in node.json) is of another authority than the one that signed the server's certificate";
  return new Error(`${cause.message}: ${way}`, { cause });
}
