import type { Language } from '../contract/settings.ts';
import type { Transport } from '../contract/vocabulary.ts';

/** What a user is told of: who wrote, how, and what. */
export interface NoticeContent {
  readonly client: { readonly firstName: string; readonly lastName: string | null };
  readonly transport: Transport;
  readonly text: string;
  readonly files: number;
  /** Where the chat is found. */
  readonly url: string;
}

export interface NoticeText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const SHOWN_CHARACTERS = 200;
const SUBJECT_CHARACTERS = 100;

const transports: Readonly<Record<Transport, string>> = {
  sms: 'SMS',
  whatsapp: 'WhatsApp',
  telegram: 'Telegram',
  email: 'E-mail',
  instagram: 'Instagram',
  website: 'Website',
  phone: 'Phone',
  other: 'Other',
};

interface Phrases {
  readonly subject: (name: string, via: string) => string;
  readonly files: (count: number) => string;
  readonly open: string;
}

const phrases: Readonly<Record<Language, Phrases>> = {
  en: {
    subject: (name, via) => `New message from ${name} (${via})`,
    files: (count) => `Files: ${count}`,
    open: 'Open the chat',
  },
  ru: {
    subject: (name, via) => `Новое сообщение от ${name} (${via})`,
    files: (count) => `Файлов: ${count}`,
    open: 'Открыть чат',
  },
  uz: {
    subject: (name, via) => `Yangi xabar: ${name} (${via})`,
    files: (count) => `Fayllar: ${count}`,
    open: 'Chatni ochish',
  },
};

/** Whole code points. Longer clusters may be cut: they could be as long as anybody likes. */
const shorten = (text: string, most: number): string => {
  const characters = Array.from(text);
  return characters.length > most ? `${characters.slice(0, most).join('')}…` : text;
};

/** On one line and without control or direction characters: what a client calls itself may not reach into what we say. */
const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** A message as its notification tells it. The HTML holds nothing but what the text does, escaped. */
export const noticeText = (language: Language, content: NoticeContent): NoticeText => {
  const { subject, files, open } = phrases[language];
  const name = onOneLine([content.client.firstName, content.client.lastName ?? ''].join(' '));
  const title = subject(shorten(name, SUBJECT_CHARACTERS), transports[content.transport]);
  const said = shorten(content.text.toWellFormed().trim(), SHOWN_CHARACTERS);
  const paragraphs = [said, content.files > 0 ? files(content.files) : ''].filter((part) => part !== '');
  const html = [
    `<p><strong>${escapeHtml(title)}</strong></p>`,
    ...paragraphs.map((part) => `<p style="white-space:pre-wrap">${escapeHtml(part)}</p>`),
    `<p><a href="${escapeHtml(content.url)}">${escapeHtml(open)}</a></p>`,
  ];
  return {
    subject: title,
    text: [title, ...paragraphs, `${open}: ${content.url}`].join('\n\n'),
    html: `<!doctype html><html lang="${language}"><body>${html.join('')}</body></html>`,
  };
};
