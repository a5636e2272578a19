import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { NodeFrames, OutgoingServerFrames, ProcessPayload } from "@yardmaster/protocol/node";
import { setUp } from "../testing/work.fixture.ts";

export const sha256 = (bytes: Buffer | string): string =>
  createHash("sha256").update(bytes).digest("hex");

type Offer = Partial<OutgoingServerFrames["task_offer"]>;
type Payload = Partial<ProcessPayload> & { argv: string[] };

/** Offers jobs as the server does. */
export function jobs(options: Parameters<typeof setUp>[0] = {}) {
  const all = setUp(options);
  let made = 0;

  const offer = (payload: Payload, more: Offer = {}): string => {
    made += 1;
    // Of no other test: what a lease has left is looked for on the whole machine, by its id.
    const lease_id = more.lease_id ?? randomUUID();
    all.send({
      type: "task_offer",
      id: `offer-${made}`,
      fence: made,
      lease_ms: 60_000,
      job: { id: `job-${made}`, kind: "process", payload: { timeout_ms: 20_000, ...payload } },
      ...more,
      lease_id,
    });
    return lease_id;
  };

  const result = (lease: string): Promise<NodeFrames["task_result"]> =>
    all.link().next("task_result", (frame) => frame.lease_id === lease);

  const logged = (lease: string, stream = "stdout"): string => {
    const data = all
      .link()
      .frames.flatMap((frame) =>
        frame.type === "task_log" && frame.lease_id === lease && frame.stream === stream
          ? [frame.data]
          : [],
      );
    return Buffer.concat(data).toString("utf8");
  };

  /** Answers `task_need` with the contents, by their checksum, in pieces of so many bytes. */
  const serve = async (
    lease: string,
    contents: readonly (Buffer | string)[],
    pieceBytes = 1024,
  ) => {
    const need = await all.link().next("task_need", (frame) => frame.lease_id === lease);
    const byHash = new Map(contents.map((content) => [sha256(content), Buffer.from(content)]));
    for (const { sha256: wanted, offset } of need.files) {
      const content = byHash.get(wanted) ?? Buffer.alloc(0);
      for (let at = offset; ; at += pieceBytes) {
        const data = content.subarray(at, at + pieceBytes);
        const eof = at + pieceBytes >= content.length;
        all.send({ type: "task_file", lease_id: lease, sha256: wanted, offset: at, data, eof });
        if (eof) break;
      }
    }
    return need;
  };

  const fileOf = (path: string, content: Buffer | string, mode = "0644") => ({
    path,
    bytes: Buffer.byteLength(content),
    sha256: sha256(content),
    mode,
  });

  /** Folders of jobs that are there. */
  const folders = (): string[] => {
    const runs = join(all.root, "state/run");
    return readdirSync(runs).flatMap((run) => {
      const folder = join(runs, run, "jobs");
      return existsSync(folder) ? readdirSync(folder) : [];
    });
  };

  return { ...all, offer, result, logged, serve, fileOf, folders };
}
