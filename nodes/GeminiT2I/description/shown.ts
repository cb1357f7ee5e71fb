import type { IDisplayOptions } from 'n8n-workflow';

export const whenGenerating: IDisplayOptions = { show: { operation: ['generate'] } };
