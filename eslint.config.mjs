import tseslint from "typescript-eslint";

/** Typed rules only: what Biome cannot see (promises, exhaustiveness). Everything else is Biome's. */
export default tseslint.config(
  {
    ignores: [
      "**/dist/**",
      "**/node_modules/**",
      "bench/**",
      "**/*.mjs",
      "**/*.js",
      "packs/**",
      "**/*.cjs",
    ],
  },
  {
    files: [
      "packages/*/src/**/*.{ts,tsx}",
      "packages/*/test/**/*.ts",
      "packages/*/sim/**/*.ts",
      "packages/*/fuzz/**/*.ts",
      "e2e/**/*.ts",
    ],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: {
        project: ["./tsconfig.lint.json", "./packages/web/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/only-throw-error": "error",
      "@typescript-eslint/use-unknown-in-catch-callback-variable": "error",
    },
  },
);
