import type { Fault, FaultKind } from '../outcome';
import { NO_USAGE } from '../image/image';
import type { Tell } from './secrets';

/** Never got there: name, route, connection or certificate. Node's, undici's and OpenSSL's codes. */
const UNREACHABLE =
	/^(ENOTFOUND|EAI_|ECONNREFUSED|EHOST|ENET|EADDRNOTAVAIL|EACCES|EPERM|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|CERT|CRL_|INVALID_CA|PATH_LENGTH_|ERR_TLS_|ERR_SSL_|EPROTO|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/;
/** The client's own patience ended. axios reports its timeouts as ECONNABORTED. */
const TIMEOUT = /^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ECONNABORTED)$/;
/** A connection that was there and fell silent: its call may have been served. */
const SILENT_LATER = /^(read|write) ETIMEDOUT/;
/** A reset while TLS is still being agreed on carries the same code as a later one. */
const BEFORE_TLS = /before secure TLS connection/i;

/** Turns what `fetch` rejected with into its outcome. Clients wrap the cause differently, so the chain is searched. */
export function classifyNetwork(error: unknown, tell: Tell): Fault {
	const chain = causes(error);
	const coded = chain.find(({ code }) => code !== '');
	const deepest = coded ?? chain.at(-1);
	const said = deepest?.message || chain[0]?.message || 'No reply came.';
	return {
		kind: judge(chain),
		status: null,
		message: tell(coded && !said.includes(coded.code) ? `${coded.code}: ${said}` : said),
		hintMs: null,
		detail: null,
		perModel: false,
		usage: NO_USAGE,
	};
}

function judge(chain: readonly Link[]): FaultKind {
	if (chain.some(({ code }) => TIMEOUT.test(code))) return 'timeout';
	const unreachable = chain.some(
		({ code, message }) =>
			(UNREACHABLE.test(code) && !SILENT_LATER.test(message)) || BEFORE_TLS.test(message),
	);
	// Without any code the client itself would not go there: a port it forbids, n8n's SSRF protection.
	return unreachable || chain.every(({ code }) => code === '') ? 'unreachable' : 'serverFault';
}

interface Link {
	readonly code: string;
	readonly message: string;
}

const asText = (value: unknown) => (typeof value === 'string' ? value : '');

/** The error and all that it names as its cause; several for one that tried more than one address. */
function causes(error: unknown, depth = 0): readonly Link[] {
	if (depth > 5 || typeof error !== 'object' || error === null) return [];
	const { code, message, cause, errors } = error as Record<string, unknown>;
	return [
		{
			code: asText(code),
			message: asText(message),
		},
		...(Array.isArray(errors) ? errors : [cause]).flatMap((one) => causes(one, depth + 1)),
	];
}
