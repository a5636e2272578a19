import type { Pack } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { Age } from "../time/moments.tsx";
import { flawWords } from "./pack-words.ts";

/** What is wrong in a pack's folder: where, what, and the way out; and what goes on meanwhile. */
export function FlawsCard({ pack }: { readonly pack: Pack }) {
  const { errors, errors_since, digest, version, folder } = pack;
  return (
    <Card
      title={flawWords(pack)}
      aside={
        errors_since !== null && (
          <span className="text-muted">
            <Age at={errors_since} />
          </span>
        )
      }
    >
      <p className="border-b border-line bg-bad-soft px-4 py-2 text-bad wrap-anywhere">
        {digest === null
          ? `None of it is active: no version of it in ${folder} was ever good.`
          : `What is in ${folder} now is not taken up. Version ${version} as it was before goes on.`}
      </p>
      <ul className="divide-y divide-line">
        {errors.map(({ path, message, expected, got, hint }) => (
          <li key={`${path} ${message}`} className="px-4 py-3">
            {path !== "." && (
              <code className="block font-mono text-[0.8125rem] font-semibold wrap-anywhere">
                {path}
              </code>
            )}
            <p className="mt-0.5 text-bad wrap-anywhere">{message}</p>
            {(expected !== undefined || got !== undefined) && (
              <p className="text-[0.8125rem] text-muted wrap-anywhere">
                {[
                  expected === undefined ? "" : `Expected: ${expected}`,
                  got === undefined ? "" : `Found: ${got}`,
                ]
                  .filter((part) => part !== "")
                  .join(". ")}
              </p>
            )}
            {hint !== undefined && <p className="mt-1 wrap-anywhere">{hint}</p>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
