import type { Json } from "@yardmaster/protocol/core";
import { useMemo, useState } from "react";
import { Button } from "./button.tsx";
import { jsonText } from "./json-text.ts";
import { type JsonToken, jsonTokens } from "./json-tokens.ts";

/** As much as is read with ease and coloured at once; the rest comes on demand, without colours. */
const FIRST_CHARS = 20_000;

const INKS: Record<JsonToken["kind"], string | undefined> = {
  key: "text-accent",
  text: "text-good",
  number: "text-warn",
  word: "text-warn",
  plain: undefined,
};

export function JsonBlock({ value }: { readonly value: Json }) {
  const text = useMemo(() => jsonText(value), [value]);
  const [isWhole, setWhole] = useState(false);
  const tokens = useMemo(() => jsonTokens(text.slice(0, FIRST_CHARS)), [text]);
  const more = text.length - FIRST_CHARS;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div tabIndex={0} className="max-h-96 overflow-auto px-4 py-3">
        <pre className="font-mono text-[0.8125rem] wrap-anywhere whitespace-pre-wrap">
          {isWhole
            ? text
            : tokens.map(({ kind, text: piece }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name
                <span key={index} className={INKS[kind]}>
                  {piece}
                </span>
              ))}
        </pre>
      </div>
      {!isWhole && more > 0 && (
        <div className="border-t border-line px-4 py-2">
          <Button type="button" kind="quiet" onClick={() => setWhole(true)}>
            Show {more.toLocaleString()} more characters
          </Button>
        </div>
      )}
    </>
  );
}
