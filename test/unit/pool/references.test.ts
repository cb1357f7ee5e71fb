import { connectGemini } from '../../../core/src/call/gemini';
import { DEFAULT_MODEL } from '../../../core/src/models/catalogue';
import { resolveRequest } from '../../../core/src/models/resolve';
import { createRegistry } from '../../../core/src/pool/registry';
import { usualTenant } from '../../support/usualTenant';
import { virtualTime } from '../../support/virtualTime';
import { keep, SECOND, settings } from '../../support/play';

const PNG = Buffer.from(
	'iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtlAAAAFElEQVR42mM4ESBCEmIY1TAoNAAAyNiowaXz2TcAAAAASUVORK5CYII=',
	'base64',
);
const inlineData = { mimeType: 'image/png', data: PNG.toString('base64') };
const REPLY = JSON.stringify({ candidates: [{ content: { parts: [{ inlineData }] } }] });

/** An endpoint that takes its time, and images to work from that take theirs: a real lane on a virtual clock. */
function worldOf(serverMs: number, hops = 0) {
	const time = virtualTime();
	const clock = { now: time.now, wallClock: time.now, random: () => 0.5 };
	const stop = new AbortController();
	let calls = 0;
	const pool = createRegistry(clock, connectGemini).open('c', settings([{}]));
	const tenant = pool.join({
		...usualTenant,
		sleep: time.sleep,
		signal: stop.signal,
		timeoutMs: 60 * SECOND,
		async fetch(_url, { signal }) {
			calls += 1;
			await time.sleep(serverMs, signal);
			if (calls <= hops) return new Response('', { status: 307, headers: { location: '/again' } });
			return new Response(REPLY);
		},
	});
	const draw = (load: () => Promise<Buffer>) => {
		const referenceImages = [{ mimeType: 'image/png' as const, load }];
		return tenant.draw(
			resolveRequest({ model: DEFAULT_MODEL, prompt: 'a cup', referenceImages }),
			keep,
		);
	};
	return { time, stop, pool, tenant, draw, calls: () => calls };
}

const never = () => new Promise<Buffer>(() => {});

test('an image to work from that is never loaded fails its request, and speaks against no lane', async () => {
	const { time, pool, draw, calls, tenant } = worldOf(1000);
	await expect(time.run(draw(never))).rejects.toThrow('could not be loaded within');
	expect(calls()).toBe(0);
	expect(pool.status()).toMatchObject([{ state: 'ready', inFlight: 0 }]);
	expect((await time.run(draw(async () => PNG))).status).toBe('ok');
	tenant.leave();
});

test('a stop is obeyed while one is loaded', async () => {
	const { time, stop, draw, calls, tenant } = worldOf(1000);
	const drawn = draw(never);
	await time.pass(1000);
	stop.abort(new Error('stopped'));
	await expect(time.run(drawn)).rejects.toThrow('stopped');
	expect(calls()).toBe(0);
	tenant.leave();
});

test('the server has the whole time, however long loading took', async () => {
	const { time, draw, calls, tenant } = worldOf(50 * SECOND);
	const load = async () => {
		await time.sleep(50 * SECOND);
		return PNG;
	};
	expect((await time.run(draw(load))).status).toBe('ok');
	expect(calls()).toBe(1);
	tenant.leave();
});

test('and no more where it redirects', async () => {
	const { time, draw, calls, tenant } = worldOf(50 * SECOND, 1);
	expect(await time.run(draw(async () => PNG))).toMatchObject({ code: 'timeout' });
	expect(calls()).toBe(2);
	tenant.leave();
});
