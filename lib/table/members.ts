import { MemberSchema, type Member } from '../contract/messages.ts';
import type { ChatId, TenantId } from '../contract/vocabulary.ts';
import { clientCollection, MEMBER } from './keys.ts';
import { queryPage, type Page, type Paged } from './page.ts';

/** Who takes part in this chat? One query, a page of items. */
export const listMembers = (tenant: TenantId, id: ChatId, page: Page): Promise<Paged<Member>> =>
  queryPage(
    tenant,
    `members:${id}`,
    MemberSchema,
    {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :members)',
      ExpressionAttributeValues: { ':pk': clientCollection(tenant, id), ':members': MEMBER },
    },
    page,
  );
