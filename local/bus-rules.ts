import * as z from 'zod';
import type { Deployment } from './deployment.ts';
import type { Pattern } from './event-pattern.ts';

export interface Rule {
  readonly busName: string;
  readonly pattern: Pattern;
  readonly queueUrls: readonly string[];
}

const BusSchema = z.object({ Name: z.string() });
const RuleSchema = z.object({
  EventBusName: z.string(),
  EventPattern: z.record(z.string(), z.unknown()),
  Targets: z.array(z.object({ Arn: z.string() })),
});

/** Makes the buses of `resources` known by their names. */
export const deployBuses = (deployment: Deployment): string[] =>
  deployment.resources('AWS::Events::EventBus').map(({ id, properties }) => {
    const { Name } = BusSchema.parse(deployment.evaluate(properties));
    deployment.add(id, { ref: Name, attributes: {} });
    return Name;
  });

/** The rules of `resources`; every target is a queue. */
export const readRules = (deployment: Deployment): Rule[] => {
  const queueUrls = new Map(
    deployment.resources('AWS::SQS::Queue').map(({ id }) => {
      const { ref, attributes } = deployment.get(id);
      return [attributes.Arn, ref];
    }),
  );
  return deployment.resources('AWS::Events::Rule').map(({ id, properties }) => {
    const rule = RuleSchema.parse(deployment.evaluate(properties));
    const targets = rule.Targets.map(({ Arn }) => {
      const url = queueUrls.get(Arn);
      if (url === undefined) throw new Error(`resources: a target of ${id} is not a queue: ${Arn}`);
      return url;
    });
    return { busName: rule.EventBusName, pattern: rule.EventPattern, queueUrls: targets };
  });
};
