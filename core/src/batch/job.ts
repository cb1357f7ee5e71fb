import { field, isObject, words } from '../json';
import type { Tell } from '../call/secrets';

/** How far a batch is. */
export type JobState = 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'expired';

/** One batch as an endpoint shows it. */
export interface Job {
	/** `batches/ID` */
	readonly name: string;
	readonly displayName: string;
	readonly state: JobState;
	/** ISO 8601; `''` where it is not told. */
	readonly createdAt: string;
	/** Google's own words about a batch that came to nothing; `''` where there are none. */
	readonly said: string;
}

export const isOpen = ({ state }: Pick<Job, 'state'>): boolean =>
	state === 'waiting' || state === 'running';

/** The API says `BATCH_STATE_...`, the SDK `JOB_STATE_...`. */
const STATES: readonly (readonly [RegExp, JobState])[] = [
	[/(PENDING|QUEUED)$/, 'waiting'],
	[/(RUNNING|CANCELLING|PAUSED|UPDATING)$/, 'running'],
	[/SUCCEEDED$/, 'succeeded'],
	[/FAILED$/, 'failed'],
	[/CANCELLED$/, 'cancelled'],
	[/EXPIRED$/, 'expired'],
];

/** Reads a batch from the raw reply: the SDK's own reading drops its error. Null where there is none. */
export function jobOf(json: unknown, tell: Tell): Job | null {
	const metadata = field(json, 'metadata');
	const name = words(json, 'name') || words(metadata, 'name');
	if (!/^batches\/[^/\s#]+$/.test(name) || !isObject(json)) return null;
	const said = tell(words(field(json, 'error'), 'message'));
	return {
		name,
		displayName: words(metadata, 'displayName'),
		state: stateOf(json, words(metadata, 'state') || words(json, 'state')),
		createdAt: words(metadata, 'createTime'),
		said,
	};
}

function stateOf(json: unknown, told: string): JobState {
	const known = STATES.find(([pattern]) => pattern.test(told))?.[1];
	if (known !== undefined) return known;
	if (isObject(field(json, 'error'))) return 'failed';
	return field(json, 'done') === true ? 'succeeded' : 'running';
}
