const DAY_MS = 24 * 60 * 60 * 1000;

const pacificTime = new Intl.DateTimeFormat('en-US', {
	timeZone: 'America/Los_Angeles',
	hourCycle: 'h23',
	hour: 'numeric',
	minute: 'numeric',
	second: 'numeric',
});

/** Milliseconds since midnight by Pacific wall clocks. */
function pacificTimeOfDay(epochMs: number): number {
	const [hour = 0, minute = 0, second = 0] = pacificTime
		.formatToParts(epochMs)
		.filter(({ type }) => type === 'hour' || type === 'minute' || type === 'second')
		.map(({ value }) => Number(value));
	return ((hour * 60 + minute) * 60 + second) * 1000 + (epochMs % 1000);
}

/**
 * Milliseconds from `epochMs` to the next midnight in California, when Google's daily quotas start anew
 * (https://ai.google.dev/gemini-api/docs/rate-limits). Right also on the two days of 23 and 25 hours.
 */
export function msToMidnightPacific(epochMs: number): number {
	const naive = DAY_MS - pacificTimeOfDay(epochMs);
	const there = pacificTimeOfDay(epochMs + naive);
	if (there === 0) return naive;
	return there > DAY_MS / 2 ? naive + DAY_MS - there : naive - there;
}
