// Starts the program beside it from its compiled code, which takes a third off an agent's way to its first decision.
// V8 refuses code of another version of itself, or compiled under other flags that matter, and compiles as ever then.
// It knows the source by its length alone, so these files are laid out together, never one without the others.
'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { constants, Script } = require('node:vm');

const path = join(__dirname, 'program.cjs');
// esbuild writes ASCII, and a string of single bytes costs half the memory.
const source = readFileSync(path, 'latin1');
const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
  // It is part of the compiled code, which is the same wherever it was made.
  filename: '/app/bin/program.cjs',
  cachedData: readCode(join(__dirname, 'program.code')),
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
script.runInThisContext().call(exports, exports, require, module, path, __dirname);

function readCode(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
