import { Link } from "@tanstack/react-router";
import type { Pack } from "@yardmaster/protocol";
import { ROW_LOOK } from "../list/row-list.tsx";
import { Badge } from "../status/badge.tsx";
import { HOUSE_LOOKS } from "../status/house-looks.ts";
import { Age } from "../time/moments.tsx";
import { contentWords, flawWords } from "./pack-words.ts";

export function PackRow({ pack }: { readonly pack: Pack }) {
  const { status, version, digest, loaded_at, errors_since, errors } = pack;
  return (
    <li className="border-line not-last:border-b">
      <Link
        to="/packs/$pack"
        params={{ pack: pack.pack }}
        className={`${ROW_LOOK} sm:grid-cols-[7.5rem_1fr_7rem_7rem]`}
      >
        <span className="max-sm:justify-self-end">
          <Badge look={HOUSE_LOOKS[status]} />
        </span>
        <span className="min-w-0 max-sm:order-first">
          <span className="block truncate font-medium">
            {pack.pack} <span className="font-normal text-muted">{version}</span>
          </span>
          <span className="block truncate text-[0.8125rem] text-muted">
            {errors.length > 0 ? (
              <span className="text-bad">
                {flawWords(pack)}
                {errors_since !== null && (
                  <>
                    , found <Age at={errors_since} />
                  </>
                )}
                {digest !== null && "; the version before goes on"}
              </span>
            ) : (
              contentWords(pack)
            )}
          </span>
        </span>
        <code className="font-mono text-[0.8125rem] text-muted" title={digest ?? undefined}>
          {digest?.slice(0, 12)}
        </code>
        <span className="text-right text-muted tabular-nums">
          {loaded_at !== null && <Age at={loaded_at} />}
        </span>
      </Link>
    </li>
  );
}
