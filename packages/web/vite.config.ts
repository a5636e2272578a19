import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { precompress } from "./precompress.ts";

export default defineConfig({
  plugins: [react(), tailwindcss(), precompress()],
  // The sources of our own packages: the page does not wait for their build.
  resolve: { conditions: ["source", "module", "browser", "development|production"] },
  build: {
    target: "es2023",
    // Inlined ones would be data URLs, which the page's content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // One file of 530 kB, 135 kB as it is sent: a tab that is open while the page is built anew asks for no part of the old.
    chunkSizeWarningLimit: 700,
    // On a busy machine it warns of its own slowness.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
  server: { proxy: { "/v1": process.env["YARD_URL"] ?? "http://127.0.0.1:4400" } },
});
