import type { Image, Usage } from './image/image';

/** The reply holds at least one image: an empty success cannot be written down. */
export interface Images {
	readonly kind: 'images';
	readonly images: readonly [Image, ...Image[]];
	/** Text parts that are no thoughts, joined by blank lines; `''` where there are none. */
	readonly text: string;
	readonly usage: Usage;
	/** What really answered, as the reply says (`modelVersion`). */
	readonly modelVersion: string | null;
}

/** Google declined: the prompt or the image, for safety, recitation, prohibited content and the like. */
export interface Refused {
	readonly kind: 'refused';
	/** Google's reason: a `blockReason` or `finishReason`, such as `IMAGE_SAFETY`. */
	readonly reason: string;
	/** Google's own words (`finishMessage`, `blockReasonMessage`, text parts); `''` where it says nothing. */
	readonly text: string;
	readonly usage: Usage;
	readonly modelVersion: string | null;
}

/** What went wrong, as the outcome table of the pool tells it apart: whom it blames, what it costs, where to go next. */
export type FaultKind =
	| 'badRequest'
	| 'badKey'
	| 'forbidden'
	| 'billing'
	| 'modelMissing'
	| 'wrongUrl'
	| 'throttled'
	| 'dailyQuota'
	| 'regionBlocked'
	| 'unreachable'
	| 'serverFault'
	| 'gatewayTimeout'
	| 'timeout'
	| 'truncated'
	| 'noImage'
	| 'notGemini'
	| 'aborted';

/** What it was more closely, where one advice does not fit all faults of a kind, or where another one is to blame. */
export type FaultDetail =
	| 'spendingCap'
	| 'noBilling'
	| 'noFreeTier'
	| 'projectDenied'
	| 'apiDisabled'
	/** A good key that lacks this one model. */
	| 'modelDenied'
	/** The API itself names a field of the request: it says so wherever it is asked. */
	| 'field'
	/** It redirects to another origin. */
	| 'moved'
	/** A page stands before it: a firewall's, a login. */
	| 'guarded'
	/** It is not compressed as it says. */
	| 'garbled'
	/** An image only as an address or an id. */
	| 'address';

/** An attempt without an image that is no refusal. */
export interface Fault {
	readonly kind: FaultKind;
	/** Null where the kind says all. */
	readonly detail: FaultDetail | null;
	/** HTTP status; null where no reply came. */
	readonly status: number | null;
	/** What the other side said, in one line without markup, at most 300 characters. */
	readonly message: string;
	/** How long this very reply asks to wait (RetryInfo, Retry-After, "retry in Xs"); null where it does not. */
	readonly hintMs: number | null;
	/** True where the quota that was hit is counted per model (`quotaId`). */
	readonly perModel: boolean;
	readonly usage: Usage;
}

/** An attempt, classified once. Everything after the call decides by this value alone. */
export type Outcome = Images | Refused | Fault;

/** How an attempt ended, in one word. */
export type OutcomeKind = Outcome['kind'];

/** What can put a lane, an endpoint, or a model of theirs to rest. */
export type Cause = Exclude<FaultKind, 'badRequest' | 'noImage' | 'notGemini' | 'aborted'>;

/** An attempt without an image. */
export type NotImages = Exclude<Outcome, Images>;
