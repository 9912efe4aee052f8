import type { CustomFieldId, TenantId } from '../contract/vocabulary.ts';
import { CustomFieldRecordSchema, foldedName, type CustomFieldRecord } from '../domain/custom-field.ts';
import { Failure, notFound } from '../domain/failure.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { cached } from './cache.ts';
import { queryAll } from './client.ts';
import { CUSTOM_FIELD, customFieldCountKey, customFieldKey, customFields } from './keys.ts';
import { announce } from './outbox.ts';
import { absent, commit, put, Raced, remove, replace, update, type Step } from './transaction.ts';

const CACHE_SECONDS = 10;
const MOST = 50;

/** Which custom fields has this tenant, by name? One query; there are 50 at most. */
export const listCustomFields = async (tenant: TenantId): Promise<CustomFieldRecord[]> => {
  const items = await queryAll(tenant, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :fields)',
    ExpressionAttributeValues: { ':pk': customFields(tenant), ':fields': CUSTOM_FIELD },
    ConsistentRead: true,
  });
  return items.map((item) => CustomFieldRecordSchema.parse(item));
};

const cache = cached(CACHE_SECONDS, listCustomFields);

/** The custom fields, up to 10 seconds old. */
export const knownCustomFields = (tenant: TenantId): Promise<CustomFieldRecord[]> => cache.get(tenant);

/** Which custom field has this id? One query of all. @throws Failure `resource.not-found` */
export const getCustomField = async (tenant: TenantId, id: CustomFieldId): Promise<CustomFieldRecord> => {
  const field = (await listCustomFields(tenant)).find((each) => each.id === id);
  if (field === undefined) throw notFound();
  return field;
};

const keyOf = (tenant: TenantId, { name }: CustomFieldRecord) => customFieldKey(tenant, foldedName(name));

const countStep = (tenant: TenantId, change: 1 | -1): Step =>
  update(
    customFieldCountKey(tenant),
    {
      expression: 'ADD #count :change',
      ...(change === 1 && { condition: 'attribute_not_exists(#count) OR #count < :most' }),
      names: { '#count': 'count' },
      values: { ':change': change, ...(change === 1 && { ':most': MOST }) },
    },
    () => new Failure('custom-field.limit', `A tenant has at most ${MOST} custom fields.`),
  );

/** One transaction. @throws Failure `custom-field.duplicate`, `custom-field.limit` */
export const insertCustomField = async (
  tenant: TenantId,
  field: CustomFieldRecord,
  event: DomainEvent,
  also: readonly Step[],
): Promise<void> => {
  const taken = (): Error => new Failure('custom-field.duplicate', `There is a custom field ${field.name} already.`);
  await commit(tenant, [
    ...also,
    put({ ...keyOf(tenant, field), ...field }, absent, taken),
    countStep(tenant, 1),
    announce(event),
  ]);
  cache.forget(tenant);
};

/** One transaction. @throws Raced */
export const saveCustomField = async (
  tenant: TenantId,
  before: CustomFieldRecord,
  after: CustomFieldRecord,
  event: DomainEvent,
): Promise<void> => {
  await commit(tenant, [replace({ ...keyOf(tenant, after), ...after }, before), announce(event)]);
  cache.forget(tenant);
};

/** A field is the one that was read: another one of its name has another id. */
const asRead = ({ id, revision }: CustomFieldRecord) => ({
  expression: '#id = :id AND #revision = :revision',
  names: { '#id': 'id', '#revision': 'revision' },
  values: { ':id': id, ':revision': revision },
});

/** One transaction. @throws Raced */
export const removeCustomField = async (
  tenant: TenantId,
  field: CustomFieldRecord,
  event: DomainEvent,
): Promise<void> => {
  await commit(tenant, [remove(keyOf(tenant, field), asRead(field)), countStep(tenant, -1), announce(event)]);
  cache.forget(tenant);
};

/**
 * What it takes to know that clients have values in these fields from now on: stands in the transaction that gives the
 * first client one, so that a field's type cannot change at the same moment. Refused with Raced when a field is not as it
 * was read; then the fields are read anew.
 */
export const useCustomFields = (tenant: TenantId, fields: readonly CustomFieldRecord[]): Step[] => {
  if (fields.length > 0) cache.forget(tenant);
  return fields.map((field) => {
    const { expression, names, values } = asRead(field);
    return update(
      keyOf(tenant, field),
      {
        expression: 'SET used = :used, #revision = :next',
        condition: expression,
        names,
        values: { ...values, ':used': true, ':next': field.revision + 1 },
      },
      () => {
        cache.forget(tenant);
        return new Raced('A custom field changed since it was read.');
      },
    );
  });
};
