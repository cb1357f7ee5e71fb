import { FIXTURE_NAMES } from './answer';
import type { Reply } from './faults';
import { FLOODS } from './flood';

const WORDS: Readonly<Record<string, Reply>> = {
	refuse: { fixture: 'refused-image-safety.json' },
	'429': { fixture: 'throttled-bare.json' },
	'500': { status: 500, body: { error: { code: 500, message: 'Internal.', status: 'INTERNAL' } } },
	text: { fixture: 'noimage-text-only.json' },
	html: { fixture: 'bad-gateway.html' },
	hang: { hang: true },
	slow: { delayMs: 10_000 },
	drip: { drip: { bytes: 4096, everyMs: 200 } },
	reset: { reset: true },
	cut: { cut: 'length' },
	thought: { thought: true },
	two: { images: 2 },
	large: { megabytes: 3 },
	big: { megabytes: 8 },
};

/** Every word that can stand in brackets in a prompt; besides these, each fixture by its name without its ending. */
export const BRACKET_WORDS = [...Object.keys(WORDS), ...Object.keys(FLOODS), 'once'];

/**
 * Faults by prompt, for playing by hand: `a cat [refuse]`, `a cat [daily-quota]`. With `[once]` only the first call
 * with this prompt meets it, so that a retry can be watched. Null where the prompt holds no such word.
 */
export function replyToWords(prompt: string, seenBefore: boolean): Reply | null {
	const words = [...prompt.matchAll(/\[([\w-]+)\]/g)].map((match) => match[1]!);
	if (words.includes('once') && seenBefore) return null;
	for (const word of words) {
		const named = FIXTURE_NAMES.find((name) => name.replace(/\.\w+$/, '') === word);
		if (WORDS[word]) return WORDS[word];
		if (FLOODS[word]) return { flood: FLOODS[word] };
		if (named) return { fixture: named };
	}
	return null;
}
