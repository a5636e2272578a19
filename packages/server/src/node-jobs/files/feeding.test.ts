import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError, type WorkError } from "@yardmaster/protocol";
import { NODE_LIMITS, type OutgoingServerFrames } from "@yardmaster/protocol/node";
import { afterAll, expect, it, vi } from "vitest";
import { createFeeding } from "./feeding.ts";

type Piece = OutgoingServerFrames["task_file"];

const MIB = NODE_LIMITS.rangeBytes;
const PACK = mkdtempSync(join(tmpdir(), "yard-feeding-"));
afterAll(() => rmSync(PACK, { recursive: true }));

function fileOf(path: string, bytes: number) {
  writeFileSync(join(PACK, path), Buffer.alloc(bytes, path));
  return { path, bytes, sha256: createHash("sha256").update(path).digest("hex"), mode: "0644" };
}

function feedingOf(files: ReturnType<typeof fileOf>[]) {
  const sent: Piece[] = [];
  const flaws: WorkError[] = [];
  const link = { isUp: true, send: async (piece: Piece): Promise<void> => void sent.push(piece) };
  const feeding = createFeeding({
    leaseId: "l-1",
    packFolder: PACK,
    files: new Map(files.map((file) => [file.sha256, file])),
    send: (piece) => link.send(piece),
    isLinked: () => link.isUp,
    againMs: 10,
    onFlaw: (error) => flaws.push(error),
  });
  const offsets = () => sent.map(({ sha256, offset }) => [pathOf(files, sha256), offset / MIB]);
  return { feeding, sent, flaws, link, offsets };
}

function pathOf(files: ReturnType<typeof fileOf>[], sha256: string) {
  return files.find((file) => file.sha256 === sha256)?.path;
}

it("a file that cannot be read, or has become shorter, ends the job by its name", async () => {
  const [gone, short] = [fileOf("gone.py", 10), fileOf("short.py", 10)];
  for (const file of [gone, short]) {
    if (file === gone) rmSync(join(PACK, file.path));
    else writeFileSync(join(PACK, file.path), "1234");
    const { feeding, flaws } = feedingOf([file]);
    feeding.want([{ sha256: file.sha256, offset: 0 }]);
    await vi.waitFor(() => expect(flaws).toHaveLength(1));
    expect(flaws[0]).toMatchObject({ code: "io_error", details: { path: file.path } });
    expect(flaws[0]?.message).toMatch(
      file === gone
        ? /^gone.py could not be given to the node: it cannot be read \(ENOENT\)\.$/
        : /^short.py could not be given to the node: it ends after 4 of its 10 bytes\.$/,
    );
  }
});

it("a link that is too busy is tried again, and one that was cut is not blamed on the file", async () => {
  const file = fileOf("a.bin", 10);
  const { feeding, sent, flaws, link } = feedingOf([file]);
  const take = link.send;
  let refused = 0;
  link.send = async () => {
    refused++;
    link.send = take;
    throw new AppError("node_busy", "it does not take what was sent");
  };
  feeding.want([{ sha256: file.sha256, offset: 0 }]);
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(refused).toBe(1);
  link.send = async () => {
    link.isUp = false;
    throw new Error("the link is gone");
  };
  feeding.want([{ sha256: file.sha256, offset: 0 }]);
  await vi.waitFor(() => expect(link.isUp).toBe(false));
  Object.assign(link, { isUp: true, send: take });
  feeding.linked();
  feeding.want([{ sha256: file.sha256, offset: 4 }]);
  await vi.waitFor(() => expect(sent.at(-1)).toMatchObject({ offset: 4, eof: true }));
  expect(flaws).toEqual([]);
});

it("a file that is asked for again begins anew in the place of what it was sent", async () => {
  const files = [fileOf("big.bin", 3 * MIB), fileOf("small.bin", 10)];
  const [big, small] = files as [(typeof files)[0], (typeof files)[0]];
  const { feeding, sent, link, offsets } = feedingOf(files);
  let release = (): void => undefined;
  const take = link.send;
  link.send = async (piece) => {
    await take(piece);
    link.send = take;
    await new Promise<void>((resolve) => {
      release = resolve;
    });
  };
  feeding.want([big, small].map(({ sha256 }) => ({ sha256, offset: 0 })));
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  for (let at = 0; at < 5; at++) feeding.want([{ sha256: big.sha256, offset: 2 * MIB }]);
  release();
  await vi.waitFor(() => expect(sent).toHaveLength(3));
  expect(offsets()).toEqual([
    ["big.bin", 0],
    ["small.bin", 0],
    ["big.bin", 2],
  ]);
});

it("a piece is acknowledged once: what is said beyond is not due", async () => {
  const file = fileOf("acked.bin", 2 * MIB);
  const { feeding, sent } = feedingOf([file]);
  const ack = (offset: number) =>
    feeding.ack({ type: "task_file_ack", lease_id: "l-1", sha256: file.sha256, offset });
  expect(ack(0)).toBe(false);
  feeding.want([{ sha256: file.sha256, offset: 0 }]);
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(feeding.isLacking()).toBe(true);
  expect([ack(MIB), ack(2 * MIB), ack(2 * MIB)]).toEqual([true, true, false]);
  expect(feeding.isLacking()).toBe(false);
});
