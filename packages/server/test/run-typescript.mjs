/**
 * Runs a TypeScript file from the source, on any Node and without a build: for tests that need a process of
 * their own. `node run-typescript.mjs FILE ARGS…`; the file finds its arguments from process.argv[3] on.
 */
import { resolve } from "node:path";
import { createServer } from "vite";

const server = await createServer({
  configFile: false,
  root: resolve(import.meta.dirname, "../../.."),
  cacheDir: undefined,
  logLevel: "error",
  appType: "custom",
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  ssr: { resolve: { conditions: ["source", "node"] } },
});
await server.ssrLoadModule(resolve(process.argv[2] ?? ""));
