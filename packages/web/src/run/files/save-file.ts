import type { StepFile } from "@yardmaster/protocol";

type Pieces = AsyncIterable<Uint8Array<ArrayBuffer>>;

declare global {
  interface Window {
    /** Chromium's, and only over HTTPS or on the server's own machine. */
    readonly showSaveFilePicker?: (options: {
      readonly suggestedName: string;
    }) => Promise<FileSystemFileHandle>;
  }
}

/** So much is gathered in memory before the browser, which may put it on disk, takes it over. */
const GATHERED_BYTES = 8 * 1024 * 1024;

/**
 * Saves what `read` gives as a file of the reader: straight into the file where the browser asks for its place, else
 * gathered by the browser and saved as its downloads are. Call it from a click. @throws Error where it is not what its
 * checksum says; a DOMException `AbortError` where the reader did not want it
 */
export async function saveFile({ path, sha256 }: StepFile, read: () => Pieces): Promise<void> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  // Before anything else: a browser asks only right after a click.
  const place = await window.showSaveFilePicker?.({ suggestedName: name });
  const saved = place === undefined ? await gather(read()) : await write(place, read());
  if (!(await isRight(saved, sha256)))
    throw new Error(`${path} arrived as something else than its checksum says. Download it again.`);
  if (place === undefined) offer(saved, name);
}

/** The file takes its place when it is whole; before that, it is what it was. */
async function write(place: FileSystemFileHandle, pieces: Pieces): Promise<Blob> {
  const file = await place.createWritable();
  try {
    for await (const piece of pieces) await file.write(piece);
  } catch (error) {
    await file.abort().catch(() => undefined);
    throw error;
  }
  await file.close();
  return await place.getFile();
}

async function gather(pieces: Pieces): Promise<Blob> {
  const blobs: Blob[] = [];
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    parts.push(piece);
    bytes += piece.length;
    if (bytes < GATHERED_BYTES) continue;
    blobs.push(new Blob(parts));
    parts = [];
    bytes = 0;
  }
  return new Blob([...blobs, ...parts], { type: "application/octet-stream" });
}

/** Beside the page's own work. Without a secure connection browsers do not hash. */
async function isRight(saved: Blob, sha256: string): Promise<boolean> {
  if (crypto.subtle === undefined) return true;
  const digest = await crypto.subtle.digest("SHA-256", await saved.arrayBuffer());
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0"));
  return hex.join("") === sha256;
}

/** How long a browser may take to begin with what it was given. */
const BEGUN_WITHIN_MS = 60_000;

function offer(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), BEGUN_WITHIN_MS);
}
