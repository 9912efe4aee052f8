import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

const metrics = new Metrics({ namespace: 'Parley', serviceName: 'parley' });

/** What the alarms and dashboards count. */
export type Counted =
  | 'WebhookRefused'
  | 'WebhookParked'
  | 'WebhookUnparsable'
  | 'MessageReceived'
  | 'MessageUnknown'
  | 'DeadLetterKept'
  | 'ChannelFailing';

/** Counts one. The record goes out at once: CloudWatch reads it from the log. */
export const count = (name: Counted): void => {
  metrics.singleMetric().addMetric(name, MetricUnit.Count, 1);
};
