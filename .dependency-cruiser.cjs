/** Of a package's sources, what its tsconfig.build.json leaves out. */
const TESTING = ["\\.(test|fixture)\\.tsx?$", "/(testing|fixtures)/"];

/** The borders of the house (docs/decisions/006): protocol ← kernel ← server; protocol ← node; protocol ← sdk ← {cli, web}. */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "what-is-built-needs-no-tests",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: TESTING },
      to: { path: ["^packages/[^/]+/(test|sim|fuzz)/", ...TESTING] },
    },
    {
      name: "protocol-stands-alone",
      severity: "error",
      from: { path: "^packages/protocol/src" },
      to: { path: "^packages/(?!protocol)" },
    },
    {
      name: "kernel-knows-only-protocol",
      severity: "error",
      from: { path: "^packages/kernel/(src|sim)" },
      to: { path: "^packages/(?!protocol|kernel)" },
    },
    {
      name: "kernel-does-no-io",
      severity: "error",
      from: { path: "^packages/kernel/src", pathNot: "\\.(test|fixture)\\.ts$" },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?crypto$" },
    },
    {
      name: "nothing-imports-server",
      severity: "error",
      from: { path: "^packages/(?!server)" },
      to: { path: "^packages/server" },
    },
    {
      name: "node-knows-only-protocol",
      severity: "error",
      from: { path: "^packages/node/src" },
      to: { path: "^packages/(?!protocol|node)" },
    },
    {
      name: "nothing-imports-node",
      severity: "error",
      // The fuzzer reads frames at both ends.
      from: { path: "^packages/(?!node|server/fuzz/)" },
      to: { path: "^packages/node" },
    },
    {
      name: "sdk-knows-only-protocol",
      severity: "error",
      from: { path: "^packages/sdk/src" },
      to: { path: "^packages/(?!protocol|sdk)" },
    },
    {
      name: "cli-knows-only-sdk-and-protocol",
      severity: "error",
      from: { path: "^packages/cli/src" },
      to: { path: "^packages/(?!protocol|sdk|cli)" },
    },
    {
      name: "web-knows-only-sdk-and-protocol",
      severity: "error",
      from: { path: "^packages/web/src" },
      to: { path: "^packages/(?!protocol|sdk|web)" },
    },
    {
      name: "features-are-imported-through-their-index",
      severity: "error",
      from: { path: "^packages/server/src/([^/]+)/", pathNot: "\\.test\\.ts$" },
      to: {
        path: "^packages/server/src/([^/]+)/(?!index\\.ts$)",
        pathNot: "^packages/server/src/$1/",
      },
    },
    {
      name: "features-do-not-reach-up",
      severity: "error",
      from: {
        path: "^packages/server/src/(?!http|mcp|live|composition|reference)([^/]+)/",
        pathNot: "\\.test\\.ts$",
      },
      to: { path: "^packages/server/src/(http|mcp|live)/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "db-knows-no-feature",
      severity: "error",
      from: { path: "^packages/server/src/db/" },
      to: { path: "^packages/server/src/(?!db|settings)[^/]+/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // What is built from the sources follows them.
    exclude: { path: "^packages/[^/]+/dist/" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "node"],
    },
  },
};
