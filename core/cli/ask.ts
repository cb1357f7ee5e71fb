import { checkLanes } from '../src/call/check';
import { listModels, type Asking, type ListedModel } from '../src/call/models';
import type { Names } from '../src/names';
import { addressesOf } from '../src/pool/lanes';
import type { PoolSettings } from '../src/settings/settings';
import { visible, type Stream } from './terminal';

/** Asks every key whether it works and answers with the exit code. No image is made. */
export const checkKeys = async (
	{ endpoints }: PoolSettings,
	asking: Asking,
	names: Partial<Names>,
	json: boolean,
	stdout: Stream,
): Promise<number> => {
	const lanes = await checkLanes(endpoints.flatMap(addressesOf), asking, names);
	for (const lane of lanes) {
		const line = visible(`${lane.lane}: ${lane.message}`);
		stdout.write(`${json ? JSON.stringify(lane) : line}\n`);
	}
	return lanes.every(({ ok }) => ok) ? 0 : 1;
};

const modelLine = ({ id, displayName, imageCapable, facts }: ListedModel): string => {
	if (facts === null) {
		return `${id}: ${displayName}${imageCapable ? '' : ', not known to make images'}`;
	}
	const life = facts.life === 'current' ? '' : `, ${facts.life} since ${facts.lifeSince}`;
	return `${id}: ${facts.name}, about $${facts.priceUsd.default} an image${life}`;
};

/** Tells what models the first endpoint that answers has, those that make images first. */
export const tellModels = async (
	{ endpoints }: PoolSettings,
	asking: Asking,
	json: boolean,
	stdout: Stream,
): Promise<number> => {
	const models = await listModels(endpoints.flatMap(addressesOf), asking);
	if (models === null) {
		const sentence = 'No endpoint has a list of models to show. --check tells why.';
		stdout.write(`${json ? JSON.stringify({ message: sentence }) : sentence}\n`);
		return 1;
	}
	for (const model of models) {
		stdout.write(`${json ? JSON.stringify(model) : visible(modelLine(model))}\n`);
	}
	return 0;
};
