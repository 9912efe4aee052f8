import { instant, type Act } from '../domain/act.ts';
import { NoticeSchema, QUIET_BETWEEN_SECONDS, ToldSchema, type Notice, type Told } from '../domain/notice.ts';
import type { MessageRecord } from '../domain/message.ts';
import type { ChatId, MessageId, TenantId, UserId } from '../contract/vocabulary.ts';
import { queryAll } from './client.ts';
import { clientCollection, clientKey } from './keys.ts';
import { noticeKey, noticesOf, TOLD, toldKey } from './team-keys.ts';
import { check, commit, put, update, type Step } from './transaction.ts';

/** Longer than anybody is told of a message after it came. */
const KEPT_SECONDS = 24 * 3600;

/** There is no client any more of whose message anybody could be told. */
export class NobodyWrote extends Error {
  override name = 'NobodyWrote';
}

const expiry = (now: Date): number => Math.floor(now.getTime() / 1000) + KEPT_SECONDS;

const inCollection = (tenant: TenantId, home: ChatId, prefix: string) =>
  queryAll(tenant, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': clientCollection(tenant, home), ':prefix': prefix },
    ConsistentRead: true,
  });

interface KnownNotices {
  readonly notices: ReadonlyMap<UserId, Notice>;
  readonly told: ReadonlyMap<UserId, Told>;
}

/** Who was told of this message, and who of its chat, and when? Two queries, side by side. */
export const findNotices = async (tenant: TenantId, home: ChatId, id: MessageId): Promise<KnownNotices> => {
  const [notices, told] = await Promise.all([
    inCollection(tenant, home, noticesOf(id)),
    inCollection(tenant, home, TOLD),
  ]);
  const byUser = <Item extends { readonly userId: UserId }>(items: Item[]) =>
    new Map(items.map((item) => [item.userId, item]));
  return {
    notices: byUser(notices.map((item) => NoticeSchema.parse(item))),
    told: byUser(told.map((item) => ToldSchema.parse(item))),
  };
};

const claimSteps = (act: Act, message: MessageRecord, notice: Notice): Step[] => {
  const { tenant } = act;
  const { chatId: home, id, createdAt } = message;
  const now = act.now();
  const quietFor = (at: string): string => new Date(Date.parse(at) - QUIET_BETWEEN_SECONDS * 1000).toISOString();
  return [
    put(
      { ...noticeKey(tenant, home, id, notice.userId), ...notice, expiresAt: expiry(now) },
      {
        expression: 'attribute_not_exists(pk) OR attempt = :before',
        values: { ':before': notice.attempt - 1 },
      },
    ),
    put(
      {
        ...toldKey(tenant, home, notice.userId),
        userId: notice.userId,
        messageId: id,
        messageAt: createdAt,
        at: instant(now),
        expiresAt: expiry(now),
      },
      {
        expression: 'attribute_not_exists(pk) OR messageId = :id OR (messageAt <= :messageAt AND #at <= :at)',
        names: { '#at': 'at' },
        values: { ':id': id, ':messageAt': quietFor(createdAt), ':at': quietFor(instant(now)) },
      },
    ),
  ];
};

/**
 * Takes on telling so many users of a message, before any of them is. One transaction.
 *
 * @throws Raced when one of them was told meanwhile, of this or of another message of the chat
 * @throws NobodyWrote when the client is erased
 */
export const claimNotices = (act: Act, message: MessageRecord, notices: readonly Notice[]): Promise<void> => {
  const isThere = check(
    clientKey(act.tenant, message.chatId),
    {
      expression: 'attribute_exists(pk) AND #state <> :erased',
      names: { '#state': 'state' },
      values: { ':erased': 'erased' },
    },
    () => new NobodyWrote('The client is erased.'),
  );
  return commit(act.tenant, [isThere, ...notices.flatMap((notice) => claimSteps(act, message, notice))]);
};

/** Writes down what became of those. One transaction; nothing when the client was erased meanwhile. */
export const recordNotices = async (act: Act, home: ChatId, notices: readonly Notice[]): Promise<void> => {
  const steps = notices.map(({ userId, messageId, telegram, email, attempt }) =>
    update(
      noticeKey(act.tenant, home, messageId, userId),
      {
        expression: 'SET telegram = :telegram, #email = :email',
        condition: 'attempt = :attempt',
        names: { '#email': 'email' },
        values: { ':telegram': telegram, ':email': email, ':attempt': attempt },
      },
      () => new NobodyWrote('The client is erased.'),
    ),
  );
  await commit(act.tenant, steps).catch((error: unknown) => {
    if (!(error instanceof NobodyWrote)) throw error;
  });
};
