import { checkTelegramLimits } from './limits.ts';

const files = (count: number, megabytes: number) =>
  Array.from({ length: count }, () => ({ name: 'a file', contentType: 'video/mp4', size: megabytes * 1_000_000 }));

const check = (text: string, media: ReturnType<typeof files>) =>
  checkTelegramLimits({ transport: 'telegram', text, media });

describe("Telegram's limits", () => {
  it.each([
    ['a text of 4,096 characters', 'x'.repeat(4_096), []],
    ['a caption of 1,024 characters', 'x'.repeat(1_024), files(1, 25)],
    ['ten files of 50 MB together', '', files(10, 5)],
  ])('are kept by %s', (_, text, media) => {
    expect(check(text, media)).toBeUndefined();
  });

  it.each([
    ['a longer text', 'x'.repeat(4_097), [], 'message.too-long', '4096'],
    ['a longer caption', 'x'.repeat(1_025), files(1, 1), 'message.too-long', '1024'],
    ['an eleventh file', '', files(11, 1), 'message.too-many-files', '10'],
    ['more than 50 MB together', '', files(3, 17), 'message.files-too-large', '50 MB'],
  ])('are broken by %s', (_, text, media, code, named) => {
    const violation = check(text, media);
    expect(violation?.code).toBe(code);
    expect(violation?.detail).toContain(named);
  });
});
