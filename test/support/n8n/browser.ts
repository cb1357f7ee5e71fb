import { existsSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';
import { type N8nClient } from './client';

/** Debian's names for it, and Google's. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium of this machine, or undefined; `CHROMIUM` names another. */
export const chromiumPath = () =>
	[process.env.CHROMIUM ?? '', ...places].find((place) => existsSync(place));

/**
 * Opens n8n's editor, signed in as the client is, in a Chromium without a window.
 *
 * @returns the page, and what ends the browser
 */
export async function openEditor(
	client: N8nClient,
	executablePath: string,
): Promise<{ page: Page; close: () => Promise<void> }> {
	const browser = await chromium.launch({
		executablePath,
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
		],
	});
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
	const { cookie, browserId } = client.session();
	const [name, value] = cookie.split('=') as [string, string];
	await context.addCookies([{ name, value, url: client.url }]);
	await context.addInitScript({
		content: `localStorage.setItem('n8n-browserId', ${JSON.stringify(browserId)})`,
	});
	// n8n's editor looks community packages up at npm: nothing here may depend on that.
	await context.route(
		({ hostname, protocol }) => protocol.startsWith('http') && hostname !== '127.0.0.1',
		(route) => route.abort(),
	);
	const page = await context.newPage();
	return { page, close: () => browser.close() };
}
