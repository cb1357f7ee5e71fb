/** What came back over HTTP, before anyone judges it. */
export interface Reply {
	readonly status: number;
	readonly headers: Pick<Headers, 'get'>;
	/** The body's JSON as far as it came, each image's base64 as a Buffer; undefined where the body is no JSON. */
	readonly json: unknown;
	/** The start of a body that is no JSON; `''` where it is, or where the body is empty. */
	readonly text: string;
	readonly end: ReplyEnd;
}

/** How the body ended: wholly, in the middle, because we aborted it, or because it was too long. */
export type ReplyEnd = 'whole' | 'brokenOff' | 'aborted' | 'overLimit';
