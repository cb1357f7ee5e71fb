/** A string in either kind of quotes, a mark, or a bare word. Strings may lack their end. */
const TOKENS =
	/[bru]?(?:"((?:[^"\\]|\\.)*)"?|'((?:[^'\\]|\\.)*)'?)|[[\]{}(),:]|[^\s"'[\]{}(),:]+/gs;

const WORDS: Readonly<Record<string, unknown>> = {
	true: true,
	True: true,
	false: false,
	False: false,
};

type Open =
	{ readonly list: unknown[] } | { readonly object: Record<string, unknown>; key: string | null };

/**
 * Reads what is almost JSON: Python's repr, a NaN, a comma too many, an end that is missing. Whatever it is given, it
 * makes of it what it can; what follows the first whole value is left. Not recursive: the depth is the text's choice.
 */
export function looseJson(text: string): unknown {
	const stack: Open[] = [];
	let root: unknown;
	/** What stands before a colon, or is a member on its own. */
	let pending: { readonly value: unknown } | null = null;
	const put = (value: unknown) => {
		const top = stack.at(-1);
		if (top === undefined) root ??= value;
		else if ('list' in top) top.list.push(value);
		else if (top.key !== null) {
			Object.defineProperty(top.object, top.key, {
				value,
				enumerable: true,
				configurable: true,
				writable: true,
			});
			top.key = null;
		}
	};
	const settle = () => {
		if (pending !== null) put(pending.value);
		pending = null;
	};
	for (const [token, double, single] of text.matchAll(TOKENS)) {
		switch (token) {
			case '{':
			case '[':
			case '(': {
				const value = token === '{' ? {} : [];
				put(value);
				stack.push(Array.isArray(value) ? { list: value } : { object: value, key: null });
				pending = null;
				break;
			}
			case '}':
			case ']':
			case ')':
				settle();
				stack.pop();
				if (stack.length === 0) return root;
				break;
			case ',':
				settle();
				break;
			case ':': {
				const top = stack.at(-1);
				if (top !== undefined && 'object' in top && pending !== null)
					top.key = String(pending.value);
				pending = null;
				break;
			}
			default:
				settle();
				pending = { value: valueOf(token, double ?? single) };
		}
		if (root === undefined && stack.length === 0) return undefined;
	}
	settle();
	return root;
}

function valueOf(token: string, quoted: string | undefined): unknown {
	if (quoted !== undefined)
		return quoted.replace(/\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(.))/gis, unescape);
	if (Object.hasOwn(WORDS, token)) return WORDS[token];
	return /^-?\d/.test(token) && Number.isFinite(Number(token)) ? Number(token) : null;
}

const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

const unescape = (_escape: string, wide?: string, narrow?: string, letter = '') =>
	(wide ?? narrow)
		? String.fromCharCode(parseInt((wide ?? narrow)!, 16))
		: (LETTERS[letter] ?? letter);
