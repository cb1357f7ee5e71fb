import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { checkEndpoints } from './checkEndpoints';
import { generate } from './generate';

export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const operation = context.getNodeParameter('operation', 0);
	return operation === 'checkEndpoints' ? await checkEndpoints(context) : await generate(context);
}
