import { Link } from "@tanstack/react-router";
import type { YardNode } from "@yardmaster/protocol";
import { ROW_LOOK } from "../list/row-list.tsx";
import { Badge } from "../status/badge.tsx";
import { HOUSE_LOOKS } from "../status/house-looks.ts";
import { Age } from "../time/moments.tsx";
import { Labels } from "./labels.tsx";
import { loadWords, machineWords, nodeKey } from "./node-words.ts";

export function NodeRow({ node }: { readonly node: YardNode }) {
  const { name, status, since, labels, load, node_version } = node;
  const about = [machineWords(node), node_version ?? ""].filter((part) => part !== "").join(" · ");
  return (
    <li className="border-line not-last:border-b">
      <Link
        to="/nodes/$name"
        params={{ name: nodeKey(node) }}
        className={`${ROW_LOOK} sm:grid-cols-[9.5rem_1fr_minmax(0,18rem)_8rem]`}
      >
        <span className="max-sm:justify-self-end">
          <Badge look={HOUSE_LOOKS[status]} />
        </span>
        <span className="min-w-0 max-sm:order-first">
          <span className="block truncate font-medium">{name}</span>
          {about !== "" && (
            <span className="block truncate text-[0.8125rem] text-muted">{about}</span>
          )}
        </span>
        <Labels labels={labels} />
        <span className="text-right text-[0.8125rem] text-muted tabular-nums">
          <Age at={since} />
          {status === "connected" && <span className="block">{loadWords(load)}</span>}
        </span>
      </Link>
    </li>
  );
}
