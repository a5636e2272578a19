import { readBody, writeBody } from "../calls/file-calls.ts";
import { checkRead, checkWrite } from "../calls/request-checks.ts";
import { runCall } from "../calls/run-call.ts";
import type { Hub } from "../hub.types.ts";
import { type OperationDeps, plainCallOf } from "./operation.ts";

/** Files: read and written, whole or in ranges. */
export function fileOperations(deps: OperationDeps): Pick<Hub, "read" | "write"> {
  const { fileMs } = deps.options;
  return {
    async read(ref, request, given) {
      checkRead(request);
      const { path, offset, length } = request;
      return await runCall(deps, ref, given, {
        kind: "read",
        details: { path, offset: offset ?? null, length: length ?? null },
        make: (slot, id) => plainCallOf(deps, slot, given.actor, id, readBody(id, request, fileMs)),
        endOf: ({ content }) => ({ status: "ok", details: { bytes: content.length } }),
      });
    },

    async write(ref, request, given) {
      checkWrite(request);
      const { path, content, mode = "overwrite", offset, folder } = request;
      return await runCall(deps, ref, given, {
        kind: "write",
        details: folder
          ? { path, folder, mode }
          : { path, size_bytes: content.length, mode, offset: offset ?? null },
        make: (slot, id) =>
          plainCallOf(deps, slot, given.actor, id, writeBody(id, request, fileMs)),
        endOf: ({ bytesWritten }) => ({ status: "ok", details: { bytes: bytesWritten } }),
      });
    },
  };
}
