import type { Reply } from './faults';
import type { LoggedRequest } from './log';

/** Google's limit a minute: 429 with the time until the next call is let through. Rejected calls don't count. */
export interface Throttle {
	perMinute: number;
	/** What is counted together; the key where unset. */
	per?: 'key' | 'endpoint';
	/** Milliseconds of the rolling window; a minute where unset. */
	windowMs?: number;
}

export function makeThrottle({ perMinute, per = 'key', windowMs = 60_000 }: Throttle) {
	const starts = new Map<string, number[]>();
	return (request: LoggedRequest): Reply | null => {
		const counted = per === 'key' ? request.key : '';
		const recent = (starts.get(counted) ?? []).filter((start) => start > request.mono - windowMs);
		starts.set(counted, recent);
		if (recent.length < perMinute) {
			recent.push(request.mono);
			return null;
		}
		return throttled(perMinute, (recent[0]! + windowMs - request.mono) / 1000, request.model);
	};
}

function throttled(limit: number, seconds: number, model: string): Reply {
	const retryDelay = `${seconds.toFixed(9)}s`;
	const violation = {
		quotaMetric: 'generativelanguage.googleapis.com/generate_requests_per_model',
		quotaId: 'GenerateRequestsPerMinutePerProjectPerModel',
		quotaDimensions: { model, location: 'global' },
		quotaValue: String(limit),
	};
	const type = (name: string) => ({ '@type': `type.googleapis.com/google.rpc.${name}` });
	const error = {
		code: 429,
		message: `You exceeded your current quota, please check your plan and billing details. Please retry in ${retryDelay}.`,
		status: 'RESOURCE_EXHAUSTED',
		details: [
			{ ...type('QuotaFailure'), violations: [violation] },
			{ ...type('RetryInfo'), retryDelay },
		],
	};
	return { status: 429, body: { error } };
}
