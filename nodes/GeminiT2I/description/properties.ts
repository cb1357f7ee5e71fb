import type { INodeProperties } from 'n8n-workflow';
import { errorOutputNotice } from './advice';
import { imageFields } from './imageFields';
import { modelField } from './modelField';
import { operationField } from './operationField';
import { optionFields } from './optionFields';
import { outputFields } from './outputFields';

export const properties: INodeProperties[] = [
	operationField,
	modelField,
	...imageFields,
	...outputFields,
	errorOutputNotice,
	optionFields,
];
