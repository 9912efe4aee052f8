import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { type Counted, count } from '../lib/runtime/metrics.ts';

const root = join(import.meta.dirname, '..');
const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), 'utf8');

const AlarmSchema = z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()) });
const { Resources } = z
  .looseObject({ Resources: z.record(z.string(), AlarmSchema) })
  .parse(parse(read('resources', 'alarms.yml'), { merge: true }));

const alarms = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm');

describe('an alarm', () => {
  it('has a row in the runbook, and every row an alarm', () => {
    const cells = read('docs', 'runbook.md')
      .split('\n')
      .flatMap((line) => /^\| ([A-Z][\w, ]+?) +\|/.exec(line)?.[1] ?? []);
    const rows = cells.flatMap((cell) => cell.split(', '));
    expect(rows.toSorted()).toEqual(alarms.map(([id]) => id.replace(/Alarm$/, '')).toSorted());
  });

  it('says what is wrong in words of its own, and tells whoever is to hear of it', () => {
    const descriptions = alarms.map(([, { Properties }]) => z.string().parse(Properties.AlarmDescription));
    expect(new Set(descriptions).size).toBe(alarms.length);
    for (const [, { Properties }] of alarms) expect(JSON.stringify(Properties.AlarmActions)).toContain('AlarmTopic');
  });
});

/** What CloudWatch makes of a count: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const CountedSchema = z.looseObject({
  _aws: z.looseObject({
    CloudWatchMetrics: z.tuple([
      z.looseObject({
        Namespace: z.string(),
        Dimensions: z.tuple([z.array(z.string())]),
        Metrics: z.tuple([z.looseObject({ Name: z.string() })]),
      }),
    ]),
  }),
});

const countedAs = (name: Counted) => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    count(name);
    const record = CountedSchema.parse(JSON.parse(String(write.mock.calls[0]?.[0])));
    const [{ Namespace, Dimensions, Metrics }] = record._aws.CloudWatchMetrics;
    const [names] = Dimensions;
    return {
      Namespace,
      MetricName: Metrics[0].Name,
      Dimensions: names.map((Name) => ({ Name, Value: record[Name] })),
    };
  } finally {
    write.mockRestore();
  }
};

describe('what is kept for somebody to look at', () => {
  it.each<[string, Counted]>([
    ['DeadLettersKeptAlarm', 'DeadLetterKept'],
    ['WebhooksUnparsableAlarm', 'WebhookUnparsable'],
    ['ReconciliationFoundAlarm', 'ReconciliationFound'],
  ])('raises %s at the first count of %s', (id, name) => {
    expect(Resources[id]?.Properties).toMatchObject({
      ...countedAs(name),
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
  });
});
