import type { ImageRequest } from '../request';

/** One image to make: a row's prompt, and which of its images. */
export interface Wanted {
	/** Counted from 0, as the file names are. */
	readonly row: number;
	/** Counted from 0. */
	readonly image: number;
	readonly request: ImageRequest;
	/** Path below the output directory, without extension. */
	readonly stem: string;
	/** Where an earlier run with another count may have put it; null where nothing but `stem` means this image. */
	readonly otherStem: string | null;
}
