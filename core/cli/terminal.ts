import { stripVTControlCharacters } from 'node:util';
import { MultiBar } from 'cli-progress';
import progressBar, { type Options } from 'cli-progress';

/** What a report needs to know of a stream of the process. */
export interface Stream extends NodeJS.WritableStream {
	readonly isTTY?: boolean;
	/** Read by another program, which may well write to the same terminal: `| tee`, `| head`. */
	readonly isPipe?: boolean;
	/** Of a terminal, in characters. */
	readonly columns?: number;
}

/** Letters that move the cursor, change colours or turn the direction of what follows: a server may send them. */
const UNSEEN = /[\p{Cc}\u2028\u2029]|(?![\u200c\u200d])\p{Cf}/gu;

/** Text for a terminal: one line of what can be seen. */
export const visible = (text: string): string =>
	stripVTControlCharacters(text).replace(/\s+/g, ' ').replace(UNSEEN, '');

/** A line at the lower end of a terminal that is drawn anew ten times a second. */
export interface Bar {
	/** How many of all are done. */
	update(done: number): void;
	/** Writes lines above it. */
	tell(lines: string): void;
	close(): void;
}

const LONGEST_BAR = 20;
const SHORTEST_BAR = 4;

/** `statusOf` is asked each time, so that it counts on while nothing settles. */
export const openBar = (stream: Stream, total: number, statusOf: () => string): Bar => {
	const format = (options: Options, { progress }: { progress: number }): string => {
		const status = statusOf();
		// A line that does not fit would lose its end.
		const barsize = Math.min(LONGEST_BAR, (stream.columns ?? 80) - status.length - 3);
		if (barsize < SHORTEST_BAR) return status;
		return `${progressBar.Format.BarFormat(progress, { ...options, barsize })} ${status}`;
	};
	// A hidden cursor would stay hidden when the process is killed, and lines would go on not being wrapped.
	const terminal = { stream, hideCursor: false, linewrap: true };
	const bars = new MultiBar({ format, ...terminal, gracefulExit: false });
	const bar = bars.create(total, 0);
	return {
		update: (done) => bar.update(done),
		tell(lines) {
			bars.log(`${lines}\n`);
			bars.update();
		},
		close() {
			bars.update();
			bars.stop();
		},
	};
};
