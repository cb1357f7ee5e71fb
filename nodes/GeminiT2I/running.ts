/** What the node does: a file of its own when built, loaded once it is needed, so that n8n starts without it. */
export { checkEndpoints } from './operations/checkEndpoints';
export { generate } from './operations/generate';
export { generateBatch } from './operations/generateBatch';
export { geminiT2IApiTest } from './methods/geminiT2IApiTest';
export { searchModels } from './methods/searchModels';
