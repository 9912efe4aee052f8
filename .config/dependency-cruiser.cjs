// Who may import whom. What is not allowed here is forbidden: a new folder, or a new package in a folder that
// names its packages, is added here on purpose or not at all.

/** Node's own modules, and packages, as dependency-cruiser sees them. */
const node = (name) => `^(node:)?${name}$`;
const npm = (name) => `^node_modules/(@types/)?${name}/`;

/** The folders of lib/ that each may import besides itself, and the packages and Node modules it may use. */
const layers = {
  contract: { folders: [], packages: [npm('zod')] },
  events: { folders: ['contract'], packages: [npm('zod')] },
  domain: {
    folders: ['contract', 'events'],
    packages: [npm('zod'), npm('libphonenumber-js'), npm('csv-(parse|stringify)'), npm('luxon'), node('util')],
  },
  config: { folders: [], packages: [npm('zod')] },
  cloud: {
    folders: ['config', 'domain', 'events', 'contract'],
    packages: [
      npm('zod'),
      npm('jose'),
      npm('@aws-sdk/(client-(apigatewaymanagementapi|eventbridge|kms|s3|sqs)|s3-presigned-post|s3-request-presigner)'),
      npm('content-disposition'),
      npm('ipaddr.js'),
      npm('standardwebhooks'),
      node('(crypto|zlib|dns|net|http|https)'),
    ],
  },
  table: {
    folders: ['config', 'domain', 'events', 'contract'],
    packages: [
      npm('zod'),
      npm('jose'),
      npm('@aws-sdk/(client-dynamodb|lib-dynamodb|util-dynamodb)'),
      node('(crypto|timers/promises|util)'),
    ],
  },
  providers: {
    folders: ['contract'],
    packages: [npm('zod'), npm('(twilio|telegraf|nodemailer)'), node('(crypto|https|stream)')],
  },
  messaging: {
    folders: ['config', 'domain', 'table', 'cloud', 'providers', 'events', 'contract'],
    packages: [npm('zod'), npm('file-type'), node('(crypto|timers/promises)')],
  },
  runtime: {
    folders: ['config', 'domain', 'table', 'cloud', 'messaging', 'events', 'contract'],
    packages: [
      npm('zod'),
      npm('uuid'),
      npm('aws-jwt-verify'),
      npm('aws-lambda'),
      npm('ipaddr.js'),
      npm('@middy/[^/]+'),
      npm('@aws-lambda-powertools/(logger|metrics)'),
    ],
  },
};

const isTest = '\\.test\\.ts$|^lib/providers/stub-server\\.ts$';

const layer = ([name, { folders, packages }]) => ({
  name: `lib-${name}`,
  comment: `lib/${name} may import ${folders.map((folder) => `lib/${folder}`).join(', ') || 'nothing else of ours'}, and its named packages.`,
  severity: 'error',
  from: { path: `^lib/${name}/`, pathNot: [isTest, '^lib/contract/openapi\\.ts$'] },
  to: { pathNot: [`^lib/(${[name, ...folders].join('|')})/`, ...packages] },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '\\.d\\.ts$' }, to: {} },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'known-layer',
      comment: 'A new folder of lib/ takes its place in the table above.',
      severity: 'error',
      from: {},
      to: { path: '^lib/', pathNot: `^lib/(${Object.keys(layers).join('|')})/` },
    },
    ...Object.entries(layers).map(layer),
    {
      name: 'openapi',
      comment: 'Only the document itself needs zod-openapi; a browser that reads the contract does not.',
      severity: 'error',
      from: { path: '^lib/contract/openapi\\.ts$' },
      to: { pathNot: ['^lib/contract/', npm('zod'), npm('zod-openapi')] },
    },
    {
      name: 'openapi-stays-out-of-the-contract',
      severity: 'error',
      from: { path: '^lib/contract/', pathNot: isTest },
      to: { path: '^lib/contract/openapi\\.ts$' },
    },
    {
      name: 'functions-are-wiring',
      comment: 'A function imports lib and nothing else; the documentation page reads its files.',
      severity: 'error',
      from: { path: '^functions/', pathNot: [isTest, '^functions/docs/'] },
      to: { pathNot: '^lib/' },
    },
    {
      name: 'docs-functions',
      severity: 'error',
      from: { path: '^functions/docs/', pathNot: isTest },
      to: { pathNot: ['^lib/', npm('aws-lambda'), npm('swagger-ui-dist'), node('(fs/promises|module)')] },
    },
    {
      name: 'nobody-imports-functions',
      comment: 'Functions are entry points: only what stands in for Lambda and tests load them.',
      severity: 'error',
      from: { pathNot: ['^local/', '^test/', isTest] },
      to: { path: '^functions/' },
    },
    {
      name: 'lib-stands-alone',
      comment: 'What runs in production knows nothing of the machinery around it.',
      severity: 'error',
      from: { path: '^(lib|functions)/', pathNot: isTest },
      to: { path: '^(local|resources|test|bench|web|\\.config)/' },
    },
    {
      name: 'no-tests-in-code',
      severity: 'error',
      from: { pathNot: ['^test/', isTest] },
      to: { path: isTest },
    },
    {
      name: 'resources-stand-alone',
      comment:
        'Resources are read by serverless: of ours they need the contract and the event catalogue to write docs from.',
      severity: 'error',
      from: { path: '^resources/', pathNot: isTest },
      to: { path: '^(functions|local|test|bench|web|lib)/', pathNot: '^lib/(contract|events)/' },
    },
    {
      name: 'web-knows-the-contract',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(functions|local|resources|test|bench|lib)/', pathNot: '^lib/contract/' },
    },
    {
      name: 'no-development-packages-in-production',
      comment: 'The documentation page alone ships files of a development package (see resources/package.ts).',
      severity: 'error',
      from: { path: '^(lib|functions)/', pathNot: isTest },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: npm('swagger-ui-dist') },
    },
    {
      name: 'declared-packages',
      comment: 'A package that only happens to be installed can vanish with the next update.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
