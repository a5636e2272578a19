import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { TLSSocket } from "node:tls";

/** Where a connection comes from. */
export interface Origin {
  /** Without a port. */
  readonly address: string;
  /** Encrypted on the way here: by TLS of this process, or by that of a declared proxy. */
  readonly isTls: boolean;
  /** Nothing between here and there reads along: loopback, or a declared proxy that does not say that it was plain. */
  readonly allowsPlain: boolean;
}

/** Reads `X-Forwarded-For` and `X-Forwarded-Proto` of the proxies that are declared, and of nobody else. */
export function createOrigins(proxies: readonly string[]): (request: IncomingMessage) => Origin {
  const declared = blockListOf(proxies);
  return (request) => {
    const peer = plain(request.socket.remoteAddress ?? "");
    if (!isListed(declared, peer))
      return {
        address: peer,
        isTls: request.socket instanceof TLSSocket,
        allowsPlain: isLoopback(peer),
      };
    const address = clientOf(header(request, "x-forwarded-for"), declared) ?? peer;
    const proto = header(request, "x-forwarded-proto").split(",").at(-1)?.trim();
    const isTls = proto === "https" || proto === "wss";
    // A proxy that is silent answers for its side; one that says "http" was reached over a network that reads along.
    return { address, isTls, allowsPlain: isTls || !proto || isLoopback(address) };
  };
}

/** The last one that no declared proxy stands for: what is left of it was said by strangers. */
function clientOf(forwardedFor: string, declared: BlockList): string | undefined {
  const hops = forwardedFor.split(",").map((hop) => plain(hop.trim()));
  return hops.reverse().find((hop) => isIP(hop) !== 0 && !isListed(declared, hop));
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return (Array.isArray(value) ? value.join(",") : value) ?? "";
}

function plain(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}

function isListed(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? "ipv6" : "ipv4");
}

/** @throws TypeError for what is neither an address nor a network like `10.0.0.0/8` */
function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
