import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Endpoint } from "./settings.ts";
import { ensureSocketFolder } from "./socket-folder.ts";
import type { SystemUser } from "./system-user.ts";

/**
 * Where PostgreSQL is to be reached: a unix socket, no TCP; on Windows a loopback port, the one of last time
 * if it is free.
 */
export async function chooseEndpoint(
  home: string,
  user: SystemUser | undefined,
  before: { readonly port?: number | undefined; readonly socketFolder?: string | undefined },
): Promise<Endpoint> {
  if (process.platform !== "win32") {
    return { socketFolder: ensureSocketFolder(home, user, before.socketFolder), port: 5432 };
  }
  const free = before.port
    ? await freePort(before.port).catch(() => freePort(0))
    : await freePort(0);
  return { socketFolder: undefined, port: free };
}

async function freePort(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
