import * as z from 'zod';
import type { TemplateId, TenantId } from '../contract/vocabulary.ts';
import { notFound } from '../domain/failure.ts';
import { isFoundBy, searchedText, TemplateRecordSchema, type TemplateRecord } from '../domain/template.ts';
import type { DomainEvent } from '../events/catalogue.ts';
import { get } from './client.ts';
import { TEMPLATE, templateKey, templates } from './keys.ts';
import { announce } from './outbox.ts';
import { queryPage, type Page, type Paged } from './page.ts';
import { absent, commit, put, remove, replace, unchanged, type Step } from './transaction.ts';

/** The folded text stands beside the text: folding a page of long ones takes too long to be done in each search. */
const templateItem = (tenant: TenantId, template: TemplateRecord) => ({
  ...templateKey(tenant, template.id),
  ...template,
  folded: searchedText(template),
});

/** Which template has this id? One read. */
export const findTemplate = async (tenant: TenantId, id: TemplateId): Promise<TemplateRecord | undefined> => {
  const { Item } = await get(tenant, { Key: templateKey(tenant, id), ConsistentRead: true });
  return Item === undefined ? undefined : TemplateRecordSchema.parse(Item);
};

/** @throws Failure `resource.not-found` */
export const getTemplate = async (tenant: TenantId, id: TemplateId): Promise<TemplateRecord> => {
  const template = await findTemplate(tenant, id);
  if (template === undefined) throw notFound();
  return template;
};

const SearchedSchema = TemplateRecordSchema.extend({ folded: z.string() });

/**
 * Which templates are there, newest first, that hold all these words? One query, a page of items; those that do not hold
 * them shorten the page.
 */
export const listTemplates = async (
  tenant: TenantId,
  search: string | undefined,
  page: Page,
): Promise<Paged<TemplateRecord>> => {
  const { items, nextCursor } = await queryPage(
    tenant,
    `templates:${search ?? ''}`,
    SearchedSchema,
    {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :templates)',
      ExpressionAttributeValues: { ':pk': templates(tenant), ':templates': TEMPLATE },
      ScanIndexForward: false,
    },
    page,
  );
  return { items: search === undefined ? items : items.filter(isFoundBy(search)), nextCursor };
};

/** Adds a template. One transaction. */
export const insertTemplate = (
  tenant: TenantId,
  template: TemplateRecord,
  event: DomainEvent,
  also: readonly Step[],
): Promise<void> => commit(tenant, [...also, put(templateItem(tenant, template), absent), announce(event)]);

/** Changes a template that was read before. One transaction. @throws Raced */
export const changeTemplate = (
  tenant: TenantId,
  before: TemplateRecord,
  after: TemplateRecord,
  event: DomainEvent,
): Promise<void> => commit(tenant, [replace(templateItem(tenant, after), before), announce(event)]);

/** Removes a template that was read before. One transaction. @throws Raced */
export const removeTemplate = (tenant: TenantId, before: TemplateRecord, event: DomainEvent): Promise<void> =>
  commit(tenant, [remove(templateKey(tenant, before.id), unchanged(before.revision)), announce(event)]);
