// serverless reads .cjs alone.
const { api } = require('./api.ts');

module.exports = api;
