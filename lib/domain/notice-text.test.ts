import fc from 'fast-check';
import { noticeText, type NoticeContent } from './notice-text.ts';

const contentOf = (changes: Partial<NoticeContent> = {}): NoticeContent => ({
  client: { firstName: 'Olim', lastName: 'Karimov' },
  transport: 'sms',
  text: 'Salom',
  files: 0,
  url: 'https://crm.example/console/chats/1',
  ...changes,
});

describe('a notification', () => {
  it('says who wrote, how, what, and where to answer', () => {
    const notice = noticeText('en', contentOf({ files: 2 }));
    expect(notice).toMatchObject({
      subject: 'New message from Olim Karimov (SMS)',
      text: 'New message from Olim Karimov (SMS)\n\nSalom\n\nFiles: 2\n\nOpen the chat: https://crm.example/console/chats/1',
    });
    expect(notice.html).toContain('<a href="https://crm.example/console/chats/1">Open the chat</a>');
  });

  it('speaks the language of its reader', () => {
    expect(noticeText('ru', contentOf()).subject).toBe('Новое сообщение от Olim Karimov (SMS)');
    expect(noticeText('uz', contentOf({ transport: 'whatsapp' })).subject).toBe('Yangi xabar: Olim Karimov (WhatsApp)');
  });

  it('shows the first 200 characters, whole ones', () => {
    const { text } = noticeText('en', contentOf({ text: `${'x'.repeat(199)}👋👋` }));
    expect(text).toContain(`${'x'.repeat(199)}👋…\n`);
  });

  it('has one line as its subject, and no markup of the client’s, whatever the client is called and writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (firstName, text) => {
        const notice = noticeText('en', contentOf({ client: { firstName, lastName: null }, text }));
        expect(notice.subject).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
        expect(notice.html.match(/<[^>]*>/g)?.length).toBe(
          noticeText('en', contentOf({ text: text.trim() === '' ? '' : 'x' })).html.match(/<[^>]*>/g)?.length,
        );
      }),
    );
    const { html } = noticeText('en', contentOf({ client: { firstName: '<script>', lastName: '"\r\nBcc: x' } }));
    expect(html).toContain('&lt;script&gt; &quot; Bcc: x');
  });
});
