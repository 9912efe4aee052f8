import { ExecuteStatementCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as fc from 'fast-check';
import { TenantIdSchema, type TenantId } from '../contract/vocabulary.ts';
import { guard, TenantGuardError } from './guard.ts';

const own = TenantIdSchema.parse('shop');
const ownPk = fc.string().map((rest) => `T#shop#${rest}`);
/** Other tenants, ids that only begin like ours, and what is no key of a tenant at all. */
const foreignPk = fc
  .oneof(
    fc.constantFrom(
      'T#shop',
      'T#shop2#CLIENT',
      'T#sho#CLIENT',
      'T#bank#CLIENT#1',
      'T##shop#',
      't#shop#CLIENT',
      ' T#shop#',
    ),
    fc.tuple(fc.stringMatching(/^[a-z0-9-]{1,64}$/), fc.string()).map(([tenant, rest]) => `T#${tenant}#${rest}`),
    fc.string(),
  )
  .filter((pk) => !pk.startsWith('T#shop#') && !pk.startsWith('ROUTE#') && !pk.startsWith('DUE#'));
const partitions = fc.constantFrom('pk', 'gsi1pk', 'gsi2pk', 'gsi3pk', 'gsi4pk');
const item = (attributes: object) => ({ pk: 'T#shop#A', sk: 'A', ...attributes });

/** Every way in which a request can name a partition. */
const requests: Record<string, (attribute: string, pk: unknown) => [command: string, input: object]> = {
  'a get': (_, pk) => ['GetCommand', { Key: { pk, sk: 'A' } }],
  'a put': (attribute, pk) => ['PutCommand', { Item: item({ [attribute]: pk }) }],
  'a delete': (_, pk) => ['DeleteCommand', { Key: { pk, sk: 'A' } }],
  'an update of another’s item': (_, pk) => [
    'UpdateCommand',
    { Key: { pk, sk: 'A' }, UpdateExpression: 'SET a = :a', ExpressionAttributeValues: { ':a': 1 } },
  ],
  'an update that moves an item': (attribute, pk) => [
    'UpdateCommand',
    {
      Key: item({}),
      UpdateExpression: `SET a = :a,${attribute}=:b REMOVE c`,
      ExpressionAttributeValues: { ':a': 1, ':b': pk },
    },
  ],
  'an update by an alias': (attribute, pk) => [
    'UpdateCommand',
    {
      Key: item({}),
      UpdateExpression: 'SET #x = :x',
      ExpressionAttributeNames: { '#x': attribute },
      ExpressionAttributeValues: { ':x': pk },
    },
  ],
  'an update by if_not_exists': (attribute, pk) => [
    'UpdateCommand',
    {
      Key: item({}),
      UpdateExpression: `SET ${attribute} = if_not_exists( ${attribute} , :x)`,
      ExpressionAttributeValues: { ':x': pk },
    },
  ],
  'a query': (attribute, pk) => [
    'QueryCommand',
    { KeyConditionExpression: `${attribute} = :x`, ExpressionAttributeValues: { ':x': pk } },
  ],
  'a query by an alias': (attribute, pk) => [
    'QueryCommand',
    {
      KeyConditionExpression: '#p=:x AND begins_with(sk, :y)',
      ExpressionAttributeNames: { '#p': attribute },
      ExpressionAttributeValues: { ':x': pk, ':y': 'T#shop#' },
    },
  ],
  'a start key': (attribute, pk) => [
    'QueryCommand',
    {
      KeyConditionExpression: 'pk = :x',
      ExpressionAttributeValues: { ':x': 'T#shop#A' },
      ExclusiveStartKey: item({ [attribute]: pk }),
    },
  ],
  'a member of a batch of reads': (_, pk) => [
    'BatchGetCommand',
    { RequestItems: { t: { Keys: [item({}), { pk, sk: 'A' }] } } },
  ],
  'a member of a batch of writes': (attribute, pk) => [
    'BatchWriteCommand',
    { RequestItems: { t: [{ PutRequest: { Item: item({}) } }, { PutRequest: { Item: item({ [attribute]: pk }) } }] } },
  ],
  'a deletion in a batch': (_, pk) => [
    'BatchWriteCommand',
    { RequestItems: { t: [{ DeleteRequest: { Key: { pk, sk: 'A' } } }] } },
  ],
  'a put in a transaction': (attribute, pk) => [
    'TransactWriteCommand',
    { TransactItems: [{ Put: { Item: item({}) } }, { Put: { Item: item({ [attribute]: pk }) } }] },
  ],
  'an update in a transaction': (attribute, pk) => [
    'TransactWriteCommand',
    {
      TransactItems: [
        {
          Update: { Key: item({}), UpdateExpression: `SET ${attribute} = :x`, ExpressionAttributeValues: { ':x': pk } },
        },
      ],
    },
  ],
  'a deletion in a transaction': (_, pk) => [
    'TransactWriteCommand',
    { TransactItems: [{ Delete: { Key: { pk, sk: 'A' } } }] },
  ],
  'a check in a transaction': (_, pk) => [
    'TransactWriteCommand',
    { TransactItems: [{ ConditionCheck: { Key: { pk, sk: 'A' } } }] },
  ],
  'a read in a transaction': (_, pk) => ['TransactGetCommand', { TransactItems: [{ Get: { Key: { pk, sk: 'A' } } }] }],
};

const attempt =
  (tenant: TenantId | undefined, [command, input]: [string, object]) =>
  () => {
    guard(tenant, command, input);
  };

describe('the guard', () => {
  it.each(Object.entries(requests))('lets %s through inside the tenant and refuses it outside', (_, build) => {
    fc.assert(
      fc.property(partitions, ownPk, foreignPk, (attribute, inside, outside) => {
        expect(attempt(own, build(attribute, inside))).not.toThrow();
        expect(attempt(own, build(attribute, outside))).toThrow(TenantGuardError);
        expect(attempt(undefined, build(attribute, inside))).toThrow(TenantGuardError);
      }),
    );
  });

  it.each(Object.entries(requests))('refuses %s whose partition is no text', (_, build) => {
    fc.assert(
      fc.property(
        partitions,
        fc.constantFrom(null, 1, true, {}, ['T#shop#A'], new Set(['T#shop#A'])),
        (attribute, pk) => {
          expect(attempt(own, build(attribute, pk))).toThrow(TenantGuardError);
        },
      ),
    );
  });

  it.each([
    ['PartiQL', new ExecuteStatementCommand({ Statement: 'SELECT * FROM t' })],
    ['a scan', new ScanCommand({ TableName: 't' })],
  ])('refuses %s', (_, command) => {
    expect(attempt(own, [command.constructor.name, command.input])).toThrow(TenantGuardError);
  });

  it.each(['BatchExecuteStatementCommand', 'ExecuteTransactionCommand', 'DeleteTableCommand', ''])(
    'refuses a %p',
    (name) => {
      expect(attempt(own, [name, {}])).toThrow(TenantGuardError);
    },
  );

  it.each([
    ['names no partition', { KeyConditionExpression: 'sk = :x', ExpressionAttributeValues: { ':x': 'T#shop#A' } }],
    ['has no condition', { FilterExpression: 'pk = :x', ExpressionAttributeValues: { ':x': 'T#shop#A' } }],
    [
      'compares the other way round',
      { KeyConditionExpression: ':x = pk', ExpressionAttributeValues: { ':x': 'T#shop#A' } },
    ],
    ['gives no value', { KeyConditionExpression: 'pk = :x' }],
    [
      'uses the old parameters',
      { KeyConditions: { pk: { ComparisonOperator: 'EQ', AttributeValueList: ['T#bank#A'] } } },
    ],
    [
      'uses old and new parameters',
      {
        KeyConditionExpression: 'pk = :x',
        ExpressionAttributeValues: { ':x': 'T#shop#A' },
        KeyConditions: { pk: { ComparisonOperator: 'EQ', AttributeValueList: ['T#bank#A'] } },
      },
    ],
  ])('refuses a query that %s', (_, input) => {
    expect(attempt(own, ['QueryCommand', input])).toThrow(TenantGuardError);
  });

  it.each([
    ['copies a partition from another attribute', { UpdateExpression: 'SET gsi1pk = note' }],
    [
      'copies it by aliases',
      { UpdateExpression: 'SET #a = #b', ExpressionAttributeNames: { '#a': 'gsi1pk', '#b': 'note' } },
    ],
    [
      'hides it in a function',
      {
        UpdateExpression: 'SET gsi1pk = if_not_exists(gsi1pk, if_not_exists(note, :x))',
        ExpressionAttributeValues: { ':x': 'T#shop#A' },
      },
    ],
    [
      'falls back on another attribute',
      {
        UpdateExpression: 'SET gsi1pk = if_not_exists(note, :x)',
        ExpressionAttributeValues: { ':x': 'T#shop#A' },
      },
    ],
    ['uses the old parameters', { AttributeUpdates: { gsi1pk: { Action: 'PUT', Value: 'T#bank#A' } } }],
  ])('refuses an update that %s', (_, change) => {
    expect(attempt(own, ['UpdateCommand', { Key: item({}), ...change }])).toThrow(TenantGuardError);
  });

  it('lets an update take an item out of an index', () => {
    const change = { UpdateExpression: 'SET unreadCount = :n REMOVE gsi2pk', ExpressionAttributeValues: { ':n': 0 } };
    expect(attempt(own, ['UpdateCommand', { Key: item({}), ...change }])).not.toThrow();
  });

  it('leaves webhook routes and the due index open to all: they hold ids only', () => {
    for (const tenant of [own, undefined]) {
      expect(attempt(tenant, ['GetCommand', { Key: { pk: 'ROUTE#1', sk: 'ROUTE' } }])).not.toThrow();
      const due = { KeyConditionExpression: 'gsi4pk = :x', ExpressionAttributeValues: { ':x': 'DUE#1' } };
      expect(attempt(tenant, ['QueryCommand', due])).not.toThrow();
    }
    expect(attempt(own, ['PutCommand', { Item: item({ gsi1pk: 'ROUTE#1' }) }])).toThrow(TenantGuardError);
    expect(attempt(own, ['PutCommand', { Item: { pk: 'DUE#1', sk: 'A' } }])).toThrow(TenantGuardError);
  });
});
