import type { IDataObject } from 'n8n-workflow';

/** What an AI agent reads: facts without empty ones, which would only cost tokens. */
export const compact = (generation: IDataObject): IDataObject =>
	Object.fromEntries(
		Object.entries(generation).filter(([, value]) => value !== null && value !== ''),
	);
