import { openCredentials } from '../lib/cloud/keys.ts';
import { ChannelSchema } from '../lib/contract/channels.ts';
import { findChannel } from '../lib/table/channels.ts';
import { call } from '../local/http-client.ts';
import { read } from './support/answers.ts';
import { eventually, sharedUrls } from './support/client.ts';
import { eventOf } from './support/events.ts';
import { newBotToken, newTelegramUser, newTwilioCredentials } from './support/random.ts';
import { itemsOf } from './support/table.ts';
import { AuditSchema, openTenant } from './support/tenant.ts';

describe("a channel's credentials", () => {
  it('are nowhere to be read: not in answers, not on the bus, not in the audit log, not in the table', async () => {
    const tenant = await openTenant();
    const { admin } = tenant;
    const [former, next] = [newTwilioCredentials(), newTwilioCredentials()];
    const [formerBot, nextBot] = [newBotToken(), newTelegramUser().toString(36).padEnd(20, 'x')];
    const answers: string[] = [];
    const note = (answer: { body: unknown }) => answers.push(JSON.stringify(answer.body));

    const sms = await tenant.connectTwilio('sms', former);
    const bot = await tenant.connectTelegram(formerBot);
    const secrets = [former.authToken, next.authToken, formerBot.split(':')[1] ?? '', nextBot];
    const rekeyed = [
      [sms.id, { ...former, authToken: next.authToken }],
      [bot.id, { botToken: formerBot.replace(/:.*/, `:${nextBot}`) }],
    ] as const;
    for (const [id, credentials] of rekeyed) {
      const answer = await admin.put(`/crm/channels/${id}`, { status: 'active', credentials });
      read(answer, 200, ChannelSchema);
      note(answer);
      note(await admin.get(`/crm/channels/${id}`));
    }
    note(await admin.get('/crm/channels'));
    for (const { id } of [sms, bot]) {
      await eventOf(tenant.id, 'ChannelConnected', id);
      await eventOf(tenant.id, 'ChannelUpdated', id);
    }
    note(await call('GET', `${sharedUrls().bus}/events?tenantId=${tenant.id}`));
    await eventually(async () => {
      const audit = await admin.get('/crm/audit');
      expect(read(audit, 200, AuditSchema).items).toHaveLength(5);
      note(audit);
    });
    answers.push(JSON.stringify(await itemsOf(tenant.id)));

    expect(answers.length).toBeGreaterThanOrEqual(8);
    for (const answer of answers) {
      for (const secret of secrets) expect(answer).not.toContain(secret);
    }
  });

  it('are encrypted for their channel alone', async () => {
    const tenant = await openTenant();
    const [one, other] = [await tenant.connectTwilio('sms'), await tenant.connectTwilio('sms')];
    const records = await Promise.all([one, other].map(({ id }) => findChannel(tenant.id, id)));
    for (const record of records) {
      // A JSON Web Encryption: five parts.
      expect(record?.sealedCredentials.split('.')).toHaveLength(5);
    }
    const stolen = openCredentials({ tenant: tenant.id, channel: one.id }, records[1]?.sealedCredentials ?? '');
    await expect(stolen).rejects.toThrow();
  });
});
