import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo } from 'node:net';

export interface Received {
	readonly method: string;
	readonly path: string;
	readonly contentType: string;
	readonly contentDisposition: string;
	readonly body: Buffer;
	/** Parsed as form data; rejects where the body is none. */
	form(): Promise<FormData>;
}

/** A real HTTP server for what a workflow calls besides Gemini. It answers JSON, or a picture's bytes, and remembers every request. */
export async function localServer(answer: (request: Received) => unknown) {
	const requests: Received[] = [];
	const server = createServer((incoming, response) => {
		void receive(incoming).then((request) => {
			requests.push(request);
			const answered = answer(request);
			const isPicture = Buffer.isBuffer(answered);
			response.setHeader('content-type', isPicture ? 'image/png' : 'application/json');
			response.end(isPicture ? answered : JSON.stringify(answered));
		});
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		requests,
		close() {
			server.close();
			server.closeAllConnections();
		},
	};
}

async function receive(incoming: IncomingMessage): Promise<Received> {
	const body = Buffer.concat(await incoming.toArray());
	const contentType = incoming.headers['content-type'] ?? '';
	return {
		method: incoming.method!,
		path: incoming.url!,
		contentType,
		contentDisposition: incoming.headers['content-disposition'] ?? '',
		body,
		form: () =>
			new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData(),
	};
}
