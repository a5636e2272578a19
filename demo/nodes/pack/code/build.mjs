import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const { words } = JSON.parse(await text(process.stdin));
console.error(`building of ${words.length} words`);
const built = words.join("-");
writeFileSync(join(process.env.YARD_WORK, "release.txt"), built);
const sha256 = createHash("sha256").update(built).digest("hex");
console.log(JSON.stringify({ built, sha256 }));
