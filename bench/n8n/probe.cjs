// Preloaded into an n8n that is measured: tells, after a garbage collection, what the process holds on to.
const { createServer } = require('node:http');
const { Socket } = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');
const { queryObjects } = require('node:v8');

async function holdings(isThorough) {
	for (let again = 0; again < 3; again += 1) {
		// The thorough kind gives free pages back too: kept ones would hide what comes to fill them.
		gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
		await sleep(200);
	}
	const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
	const resources = process.getActiveResourcesInfo();
	const active = (kind) => resources.filter((resource) => resource === kind).length;
	return {
		memory: { heapUsed, external, arrayBuffers, rss },
		timers: active('Timeout'),
		sockets: active('TCPSocketWrap'),
		listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
		// Counting walks the heap: that is nothing to do while memory is measured.
		...(isThorough && {
			abortSignals: queryObjects(AbortSignal, { format: 'count' }),
			socketObjects: queryObjects(Socket, { format: 'count' }),
		}),
	};
}

createServer(async (request, response) => {
	response.setHeader('connection', 'close');
	response.end(JSON.stringify(await holdings(request.url === '/thorough')));
})
	.listen(Number(process.env.BENCH_PROBE_PORT), '127.0.0.1')
	.unref();
