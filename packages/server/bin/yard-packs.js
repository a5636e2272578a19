#!/usr/bin/env node
import "./keep-compiled.js";

await import("../dist/yard-packs.mjs");
