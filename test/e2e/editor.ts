import path from 'node:path';
import { type Locator, type Page } from 'playwright-core';
import { projectFolder } from '../support/n8n/runtime';

/** n8n's editor in words of what a user does there. */
export function editorOn(page: Page, url: string) {
	const part = (id: string, within: Page | Locator = page) =>
		within.locator(`[data-test-id="${id}"]`);
	const node = (name: string) =>
		page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);
	const dialog = part('editCredential-modal');
	/** Fields of a slot; slots stand below each other in their order. */
	const field = (name: string, place: number) =>
		part(`parameter-input-${name}`, dialog).nth(place).locator('input, textarea');

	const shown = () =>
		part('output-panel').locator('img[src*="binary-data"], img[src^="data:"]').first();

	return {
		page,
		part,
		node,
		async openWorkflow(id: string) {
			await page.goto(`${url}/workflow/${id}`, { waitUntil: 'domcontentloaded' });
			await part('canvas-node').first().waitFor();
		},
		/** From the plus at the last node, through the node creator, to the open panel. */
		async addNode(search: string, action: string) {
			await part('canvas-handle-plus').first().click();
			await part('node-creator-search-bar').click();
			await page.keyboard.type(search);
			await part('node-creator-item-name').filter({ hasText: search }).click();
			// Another action may begin with the same words.
			await part('node-creator-item-name').getByText(action, { exact: true }).click();
			await part('node-parameters').waitFor();
		},
		async openNode(name: string) {
			await node(name).dblclick();
			await part('node-parameters').waitFor();
		},
		async closeNode() {
			await part('ndv-close-button').click();
			await part('node-parameters').waitFor({ state: 'hidden' });
		},
		/** Drags a column of the input onto a parameter. n8n's editor misses a drop while it still lays out its panels. */
		async dragColumn(column: string, parameter: string) {
			const pill = part('run-data-schema-item').getByText(column, { exact: true });
			const field = part(`parameter-input-${parameter}`);
			const mapped = field.getByText(`$json.${column}`);
			for (let drags = 1; ; drags++) {
				await pill.dragTo(field);
				try {
					return await mapped.waitFor({ timeout: 5_000 });
				} catch (error) {
					if (drags === 5) throw error;
				}
			}
		},
		async execute() {
			await part('node-execute-button').first().click();
		},
		credential: {
			dialog,
			field,
			/** Where n8n knows a credential already: with none it shows a button instead of this list. */
			async create() {
				await part('node-credentials-select').locator('input').click();
				await page.getByText('Create new credential').click();
				await dialog.waitFor();
			},
			async open() {
				await part('credential-edit-button').first().click();
				await dialog.waitFor();
			},
			async addEndpoint(name: string) {
				await dialog.getByPlaceholder('Add Endpoint').click();
				await page.getByRole('option', { name, exact: true }).click();
			},
			async deleteEndpoint(place: number) {
				const bin = part('fixed-collection-delete', dialog).nth(place);
				await bin.click({ force: true });
			},
			/** Saves what n8n's test then finds fault with; resolves to the words it shows. */
			async saveInVain() {
				await part('credential-save-button', dialog).click();
				await dialog.getByText('More details').click();
				return await dialog.innerText();
			},
			/** n8n tests what it saves; of a new credential it then closes the dialog by itself. */
			async save() {
				await part('credential-save-button', dialog).click();
				await dialog.waitFor({ state: 'hidden' });
			},
			/** n8n tested the old content on opening already: only `Saved` says that this is the new one's success. */
			async saveChanges() {
				const save = part('credential-save-button', dialog);
				await save.click();
				await save.getByText('Saved', { exact: true }).waitFor();
				await part('credentials-config-container-test-success', dialog).waitFor();
				await dialog.locator('.el-dialog__headerbtn').click();
				await dialog.waitFor({ state: 'hidden' });
			},
		},
		async showInputAs(display: 'schema' | 'table') {
			await part(`radio-button-${display}`, part('ndv-input-panel')).click();
		},
		async showErrorOutput() {
			await part('output-panel').getByText('Error Branch').click();
			await part('radio-button-schema', part('output-panel')).click();
		},
		/** Opens the first file of the output. */
		async viewFile() {
			await part('ndv-view-binary-data', part('output-panel')).first().click();
			await shown().waitFor();
		},
		/** In pixels, once it has been decoded. */
		widthOfPicture: () =>
			shown().evaluate(async (image: any) => {
				await image.decode();
				return image.naturalWidth as number;
			}),
		/** A picture for the documents, where they are being made anew; without n8n's passing messages. */
		async picture(name: string, clip?: { x: number; y: number; width: number; height: number }) {
			if (process.env.SCREENSHOTS !== '1') return;
			// A field in use shows n8n's own tips.
			await page.locator(':focus').blur();
			await page.waitForTimeout(1_000);
			const file = path.join(projectFolder, 'docs/images', `${name}.png`);
			await page.screenshot({ path: file, clip, style: '.el-notification { display: none }' });
		},
	};
}
