import type { Fetch, FetchedResponse } from '../effects';
import { splitMembers } from './members';

/** 20 images of 64 MB would be more; nobody makes them. */
const MOST_BYTES = 1024 ** 3;
/** A 2K image. */
const USUAL_IMAGE = 4 * 1024 * 1024;

/** A `fetch` that takes the members out of a result as it arrives. */
export interface PassMembers {
	readonly fetch: Fetch;
	/** Whatever `take` has thrown, which ended the reply. */
	throwIfNotTaken(): void;
}

type Body = NonNullable<FetchedResponse['body']>;
type Reader = ReturnType<Body['getReader']>;

/**
 * What stands around the members goes on to whoever reads the reply, which is small then: images are decoded, handed
 * over one by one and let go, and the next piece is not asked for before they are taken.
 */
export function passMembers(fetch: Fetch, take: (member: unknown) => Promise<void>): PassMembers {
	let thrown: { readonly reason: unknown } | null = null;
	const takeOrEnd = async (member: unknown) => {
		try {
			await take(member);
		} catch (reason) {
			thrown ??= { reason };
			throw reason;
		}
	};
	return {
		async fetch(url, init) {
			const { status, headers, body } = await fetch(url, init);
			if (status !== 200 || body === null) return { status, headers, body };
			return {
				status,
				headers,
				body: {
					cancel: () => body.cancel(),
					getReader: () => withoutMembers(body.getReader(), takeOrEnd),
				},
			};
		},
		throwIfNotTaken() {
			if (thrown !== null) throw thrown.reason;
		},
	};
}

function withoutMembers(reader: Reader, take: (member: unknown) => Promise<void>): Reader {
	const split = splitMembers(USUAL_IMAGE);
	let bytes = 0;
	const next = async () => {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return { done } as const;
			bytes += value.length;
			if (bytes > MOST_BYTES) throw new RangeError('body over the limit');
			const { buffer, byteOffset, byteLength } = value;
			const { members, rest } = split(Buffer.from(buffer, byteOffset, byteLength));
			for (const member of members) await take(member);
			if (rest.length > 0) return { done: false, value: Buffer.concat(rest) } as const;
		}
	};
	return {
		cancel: () => reader.cancel(),
		async read() {
			try {
				return await next();
			} catch (reason) {
				void reader.cancel().catch(() => {});
				throw reason;
			}
		},
	};
}
