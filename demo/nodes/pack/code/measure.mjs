import { text } from "node:stream/consumers";

const { built } = JSON.parse(await text(process.stdin));
console.error("measuring");
console.log(JSON.stringify({ characters: built.length }));
