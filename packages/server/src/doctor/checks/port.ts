import { once } from "node:events";
import { createServer } from "node:net";
import type { Check } from "@yardmaster/protocol";
import { failureCode } from "@yardmaster/protocol";
import { bad, ok } from "../check.ts";

/** Whether a server could listen there now. */
export async function portCheck(host: string, port: number): Promise<Check> {
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, "listening");
    return ok("port", port === 0 ? "any free port will do" : `${host}:${port} is free`);
  } catch (error) {
    const code = failureCode(error);
    const why = code === "EADDRINUSE" ? "something else listens there" : (code ?? String(error));
    return bad("port", `${host}:${port} cannot be had: ${why}`, "set YARD_PORT, or 0 for any");
  } finally {
    server.close();
  }
}
