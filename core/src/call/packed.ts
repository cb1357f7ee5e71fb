import type { FetchedResponse } from '../effects';

/** What a body is read with. */
type Reader = ReturnType<NonNullable<FetchedResponse['body']>['getReader']>;
type Piece = Awaited<ReturnType<Reader['read']>>;

/** Compression within compression; nobody means more. */
const MOST_LAYERS = 3;
/** By so many first bytes a form of compression is known. */
const MARK = 2;

/**
 * Reads a body without the compression that nobody announced, which its first bytes give away. What was announced the
 * host's client has undone already.
 */
export function unpacked(packed: Reader, layers = MOST_LAYERS): Reader {
	let inner: Reader | null = null;
	const begin = async (): Promise<Reader> => {
		const start: Uint8Array[] = [];
		let length = 0;
		while (length < MARK) {
			const { done, value } = await packed.read();
			if (done) break;
			start.push(value);
			length += value.length;
		}
		const whole: Reader = {
			read: async () => {
				const value = start.shift();
				return value === undefined ? packed.read() : { done: false, value };
			},
			cancel: () => packed.cancel(),
		};
		const format = formatOf(start.length === 1 ? start[0]! : Buffer.concat(start));
		return format === null ? whole : unpacked(unpack(whole, format), layers - 1);
	};
	if (layers === 0) return packed;
	return {
		read: async () => (inner ??= await begin()).read(),
		cancel: () => (inner ?? packed).cancel(),
	};
}

function unpack(packed: Reader, format: 'gzip' | 'deflate'): Reader {
	const source = new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				const { done, value } = await packed.read();
				if (done) controller.close();
				else controller.enqueue(value);
			},
			cancel: async () => void (await packed.cancel()),
		},
		{ highWaterMark: 0 },
	);
	const { readable, writable } = new DecompressionStream(format);
	const reader = source.pipeThrough({ readable, writable }).getReader();
	return { read: () => reader.read() as Promise<Piece>, cancel: () => reader.cancel() };
}

/** RFC 1952 and RFC 1950: the first bytes of gzip, and of zlib at any window and level. */
function formatOf([first = 0, second = 0]: Uint8Array): 'gzip' | 'deflate' | null {
	if (first === 0x1f && second === 0x8b) return 'gzip';
	return first === 0x78 && (first * 256 + second) % 31 === 0 ? 'deflate' : null;
}

/** The codes of zlib, brotli and zstd for bytes that are none of theirs. */
const UNREADABLE = /^(?:Z_DATA_ERROR|ERR__ERROR_\w+|ERR_BROTLI\w*|ZSTD_error_\w+)$/;

/** Whether a body could not be read because it is not compressed as its label says. */
export function isPackedOtherwise(reason: unknown, depth = 0): boolean {
	if (typeof reason !== 'object' || reason === null || depth > 5) return false;
	const { code, cause } = reason as { readonly code?: unknown; readonly cause?: unknown };
	return UNREADABLE.test(String(code)) || isPackedOtherwise(cause, depth + 1);
}
