/** Who looks after the demo, and whom it starts with. */
export const DEMO = { tenant: 'demo', user: 'ana', role: 'admin', name: 'Ana Torres', email: 'ana@example.com' };

export const DEMO_SMS_NUMBER = '+15005550006';
const DEMO_WHATSAPP_NUMBER = '+14155238886';
const DEMO_TWILIO = {
  accountSid: `AC${'0123456789abcdef'.repeat(2)}`,
  authToken: 'demo-auth-token-for-parley-simulator',
};

export const DEMO_CHANNELS = [
  { transport: 'sms', provider: 'twilio' as const, address: DEMO_SMS_NUMBER, credentials: DEMO_TWILIO },
  { transport: 'whatsapp', provider: 'twilio' as const, address: DEMO_WHATSAPP_NUMBER, credentials: DEMO_TWILIO },
  {
    transport: 'telegram',
    provider: 'telegram' as const,
    credentials: { botToken: '123456:demo-bot-token-for-parley-simulator' },
  },
];

export const DEMO_CLIENTS = [
  { firstName: 'Emma', lastName: 'Clarke', phone: '+442079460123', email: 'emma.clarke@example.com', tags: ['vip'] },
  { firstName: 'James', lastName: 'Okafor', phone: '+12025550147', email: 'james.okafor@example.com' },
  { firstName: 'Анна', lastName: 'Иванова', middleName: 'Сергеевна', phone: '+79161234501', tags: ['wholesale'] },
  { firstName: 'Дмитрий', lastName: 'Петров', middleName: 'Николаевич', phone: '+79161234502' },
  { firstName: 'Gulnora', lastName: 'Toʻxtayeva', phone: '+998901234503', email: 'gulnora@example.com', tags: ['vip'] },
];

export const DEMO_TEMPLATES = [
  { template: 'We are open from 9 to 18, Monday to Saturday.' },
  { template: 'Здравствуйте! Мы ответим вам в течение часа.' },
  { template: 'Buyurtmangiz yoʻlda, rahmat!' },
];

export const DEMO_SEGMENTS = [
  { name: 'VIP', filter: { all: [{ field: 'tags', operator: 'any', tags: ['vip'] }] } },
  {
    name: 'Nobody wrote for a month',
    filter: { all: [{ field: 'lastMessageAt', operator: 'older-than-days', days: 30 }] },
  },
];
