/**
 * A value as JSON that a queue takes: what XML knows no character for, and what needs a surrogate pair, is escaped.
 * SQS refuses or replaces the former, some stand-ins for it the latter; and people write emoji.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export const queueText = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[\ud800-\udfff\ufffe\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
