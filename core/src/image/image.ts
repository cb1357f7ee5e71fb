/** One picture as its bytes tell it: type, width and height are read from `data`, never from what a reply declares. */
export interface Image {
	readonly data: Buffer;
	readonly mimeType: 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif';
	/** Without the dot: `png`, `jpg`, `webp`, `gif`. */
	readonly extension: 'png' | 'jpg' | 'webp' | 'gif';
	/** Pixels. */
	readonly width: number;
	/** Pixels. */
	readonly height: number;
}

/** Tokens as Google counted them for one reply (`usageMetadata`); null where the reply does not tell. */
export interface Usage {
	readonly promptTokens: number | null;
	/** Output tokens of modality IMAGE: what an image costs. */
	readonly imageTokens: number | null;
	readonly thoughtTokens: number | null;
	/** Output tokens that are neither image nor thought. */
	readonly textTokens: number | null;
	readonly totalTokens: number | null;
	/** At which tier it was served, in small letters: `standard`, `flex`, `priority`, `batch`. */
	readonly serviceTier: string | null;
}

export const NO_USAGE: Usage = {
	promptTokens: null,
	imageTokens: null,
	thoughtTokens: null,
	textTokens: null,
	totalTokens: null,
	serviceTier: null,
};
