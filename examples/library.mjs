// Four images at once, each written as it arrives; Ctrl-C ends the calls.
// GEMINI_API_KEY=... node examples/library.mjs
import { writeFile } from 'node:fs/promises';
import { createGemini, ImageNotMade } from 'gemini-t2i';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

const gemini = createGemini({
	endpoints: [
		{
			apiKeys: process.env.GEMINI_API_KEY, // one or many
			baseUrl: process.env.GEMINI_BASE_URL, // unset: Google
			rateLimit: 60, // starts in any 60 seconds
		},
	],
	concurrency: 4, // images in the making at once
	maxCostUsd: 1, // in all
	signal: stop.signal,
});

const ratios = ['1:1', '16:9', '9:16', '4:3'];
await Promise.all(
	ratios.map(async (aspectRatio) => {
		const file = `lighthouse-${aspectRatio.replace(':', 'x')}`;
		try {
			const { saved, lane, costUsd } = await gemini.generateImage(
				{ prompt: 'A lighthouse at dawn', aspectRatio },
				{
					save: async ({ data, extension }) => {
						await writeFile(`${file}.${extension}`, data);
						return `${file}.${extension}`;
					},
				},
			);
			console.log(`${saved.join(', ')}: ${lane}, $${costUsd?.toFixed(4)}`);
		} catch (reason) {
			if (!(reason instanceof ImageNotMade)) throw reason;
			console.log(`${aspectRatio}: ${reason.status}, ${reason.message}`);
		}
	}),
);
await gemini.close();
