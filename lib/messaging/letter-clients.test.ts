import { marshall } from '@aws-sdk/util-dynamodb';
import { buildClient, newAct } from '../../test/support/builders.ts';
import { newErasure } from '../domain/erasure.ts';
import { clientEvent, erasureEvent } from '../domain/occurrence.ts';
import { clientCollection } from '../table/keys.ts';
import { clientsOfEntry, clientsOfRecord } from './letter-clients.ts';

const act = newAct();
const client = buildClient(act);
const { id } = client;
const event = clientEvent(act, 'ClientUpdated', client);
const entry = JSON.stringify({ 'detail-type': event.type, detail: event });
const pk = clientCollection(act.tenant, id);
const recordOf = (item: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ dynamodb: { NewImage: marshall(item, { removeUndefinedValues: true }) } });

describe('whom a dead letter is about', () => {
  it('is told by an event, a dispatch, what is redriven, and the address of a report', () => {
    const report = { kind: 'report', path: `/webhooks/twilio/status?chat=${id}&message=x`, body: 'To=%2B998901234567' };
    for (const body of [entry, { chatId: id }, { redrive: { body: entry } }, { data: { clientId: id } }, report])
      expect(clientsOfEntry(typeof body === 'string' ? body : JSON.stringify(body))).toEqual([id]);
    expect(clientsOfRecord('T#a#DEADLETTER', recordOf({ outbox: { redrive: { body: entry } } }))).toEqual([id]);
  });

  it('is whose collection a record stood in that nobody can read', () => {
    expect(clientsOfRecord(pk, 'no record')).toEqual([id]);
    expect(clientsOfRecord(pk, recordOf({ outbox: 'odd' }))).toEqual([id]);
  });

  it('is two clients where they were merged', () => {
    const absorbedId = buildClient(act).id;
    expect(clientsOfEntry(JSON.stringify({ detail: { ...event, data: { absorbedId } } }))).toEqual([id, absorbedId]);
  });

  it('is nobody where there are ids alone of an erasure, or nothing of ours', () => {
    const erased = erasureEvent(act, 'ClientErasureRequested', newErasure(act, id));
    expect(clientsOfEntry(JSON.stringify({ detail: erased }))).toEqual([]);
    expect(clientsOfRecord(pk, recordOf({ outbox: { event: erased } }))).toEqual([]);
    const webhook = { kind: 'message', path: '/webhooks/telegram', body: JSON.stringify({ chatId: id }) };
    for (const body of ['', 'null', '[]', 'no JSON', JSON.stringify(webhook)]) expect(clientsOfEntry(body)).toEqual([]);
  });
});
