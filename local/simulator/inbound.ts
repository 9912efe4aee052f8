import * as z from 'zod';
import type { ChannelQuery, SimulatedChannel, Simulator } from './channel.ts';
import { NO_ANSWER } from './delivery.ts';
import { BadRequestError, json, parseBody, type Route, type SimulatorAnswer } from './http.ts';
import { InboundSchema, type Inbound } from './inbound-request.ts';
import { telegramInbound } from './telegram-inbound.ts';
import { twilioInbound } from './twilio-inbound.ts';

/** On which transports the address may be one; an SMS and a WhatsApp channel may share a number, and SMS goes first. */
const transportsOf = ({ provider, transport, from }: Inbound): readonly string[] => {
  if (provider === 'telegram') return ['telegram'];
  if (transport !== undefined) return [transport];
  return from.startsWith('whatsapp:') ? ['whatsapp'] : ['sms', 'whatsapp'];
};

const queriesOf = (inbound: Inbound): readonly ChannelQuery[] => {
  const { provider, channelId, address = '' } = inbound;
  if (channelId !== undefined) return [{ provider, channelId }];
  return transportsOf(inbound).map((transport) => ({ provider, address, transport }));
};

const find = async ({ options }: Simulator, inbound: Inbound): Promise<SimulatedChannel> => {
  for (const query of queriesOf(inbound)) {
    const channel = await options.findChannel(query);
    if (channel) return channel;
  }
  const { provider, channelId, address = '' } = inbound;
  throw new BadRequestError(`no ${provider} channel ${channelId ?? address} is connected`, 404);
};

/** Writes to the system as a customer. */
const receive = async (simulator: Simulator, inbound: Inbound): Promise<SimulatorAnswer> => {
  const channel = await find(simulator, inbound);
  const play = inbound.provider === 'twilio' ? twilioInbound : telegramInbound;
  const { statuses, ids, dropped = false } = await play(simulator, channel, inbound);
  const status = statuses.find((code) => code < 200 || code > 299) ?? statuses[0] ?? NO_ANSWER;
  const { provider, from, name, text, media } = inbound;
  simulator.state.record({
    type: 'received',
    provider,
    channelId: channel.channelId,
    transport: z.enum(['sms', 'whatsapp', 'telegram']).parse(channel.transport),
    address: channel.address,
    from: from.replace(/^whatsapp:/, ''),
    ...(name === undefined ? {} : { name }),
    text,
    media: media.length,
    status,
    at: new Date().toISOString(),
  });
  const answered = dropped || statuses.some((code) => code !== NO_ANSWER);
  return json(
    { status, statuses, ...ids, ...(answered ? {} : { error: 'the API did not answer' }) },
    answered ? 200 : 502,
  );
};

export const inboundRoutes = (simulator: Simulator): readonly Route[] => [
  {
    method: 'POST',
    pattern: '/simulator/inbound',
    handle: (request) => receive(simulator, parseBody(InboundSchema, request)),
  },
];
