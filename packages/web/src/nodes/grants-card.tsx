import type { YardNode } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { LookIcon } from "../status/badge.tsx";
import { ICONS, TONES } from "../status/look.ts";
import { GRANT_MEANINGS, GRANTS } from "./grants.ts";

const YES = { word: "", ...TONES.good, icon: ICONS.check };
const NO = { word: "", ...TONES.quiet, icon: ICONS.off };

/** What the server may ask of a node; what the node's owner allows stands beside it. */
export function GrantsCard({ node: { grants } }: { readonly node: YardNode }) {
  return (
    <Card title="What it may be asked">
      <ul className="space-y-1 px-4 py-3">
        {GRANTS.map((grant) => (
          <li key={grant} className="flex items-center gap-2">
            <LookIcon look={grants[grant] ? YES : NO} />
            <span className={grants[grant] ? "" : "text-muted"}>
              {grants[grant] ? "" : "Not to "}
              {GRANT_MEANINGS[grant]}
            </span>
          </li>
        ))}
      </ul>
      <p className="px-4 pb-3 text-muted wrap-anywhere">{whereText(grants.paths)}</p>
    </Card>
  );
}

function whereText(paths: YardNode["grants"]["paths"]): string {
  if (paths === null) return "Files wherever its owner allows.";
  return paths.length === 0 ? "Files nowhere." : `Files in ${paths.join(", ")} alone.`;
}
