interface Parameter {
  readonly Default?: unknown;
}

interface Stack {
  readonly compiledCloudFormationTemplate: { readonly Parameters?: Readonly<Record<string, Parameter>> };
  readonly coreCloudFormationTemplate: { Parameters?: Readonly<Record<string, Parameter>> };
  stackParameters?: { ParameterKey: string; ParameterValue: string }[];
}

interface Serverless {
  readonly service: { readonly provider: Stack };
  readonly processedInput: { readonly commands: readonly string[] };
  readonly getProvider: (name: 'aws') => { readonly getStage: () => string };
}

/** The environment variable that a parameter is taken from: JWT_ISSUER for JwtIssuer. */
export const variableOf = (parameter: string): string =>
  parameter.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();

const valuesOf = (parameters: Readonly<Record<string, Parameter>>, environment: NodeJS.ProcessEnv) => {
  const required = Object.keys(parameters).filter((name) => parameters[name]?.Default === undefined);
  const missing = required.map(variableOf).filter((variable) => (environment[variable] ?? '') === '');
  if (missing.length > 0) throw new Error(`To deploy, set ${missing.join(', ')}. See resources/parameters.yml.`);
  return Object.keys(parameters).flatMap((name) => {
    const value = environment[variableOf(name)];
    return value === undefined ? [] : [{ ParameterKey: name, ParameterValue: value }];
  });
};

/**
 * Gives the stack the values of its parameters.
 *
 * @throws Error naming every variable that is needed and not set
 */
export const fillParameters = (stack: Stack, environment: NodeJS.ProcessEnv): void => {
  const parameters = stack.compiledCloudFormationTemplate.Parameters ?? {};
  stack.stackParameters = valuesOf(parameters, environment);
  // A new stack is first made with its deployment bucket alone; values for parameters that this first template
  // does not declare would be refused.
  stack.coreCloudFormationTemplate.Parameters = parameters;
};

const refuseLocal = (serverless: Serverless): void => {
  const [command = ''] = serverless.processedInput.commands;
  if (!['deploy', 'package'].includes(command) || serverless.getProvider('aws').getStage() !== 'local') return;
  throw new Error(`Stage local is one machine. To ${command}, give another: --stage prod.`);
};

/**
 * A serverless plugin that fills the template's parameters from the environment: JwtIssuer from JWT_ISSUER.
 * It does so when deploying and not when packaging, so that no secret is ever in .serverless/.
 */
export class StackParameters {
  readonly hooks: Readonly<Record<string, () => void>>;

  constructor(serverless: Serverless) {
    this.hooks = {
      initialize: () => refuseLocal(serverless),
      'before:aws:deploy:deploy:createStack': () => fillParameters(serverless.service.provider, process.env),
    };
  }
}
