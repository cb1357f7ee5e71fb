import { fetchWithinOrigin } from '../../../core/src/call/redirect';

const START = 'https://api.test/v1beta/models/x:generateContent';

/** A server that answers with these redirects in turn, then with a 200. */
async function follow(redirects: readonly (readonly [number, string])[]) {
	const asked: { url: string; method: string; body: unknown }[] = [];
	const fetch = async (url: unknown, { method, body }: RequestInit = {}) => {
		asked.push({ url: String(url), method: String(method), body });
		const [status, location] = redirects[asked.length - 1] ?? [200, ''];
		return new Response(null, { status, headers: location ? { location } : {} });
	};
	const followed = await fetchWithinOrigin(fetch, START, { method: 'POST', body: '{}' });
	return { asked, refused: followed.refused, status: followed.response.status };
}

test.each([
	['another host', 'https://elsewhere.test/x'],
	['another port', 'https://api.test:8443/x'],
	['the same host without TLS', 'http://api.test/x'],
	['a host without its scheme', '//elsewhere.test/x'],
	['a host within a user name', 'https://api.test@elsewhere.test/x'],
	['no address at all', 'https://['],
])('to %s is refused: the key stays where it belongs', async (_name, location) => {
	const { asked, refused } = await follow([[307, location]]);
	expect(refused).toBe('foreign redirect');
	expect(asked).toHaveLength(1);
});

test.each([
	[301, 'POST'],
	[302, 'POST'],
	[307, 'POST'],
	[308, 'POST'],
	[303, 'GET'],
])('%i within the origin goes on with %s', async (status, method) => {
	const { asked } = await follow([[status, '/moved']]);
	expect(asked[1]).toEqual({
		url: 'https://api.test/moved',
		method,
		body: method === 'POST' ? '{}' : null,
	});
});
