// serverless reads .cjs alone.
const { StackParameters } = require('./stack-parameters.ts');

module.exports = StackParameters;
