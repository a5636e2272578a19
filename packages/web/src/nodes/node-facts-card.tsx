import type { YardNode } from "@yardmaster/protocol";
import { Card } from "../design/card.tsx";
import { Code } from "../design/code.tsx";
import { CopyButton } from "../design/copy-button.tsx";
import { Fact, Facts } from "../design/facts.tsx";
import { Sentence } from "../design/sentence.tsx";
import { Age } from "../time/moments.tsx";
import { Labels } from "./labels.tsx";
import { clientWords, loadWords, machineWords } from "./node-words.ts";

/** What a node is, as it said at its last login, and how it came here. */
export function NodeFactsCard({ node }: { readonly node: YardNode }) {
  const { labels, load, e2e, capabilities, address, last_seen_at, refused } = node;
  const machine = machineWords(node);
  const client = clientWords(node);
  return (
    <Card title="Details" aside={<CopyButton text={node.id} label="Copy the node's id" />}>
      <Facts>
        {Object.keys(labels).length > 0 && (
          <Fact name="Labels">
            <Labels labels={labels} />
          </Fact>
        )}
        {machine !== "" && <Fact name="Machine">{machine}</Fact>}
        {client !== "" && <Fact name="Client">{client}</Fact>}
        {node.status === "connected" && <Fact name="Work">{loadWords(load)}</Fact>}
        {e2e !== "off" && <Fact name="Encryption">End to end, {e2e}</Fact>}
        {address !== null && <Fact name="Address">{address}</Fact>}
        {last_seen_at !== null && (
          <Fact name="Last seen">
            <Age at={last_seen_at} />
          </Fact>
        )}
        {refused !== null && (
          <Fact name="Refused">
            <Age at={refused.at} /> from {refused.address}: <Sentence text={refused.detail} />
          </Fact>
        )}
        <Fact name="Paired">
          <Age at={node.created_at} /> by {node.created_by}
        </Fact>
        {node.revoked_at !== null && (
          <Fact name="Revoked">
            <Age at={node.revoked_at} /> by {node.revoked_by}
            {node.revoked_reason !== null && `: ${node.revoked_reason}`}
          </Fact>
        )}
        {capabilities.length > 0 && <Fact name="It can">{capabilities.join(", ")}</Fact>}
        <Fact name="Node">
          <Code>{node.id}</Code>
        </Fact>
      </Facts>
    </Card>
  );
}
