/** The version of the wire protocol that we speak. */
export const NODE_PROTOCOL_VERSION = "0.1.0";

export type VersionAgreement = { readonly agreed: string } | { readonly unsupported: string };

const VERSION = /^(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?:[-+].*)?$/;

/**
 * The lower of both versions where the major is the same, else `unsupported` with ours. A
 * text that is no version is unsupported too.
 */
export function agreeVersion(
  theirs: string,
  ours: string = NODE_PROTOCOL_VERSION,
): VersionAgreement {
  const theirParts = partsOf(theirs);
  const ourParts = partsOf(ours);
  if (theirParts === undefined || ourParts === undefined || theirParts[0] !== ourParts[0]) {
    return { unsupported: ours };
  }
  const lower = theirParts.findIndex((part, at) => part !== ourParts[at]);
  const theirsIsLower = lower !== -1 && (theirParts[lower] ?? 0) < (ourParts[lower] ?? 0);
  return { agreed: theirsIsLower ? theirParts.join(".") : ours };
}

function partsOf(text: string): number[] | undefined {
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}
