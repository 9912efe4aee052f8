import type { InboundMedia } from '../provider.ts';

/** Twilio's own limit is 10; more would be nothing of Twilio's. https://www.twilio.com/docs/messaging/guides/webhook-request */
const MAX_MEDIA = 10;

const MEDIA_PATH =
  /^\/2010-04-01\/Accounts\/(?<account>AC[0-9a-f]{32})\/Messages\/(?<message>[SM]M[0-9a-f]{32})\/Media\/(?<media>ME[0-9a-f]{32})$/i;

/**
 * `AC…/MM…/ME…` of a media URL, which is all that a later fetch needs; the URL's host is not kept, so that nothing a
 * payload says decides whom we call. Empty for an address of another form.
 */
const referenceOf = (url: string): string => {
  const ids = URL.canParse(url) ? MEDIA_PATH.exec(new URL(url).pathname)?.groups : undefined;
  return ids ? `${ids.account}/${ids.message}/${ids.media}` : '';
};

const extensionOf = (contentType: string): string => {
  const subtype = /^[a-z]+\/([a-z0-9]{1,10})$/i.exec(contentType)?.[1]?.toLowerCase();
  return subtype === undefined ? '' : `.${subtype === 'jpeg' ? 'jpg' : subtype}`;
};

/** The files of an incoming message. Twilio tells neither their names nor their sizes. */
export const readMedia = (fields: Readonly<Record<string, string>>): readonly InboundMedia[] => {
  const count = Math.min(Number.parseInt(fields.NumMedia ?? '0', 10) || 0, MAX_MEDIA);
  return Array.from({ length: count }, (_, index) => {
    const contentType = fields[`MediaContentType${index}`] ?? 'application/octet-stream';
    return {
      reference: referenceOf(fields[`MediaUrl${index}`] ?? ''),
      name: `attachment-${index + 1}${extensionOf(contentType)}`,
      contentType,
      size: 0,
    };
  });
};
