import { parseEnvironment } from './environment.ts';

const usable: Readonly<Record<string, string>> = {
  TABLE_NAME: 'parley',
  EVENT_BUS_NAME: 'parley',
  OUTBOUND_QUEUE_URL_TWILIO: 'https://sqs.example/twilio.fifo',
  OUTBOUND_QUEUE_URL_TELEGRAM: 'https://sqs.example/telegram.fifo',
  INBOUND_QUEUE_URL: 'https://sqs.example/inbound',
  JOBS_QUEUE_URL: 'https://sqs.example/jobs',
  DELIVERIES_QUEUE_URL: 'https://sqs.example/deliveries',
  UPLOADS_BUCKET: 'uploads',
  REALTIME_URL: 'wss://realtime.example/live',
  PUBLIC_BASE_URL: 'https://parley.example/',
  JWT_ISSUER: 'https://issuer.example',
  JWT_AUDIENCE: 'parley',
  JWKS_URI: 'https://issuer.example/jwks',
  CREDENTIALS_KEY: Buffer.alloc(32, 1).toString('base64'),
  AUDIT_KEY: Buffer.alloc(32, 3).toString('base64'),
  CURSOR_KEY: Buffer.alloc(32, 2).toString('base64'),
};

const without = (name: string) => Object.fromEntries(Object.entries(usable).filter(([other]) => other !== name));

describe('the environment', () => {
  it('is read with its defaults', () => {
    const environment = parseEnvironment(usable);
    expect(environment).toMatchObject({
      PUBLIC_BASE_URL: 'https://parley.example',
      TWILIO_API_BASE: 'https://api.twilio.com',
      LOG_LEVEL: 'INFO',
      CORS_ORIGINS: [],
      LEASE_SECONDS: 30,
    });
  });

  it('takes several origins, and seconds as text', () => {
    const environment = parseEnvironment({
      ...usable,
      CORS_ORIGINS: 'https://a.example, https://b.example,',
      LEASE_SECONDS: '6',
    });
    expect(environment.CORS_ORIGINS).toEqual(['https://a.example', 'https://b.example']);
    expect(environment.LEASE_SECONDS).toBe(6);
  });

  it('has by default a provider call end before its lease, and the lease before its message counts as lost', () => {
    const { PROVIDER_TIMEOUT_SECONDS, LEASE_SECONDS, REDISPATCH_SECONDS } = parseEnvironment(usable);
    expect(PROVIDER_TIMEOUT_SECONDS).toBeLessThan(LEASE_SECONDS);
    expect(LEASE_SECONDS).toBeLessThan(REDISPATCH_SECONDS);
  });

  it.each(Object.keys(usable))('without %s is refused by that name', (name) => {
    expect(() => parseEnvironment(without(name))).toThrow(new RegExp(`\\b${name}\\b`));
  });

  it.each([
    ['JWKS_URI', 'issuer.example/jwks'],
    ['INBOUND_QUEUE_URL', ''],
    ['CURSOR_KEY', 'too short'],
    ['LOG_LEVEL', 'chatty'],
    ['LEASE_SECONDS', '-1'],
    ['PROVIDER_TIMEOUT_SECONDS', 'ten'],
    ['TWILIO_API_BASE', 'twilio'],
  ])('with a wrong %s is refused by that name, without the value', (name, value) => {
    const attempt = () => parseEnvironment({ ...usable, [name]: value });
    expect(attempt).toThrow(new RegExp(`\\b${name}\\b`));
    expect(attempt).not.toThrow(/too short|chatty|\bten\b/);
  });

  it('with several mistakes names them all', () => {
    expect(() => parseEnvironment({ ...without('TABLE_NAME'), JWT_AUDIENCE: '' })).toThrow(/TABLE_NAME.*JWT_AUDIENCE/);
  });
});
