import { describe, expect, it } from '@jest/globals';
import { problemsIn } from './template-check.ts';
import { TemplateSchema } from './template.ts';

const queue = { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true, VisibilityTimeout: 60 } };

const rule = {
  Type: 'AWS::Events::Rule',
  Condition: 'Wanted',
  Properties: {
    EventPattern: { source: ['crm'] },
    Targets: [{ Id: 'queue', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }],
    Name: { 'Fn::Sub': '${Stage}-${AWS::Region}-${Queue.QueueName}' },
  },
};

const problemsWith = (resources: Readonly<Record<string, unknown>>) =>
  problemsIn(
    TemplateSchema.parse({
      Parameters: { Stage: { Type: 'String' } },
      Conditions: { Wanted: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] } },
      Resources: { Queue: queue, Rule: rule, ...resources },
    }),
  );

const queueWith = (properties: Readonly<Record<string, unknown>>) => ({ Queue: { ...queue, Properties: properties } });
const ruleWith = (properties: Readonly<Record<string, unknown>>) => ({
  Rule: { ...rule, Properties: { ...rule.Properties, ...properties } },
});

describe('the check of templates', () => {
  it('finds nothing wrong with a template that is right', () => {
    expect(problemsWith({})).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      'a type that does not exist',
      { Odd: { Type: 'AWS::Odd::Thing' } },
      'Resources/Odd: AWS::Odd::Thing is no type of resource',
    ],
    ['an unknown property', queueWith({ Colour: 1 }), 'Resources/Queue/Colour: no such property'],
    [
      'an unknown property further in',
      ruleWith({ Targets: [{ Id: 'a', Arn: 'b', Colour: 1 }] }),
      'Resources/Rule/Targets/0/Colour: no such property',
    ],
    ['a missing property', { Table: { Type: 'AWS::DynamoDB::Table' } }, 'Resources/Table/KeySchema: required'],
    ['a missing property further in', ruleWith({ Targets: [{ Id: 'a' }] }), 'Resources/Rule/Targets/0/Arn: required'],
    ['an object where a list belongs', ruleWith({ Targets: {} }), 'Resources/Rule/Targets: not a list'],
    [
      'text where a number belongs',
      queueWith({ VisibilityTimeout: 'long' }),
      'Resources/Queue/VisibilityTimeout: not a number',
    ],
    ['a number where yes or no belongs', queueWith({ FifoQueue: 1 }), 'Resources/Queue/FifoQueue: not true or false'],
    ['an object where text belongs', queueWith({ QueueName: {} }), 'Resources/Queue/QueueName: not a string'],
    [
      'a bad branch of a condition',
      queueWith({ FifoQueue: { 'Fn::If': ['Wanted', 7, true] } }),
      'Resources/Queue/FifoQueue: not true or false',
    ],
    [
      'a Ref to nothing',
      queueWith({ QueueName: { Ref: 'Nowhere' } }),
      'Resources/Queue/Properties/QueueName: nothing is called Nowhere',
    ],
    [
      'a Sub to nothing',
      queueWith({ QueueName: { 'Fn::Sub': 'x-${Nowhere}' } }),
      'Resources/Queue/Properties/QueueName: nothing is called Nowhere',
    ],
    [
      'a DependsOn to nothing',
      { Queue: { ...queue, DependsOn: 'Nowhere' } },
      'Resources/Queue/DependsOn: nothing is called Nowhere',
    ],
    [
      'a condition that does not exist',
      { Queue: { ...queue, Condition: 'Never' } },
      'Resources/Queue/Condition: no condition Never',
    ],
    [
      'an attribute that does not exist',
      ruleWith({ Name: { 'Fn::GetAtt': ['Queue', 'Colour'] } }),
      'Resources/Rule/Properties/Name: Queue has no attribute Colour',
    ],
    [
      'a circle',
      queueWith({ QueueName: { 'Fn::GetAtt': ['Rule', 'Arn'] } }),
      'Resources: in a circle, Queue > Rule > Queue',
    ],
  ])('refuses %s', (_, resources, problem) => {
    expect(problemsWith(resources)).toContain(problem);
  });
});
