/**
 * All the ways in which a server may write a key back: as it is, percent-encoded with either kind of letters, as JSON
 * and as HTML write it. The longest first, since one may be the beginning of another.
 */
export function spellingsOf(key: string): readonly string[] {
	const encoded = encodeURIComponent(key);
	const spellings = [
		key,
		encoded,
		encoded.replace(/%../g, (escape) => escape.toLowerCase()),
		key.replaceAll('/', '\\/'),
		JSON.stringify(key).slice(1, -1),
		key.replace(/[&<>"']/g, (letter) => HTML[letter]!),
	];
	return [...new Set(spellings)].sort((one, other) => other.length - one.length);
}

const HTML: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};
