export type { Clock, Fetch, Host } from './effects';
export type { Image, Usage } from './image/image';
export type { Fault, FaultKind, Images, Outcome, OutcomeKind, Refused } from './outcome';
export type { ImageRequest, Reference, ThinkingLevel } from './request';
export type { LaneAddress } from './lane';
export type { EndpointSettings, PoolSettings } from './settings/settings';
export { NO_CALL } from './result';
export type { Account, Attempt, Drawn, Made, NotMade, PoolEnd } from './result';
export { remedyOf } from './remedy';
export type { Remedy } from './remedy';
export type { Names } from './names';
export { parsePoolSettings } from './settings/parse';
export type { EndpointInput, SettingsInput } from './settings/parse';
export { SettingsInvalid } from './settings/invalid';
export { checkLanes } from './call/check';
export type { CheckedLane } from './call/check';
export { connectGemini } from './call/gemini';
export type { Connect, LaneClient, Via } from './lane';
export {
	CATALOGUE,
	DEFAULT_MODEL,
	factsOf,
	IMAGE_SIZES,
	PRICES_AS_OF,
	replacementFor,
} from './models/catalogue';
export type { ImageSize, ModelFacts } from './models/catalogue';
export { costUsd, estimateCostUsd, priceOf } from './models/cost';
export type { Price } from './models/cost';
export { listModels } from './call/models';
export type { Asking, ListedModel } from './call/models';
export { ASPECT_RATIOS } from './models/ratio';
export { RequestInvalid, resolveRequest } from './models/resolve';
export type { RequestInput } from './models/resolve';
export { createBudget } from './pool/budget';
export type { Budget, Reservation } from './pool/budget';
export { usualTimeoutMs } from './pool/terms';
export type { JoinOptions } from './pool/terms';
export { standingOf } from './pool/pool';
export type { LaneStatus, ModelStatus, Pool } from './pool/pool';
export type { Tenant } from './pool/tenant';
export { createRegistry } from './pool/registry';
export type { Registry } from './pool/registry';
export { systemClock, systemHost } from './system';
export { parseNumber } from './settings/fields';
export type { NumberRule } from './settings/fields';
export { addressesOf } from './pool/lanes';
export { inputTypeOf, readPicture } from './image/picture';
export { createBatches } from './batch/batches';
export type { Batches, Fate, Pass } from './batch/batches';
export { checkBatches } from './batch/check';
export { batchPriceOf, estimateBatchUsd } from './batch/price';
export { imagesToSubmit } from './batch/rows';
export type { BatchWish } from './batch/rows';
export { isStillThere } from './batch/words';
