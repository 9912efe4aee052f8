import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { newTenantId } from '../../test/support/builders.ts';
import { tenantPrefix } from './keys.ts';
import { absent, commit, put } from './transaction.ts';

const tenant = newTenantId();
const itemOf = (name: string) => ({ pk: `${tenantPrefix(tenant)}TEST#${name}`, sk: 'TEST' });

const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    $metadata: {},
    message: 'Transaction cancelled',
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

describe('a transaction that DynamoDB cancels', () => {
  const table = mockClient(DynamoDBDocumentClient);
  beforeEach(() => table.reset());
  afterAll(() => table.restore());
  const steps = [put(itemOf('a'), absent, () => new Error('refused')), put(itemOf('b'))];
  const attempts = () => table.commandCalls(TransactWriteCommand).length;

  it.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'for %s is tried again',
    async (code) => {
      table.on(TransactWriteCommand).rejectsOnce(cancelled('None', code)).resolves({});
      await commit(tenant, steps);
      expect(attempts()).toBe(2);
    },
  );

  it('for a failed condition is not tried again, even when it met another transaction too', async () => {
    table.on(TransactWriteCommand).rejects(cancelled('ConditionalCheckFailed', 'TransactionConflict'));
    await expect(commit(tenant, steps)).rejects.toThrow('refused');
    expect(attempts()).toBe(1);
  });

  it.each(['ValidationError', 'ItemCollectionSizeLimitExceeded'])('for %s is our mistake', async (code) => {
    table.on(TransactWriteCommand).rejects(cancelled('None', code));
    await expect(commit(tenant, steps)).rejects.toThrow(TransactionCanceledException);
    expect(attempts()).toBe(1);
  });

  it('again and again ends in a refusal that says to try again', async () => {
    table.on(TransactWriteCommand).rejects(cancelled('None', 'TransactionConflict'));
    await expect(commit(tenant, steps)).rejects.toMatchObject({ code: 'write.contended' });
    expect(attempts()).toBeGreaterThan(5);
  });

  it('for anything else is an error as it is', async () => {
    table.on(TransactWriteCommand).rejects(new Error('no network'));
    await expect(commit(tenant, steps)).rejects.toThrow('no network');
    expect(attempts()).toBe(1);
  });
});
