import { spellingsOf } from '../call/secret';
import type { PoolSettings } from '../settings';
import { addressesOf } from './lanes';

/** Puts a lane's label wherever a text holds its key. */
export function redactorOf({ endpoints }: PoolSettings): (text: string) => string {
	const labels = new Map(
		endpoints
			.flatMap(addressesOf)
			.flatMap(({ key, label }) => spellingsOf(key).map((secret) => [secret, label] as const)),
	);
	// The longest first: a key may be the beginning of another.
	const secrets = [...labels.keys()].sort((a, b) => b.length - a.length);
	const anySecret = new RegExp(secrets.map(escaped).join('|'), 'g');
	return (text) => text.replace(anySecret, (secret) => `[${labels.get(secret)}]`);
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
