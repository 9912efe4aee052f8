import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import { addClient, newAct } from '../../test/support/builders.ts';
import { eventually } from '../../test/support/client.ts';
import type { Act } from '../domain/act.ts';
import { clientEvent } from '../domain/occurrence.ts';
import { listDeadLetters } from '../table/dead-letters.ts';
import { collectionOf } from '../table/outbox.ts';
import { collectStreamFailures } from './collect-stream-failures.ts';
import { redriveLetter } from './redrive.ts';

// A bucket of this test's own, before anybody asks for its name.
const Bucket = `failures-${Date.now()}`;
process.env.STREAM_FAILURES_BUCKET = Bucket;
const endpoint = process.env.AWS_ENDPOINT_URL_S3 ?? '';
const s3 = new S3Client({ endpoint, forcePathStyle: true });

const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const keys = async (): Promise<string[]> =>
  ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).flatMap(({ Key }) => Key ?? []);

const recordOf = async (act: Act) => {
  const event = clientEvent(act, 'ClientCreated', await addClient(act));
  const item = { pk: collectionOf(event), sk: `EVENT#${event.id}`, outbox: { event } };
  const image = marshall(item, { removeUndefinedValues: true });
  return { eventName: 'INSERT', dynamodb: { Keys: { pk: image.pk, sk: image.sk }, NewImage: image } };
};

beforeAll(async () => {
  await s3.send(new CreateBucketCommand({ Bucket }));
});

it('what Lambda gave up of the stream is among the dead letters of its tenants, and can be put back', async () => {
  const [one, other] = [newAct(), newAct()];
  const nobodys = { dynamodb: { Keys: { pk: { S: 'ROUTE#health' }, sk: { S: 'EVENT#1' } } } };
  const Records = [await recordOf(one), await recordOf(other), nobodys];
  await put('aws/lambda/a/1', JSON.stringify({ version: '1.0', payload: JSON.stringify({ Records }) }));
  await put('aws/lambda/a/2', JSON.stringify({ version: '1.0', payload: { Records: [await recordOf(one)] } }));
  await put('aws/lambda/a/3', 'what nobody can read');
  const troubles: string[] = [];
  const collect = () => collectStreamFailures(new Date(), (key) => troubles.push(key));
  expect(await collect()).toBe(2);
  expect(troubles).toEqual(['aws/lambda/a/3']);
  expect(await keys()).toEqual(['unreadable/aws/lambda/a/3']);
  expect(await collect()).toBe(0);
  const lettersOf = async ({ tenant }: Act, count: number) =>
    eventually(async () => {
      const { items } = await listDeadLetters(tenant, {}, { limit: 10 });
      expect(items).toHaveLength(count);
      return items;
    });
  const [letter] = await lettersOf(one, 2);
  expect(letter).toMatchObject({ source: 'stream', origin: 'outbox', state: 'open', count: 1 });
  await lettersOf(other, 1);
  if (letter !== undefined) expect(await redriveLetter(one, letter.id)).toMatchObject({ state: 'redriven' });
});

it('what nobody can read stands in the way of nothing', async () => {
  const names = Array.from({ length: 20 }, (_, at) => `aws/lambda/b/2026-01-31T09.30.${at}+odd name`);
  for (const name of names) await put(name, '{"payload":"no records"}');
  await put('aws/lambda/c/1', JSON.stringify({ payload: { Records: [await recordOf(newAct())] } }));
  const collect = () => collectStreamFailures(new Date(), () => undefined);
  expect(await collect()).toBe(0);
  expect(await collect()).toBe(1);
  expect(await keys()).toEqual(expect.arrayContaining(names.map((name) => `unreadable/${name}`)));
  expect((await keys()).filter((key) => key.startsWith('aws/'))).toEqual([]);
});
