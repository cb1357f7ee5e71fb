import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

export interface ForwardProxy {
	readonly url: string;
	/** What it was asked to reach, in order: an URL, or `host:port` for a tunnel. */
	readonly asked: readonly string[];
	close(): void;
}

/** A real forward proxy on loopback, for plain requests and tunnels. */
export async function startForwardProxy(): Promise<ForwardProxy> {
	const asked: string[] = [];
	const server = createServer((incoming, outgoing) => {
		asked.push(incoming.url!);
		const { method, headers } = incoming;
		const onward = request(incoming.url!, { method, headers }, (reply) => {
			outgoing.writeHead(reply.statusCode!, reply.headers);
			reply.pipe(outgoing);
		});
		onward.on('error', () => outgoing.destroy());
		outgoing.on('close', () => onward.destroy());
		incoming.pipe(onward);
	});
	server.on('connect', (incoming, socket) => {
		asked.push(incoming.url!);
		const [host, port] = incoming.url!.split(':');
		const onward = connect(Number(port), host, () => {
			socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			socket.pipe(onward).pipe(socket);
		});
		onward.on('error', () => socket.destroy());
		socket.on('error', () => onward.destroy());
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		asked,
		close() {
			server.closeAllConnections();
			server.close();
		},
	};
}
