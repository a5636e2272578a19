import type { YardNode } from "@yardmaster/protocol";

/** `os=linux`, and `gpu` for one without a value. */
export function labelWords(labels: YardNode["labels"]): string[] {
  return Object.entries(labels).map(([key, value]) => (value === "" ? key : `${key}=${value}`));
}

/** Labels as people write them, `os=linux, gpu`. @throws Error for one without a key */
export function readLabels(text: string): Record<string, string> {
  const words = text.split(/[,\n]/).map((word) => word.trim());
  return Object.fromEntries(
    words
      .filter((word) => word !== "")
      .map((word) => {
        const [key = "", ...rest] = word.split("=");
        if (key.trim() === "")
          throw new Error(`The label "${word}" has no key: write it like os=linux, or gpu.`);
        return [key.trim(), rest.join("=").trim()];
      }),
  );
}

const GIB = 2 ** 30;

/** What machine it is, as it said at its last login; empty before. */
export function machineWords(node: YardNode): string {
  const { platform, arch, os_version, cpu_count, mem_bytes } = node;
  const parts = [
    [platform, arch].filter((part) => part !== null).join("/"),
    os_version ?? "",
    cpu_count === null ? "" : `${cpu_count} CPUs`,
    mem_bytes === null ? "" : `${(mem_bytes / GIB).toFixed(1)} GiB`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** Which program it runs; empty before its first login. */
export function clientWords({ client, node_version, protocol_version }: YardNode): string {
  if (client === null) return "";
  const kind = client === "base" ? "Base protocol" : "yard";
  const speaks = protocol_version === null ? "" : `, protocol ${protocol_version}`;
  return `${kind} ${node_version ?? ""}`.trim() + speaks;
}

/** What it is at. */
export function loadWords({ calls, jobs, slots }: YardNode["load"]): string {
  return `${calls} ${calls === 1 ? "call" : "calls"}, ${jobs} of ${slots} jobs`;
}

/** What it is found by: of those that had a name, the living one has it. */
export function nodeKey({ id, name, status }: Pick<YardNode, "id" | "name" | "status">): string {
  return status === "revoked" ? id : name;
}
