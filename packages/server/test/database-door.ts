import type { AddressInfo } from "node:net";
import { connect, createServer, type NetConnectOpts, type Socket } from "node:net";
import { join } from "node:path";

export interface DatabaseDoor {
  /** Of the database behind it, for `DATABASE_URL`. */
  readonly url: string;
  /** PostgreSQL is out of reach: what is open breaks, and nothing is let in. */
  shut(): void;
  open(): void;
  close(): Promise<void>;
}

/** A door to PostgreSQL that can be shut. */
export async function openDatabaseDoor(url: string): Promise<DatabaseDoor> {
  const sockets = new Set<Socket>();
  let isShut = false;
  const server = createServer((near) => {
    if (isShut) return void near.destroy();
    const far = connect(addressIn(url));
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.replace(/@[^/]*\/([^?]*).*$/, `@127.0.0.1:${port}/$1?sslmode=disable`),
    shut() {
      isShut = true;
      breakAll();
    },
    open() {
      isShut = false;
    },
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      breakAll();
      return closed;
    },
  };
}

/** Where a URL leads: to a host, or to a socket in a folder. */
function addressIn(url: string): NetConnectOpts {
  const [, host = "", port] = /@([^/:]*)(?::(\d+))?\//.exec(url) ?? [];
  if (host !== "") return { host, port: Number(port ?? 5432) };
  const query = new URLSearchParams(url.slice(url.indexOf("?") + 1));
  return { path: join(query.get("host") ?? "", `.s.PGSQL.${query.get("port") ?? 5432}`) };
}
