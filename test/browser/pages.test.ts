import { type Browser, type Page } from 'playwright-core';
import { sendMail } from '../../lib/providers/mail.ts';
import { sharedUrls } from '../support/client.ts';
import { openBrowser } from '../support/browser.ts';
import { openTenant } from '../support/tenant.ts';
import { newPhone, unique } from '../support/random.ts';

const urls = sharedUrls();

/** What went wrong on a page, for the test to look at: whatever was written to the console or thrown. */
const openPage = async (browser: Browser, url: string): Promise<{ page: Page; problems: string[] }> => {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(url);
  return { page, problems };
};

describe('pages in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it('shows the API with every operation, ready to try out, and fetches nothing from elsewhere', async () => {
    const { page, problems } = await openPage(browser, 'about:blank');
    const strangers: string[] = [];
    page.on('request', (request) => !request.url().startsWith(urls.api) && strangers.push(request.url()));
    await page.goto(`${urls.api}/docs`);
    await page.getByRole('button', { name: 'Authorize' }).waitFor();
    await page.getByRole('heading', { name: 'Messages' }).click();
    await page.getByText('Sends a message to the client').waitFor();
    expect(strangers.filter((url) => !url.startsWith('data:'))).toEqual([]);
    expect(problems).toEqual([]);
  });

  it("plays the customer's phone: what is typed arrives, and the answer is shown", async () => {
    const tenant = await openTenant();
    const channel = await tenant.connectTwilio('sms');
    const { page, problems } = await openPage(browser, urls.simulator);
    const question = unique('question');
    const answer = unique('answer');
    await page.getByLabel('Channel', { exact: true }).selectOption({ label: 'Another …' });
    await page.getByLabel('Its number, bot name or channel id').fill(channel.address);
    await page.getByLabel("Customer's number").fill(newPhone());
    await page.getByPlaceholder('Message').fill(question);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText(question).waitFor();
    const { id } = await tenant.onlyChat();
    await tenant.send(id, { text: answer });
    await page.getByText(answer).waitFor();
    expect(problems).toEqual([]);
  });

  it('shows the mails that were sent to users, as text', async () => {
    const { page, problems } = await openPage(browser, `${urls.simulator}/mails`);
    const [subject, text] = [unique('subject'), `<img src=x onerror=alert(1)> ${unique('text')}`];
    const settings = { smtpUrl: urls.mailbox, from: 'Parley <parley@localhost.localdomain>', timeoutMs: 10_000 };
    const mail = { to: 'ana@team.example', subject, text, html: text, messageId: `${subject}@parley.example` };
    expect(await sendMail(settings, mail)).toEqual({ kind: 'sent' });
    await page.getByText(subject).waitFor();
    await page.getByText(text).waitFor();
    expect(problems).toEqual([]);
  });
});
