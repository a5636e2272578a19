import { BlockList, isIP, isIPv4 } from "node:net";

/**
 * IPv4 ranges that lead into one's own machine, network or cloud, or nowhere: the special-purpose registry of IANA
 * (RFC 6890) and multicast. 169.254.0.0/16 holds the metadata services of the clouds, 100.64.0.0/10 is CGNAT.
 */
const PRIVATE_V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];

/** The only IPv6 space that is given out to the public, and what in it is not (Teredo and 6to4 hold an IPv4 address). */
const GLOBAL_V6 = ["2000::/3"];
const PRIVATE_V6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

const privateRanges = rangesOf([...PRIVATE_V4, ...PRIVATE_V6]);
const globalV6 = rangesOf(GLOBAL_V6);

/** Whether an address is one of the public Internet. IPv6 that carries an IPv4 address is judged by that. */
export function isPublicAddress(address: string): boolean {
  const plain = plainAddress(address);
  if (isIPv4(plain)) return !privateRanges.check(plain);
  return globalV6.check(plain, "ipv6") && !privateRanges.check(plain, "ipv6");
}

/** Addresses and CIDR ranges, ready to be asked. */
export function rangesOf(texts: readonly string[]): BlockList {
  const ranges = new BlockList();
  for (const text of texts) {
    const [address = "", bits] = text.split("/");
    const family = isIPv4(address) ? "ipv4" : "ipv6";
    if (bits === undefined) ranges.addAddress(address, family);
    else ranges.addSubnet(address, Number(bits), family);
  }
  return ranges;
}

/** Whether one of the ranges holds an address, by the address that it carries too. */
export function isInRanges(ranges: BlockList, address: string): boolean {
  const plain = plainAddress(address);
  return isIP(plain) !== 0 && ranges.check(plain, isIPv4(plain) ? "ipv4" : "ipv6");
}

/** Without its zone, and as the IPv4 address that it maps (`::ffff:0:0/96`) or translates to (`64:ff9b::/96`, NAT64). */
export function plainAddress(address: string): string {
  const bare = address.split("%", 1)[0] ?? "";
  if (isIP(bare) !== 6) return bare;
  const groups = groupsOf(bare);
  const prefix = groups.slice(0, 6).join(":");
  if (prefix !== "0:0:0:0:0:ffff" && prefix !== "64:ff9b:0:0:0:0") return bare;
  const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The eight groups of an IPv6 address, in hexadecimal without leading zeros. */
function groupsOf(address: string): string[] {
  // URL writes each address in one way: compressed, in small letters, without dots.
  const [before = "", after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  return [...head, ...Array<string>(8 - head.length - tail.length).fill("0"), ...tail];
}
