import { addressesOf, checkLanes } from 'gemini-t2i/pool';
import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { askingBy, CHECK_PATIENCE_MS } from '../n8n/host';
import { poolSettingsOf, reopenLanes } from '../n8n/credential';
import { wordsOf } from '../n8n/errors';

const GOOGLE = 'generativelanguage.googleapis.com';
/** A list of models costs nothing, so that it tells nothing of billing. */
const BILLING =
	'Images also need billing set up for the key’s project, which this test cannot see.';

/** The Test button: asks every lane, and names each one that does not answer and why. */
export async function geminiT2IApiTest(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const settings = poolSettingsOf(credential.data ?? {});
		const asking = askingBy(this, new AbortController().signal, CHECK_PATIENCE_MS);
		const addresses = settings.endpoints.flatMap(addressesOf);
		const lanes = await checkLanes(addresses, asking);
		reopenLanes(addresses.filter((_, index) => lanes[index]!.ok));
		const silent = lanes.filter(({ ok }) => !ok);
		if (silent.length > 0) {
			const message = silent.map(({ lane, message: why }) => `${lane}: ${why}`).join(' ');
			return { status: 'Error', message };
		}
		const keys = lanes.length === 1 ? 'The API key works.' : `All ${lanes.length} API keys work.`;
		const isGoogle = addresses.some(({ baseUrl }) => new URL(baseUrl).host === GOOGLE);
		return { status: 'OK', message: isGoogle ? `${keys} ${BILLING}` : keys };
	} catch (reason) {
		return { status: 'Error', message: wordsOf(reason) };
	}
}
