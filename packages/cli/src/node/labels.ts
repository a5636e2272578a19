import { AppError } from "@yardmaster/protocol/core";

/** `key=value` pairs by key. @throws AppError invalid_request that names the option */
export function pairsOf(texts: readonly string[], option: string): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at < 1)
        throw new AppError("invalid_request", `${option} ${text}: it must be written as key=value`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** Labels as people write them: `key=value`, or `key` alone for one without a value. */
export function labelsOf(texts: readonly string[], option: string): Record<string, string> {
  return pairsOf(
    texts.map((text) => (text.includes("=") ? text : `${text}=`)),
    option,
  );
}

/** Labels after changes as people write them: `key=value` or `key` sets one, `key-` takes it away. */
export function changedLabels(
  labels: Readonly<Record<string, string>>,
  changes: readonly string[],
): Record<string, string> {
  const gone = changes.filter((text) => !text.includes("=") && text.endsWith("-"));
  const set = changes.filter((text) => !gone.includes(text));
  const changed = { ...labels, ...labelsOf(set, "label") };
  for (const text of gone) delete changed[text.slice(0, -1)];
  return changed;
}
