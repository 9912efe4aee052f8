// serverless reads .cjs alone.
const { functions } = require('./functions.ts');

module.exports = functions;
