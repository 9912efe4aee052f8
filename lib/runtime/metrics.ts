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
  | 'ChannelFailing'
  | 'ReconciliationFound';

/** Counts one, or some. The record goes out at once: CloudWatch reads it from the log. */
export const count = (name: Counted, some = 1): void => {
  metrics.singleMetric().addMetric(name, MetricUnit.Count, some);
};
