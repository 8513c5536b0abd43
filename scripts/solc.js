/**
 * The Solidity compiler as a command, on top of npm's `solc`.
 *
 * py-solc-x and forge speak to a native `solc`. Where none can be downloaded the same compiler, built to JavaScript, is
 * in node_modules, but its own command line differs (and prints a line of its own before the answer). This one answers
 * the two calls that both make: `--version` and `--standard-json`.
 */
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

import solc from "solc";

const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;
const READ_PAUSE_MILLISECONDS = 5;

/** Options that take a value, as `--name value` or `--name=value`. */
const VALUED_OPTIONS = new Set(["--base-path", "--include-path", "--allow-paths"]);
/** Options that stand alone. */
const PLAIN_OPTIONS = new Set(["--version", "--standard-json"]);

/**
 * @typedef {object} Call What the caller asks for.
 * @property {boolean} version Whether to say which compiler this is.
 * @property {boolean} standardJson Whether to compile a standard JSON input.
 * @property {string[]} roots Folders in which imports are looked for, in order.
 * @property {string | undefined} inputFile Standard JSON input; standard input where undefined.
 */

/**
 * Read the command line as native solc would.
 *
 * @param {string[]} words Arguments after the command's name.
 * @returns {Call}
 * @throws {Error} If an option is unknown or its value is missing.
 */
export function readCommandLine(words) {
  const call = { version: false, standardJson: false, inputFile: undefined };
  let basePath = ".";
  const includePaths = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [name, inlineValue] = splitOption(word);
    if (VALUED_OPTIONS.has(name)) {
      const value = inlineValue ?? rest.shift();
      if (value === undefined) throw new Error(`${name} needs a value.`);
      // --allow-paths guards native solc's reading of files; here only imports under the roots are read at all.
      if (name === "--base-path") basePath = value;
      if (name === "--include-path") includePaths.push(value);
    } else if (PLAIN_OPTIONS.has(name)) {
      if (name === "--version") call.version = true;
      if (name === "--standard-json") call.standardJson = true;
    } else if (word.startsWith("-") && word !== "-") {
      throw new Error(`unrecognised option '${word}'`);
    } else if (word !== "-") {
      call.inputFile = word;
    }
  }
  return { ...call, roots: [basePath, ...includePaths] };
}

/**
 * @param {string} word
 * @returns {[string, string | undefined]} The option's name, and its value where it follows an equals sign.
 */
function splitOption(word) {
  const equals = word.indexOf("=");
  return word.startsWith("--") && equals > 0 ? [word.slice(0, equals), word.slice(equals + 1)] : [word, undefined];
}

/**
 * Find a source unit in the first root that has it.
 *
 * @param {string[]} roots Folders, in order.
 * @param {string} name Source unit name, or an absolute path.
 * @returns {{ contents: string } | { error: string }} In the form that the compiler's callback expects.
 */
export function readSource(roots, name) {
  const places = path.isAbsolute(name) ? [name] : roots.map((root) => path.join(root, name));
  const found = places.find((place) => fs.statSync(place, { throwIfNoEntry: false })?.isFile());
  return found === undefined ? { error: `File not found: ${name}` } : { contents: fs.readFileSync(found, "utf8") };
}

/**
 * Compile a standard JSON input.
 *
 * @param {string} text The input.
 * @param {string[]} roots Folders in which imports are looked for.
 * @returns {string} The standard JSON output.
 */
export function compile(text, roots) {
  const input = JSON.parse(text);
  for (const source of Object.values(input.sources ?? {})) {
    // Native solc reads {"urls": [...]} itself; the JavaScript one expects the content.
    if (source.content !== undefined || source.urls === undefined) continue;
    const answers = source.urls.map((/** @type {string} */ url) => readSource(roots, url));
    const answer = answers.find((/** @type {object} */ each) => "contents" in each);
    if (answer === undefined) continue;
    source.content = answer.contents;
    delete source.urls;
  }
  return solc.compile(JSON.stringify(input), { import: (/** @type {string} */ name) => readSource(roots, name) });
}

/**
 * Read standard input to its end: forge hands over a pipe that answers "not yet" while it is empty.
 *
 * @returns {string}
 */
function readStandardInput() {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const chunks = [];
  const buffer = Buffer.alloc(1 << 16);
  for (;;) {
    try {
      const length = fs.readSync(STANDARD_INPUT, buffer);
      if (length === 0) return Buffer.concat(chunks).toString("utf8");
      chunks.push(Buffer.from(buffer.subarray(0, length)));
    } catch (error) {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code === "EOF") return Buffer.concat(chunks).toString("utf8");
      if (code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, READ_PAUSE_MILLISECONDS);
    }
  }
}

/**
 * Write all of a text before going on: a pipe that is full refuses, and leaving early would cut the text off.
 *
 * @param {string} text
 */
function print(text) {
  let rest = Buffer.from(`${text}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(fs.writeSync(STANDARD_OUTPUT, rest));
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EAGAIN") throw error;
    }
  }
}

/**
 * @param {string[]} words Arguments after the command's name.
 * @returns {number} Exit status.
 */
function main(words) {
  let call;
  try {
    call = readCommandLine(words);
    if (!call.version && !call.standardJson) throw new Error("Nothing to do: give --version or --standard-json.");
  } catch (error) {
    process.stderr.write(`solc: ${/** @type {Error} */ (error).message}\n`);
    return 1;
  }
  if (call.version) print(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
  else {
    const input = call.inputFile === undefined ? readStandardInput() : fs.readFileSync(call.inputFile, "utf8");
    print(compile(input, call.roots));
  }
  return 0;
}

if (import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) process.exit(main(process.argv.slice(2)));
