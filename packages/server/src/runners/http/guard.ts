import { type LookupAddress, lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { AllowList } from "./allow-list.ts";

/** Resolves a host to all its addresses, as the system does. */
export type Resolve = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export const systemResolve: Resolve = (host, done) => lookup(host, { all: true }, done);

/** Why a request may not go where it wants to. */
export class BlockedAddress extends Error {
  readonly host: string;
  readonly port: number;

  constructor(host: string, port: number, addresses: readonly string[]) {
    const leads = addresses.join() === host ? "" : `, which leads to ${addresses.join(", ")},`;
    super(`${host}${leads} is not a public address`);
    this.name = "BlockedAddress";
    this.host = host;
    this.port = port;
  }
}

/**
 * The `lookup` of a connection: it hands over only addresses that are allowed, at the moment of connecting, so that
 * a name cannot lead elsewhere between a check and its use (DNS rebinding).
 */
export function guardedLookup(port: number, allowed: AllowList, resolve: Resolve): LookupFunction {
  return (host, options, done) => {
    resolve(host, (error, found) => {
      if (error) return done(error, "", 0);
      const { family } = options;
      const usable = found.filter((one) => (family !== 4 && family !== 6) || one.family === family);
      const addresses = usable.filter(({ address }) => allowed.allows(host, port, address));
      const [first] = addresses;
      if (first === undefined)
        return done(
          new BlockedAddress(
            host,
            port,
            found.map(({ address }) => address),
          ),
          "",
          0,
        );
      if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

/** A host that is an address is connected to without a lookup: it is judged before. */
export function checkLiteral(host: string, port: number, allowed: AllowList): void {
  const address = host.startsWith("[") ? host.slice(1, -1) : host;
  if (isIP(address) !== 0 && !allowed.allows(address, port, address))
    throw new BlockedAddress(address, port, [address]);
}
