// Prints what AsyncAPI's own parser finds in a document: one JSON line, with its diagnostics and the number of its messages.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const file = process.argv[2];
const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"), { source: file });
const found = diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path: path.join("/") }));
console.log(JSON.stringify({ found, messages: document ? document.allMessages().length : 0 }));
