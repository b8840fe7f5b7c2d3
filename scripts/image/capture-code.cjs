// Preloaded before the launcher: at the end writes the compiled code of what it ran to $CODE_FILE. What has run by
// then is compiled and in it; the rest is compiled when it is needed, as always.
'use strict';

const { writeFileSync } = require('node:fs');
const vm = require('node:vm');

const { Script } = vm;
let program;
vm.Script = class extends Script {
  constructor(...given) {
    super(...given);
    program = this;
  }
};
process.on('exit', () => writeFileSync(process.env.CODE_FILE, program.createCachedData()));
