// Compiles each schema of a folder in ajv's strict mode, and checks the golden examples of another: one JSON line with what is wrong.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const [schemas, examples] = process.argv.slice(2);
const read = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));
const wrong = [];
let checked = 0;
for (const file of readdirSync(schemas)) {
  const ajv = addFormats(new Ajv({ strict: true, allErrors: true }));
  try {
    const validate = ajv.compile(read(schemas, file));
    for (const [name, event] of Object.entries(read(examples, file.replace(".v1.json", ".json")))) {
      checked += 1;
      if (!validate(event)) wrong.push(`${file} ${name}: ${ajv.errorsText(validate.errors)}`);
    }
  } catch (error) {
    wrong.push(`${file}: ${error.message}`);
  }
}
console.log(JSON.stringify({ wrong, checked }));
