import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { v7 as uuidv7 } from 'uuid';
import { newTenantId } from '../../test/support/builders.ts';
import type { AuditEntry } from '../contract/audit.ts';
import { writeAudit } from './audit.ts';

const tenant = newTenantId();
const entries = (count: number): AuditEntry[] =>
  Array.from({ length: count }, () => ({
    id: uuidv7(),
    type: 'ClientUpdated',
    occurredAt: new Date().toISOString(),
    actor: { type: 'user', id: 'ana' },
    subject: { type: 'client', id: uuidv7() },
    correlationId: 'a-test',
    changed: [],
  }));

describe('a batch of which the table leaves some unwritten', () => {
  const table = mockClient(DynamoDBDocumentClient);
  beforeEach(() => table.reset());
  afterAll(() => table.restore());
  const unprocessed = (count: number) => ({
    parley: Array.from({ length: count }, () => ({ PutRequest: { Item: { pk: `T#${tenant}#AUDIT`, sk: '1' } } })),
  });
  const written = () =>
    table
      .commandCalls(BatchWriteCommand)
      .map(({ args: [command] }) => Object.values(command.input.RequestItems ?? {}).flat().length);

  it('is written until nothing is left', async () => {
    table
      .on(BatchWriteCommand)
      .resolvesOnce({ UnprocessedItems: unprocessed(2) })
      .resolves({ UnprocessedItems: {} });
    await writeAudit(tenant, entries(30));
    expect(written()).toEqual([25, 2, 5]);
  });

  it('is an error when the table takes nothing: the events come again', async () => {
    table.on(BatchWriteCommand).resolves({ UnprocessedItems: unprocessed(1) });
    await expect(writeAudit(tenant, entries(1))).rejects.toThrow('unwritten');
  });
});
