import type { Language } from '../contract/settings.ts';
import type { WebhookEndpoint } from '../contract/webhook-endpoints.ts';
import { escapeHtml, type NoticeText } from './notice-text.ts';

interface Phrases {
  readonly subject: string;
  readonly failing: (host: string) => string;
  readonly gone: (host: string) => string;
  readonly next: string;
}

const phrases: Readonly<Record<Language, Phrases>> = {
  en: {
    subject: 'An outgoing webhook was disabled',
    failing: (host) => `${host} has taken nothing for days, and is told of no more events.`,
    gone: (host) => `${host} says that it is gone, and is told of no more events.`,
    next: 'When it works again, make it active, and have what failed delivered again.',
  },
  ru: {
    subject: 'Исходящий вебхук отключён',
    failing: (host) => `${host} несколько дней ничего не принимает и больше не получает событий.`,
    gone: (host) => `${host} отвечает, что адреса больше нет, и больше не получает событий.`,
    next: 'Когда он заработает, включите его и отправьте недоставленное ещё раз.',
  },
  uz: {
    subject: 'Chiquvchi vebhuk o‘chirildi',
    failing: (host) => `${host} bir necha kundan beri hech narsa qabul qilmayapti va endi hodisalar yuborilmaydi.`,
    gone: (host) => `${host} manzil endi yo‘qligini aytmoqda va endi hodisalar yuborilmaydi.`,
    next: 'U ishlay boshlagach, uni yoqing va yetkazilmaganlarni qayta yuboring.',
  },
};

/** What administrators are told of an endpoint that was disabled. Of its address only the host: the rest may hold a secret. */
export const endpointNotice = (
  language: Language,
  { url, disabledBecause }: Pick<WebhookEndpoint, 'url' | 'disabledBecause'>,
): NoticeText => {
  const { subject, failing, gone, next } = phrases[language];
  const { host } = new URL(url);
  const paragraphs = [disabledBecause === 'gone' ? gone(host) : failing(host), next];
  const html = paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join('');
  return {
    subject,
    text: paragraphs.join('\n\n'),
    html: `<!doctype html><html lang="${language}"><body>${html}</body></html>`,
  };
};
