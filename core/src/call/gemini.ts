import type { Connect } from '../lane';
import type { Outcome } from '../outcome';
import { ask, openClient, USUAL_IMAGE } from './ask';
import { classifyReply } from './classify';
import { tellFor } from './secrets';
import { toParameters } from './parameters';

/** One lane to a Gemini API, Google's or a proxy's. */
export const connectGemini: Connect = (address, clock) => {
	const client = openClient(address);
	const tell = tellFor(address);
	// The next image will be about as large as the last. A good guess spares copies while it grows.
	let usualImage = USUAL_IMAGE;
	return {
		async call(request, via) {
			const { reply, fault } = await ask(
				via,
				tell,
				(fetch) => client.models.generateContent(toParameters(request, fetch)),
				usualImage,
			);
			if (fault !== null) return fault;
			const outcome = classifyReply(reply, { tell, wallClock: () => clock.wallClock() });
			if (outcome.kind === 'images') usualImage = Math.ceil(largest(outcome.images) * MARGIN);
			return outcome;
		},
	};
};

/** Images of one size differ by what they show. */
const MARGIN = 1.25;

const largest = (images: Extract<Outcome, { kind: 'images' }>['images']) =>
	Math.max(...images.map(({ data }) => data.length));
