export type { Clock, Fetch, Host } from './effects';
export type { Image, Usage } from './image';
export type { Fault, FaultKind, Images, Outcome, OutcomeKind, Refused } from './outcome';
export type { ImageRequest, Reference } from './request';
export type { LaneAddress } from './lane';
export type { EndpointSettings, PoolSettings } from './settings';
export { DrawFailure } from './draw';
export type { Attempt, Drawn, Made } from './draw';
export { parsePoolSettings } from './settingsParse';
export type { EndpointInput, SettingsInput } from './settingsParse';
export { SettingsInvalid } from './settingsInvalid';
export { checkLanes } from './check';
export type { CheckedLane } from './check';
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
export { costUsd, estimateCostUsd } from './models/cost';
export { listModels } from './models/list';
export type { ListedModel } from './models/list';
export type { Asking } from './models/live';
export { ASPECT_RATIOS } from './models/ratio';
export { RequestInvalid } from './models/requestInvalid';
export { resolveRequest } from './models/resolve';
export type { RequestInput } from './models/resolve';
export { createBudget } from './pool/budget';
export type { Budget } from './pool/budget';
export type { JoinOptions } from './pool/joinOptions';
export type { Pool, Tenant } from './pool/pool';
export { createRegistry } from './pool/registry';
export type { Registry } from './pool/registry';
export type { LaneStatus } from './pool/status';
export { systemClock, systemHost } from './system';
export { parseNumber } from './settingsNumbers';
export type { NumberRule } from './settingsNumbers';
export { addressesOf } from './pool/lanes';
export { readPicture } from './extract/picture';
