import {
	createRegistry,
	DEFAULT_MODEL,
	parsePoolSettings,
	resolveRequest,
	type Connect,
	type Outcome,
} from 'gemini-t2i/pool';
import pLimit from 'p-limit';
import { NO_USAGE } from '../../core/src/image/image';
import { systemClock, systemHost } from '../../core/src/system';
import { usualTenant } from '../../test/support/usualTenant';

const IMAGE: Outcome = {
	kind: 'images',
	images: [{ data: Buffer.alloc(8), mimeType: 'image/png', extension: 'png', width: 1, height: 1 }],
	text: '',
	usage: NO_USAGE,
	modelVersion: null,
};

/** Endpoints that answer at once: what is left is the scheduling. */
const atOnce: Connect = () => ({ call: () => Promise.resolve(IMAGE) });

/** Processor time, which other programs on the machine do not stretch; ms. */
const cpuMs = () => {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
};

/** Microseconds a request, with so many lanes and all requests waiting from the start. */
export async function schedulingCost(lanes: number, requests: number): Promise<number> {
	const settings = parsePoolSettings({
		endpoints: Array.from({ length: lanes }, (_, i) => ({
			name: `Endpoint ${i + 1}`,
			baseUrl: `https://endpoint-${i + 1}.invalid`,
			apiKeys: `key-${i + 1}`,
			weight: 1 + (i % 3),
			rateLimit: 1000,
		})),
	});
	const tenant = createRegistry(systemClock, atOnce)
		.open('bench', settings)
		.join({
			...systemHost(new AbortController().signal),
			...usualTenant,
		});
	const request = resolveRequest({ model: DEFAULT_MODEL, prompt: 'p' });
	const startedAt = cpuMs();
	await Promise.all(Array.from({ length: requests }, () => tenant.draw(request, async () => null)));
	const us = ((cpuMs() - startedAt) * 1000) / requests;
	tenant.leave();
	return us;
}

/** The same through `p-limit` alone, which picks nothing. */
export async function pLimitCost(requests: number): Promise<number> {
	const limit = pLimit(16);
	const startedAt = cpuMs();
	await Promise.all(Array.from({ length: requests }, () => limit(() => Promise.resolve(IMAGE))));
	return ((cpuMs() - startedAt) * 1000) / requests;
}
