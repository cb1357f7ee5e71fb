import { systemClock, type Asking } from 'gemini-t2i';
import { n8nFetch, type CallingContext } from '../n8nFetch';
import { pause } from './cancel';

/** For a check of a key, milliseconds: longer than any healthy endpoint needs. */
export const CHECK_PATIENCE_MS = 20_000;

/** What n8n lends to whoever asks endpoints for their models. */
export const askingBy = (
	context: CallingContext,
	signal: AbortSignal,
	patienceMs: number,
): Asking => ({ ...systemClock, fetch: n8nFetch(context), sleep: pause, signal, patienceMs });
