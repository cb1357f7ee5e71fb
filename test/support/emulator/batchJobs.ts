/** How the emulator plays the Batch API. */
export interface BatchOptions {
	/** The project of each key; keys that are not named share one. Jobs belong to a project. */
	projects?: Readonly<Record<string, string>>;
	/** Milliseconds of the batch clock that a job stands in line (a minute), and is worked on (four). */
	pendingMs?: number;
	runningMs?: number;
	/** Jobs of one project that may be open at once; Google's 100 where unset. */
	mostOpen?: number;
	/** A result of more images than this cannot be fetched: 503. */
	mostImagesToGet?: number;
}

export interface EmulatedJob {
	readonly name: string;
	readonly displayName: string;
	readonly model: string;
	readonly project: string;
	/** As they were sent: `{request, metadata}`. */
	readonly requests: readonly any[];
	/** By the batch clock, epoch milliseconds. */
	readonly createdAt: number;
	readonly state: JobState;
	/** Google's own words about a job that came to nothing. */
	readonly error: { readonly code: number; readonly message: string } | null;
}

export type JobState =
	| 'BATCH_STATE_PENDING'
	| 'BATCH_STATE_RUNNING'
	| 'BATCH_STATE_SUCCEEDED'
	| 'BATCH_STATE_FAILED'
	| 'BATCH_STATE_CANCELLED'
	| 'BATCH_STATE_EXPIRED';

/** What a test sees of the jobs, and does to them. */
export interface EmulatedBatches {
	/** All there are, of all projects, in order of creation. */
	readonly jobs: readonly EmulatedJob[];
	/** Turns the clock on. */
	turn(ms: number): void;
	/** Ends a job early, or lets it fail. A job without a fate succeeds in its time. */
	end(name: string, state: JobState, error?: { code: number; message: string }): void;
	/** Ends each job that is made from now on like this, in its time. */
	fateOf: (job: EmulatedJob) => JobState;
	/** Google knows nothing of it any more. */
	forget(name: string): void;
}

export const isOpen = ({ state }: Pick<EmulatedJob, 'state'>) =>
	state === 'BATCH_STATE_PENDING' || state === 'BATCH_STATE_RUNNING';

/** Google gives a job up that has not run within two days. */
const EXPIRES_MS = 48 * 60 * 60_000;

type Kept = Omit<EmulatedJob, 'state'> & { fate: JobState; ended: JobState | null };

/** The jobs, their states by a clock that goes on by itself and can be turned. */
export function makeJobs({ pendingMs = 60_000, runningMs = 240_000 }: BatchOptions) {
	const jobs: Kept[] = [];
	let turned = 0;
	const now = () => Date.now() + turned;
	let made = 0;

	const stateOf = ({ ended, fate, createdAt }: Kept): JobState => {
		if (ended !== null) return ended;
		const age = now() - createdAt;
		if (fate === 'BATCH_STATE_EXPIRED') {
			return age < EXPIRES_MS ? 'BATCH_STATE_PENDING' : 'BATCH_STATE_EXPIRED';
		}
		if (age < pendingMs) return 'BATCH_STATE_PENDING';
		return age < pendingMs + runningMs ? 'BATCH_STATE_RUNNING' : fate;
	};
	const WORDS: Partial<Record<JobState, { code: number; message: string }>> = {
		BATCH_STATE_FAILED: { code: 13, message: 'Internal error encountered.' },
		BATCH_STATE_CANCELLED: { code: 1, message: 'The operation was cancelled.' },
		BATCH_STATE_EXPIRED: { code: 4, message: 'Batch expired before it could be processed.' },
	};
	const shown = (kept: Kept): EmulatedJob => {
		const state = stateOf(kept);
		return { ...kept, state, error: kept.error ?? WORDS[state] ?? null };
	};
	const find = (name: string) => jobs.find((job) => job.name === name);

	const batches: EmulatedBatches = {
		get jobs() {
			return jobs.map(shown);
		},
		turn(ms) {
			turned += ms;
		},
		end(name, state, error) {
			const index = jobs.findIndex((job) => job.name === name);
			jobs[index] = { ...jobs[index]!, ended: state, error: error ?? null };
		},
		fateOf: () => 'BATCH_STATE_SUCCEEDED',
		forget(name) {
			jobs.splice(
				jobs.findIndex((job) => job.name === name),
				1,
			);
		},
	};
	return {
		batches,
		create(what: Pick<EmulatedJob, 'displayName' | 'model' | 'project' | 'requests'>) {
			const name = `batches/emulated${String(++made).padStart(4, '0')}`;
			const job = { ...what, name, createdAt: now(), error: null };
			const fate = batches.fateOf({ ...job, state: 'BATCH_STATE_PENDING' });
			jobs.push({ ...job, fate, ended: null });
			return shown(jobs.at(-1)!);
		},
		/** Newest first, as Google lists them. */
		of: (project: string) => batches.jobs.filter((job) => job.project === project).reverse(),
		find(name: string) {
			const job = find(name);
			return job === undefined ? null : shown(job);
		},
	};
}
