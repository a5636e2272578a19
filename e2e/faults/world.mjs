import { startThrowawayPostgres } from "../../packages/server/dist/db/index.js";
import { endIfBrokenOff } from "../crash/broken-off.mjs";
import { createClient } from "../crash/client.mjs";
import { createCrew } from "../crash/crew.mjs";
import { createInstallation } from "../crash/installation.mjs";
import { createLoad } from "../crash/load.mjs";
import { createRandom } from "../crash/random.mjs";
import { createFaultProxy } from "./proxy.mjs";

/** Of a request that nobody answers, while the network loses it. */
const REQUEST_LIMIT_MS = 3_000;

/**
 * An installation on a PostgreSQL of its own, or on the one that is given (and stopped with it). Everything that talks
 * goes through a proxy: `proxies.database` stands before the server's PostgreSQL, `proxies.http` before the server. The
 * second worker reaches PostgreSQL directly: it is the other machine, which goes on when the server is cut off.
 */
export async function createWorld({ seed, roles, postgres: given }) {
  const postgres = given ?? (await startThrowawayPostgres());
  endIfBrokenOff(() => postgres.stop());
  const stop = new AbortController();
  const database = await createFaultProxy({ path: socketOf(postgres.url) });
  const installation = await createInstallation({
    databaseUrl: postgres.url,
    databaseUrlOf: (name) =>
      name === "owner" ? through(postgres.url, database.port) : postgres.url,
  });
  const http = await createFaultProxy({ port: installation.port });
  const crew = createCrew(installation, roles);
  const url = `http://127.0.0.1:${http.port}`;
  return {
    postgres,
    installation,
    crew,
    proxies: { database, http },
    /** Through the proxy. */
    url,
    client: createClient(installation.url, stop.signal),
    startLoad: () =>
      createLoad(
        createClient(url, stop.signal, { limitMs: REQUEST_LIMIT_MS }),
        createRandom(seed),
        installation,
      ),
    async remove() {
      stop.abort();
      await installation.remove();
      await Promise.all([database.close(), http.close()]);
      await postgres.stop();
    },
  };
}

function socketOf(url) {
  const { searchParams } = new URL(url.replace("@/", "@localhost/"));
  return `${searchParams.get("host")}/.s.PGSQL.${searchParams.get("port") ?? 5432}`;
}

/** The same database over TCP. */
function through(url, port) {
  const { username, password, pathname } = new URL(url.replace("@/", "@localhost/"));
  const who = password === "" ? username : `${username}:${password}`;
  return `postgres://${who}@127.0.0.1:${port}${pathname}`;
}
