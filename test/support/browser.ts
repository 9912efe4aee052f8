import { chromium as playwright, type Browser } from 'playwright-core';

/**
 * The Chromium that comes inside a package, with the system libraries that come with it: nothing is downloaded and nothing
 * has to be installed. The package unpacks the libraries where it believes to be on Lambda.
 */
const packaged = async () => {
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs24.x';
  const { default: chromium } = await import('@sparticuz/chromium');
  return { executablePath: await chromium.executablePath(), args: chromium.args };
};

const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-quic'];

/** A browser for tests; where the packaged one does not run, the Chrome that is installed. */
export const openBrowser = async (): Promise<Browser> => {
  if (process.platform !== 'linux') return playwright.launch({ channel: 'chrome' });
  const { executablePath, args } = await packaged();
  return playwright.launch({ executablePath, args: [...args, ...QUIET] });
};
